"""What writers are given and what they yield: images with references, and files."""

from collections.abc import Sequence
from dataclasses import dataclass

from rcl_flow.formats.source import SourceImage


@dataclass(frozen=True, slots=True)
class TargetImage:
    """An image to write about."""

    source: SourceImage
    name: str
    """Its path below the folder of all images: relative, with `/`."""
    reference: str
    """Where it is, seen from what is written: relative to it, absolute, or an s3:// URI."""


@dataclass(frozen=True, slots=True)
class Target:
    """Everything that is written in one go."""

    images: Sequence[TargetImage]
    file_name: str = ""
    """The name of the one file, in formats that have one."""
    images_root: str | None = None
    """What every reference starts with and its name follows; None where there is no such place."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is written, below the destination."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CopiedImage:
    """An image that is copied as it is, below the destination."""

    path: str
    uri: str


TargetFile = NewFile | CopiedImage
