"""The codes that lint can find, what each does to a line, its cause and its cure.

Codes that begin with ERROR_ or WARNING_ are the service's own. The others are rcl-flow's, for what
the service does without a word, or tells by a text alone.

Source: developer guide, "Debugging a failed model training" and "Guidelines and quotas" (archived
text, read 2026-11-23).
"""

from collections.abc import Mapping
from typing import Final

from rcl_flow.core.training.training_errors import CAUSES

IMAGE_CLASSIFICATION: Final = "groundtruth/image-classification"
OBJECT_DETECTION: Final = "groundtruth/object-detection"

MANIFEST_EMPTY: Final = "MANIFEST_EMPTY"
REPEATED_SOURCE_REF: Final = "REPEATED_SOURCE_REF"
IMAGE_IN_TRAIN_AND_TEST: Final = "IMAGE_IN_TRAIN_AND_TEST"
LABEL_WITH_AND_WITHOUT_BOXES: Final = "LABEL_WITH_AND_WITHOUT_BOXES"
LINE_OF_OTHER_FORMAT: Final = "LINE_OF_OTHER_FORMAT"
TOO_MANY_LABELS_ON_IMAGE: Final = "TOO_MANY_LABELS_ON_IMAGE"
TOO_MANY_TEST_IMAGES_OF_LABEL: Final = "TOO_MANY_TEST_IMAGES_OF_LABEL"

MAX_LINE_CHARACTERS: Final = 100_000
MAX_MANIFEST_BYTES: Final = 1024**3
MAX_LABEL_NAME_CHARACTERS: Final = 256
"""In a manifest; the API's own members take one character less."""
MAX_INVALID_SHARE: Final = 0.2
"""Above it a training fails; exactly a fifth is not spoken of, and taken for allowed."""

SILENT: Final[Mapping[str, tuple[str, str]]] = {
    MANIFEST_EMPTY: ("the manifest has no line", "write one line for each image"),
    REPEATED_SOURCE_REF: (
        "an earlier line has the same source-ref, and only that one counts",
        "remove the line, or move its labels to the earlier one",
    ),
    IMAGE_IN_TRAIN_AND_TEST: (
        "the same image trains and tests the model, so the score says too much",
        "remove it from one of the two manifests",
    ),
    LABEL_WITH_AND_WITHOUT_BOXES: (
        "the label stands on boxes and on whole images",
        "draw boxes everywhere or nowhere",
    ),
    LINE_OF_OTHER_FORMAT: (
        "the line has no box in data that train a detector, so it is not used",
        "draw boxes on it, or remove it",
    ),
    TOO_MANY_LABELS_ON_IMAGE: (
        "the image has over 50 labels",
        "leave labels out: the service does not promise to use more",
    ),
    TOO_MANY_TEST_IMAGES_OF_LABEL: (
        "a label has over 1,000 test images",
        "leave test images out: the service does not promise to use more",
    ),
}
"""Code to (cause, cure) of what the service does not report."""

FILES: Final[Mapping[str, tuple[str, str]]] = {
    "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT": (
        "the manifest is not there, has no extension, or is not UTF-8 text with usable lines",
        "name it like train.manifest and write one JSON object a line",
    ),
    "ERROR_MANIFEST_SIZE_TOO_LARGE": (
        "the manifest is larger than 1 GB",
        "leave images out or write shorter lines",
    ),
    "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM": (
        "the manifest has more lines than the region takes",
        "leave images out, or train in another region",
    ),
    "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET": (
        "the bucket of the manifest cannot be read",
        "allow s3:GetObject, s3:GetBucketAcl and s3:GetBucketLocation on it",
    ),
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE": (
        "a label has too few images for DistributeDatasetEntries",
        "add images, or make a test dataset of your own",
    ),
}
"""Code to (cause, cure) of what refuses a whole manifest before its lines are looked at."""

KNOWN: Final[Mapping[str, tuple[str, str]]] = {**CAUSES, **FILES, **SILENT}
"""Every code that lint can find."""

STOPPING: Final = frozenset(
    {
        "ERROR_INVALID_JSON_LINE",
        "ERROR_MISSING_SOURCE_REF",
        "ERROR_INVALID_SOURCE_REF_FORMAT",
        "ERROR_NO_LABEL_ATTRIBUTES",
        "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT",
        "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
        "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE",
        "ERROR_MISSING_CLASS_MAP_ID",
    }
)
"""After one of these the service looks no further at a line, and uses nothing of it."""

DROPPING: Final = frozenset(
    {"ERROR_INVALID_JSON_LINE", "ERROR_MISSING_SOURCE_REF", "ERROR_INVALID_SOURCE_REF_FORMAT"}
)
"""For these a dataset drops the line without a report."""

COSTS_ONLY_A_PART: Final = frozenset(
    {
        "ERROR_INVALID_BOUNDING_BOX",
        "ERROR_BOUNDING_BOX_TOO_SMALL",
        "ERROR_TOO_MANY_BOUNDING_BOXES",
        "ERROR_NO_VALID_ANNOTATIONS",
        "ERROR_UNSUPPORTED_USE_CASE_TYPE",
        "ERROR_INVALID_LABEL_NAME_LENGTH",
    }
)
"""These cost a box or an attribute; what else is on the line may still be used."""

DISPUTED: Final = frozenset(
    {
        *SILENT,
        "WARNING_UNANNOTATED_RECORD",
        "WARNING_NO_ANNOTATIONS",
        "WARNING_NO_ATTRIBUTE_ANNOTATIONS",
        "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE",
    }
) - {MANIFEST_EMPTY, REPEATED_SOURCE_REF}
"""What deserves a look and neither fails a training nor costs a label: warnings."""


def cause_and_cure(code: str) -> tuple[str, str]:
    """Return what brings a code about, and what to do."""
    return KNOWN[code]


def effect_of(code: str) -> str:
    """Return what an import and a training do with a line of this code."""
    told = [effect for codes, effect in _EFFECTS if code in codes]
    if told:
        return told[0]
    if code.startswith("ERROR_"):
        return "an import keeps the line with the error; a training counts it as invalid"
    return "nothing of it is used, and it counts as no fault"


_EFFECTS: Final = (
    (DROPPING, "an import drops the line without a word; a training counts it as invalid"),
    ({REPEATED_SOURCE_REF}, "an import drops the line without a word; a training ignores it"),
    ({"ERROR_INVALID_IMAGE"}, "an import keeps the line; a training counts it as invalid"),
    (COSTS_ONLY_A_PART, "only that part is left out; a line with nothing else is invalid"),
    ({IMAGE_IN_TRAIN_AND_TEST}, "both lines are used"),
    ({TOO_MANY_LABELS_ON_IMAGE}, "the line is used"),
)
