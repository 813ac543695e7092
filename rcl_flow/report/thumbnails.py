"""Which small pictures a report wants, in which order and size, and how many of them it takes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rcl_flow.core.scoring.advice import Advice
from rcl_flow.report.page import ReportPage, ShownImage
from rcl_flow.report.shown_images import FIRST_WORST, turns

CARD_SIDE_PIXELS = 128
"""Of the worst mistakes, which the page shows without its script."""
GALLERY_SIDE_PIXELS = 96
"""Of all others: with 1,000 of them a page stays below 5 MB."""
MOST_THUMBNAILS = 1_200
MOST_ADVISED = 96
PAGE_LIMIT_BYTES = 4_900_000
"""Pictures beyond this are left out, so that the page stays below 5 MB."""

_DATA_IMAGE = "data:image/"
_ENTRY = 10
"""Characters around a picture in the page's data."""


@dataclass(frozen=True, slots=True)
class WantedThumbnail:
    """A picture that the page would show, and the longer side at which it wants it."""

    sha256: str
    uri: str
    side_pixels: int
    upright: bool
    """Turned as its EXIF data say; boxes fit only what is not turned."""


def wanted_thumbnails(
    images: Sequence[ShownImage], most: int = MOST_THUMBNAILS, advice: Iterable[Advice] = ()
) -> tuple[WantedThumbnail, ...]:
    """Return the pictures that a page wants, the most needed first, each once.

    First come the worst mistakes, then the images that advice is about, then one of each cell of
    the confusion in turn.

    Args:
        images: the worst mistakes first.
        most: how many at most.
        advice: whose images are shown too.
    """
    order = turns(images)
    ranked = sorted(range(len(images)), key=lambda index: (order[index], index))
    first = range(min(FIRST_WORST, len(images)))
    wanted: dict[str, WantedThumbnail] = {}
    for index in first:
        wanted[images[index].sha256] = _wanted(images[index], CARD_SIDE_PIXELS)
    for thumbnail in _advised(advice, with_boxes=any(image.boxes for image in images)):
        wanted.setdefault(thumbnail.sha256, thumbnail)
    for index in ranked:
        image = images[index]
        wanted.setdefault(image.sha256, _wanted(image, GALLERY_SIDE_PIXELS))
    return tuple(wanted.values())[:most]


def affordable_thumbnails(page: ReportPage, bytes_without: int) -> dict[str, str]:
    """Return the page's pictures, the most needed first, that leave it below 5 MB.

    Args:
        page: with thumbnails by digest; what is not a `data:` URI of an image is not shown.
        bytes_without: the size of the page without any picture.
    """
    left = PAGE_LIMIT_BYTES - bytes_without
    taken: dict[str, str] = {}
    for digest in _order(page):
        uri = page.thumbnails.get(digest, "")
        if digest not in taken and uri.startswith(_DATA_IMAGE) and len(uri) + _ENTRY <= left:
            taken[digest] = uri
            left -= len(uri) + _ENTRY
    return taken


def _order(page: ReportPage) -> Iterator[str]:
    yield from (mistake.sha256 for mistake in page.comparison.mistakes[:FIRST_WORST])
    advice = page.analysis.advice if page.analysis else ()
    everything = len(page.images) + MOST_ADVISED
    yield from (each.sha256 for each in wanted_thumbnails(page.images, everything, advice))


def _advised(advice: Iterable[Advice], *, with_boxes: bool) -> Iterator[WantedThumbnail]:
    images = [image for each in advice for image in each.images]
    for image in images[:MOST_ADVISED]:
        yield WantedThumbnail(
            image.sha256, image.uri, side_pixels=GALLERY_SIDE_PIXELS, upright=not with_boxes
        )


def _wanted(image: ShownImage, side_pixels: int) -> WantedThumbnail:
    return WantedThumbnail(
        image.sha256, image.uri, side_pixels=side_pixels, upright=not image.boxes
    )
