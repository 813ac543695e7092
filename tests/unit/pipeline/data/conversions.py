"""Conversions between local files, of pictures that are really there."""

import io
from pathlib import Path

from PIL import Image

from rcl_flow.aws.s3 import S3
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.pipeline.data.converting import Conversion, ConversionWanted, convert
from rcl_flow.pipeline.images.access import make_access


def refuse() -> S3:
    """Fail: nothing of S3 was asked for."""
    raise AssertionError


LOCAL = make_access(refuse)


def run(source: Path | str, destination: Path, kind: SourceKind, **more: object) -> Conversion:
    """Convert between local files."""
    wanted = ConversionWanted(str(source), str(destination), kind, **more)  # type: ignore[arg-type]  # fields by name
    return convert(wanted, LOCAL)


def picture(path: Path) -> None:
    """Write a PNG of 100 x 90 pixels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    Image.new("RGB", (100, 90)).save(content, "PNG")
    path.write_bytes(content.getvalue())
