"""The detector on real composed scenes, and on everything odd that an image can be."""

import io
from collections.abc import Sequence
from functools import cache
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from rcl_flow.emulator.learning.boxes import WHOLE_IMAGE, Box, Detection, LabelledBox
from rcl_flow.emulator.learning.decoding import UnreadableImageError
from rcl_flow.emulator.learning.detector import MOST_DETECTIONS, Detector
from rcl_flow.emulator.learning.detector_training import MOST_SCENES, BoxExample, train_detector
from rcl_flow.imaging.scenes import HEIGHT_PIXELS, SCENES, WIDTH_PIXELS, Mark, Scene, scenes
from tests.emulator.builders import encode

TRAINED_ON, JUDGED_ON = 40, 40


def as_object(mark: Mark) -> LabelledBox:
    """Return a mark in pixels as a box of ratios."""
    box = Box(
        mark.left / WIDTH_PIXELS,
        mark.top / HEIGHT_PIXELS,
        mark.width / WIDTH_PIXELS,
        mark.height / HEIGHT_PIXELS,
    )
    return LabelledBox(mark.label, box)


@cache
def demo_scenes() -> tuple[Scene, ...]:
    """Return the demo's scenes up to the last that is judged; all take seconds to compose."""
    return tuple(islice(scenes(), SCENES["train"] + SCENES["test"] + JUDGED_ON))


def split(name: str, count: int) -> tuple[BoxExample, ...]:
    """Return the first scenes of a split of the demo."""
    found = [scene for scene in demo_scenes() if scene.split == name][:count]
    return tuple(BoxExample(s.jpeg, tuple(map(as_object, s.marks))) for s in found)


@pytest.fixture(scope="module")
def detector() -> Detector:
    """Return a detector trained on some of the demo's scenes."""
    return train_detector(split("train", TRAINED_ON), seed=1)


def average_precision(
    truth: Sequence[BoxExample], found: Sequence[Sequence[Detection]], label: str
) -> float:
    """Return the area under the interpolated curve of one label, at an overlap of a half."""
    hits: list[tuple[float, bool]] = []
    total = 0
    for example, detections in zip(truth, found, strict=True):
        free = [each.box for each in example.objects if each.label == label]
        total += len(free)
        for detection in detections:
            if detection.label == label:
                best = max(free, key=detection.box.overlap, default=None)
                hit = best is not None and detection.box.overlap(best) >= 0.5
                if best is not None and hit:
                    free.remove(best)
                hits.append((detection.confidence, hit))
    ranked = np.array([hit for _, hit in sorted(hits, key=lambda pair: -pair[0])])
    recall = np.cumsum(ranked) / total
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    best_later = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0) * best_later))


def test_detector_finds_objects_in_scenes_that_it_has_not_seen(detector: Detector) -> None:
    """Trained on 40 scenes it finds most objects among other digits, on other backgrounds."""
    unseen = split("holdout", JUDGED_ON)
    found = [detector.detect(example.image) for example in unseen]
    scores = [average_precision(unseen, found, label) for label in detector.labels]
    assert detector.labels == ("five", "nine", "seven", "two")
    assert np.mean(scores) > 0.8


def test_detections_are_sorted_bounded_and_inside(detector: Detector) -> None:
    """The surest comes first; no box leaves the image or is empty."""
    for example in split("holdout", 5):
        found = detector.detect(example.image)
        confidences = [detection.confidence for detection in found]
        assert confidences == sorted(confidences, reverse=True)
        assert 0 < len(found) <= MOST_DETECTIONS
        for detection in found:
            box = detection.box
            assert 0.01 <= detection.confidence <= 1
            assert box.width > 0
            assert box.height > 0
            assert 0 <= box.left <= box.left + box.width <= 1 + 1e-9
            assert 0 <= box.top <= box.top + box.height <= 1 + 1e-9


def test_training_repeats_with_its_seed() -> None:
    """The same scenes and seed give the same answers."""
    few = split("train", 6)
    first, second = (train_detector(few, seed=7) for _ in range(2))
    assert first.detect(few[0].image) == second.detect(few[0].image)


def test_one_label_is_told_from_the_background() -> None:
    """Binary detection works, and an empty scene gives nothing sure."""
    only = [
        BoxExample(e.image, tuple(LabelledBox("plate", o.box) for o in e.objects))
        for e in split("train", 15)
    ]
    plates = train_detector(only, seed=1)
    scene = split("holdout", 1)[0]
    surest = plates.detect(scene.image)[: len(scene.objects)]
    assert {detection.label for detection in surest} == {"plate"}
    for each in scene.objects:
        assert max(each.box.overlap(detection.box) for detection in surest) > 0.5
    grey = encode(Image.new("RGB", (480, 360), (120, 120, 120)))
    assert all(detection.confidence < 0.5 for detection in plates.detect(grey))


def test_whole_images_are_objects_too() -> None:
    """Logos are trained from images that show nothing else."""
    whole = [
        BoxExample(encode(stripes(across, seed)), (LabelledBox(label, WHOLE_IMAGE),))
        for label, across in (("bars", True), ("lines", False))
        for seed in range(6)
    ]
    logos = train_detector(whole, seed=1)
    for label, across in (("bars", True), ("lines", False)):
        best = logos.detect(encode(stripes(across, 99)))[0]
        assert best.label == label
        assert best.box.overlap(WHOLE_IMAGE) > 0.5


def stripes(across: bool, seed: int, size: tuple[int, int] = (96, 96)) -> Image.Image:
    """Return a picture of noisy stripes."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 60, (size[1], size[0], 3), dtype=np.uint8)
    rows = np.arange(size[1])[:, None] if across else np.arange(size[0])[None, :]
    return Image.fromarray(pixels + np.where(rows // 8 % 2, 180, 0)[..., None].astype(np.uint8))


def test_shapes_of_many_kinds_get_windows_of_their_own() -> None:
    """Long and tall objects are found by windows of other shapes."""
    rng = np.random.default_rng(0)
    shapes = {"wide": (160, 40), "tall": (40, 160), "square": (80, 80)}
    examples = []
    for number in range(24):
        label = list(shapes)[number % 3]
        width, height = shapes[label]
        left, top = int(rng.integers(0, 320 - width)), int(rng.integers(0, 240 - height))
        picture = Image.fromarray(rng.integers(90, 130, (240, 320, 3), dtype=np.uint8))
        picture.paste((250, 250, 250), (left, top, left + width, top + height))
        box = Box(left / 320, top / 240, width / 320, height / 240)
        examples.append(BoxExample(encode(picture), (LabelledBox(label, box),)))
    detector = train_detector(examples[:18], seed=1)
    assert len(detector.models) == 3
    for example in examples[18:]:
        best = detector.detect(example.image)[0]
        assert best.label == example.objects[0].label
        assert best.box.overlap(example.objects[0].box) > 0.5


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16", "1"])
def test_images_of_every_mode_are_looked_at(detector: Detector, mode: str) -> None:
    """Whatever can be decoded is answered."""
    with Image.open(io.BytesIO(split("holdout", 1)[0].image)) as scene:
        grey = np.asarray(scene.convert("L"), dtype=np.uint16) * 257
        picture = Image.fromarray(grey) if mode == "I;16" else scene.convert(mode)
        picture.load()
    body = encode(picture, "JPEG" if mode == "CMYK" else "PNG")
    assert isinstance(detector.detect(body), tuple)


@pytest.mark.parametrize("size", [(64, 64), (64, 1280), (1280, 64), (4096, 4096), (65, 67)])
def test_images_of_every_size_are_looked_at(detector: Detector, size: tuple[int, int]) -> None:
    """From the smallest to the largest that the service takes."""
    assert isinstance(detector.detect(encode(Image.new("RGB", size, (9, 99, 199)))), tuple)


def test_tiny_and_border_objects_are_trained_on() -> None:
    """Objects of a few pixels, and objects that the border cuts, are no obstacle."""
    picture = encode(stripes(True, 1, (640, 480)))
    places = [Box(0, 0, 0.01, 0.01), Box(0.9, 0.9, 0.1, 0.1), Box(0, 0.4, 0.02, 0.6)]
    objects = tuple(LabelledBox("dot", place) for place in places)
    assert train_detector([BoxExample(picture, objects)], seed=1).labels == ("dot",)


def test_scenes_without_objects_only_show_background() -> None:
    """They are no error beside others, and nothing to train on alone."""
    empty = BoxExample(encode(Image.new("RGB", (96, 96))), ())
    assert train_detector([*split("train", 3), empty], seed=1).labels
    with pytest.raises(ValueError, match="no example has an object"):
        train_detector([empty], seed=1)


def test_training_on_many_scenes_is_bounded() -> None:
    """Beyond a number of scenes a sample is looked at, and scenes with objects first."""
    small = encode(stripes(True, 2, (64, 64)))
    one = BoxExample(small, (LabelledBox("a", Box(0.2, 0.2, 0.5, 0.5)),))
    empty = BoxExample(small, ())
    assert train_detector([empty] * MOST_SCENES + [one], seed=1).labels == ("a",)


@pytest.mark.parametrize("body", [b"", b"no image", encode(Image.new("RGB", (96, 96)))[:60]])
def test_damaged_images_are_refused(detector: Detector, body: bytes) -> None:
    """What cannot be decoded has an error of its own."""
    with pytest.raises(UnreadableImageError):
        detector.detect(body)
