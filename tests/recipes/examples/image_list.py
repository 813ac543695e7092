"""Read lists of images: a line has an image, a space and its label."""

from collections.abc import Iterator

from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.documents import decode_text
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.places import folder_of, image_at
from rcl_flow.formats.problems import AnnotationProblemError, refused
from rcl_flow.formats.source import SourceEntry, source_image
from rcl_flow.formats.targets import NewFile, Target


def read_list(
    uri: str, access: Access, options: SourceOptions, _losses: LossLog
) -> Iterator[SourceEntry]:
    """Yield the images of a list; a line without a label costs that image alone."""
    with refused(uri):
        lines = decode_text(access.open_bytes(uri)).splitlines()
    folder = options.images if options.images is not None else folder_of(uri)
    for number, line in enumerate(lines, start=1):
        name, _, label = line.partition(" ")
        try:
            yield source_image(image_at(folder, name), {label} if label else set())
        except AnnotationProblemError as problem:
            yield UnusableImage(f"{uri}:{number}", str(problem))


def write_list(target: Target, losses: LossLog) -> Iterator[NewFile]:
    """Yield the list; what has boxes or several labels has no place in it."""
    lines = []
    for image in target.images:
        if image.source.boxes or len(image.source.labels) > 1:
            losses.note("unwritable", image.source.uri)
        else:
            lines.append(" ".join([image.reference, *image.source.labels]))
    yield NewFile(target.file_name, "".join(f"{line}\n" for line in lines).encode())
