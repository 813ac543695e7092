"""Which holdout images a report can show: the worst mistakes, and samples of what was right."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.core.scoring.judging import judge_boxes, judge_labels
from rcl_flow.core.scoring.material import Material
from rcl_flow.report.page import ShownImage

MOST_SHOWN = 2_000
MOST_RIGHT = 500
"""Samples of right answers, when there are that many and mistakes leave room."""
FIRST_WORST = 48
"""So many of the worst mistakes are shown in any case."""

Cell = tuple[str, str]


def shown_images(
    material: Material, comparison: Comparison, also: Collection[str] = ()
) -> tuple[ShownImage, ...]:
    """Return the images whose pictures the page may show: mistakes, the worst first, then right.

    Where there are more mistakes than fit, every cell of the confusion gets some of its worst.

    Args:
        material: the judged holdout; every image has a prediction.
        comparison: made of the same holdout.
        also: digests of images to show in any case, such as those of slices; others are
            disregarded.
    """
    digests = {mistake.sha256 for mistake in comparison.mistakes}
    images = {each.sha256: each for each in material.judged.images if each.sha256 in digests}
    wrong = [images[m.sha256] for m in comparison.mistakes if m.sha256 in images]
    right = list(_samples(material, images.keys(), also))
    room = MOST_SHOWN - len(right)
    mistakes = [_shown(image, material) for image in wrong]
    return (*_some(mistakes, room, also), *(_shown(image, material) for image in right))


def turns(images: Sequence[ShownImage]) -> list[int]:
    """Return when each image's turn comes if every cell of the confusion gives one at a time.

    Args:
        images: in the order in which a cell gives them.
    """
    given: Counter[Cell] = Counter()
    order = []
    for image in images:
        cells = [cell for cell in image.cells if cell[0] != cell[1]] or image.cells
        order.append(min((given[cell] for cell in cells), default=0))
        given.update(cells)
    return order


def _some(mistakes: Sequence[ShownImage], room: int, also: Collection[str]) -> Iterator[ShownImage]:
    if len(mistakes) <= room:
        yield from mistakes
        return
    turn = turns(mistakes)
    for index, mistake in enumerate(mistakes):
        if index < FIRST_WORST or mistake.sha256 in also:
            turn[index] = -1
    chosen = sorted(range(len(mistakes)), key=lambda index: (turn[index], index))[:room]
    yield from (mistakes[index] for index in sorted(chosen))


def _samples(
    material: Material, wrong: Collection[str], also: Collection[str]
) -> Iterable[DatasetImage]:
    """Yield images that were judged rightly, about as many of each label."""
    each = max(MOST_RIGHT // max(len(material.labels), 1), 1)
    given: Counter[str] = Counter()
    full: set[str] = set()
    """Labels of which there are enough: of a large holdout that is all, soon."""
    yielded = 0
    for image in material.judged.images:
        if yielded == MOST_RIGHT:
            return
        labels = image.labels or ("",)
        if (full.issuperset(labels) and image.sha256 not in also) or image.sha256 in wrong:
            continue
        yielded += 1
        given.update(labels)
        full.update(label for label in labels if given[label] >= each)
        yield image


def _shown(image: DatasetImage, material: Material) -> ShownImage:
    prediction = material.judged.predictions[image.sha256]
    judge = judge_boxes if material.task == "detection" else judge_labels
    judgement = judge(image, prediction, material.thresholds)
    predicted = tuple(sorted(judgement.hits + judgement.false_alarms))
    confidences = prediction.confidences_percent
    return ShownImage(
        sha256=image.sha256,
        uri=image.uri,
        cells=tuple(dict.fromkeys(judgement.confusions)),
        truth=judgement.truth,
        predicted=predicted,
        confidences_percent={
            label: confidences[label]
            for label in dict.fromkeys((*judgement.truth, *predicted))
            if label in confidences
        },
        severity_percent=0.0 if judgement.is_right else judgement.severity_percent,
        boxes=judgement.boxes,
        width_pixels=image.width_pixels,
        height_pixels=image.height_pixels,
    )
