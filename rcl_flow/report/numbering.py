"""Numbers for the labels and images of a page, so that its data name each of them once."""

from collections.abc import Iterable, Iterator
from typing import Final

from rcl_flow.core.scoring.advice import AdvisedImage
from rcl_flow.core.scoring.judging import NOTHING
from rcl_flow.report.page import ReportPage

_NO_LABEL: Final = -1


class Numbered:
    """Labels and images by number: first the model's labels, first the holdout's images."""

    def __init__(self, page: ReportPage) -> None:
        """Number the labels and the images of a page."""
        digests = [image.sha256 for image in page.images]
        digests += [image.sha256 for image in advised_images(page)]
        self.labels: Final = tuple(dict.fromkeys(_labels(page)))
        self.digests: Final = tuple(dict.fromkeys(digests))
        self._labels: Final = {label: number for number, label in enumerate(self.labels)}
        self._images: Final = {digest: number for number, digest in enumerate(self.digests)}

    def label(self, label: str) -> int:
        """Return a label's number; of none -1."""
        return self._labels.get(label, _NO_LABEL)

    def images(self, digests: Iterable[str]) -> list[int]:
        """Return the numbers of those of the images that the page knows."""
        return [self._images[digest] for digest in digests if digest in self._images]


def advised_images(page: ReportPage) -> Iterator[AdvisedImage]:
    """Yield the images that advice is about."""
    for advice in page.analysis.advice if page.analysis else ():
        yield from advice.images


def _labels(page: ReportPage) -> Iterator[str]:
    yield from (entry.label for entry in page.comparison.labels)
    for image in page.images:
        yield from (*image.truth, *image.predicted, *(box.label for box in image.boxes))
    for advised in advised_images(page):
        yield from (*advised.truth, *advised.suggested)
    for cell in page.comparison.confusion:
        yield from (label for label in (cell.truth, cell.predicted) if label != NOTHING)
