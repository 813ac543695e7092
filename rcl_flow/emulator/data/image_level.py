"""Label attributes that name what a whole image shows.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-create-manifest-file-classification.html
"""

from rcl_flow.emulator.data.catalogue import MAX_LABEL_CHARACTERS, LineIssue, line_issue
from rcl_flow.emulator.data.content import Content, metadata_key
from rcl_flow.emulator.data.fields import (
    COMMON_METADATA,
    FieldRules,
    has_fields,
    is_integer,
    is_name,
    is_ratio,
)
from rcl_flow.emulator.shapes import JsonObject

METADATA_RULES: FieldRules = {**COMMON_METADATA, "class-name": is_name, "confidence": is_ratio}


def format_error(document: JsonObject, name: str) -> LineIssue | None:
    """Return what is wrong with the form of the attribute `name`."""
    if not is_integer(document[name]):
        return line_issue("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", name, attribute=name)
    if not has_fields(document[metadata_key(name)], METADATA_RULES):
        return line_issue("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", metadata_key(name))
    return None


def read(document: JsonObject, name: str) -> Content:
    """Return the label of an attribute whose form is right."""
    label = str(document[metadata_key(name)]["class-name"])
    if len(label) > MAX_LABEL_CHARACTERS:
        return Content(errors=(line_issue("ERROR_INVALID_LABEL_NAME_LENGTH", metadata_key(name)),))
    return Content(labels=(label,), declared=(label,))
