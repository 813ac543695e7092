"""Plant faults of boxes, and of the manifest lines that draw them."""

from collections.abc import Iterator
from dataclasses import replace

from rcl_flow.core import limits
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import Split
from tests.corpus.corpora import SPLITS, Corpus, Expected, Sample, detected, sampled
from tests.corpus.pictures import THINGS, Look


def dropped(corpus: Corpus) -> Iterator[Expected]:
    """Plant boxes that leave their image, have no size, or vanish in training."""
    for split in SPLITS:
        images = [detected(corpus.studio, split, f"box-{number}.jpg") for number in range(6)]
        sizes = [each.size_pixels for each in images]
        boxes = {
            "box-outside": (
                PixelBox("bolt", sizes[0][0] - 20, 5, 40, 20),
                PixelBox("ring", -3, sizes[1][1] - 30, 20, 20),
            ),
            "box-inverted": (PixelBox("bolt", 90, 60, -30, 20), PixelBox("plate", 20, 20, 15, 0)),
            "box-tiny": (PixelBox("wedge", 20, 20, 1, 30), PixelBox("bolt", 20, 20, 30, 0.5)),
        }
        every = ((rule, box) for rule, wrong in boxes.items() for box in wrong)
        for (rule, box), each in zip(every, images, strict=True):
            yield _with_boxes(corpus, each, rule, box)


def tiny_when_scaled(corpus: Corpus) -> Iterator[Expected]:
    """Plant a box that vanishes only since its image is scaled down for training."""
    for split in SPLITS:
        look = Look(size=(1600, 160))
        large = detected(corpus.studio, split, "large.jpg", look)
        yield _with_boxes(corpus, large, "box-tiny", PixelBox("bolt", 30, 30, 1.25, 40))


def doubled(corpus: Corpus) -> Iterator[Expected]:
    """Plant a box that was drawn twice, by slightly different hands."""
    for split in SPLITS:
        image = detected(corpus.studio, split, "doubled.jpg")
        box = image.boxes[0]
        yield _with_boxes(corpus, image, "box-duplicate", replace(box, width=box.width - 1))


def overwide(corpus: Corpus) -> Iterator[Expected]:
    """Plant a box around a whole image."""
    for split in SPLITS:
        image = detected(corpus.studio, split, "overwide.jpg")
        width, height = image.size_pixels
        wide = replace(image.boxes[0], left=1, top=1, width=width - 2, height=height - 2)
        corpus.add(replace(image, boxes=(wide, *image.boxes[1:])))
        yield Expected("box-overwide", split, frozenset({image.path}))


def loose(corpus: Corpus) -> Iterator[Expected]:
    """Plant a box around two things of a label, and one that is far too large."""
    for split in SPLITS:
        image = detected(corpus.studio, split, "around.jpg")
        width, height = image.size_pixels
        inner = image.boxes[0]
        left, top = max(inner.left - 30, 0), max(inner.top - 30, 0)
        right, bottom = inner.left + inner.width + 30, inner.top + inner.height + 30
        around = PixelBox(
            inner.label, left, top, min(right, width) - left, min(bottom, height) - top
        )
        yield _with_boxes(corpus, image, "box-loose", around)
        far = detected(corpus.studio, split, "far.jpg")
        width, height = far.size_pixels
        large = replace(far.boxes[0], left=1, top=1, width=width * 0.95, height=height * 0.95)
        corpus.add(replace(far, boxes=(large, *far.boxes[1:])))
        yield Expected("box-loose", split, frozenset({far.path}))


def crowded(corpus: Corpus) -> Iterator[Expected]:
    """Plant an image with more boxes than the service takes."""
    for split in SPLITS:
        look = Look(size=(240, 180))
        image = detected(corpus.studio, split, "crowded.jpg", look)
        boxes = tuple(
            PixelBox(THINGS[place % len(THINGS)], place % 9 * 26, place // 9 * 29, 25, 28)
            for place in range(limits.MAX_BOXES_PER_IMAGE + 1)
        )
        corpus.add(replace(image, boxes=boxes, labels=THINGS))
        yield Expected("boxes-per-image", split, frozenset({image.path}))


def image_level(corpus: Corpus) -> Iterator[Expected]:
    """Plant images with image-level labels, and without any, among those with boxes."""
    for split in SPLITS:
        image = detected(corpus.studio, split, "image-level.jpg")
        corpus.add(replace(image, boxes=()))
        yield Expected("mixed-labels", split, frozenset({image.path}))
        plain = sampled(split, "plain.jpg", (), corpus.studio.take())
        corpus.add(replace(plain, boxes=()))
        if split != "holdout":
            yield Expected("unlabelled-image", split, frozenset({plain.path}))


def no_boxes(corpus: Corpus) -> Iterator[Expected]:
    """Take the boxes out of the holdout."""
    for each in corpus.of("holdout"):
        corpus.change(each, boxes=())
    yield Expected("mixed-labels", "holdout", told=("no image has a box",))


def unusable_lines(corpus: Corpus) -> Iterator[Expected]:
    """Plant lines whose boxes are all wrong or for another size, and lines that cannot be read."""
    for split in SPLITS:
        wrong = detected(corpus.studio, split, "all-wrong.jpg")
        outside = PixelBox("bolt", wrong.size_pixels[0] - 5, 5, 40, 20)
        other = detected(corpus.studio, split, "other-size.jpg")
        away = Sample(split, "away.jpg", b"", ("bolt",))
        corpus.add(
            replace(wrong, boxes=(outside,), labels=("bolt",)),
            replace(other, size_pixels=(other.size_pixels[0] + 1, other.size_pixels[1])),
            away,
        )
        lines = len(corpus.of(split)) + len(corpus.raw_lines[split])
        raw = (b"{", b"", b'{"boxes": {}}', _mixed_line(split))
        corpus.raw_lines[split] += raw
        numbered = {f"{split}.manifest:{lines + place}" for place in range(1, len(raw) + 1)}
        yield Expected("unusable-image", split, frozenset({wrong.path, other.path, away.path}))
        yield Expected("unusable-image", split, frozenset(numbered))


def _mixed_line(split: Split) -> bytes:
    """Return a line with a box and an image-level label."""
    return (
        b'{"source-ref": "%b/000.jpg", "boxes": {"image_size": [{"width": 9, "height": 9, "depth": '
        b'3}], "annotations": []}, "boxes-metadata": {"objects": [], "class-map": {}, "type": '
        b'"groundtruth/object-detection"}, "a": 1, "a-metadata": {"class-name": "bolt", "type": '
        b'"groundtruth/image-classification"}}' % split.encode()
    )


def _with_boxes(corpus: Corpus, image: Sample, rule: str, *boxes: PixelBox) -> Expected:
    """Add an image with further boxes, which are the fault."""
    given = (*image.boxes, *boxes)
    corpus.add(replace(image, boxes=given, labels=tuple(sorted({box.label for box in given}))))
    return Expected(rule, image.split, frozenset({image.path}))
