"""How readers reach files, and what a user may tell them about a source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rcl_flow.formats.columns import ColumnMapping

OpenBytes = Callable[[str], bytes]
"""Returns the content of a local path or an s3:// URI."""
ListUris = Callable[[str], Sequence[str]]
"""Returns the files below a folder or s3:// prefix, sorted; of a file itself; or none."""
ImageSize = Callable[[str], tuple[int, int] | None]
"""Returns the width and height of an image in pixels, or None where they cannot be read."""


@dataclass(frozen=True, slots=True)
class Access:
    """The three ways in which a reader looks at files; only `image_size` opens images."""

    open_bytes: OpenBytes
    list_uris: ListUris
    image_size: ImageSize


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What a source does not say itself."""

    images: str | None = None
    """The folder or s3:// prefix at which relative image names start."""
    mapping: ColumnMapping | None = None
    """What the columns of a CSV file mean."""
    split: str | None = None
    """The only split to read (such as `train`), where the format tells splits apart."""
