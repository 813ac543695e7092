"""The service's catalogue of data errors: codes, texts, and which of them end a line's checks."""

from dataclasses import dataclass

FILE_INVALID = "The manifest file extension or contents are invalid."
FILE_EMPTY = "The manifest file is empty."
FILE_TOO_LARGE = "The manifest file size exceeds the maximum supported size."
FILE_TOO_MANY_ROWS = "The manifest file has too many rows."
FILE_TOO_MANY_ERRORS = "The manifest file has too many terminal errors."
OUTPUT_NOT_WRITABLE = "Unable to write to output S3 bucket."
SERVICE_ISSUE = "Amazon Rekognition experienced a service issue."

MAX_MANIFEST_BYTES = 1024**3
MAX_MANIFEST_LINES = 250_000
MAX_LINE_CHARACTERS = 100_000
MAX_LABELS = 250
MIN_LABELS = 2
MAX_LABEL_CHARACTERS = 256
MAX_INVALID_SHARE = 0.2
MIN_LABEL_OVERLAP = 0.5

LINE_ERRORS = {
    "ERROR_INVALID_JSON_LINE": "The JSON Line has an invalid format.",
    "ERROR_MISSING_SOURCE_REF": "The source-ref key is missing.",
    "ERROR_INVALID_SOURCE_REF_FORMAT": "The format of the source-ref value is invalid.",
    "ERROR_NO_LABEL_ATTRIBUTES": "No label attributes found.",
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": (
        "The format of the label attribute {attribute} is invalid."
    ),
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": (
        "The format of the label attribute metadata is invalid."
    ),
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": "No valid label attributes found.",
    "ERROR_INVALID_IMAGE": "The image is invalid. Check S3 path and/or image properties.",
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": (
        "The use case type of the {attribute}-metadata label attribute metadata is unsupported. "
        "Check the type field."
    ),
    "ERROR_INVALID_LABEL_NAME_LENGTH": "The length of the label name is invalid.",
    "WARNING_UNANNOTATED_RECORD": "Record is unannotated.",
}
"""What can be wrong with one line; the text of the label name's length is ours."""

STOPPING_ERRORS = frozenset(
    {
        "ERROR_MISSING_SOURCE_REF",
        "ERROR_INVALID_SOURCE_REF_FORMAT",
        "ERROR_NO_LABEL_ATTRIBUTES",
        "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT",
        "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
        "ERROR_INVALID_JSON_LINE",
    }
)
"""The codes after which the service looks no further at a line."""

CONTENT_ERRORS = {
    "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST": (
        "The manifest file contains too many invalid rows."
    ),
    "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS": (
        "The manifest file contains images from multiple S3 buckets."
    ),
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT": (
        "The manifest file contains insufficient labeled images per label to perform auto-split."
    ),
    "ERROR_MANIFEST_TOO_FEW_LABELS": "The manifest file has too few labels.",
    "ERROR_MANIFEST_TOO_MANY_LABELS": "The manifest file has too many labels.",
    "ERROR_INSUFFICIENT_LABEL_OVERLAP": (
        "Less than 50% label overlap between the training and testing manifest files."
    ),
}
"""What ends a training because of its manifests' contents."""


@dataclass(frozen=True, slots=True)
class LineIssue:
    """One error or warning and the keys that lead to its place in the line."""

    code: str
    message: str
    place: tuple[str | int, ...] = ()

    def as_json(self) -> dict[str, str]:
        """Return the form in which the service writes it."""
        return {"code": self.code, "message": self.message}


def line_issue(code: str, *place: str | int, attribute: str = "") -> LineIssue:
    """Return the issue of `code` at `place`, with the catalogue's text."""
    return LineIssue(code, LINE_ERRORS[code].format(attribute=attribute), place)


def content_error(code: str) -> dict[str, str]:
    """Return the manifest summary's form of a terminal error."""
    return {"code": code, "message": CONTENT_ERRORS[code]}
