"""What every reader of annotations yields: an image and its labels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceImage:
    """An image that a source names, before its bytes were looked at."""

    uri: str
    """A local path or an s3:// URI."""
    labels: tuple[str, ...]
    """Its image-level labels, sorted."""
