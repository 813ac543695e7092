"""Write manifests of images where they are, for a config's `data.*.manifest`."""

from collections.abc import Iterable
from pathlib import Path

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.files import write_bytes
from rcl_flow.pipeline.data.references import reference_from


def write_local_manifest(path: Path, images: Iterable[DatasetImage]) -> None:
    """Write a manifest whose source-refs are s3:// URIs, or paths that start at its own folder.

    Boxes that the service would drop are written too: the audit is to find them again.

    Raises:
        LocalFilesError: it cannot be written.
    """
    folder = path.parent.resolve()
    write_bytes(path, format_manifest(_line(image, folder) for image in images))


def _line(image: DatasetImage, folder: Path) -> ManifestLine:
    boxes = image.boxes + tuple(dropped.box for dropped in image.dropped_boxes)
    return ManifestLine(
        reference_from(folder, image.uri),
        image.labels,
        boxes,
        image.width_pixels,
        image.height_pixels,
    )
