"""The service's catalogue of data errors: codes, texts, and which of them end a line's checks."""

from dataclasses import dataclass

FILE_INVALID = "The manifest file extension or contents are invalid."
FILE_EMPTY = "The manifest file is empty."
FILE_TOO_LARGE = "The manifest file size exceeds the maximum supported size."
FILE_TOO_MANY_ROWS = "The manifest file has too many rows."
FILE_TOO_MANY_ERRORS = "The manifest file has too many terminal errors."
TOO_FEW_TO_DISTRIBUTE = (
    "The manifest file doesn't have enough labeled images to distribute the dataset."
)
BUCKET_FORBIDDEN = "The S3 bucket permissions are incorrect."
OUTPUT_NOT_WRITABLE = "Unable to write to output S3 bucket."
SERVICE_ISSUE = "Amazon Rekognition experienced a service issue."

MAX_MANIFEST_BYTES = 1024**3
MAX_MANIFEST_LINES = 250_000
SMALL_REGIONS = frozenset({"ap-south-1", "eu-west-2"})
MAX_TRAINING_LINES_IN_SMALL_REGIONS = 28_000
MAX_TESTING_LINES_IN_SMALL_REGIONS = 7_000
MAX_LINE_CHARACTERS = 100_000
MAX_LABELS = 250
MIN_CLASSIFICATION_LABELS = 2
MIN_DETECTION_LABELS = 1
MAX_LABEL_CHARACTERS = 256
MAX_BOXES = 50
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
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": (
        "One or more bounding boxes has a missing confidence value."
    ),
    "ERROR_MISSING_CLASS_MAP_ID": "One of more class ids is missing from the class map.",
    "ERROR_INVALID_IMAGE": "The image is invalid. Check S3 path and/or image properties.",
    "ERROR_INVALID_IMAGE_DIMENSION": (
        "The image dimension(s) do not conform to allowed dimensions."
    ),
    "ERROR_INVALID_BOUNDING_BOX": "The bounding box has off frame values.",
    "ERROR_BOUNDING_BOX_TOO_SMALL": "The height and width of the bounding box is too small.",
    "ERROR_TOO_MANY_BOUNDING_BOXES": ("There are more bounding boxes than the allowed maximum."),
    "ERROR_NO_VALID_ANNOTATIONS": "No valid annotations found.",
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": (
        "The use case type of the {attribute}-metadata label attribute metadata is unsupported. "
        "Check the type field."
    ),
    "ERROR_INVALID_LABEL_NAME_LENGTH": "The length of the label name is invalid.",
}
"""What can be wrong with one line; the text of the label name's length is ours."""

WARNINGS = {
    "WARNING_UNANNOTATED_RECORD": "Record is unannotated.",
    "WARNING_NO_ANNOTATIONS": "No annotations were found.",
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS": "No attribute annotations were found.",
}
"""Why a line is ignored without counting as invalid."""

STOPPING_ERRORS = frozenset(
    {
        "ERROR_MISSING_SOURCE_REF",
        "ERROR_INVALID_SOURCE_REF_FORMAT",
        "ERROR_NO_LABEL_ATTRIBUTES",
        "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT",
        "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
        "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE",
        "ERROR_MISSING_CLASS_MAP_ID",
        "ERROR_INVALID_JSON_LINE",
    }
)
"""The codes after which the service looks no further at a line."""

DROPPING_ERRORS = frozenset(
    {"ERROR_INVALID_JSON_LINE", "ERROR_MISSING_SOURCE_REF", "ERROR_INVALID_SOURCE_REF_FORMAT"}
)
"""The codes for which a dataset drops a line without a report."""

CONTENT_ERRORS = {
    "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST": (
        "The manifest file contains too many invalid rows."
    ),
    "ERROR_TOO_MANY_RECORDS_IN_ERROR": FILE_TOO_MANY_ERRORS,
    "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS": (
        "The manifest file contains images from multiple S3 buckets."
    ),
    "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET": (
        "The permissions for the images S3 bucket are invalid."
    ),
    "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER": "Invalid owner id for images S3 bucket.",
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT": (
        "The manifest file contains insufficient labeled images per label to perform auto-split."
    ),
    "ERROR_MANIFEST_TOO_FEW_LABELS": "The manifest file has too few labels.",
    "ERROR_MANIFEST_TOO_MANY_LABELS": "The manifest file has too many labels.",
    "ERROR_INSUFFICIENT_LABEL_OVERLAP": (
        "Less than 50% label overlap between the training and testing manifest files."
    ),
    "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS": "The manifest file has too few usable labels.",
    "ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP": (
        "Less than 50% usable label overlap between the training and testing manifest files."
    ),
    "ERROR_FAILED_IMAGES_S3_COPY": "Failed to copy images from S3 bucket.",
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
    text = LINE_ERRORS.get(code) or WARNINGS[code]
    return LineIssue(code, text.format(attribute=attribute), place)


def content_error(code: str) -> dict[str, str]:
    """Return the manifest summary's form of a terminal error."""
    return {"code": code, "message": CONTENT_ERRORS[code]}


def max_manifest_lines(region: str, *, testing: bool) -> int:
    """Return how many lines a manifest may have; two regions take fewer than the others.

    Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/limits.html
    """
    if region not in SMALL_REGIONS:
        return MAX_MANIFEST_LINES
    if testing:
        return MAX_TESTING_LINES_IN_SMALL_REGIONS
    return MAX_TRAINING_LINES_IN_SMALL_REGIONS
