"""Read a manifest, the service's own format: image-level labels or boxes."""

import posixpath
from collections.abc import Callable, Iterator

from rcl_flow.core.dataset import UnusableImage
from rcl_flow.core.manifest import SkippedLine, parse_manifest
from rcl_flow.formats.source import SourceImage

OpenBytes = Callable[[str], bytes]


def read_manifest(uri: str, open_bytes: OpenBytes) -> Iterator[SourceImage | UnusableImage]:
    """Yield the images that the manifest at `uri` names, in order.

    A source-ref that is neither an s3:// URI nor an absolute path starts at the manifest's folder.

    Args:
        uri: a local path or an s3:// URI.
        open_bytes: returns the content of such a URI.
    """
    for line in parse_manifest(open_bytes(uri)):
        if isinstance(line, SkippedLine):
            yield UnusableImage(f"{uri}:{line.line_number}", line.reason)
        else:
            size = (line.width_pixels, line.height_pixels) if line.boxes else None
            yield SourceImage(_resolve(line.source_ref, uri), line.labels, line.boxes, size)


def _resolve(source_ref: str, manifest_uri: str) -> str:
    if source_ref.startswith(("s3://", "/")):
        return source_ref
    return posixpath.join(posixpath.dirname(manifest_uri), source_ref)
