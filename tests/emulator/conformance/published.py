"""What AWS publishes of each error: its HTTP status and its text, where it has only one.

Source: https://docs.aws.amazon.com/rekognition/latest/dg/error-handling.html
"""

TEXTS = {
    "AccessDeniedException": r"User: .+ is not authorized to perform: .+ on resource: .+",
    "ImageTooLargeException": r"Image size is too large\.",
    "InternalServerError": r"Internal server error",
    "InvalidImageFormatException": r"Request has invalid image format\.",
    "InvalidPaginationTokenException": r"Invalid (Pagination )?Token",
    "InvalidS3ObjectException": (
        r"Request has invalid S3 object\.|Unable to get object metadata from S3\. "
        r"Check object key, region and/or access permissions\."
    ),
    "ProvisionedThroughputExceededException": r"Provisioned Rate exceeded\.",
    "ThrottlingException": r"Slow down; sudden increase in rate of requests\.",
}
"""Patterns; what is not here varies, or is published for other services of Rekognition only."""
ANY_SENTENCE = r"[A-Z].+\."

STATUSES = {"InternalServerError": 500}
"""All others have 400."""


def text_of(error: str) -> str:
    """Return the pattern of an error's text."""
    return TEXTS.get(error, ANY_SENTENCE)


def status_of(error: str) -> int:
    """Return the HTTP status of an error."""
    return STATUSES.get(error, 400)
