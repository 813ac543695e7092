"""Plant faults of whole labels and splits: too little variety, give-aways, shifts, look-alikes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image, ImageEnhance

from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.measuring import measure_image
from tests.corpus.corpora import LABELS, NOTHING, SPLITS, Corpus, Expected
from tests.corpus.photographs import jpeg
from tests.corpus.pictures import THINGS, Look, opened

_TO_HOLDOUT: Final = ("train+holdout", "test+holdout")
_NEAR_BITS: Final = 5
_ALIKE: Final = range(_NEAR_BITS + 1, FactorRules().alike_bits + 1)
"""In how many bits pictures differ that are alike, and no near duplicates."""
_DIFFERENT: Final = 8
_RED, _BLUE = (60, -30, -30), (-30, -30, 60)


def narrow_light(corpus: Corpus) -> Iterator[Expected]:
    """Take all pictures of a label in the same light, which other labels have as well."""
    _retake(corpus, "bolt", Look(light=(118, 122)))
    yield Expected("narrow-light", "train", label="bolt")


def narrow_background(corpus: Corpus) -> Iterator[Expected]:
    """Take all pictures of a label in front of calm backgrounds, so that these give it away."""
    _retake(corpus, "plate", Look(calm=True))
    yield Expected("narrow-background", "train", label="plate")
    yield Expected("factor-gives-label", "train", label="plate")


def narrow_shape(corpus: Corpus) -> Iterator[Expected]:
    """Take all pictures of a label in one size, which hardly another one has."""
    _retake(corpus, "wedge", Look(size=(200, 150)))
    yield Expected("narrow-shape", "train", label="wedge")


def narrow_angle(corpus: Corpus) -> Iterator[Expected]:
    """Take all pictures in front of stripes, those of one label always at the same angle."""
    for label in LABELS:
        degrees = (40.0, 44.0) if label == "wedge" else (0.0, 180.0)
        _retake(corpus, label, Look(stripes_degrees=degrees))
    yield Expected("narrow-angle", "train", label="wedge")


def narrow_objects(corpus: Corpus) -> Iterator[Expected]:
    """Draw the boxes of a label always in the same proportions, wider than others."""
    for each in list(corpus.samples):
        boxes = tuple(_flattened(box) if box.label == "bolt" else box for box in each.boxes)
        corpus.change(each, boxes=boxes)
    yield Expected("narrow-angle", "train", label="bolt")
    yield Expected("factor-gives-label", "train", label="bolt")


def narrow_variety(corpus: Corpus) -> Iterator[Expected]:
    """Make most pictures of a label variants of a few, in every split of its own ones."""
    for split in SPLITS:
        samples = corpus.of(split, NOTHING)
        for number, each in enumerate(samples[_DIFFERENT:]):
            original = samples[number % _DIFFERENT]
            content = _variant(original.content, corpus.studio.rng)
            corpus.change(each, content=content, size_pixels=original.size_pixels)
    yield Expected("narrow-variety", "train", label=NOTHING)
    for splits in ("train+test", *_TO_HOLDOUT):  # so few pictures differ from split to split
        yield Expected("factor-shift", splits, label=NOTHING, certain=False)


def bright_label(corpus: Corpus) -> Iterator[Expected]:
    """Take all pictures of a label in brighter light than all others."""
    _retake(corpus, "bolt", Look(light=(172, 192)))
    yield Expected("factor-gives-label", "train", label="bolt")
    yield Expected("narrow-light", "train", label="bolt")
    yield Expected("narrow-background", "train", label="bolt", certain=False)  # it is paler too


def look_alikes(corpus: Corpus) -> Iterator[Expected]:
    """Take the pictures of two labels in red light, and those of two others in blue."""
    for label in LABELS:
        _retake(corpus, label, Look(tint=_RED if label in ("bolt", "plate") else _BLUE))
    yield Expected("look-alike", "train", label="bolt")
    yield Expected("look-alike", "train", label="nothing")
    for label in LABELS:  # of which one half has the same light, as little as is called narrow
        yield Expected("narrow-light", "train", label=label, certain=False)


def darker_holdout(corpus: Corpus) -> Iterator[Expected]:
    """Take the holdout in less light."""
    for each in corpus.of("holdout"):
        corpus.change(each, content=_lit(each.content, 0.8))
    for splits in _TO_HOLDOUT:
        yield Expected("factor-shift", splits)


def darker_label(corpus: Corpus) -> Iterator[Expected]:
    """Take one label of the holdout in less light; the test set has too few of it to compare."""
    few = set(corpus.of("test", "plate")[FactorRules().min_images - 5 :])
    corpus.samples = [each for each in corpus.samples if each not in few]
    for each in corpus.of("holdout", "plate"):
        corpus.change(each, content=_lit(each.content, 0.72))
    yield Expected("factor-shift", "train+holdout", label="plate")
    for splits in _TO_HOLDOUT:  # a fourth of the holdout is this label
        yield Expected("factor-shift", splits, certain=False)


def other_mix(corpus: Corpus) -> Iterator[Expected]:
    """Leave few holdout images of one label."""
    dropped = set(corpus.of("holdout", "bolt")[3:])
    corpus.samples = [each for each in corpus.samples if each not in dropped]
    for splits in _TO_HOLDOUT:
        yield Expected("label-shift", splits)


def _retake(corpus: Corpus, label: str, look: Look) -> None:
    """Take all pictures of a label again, in every split, so that the splits stay alike."""
    for split in SPLITS:
        for each in corpus.of(split, label):
            things = [label] if label in THINGS else []
            shown = corpus.studio.take(things, look)
            corpus.change(each, content=shown.content, size_pixels=shown.picture.size)


def _flattened(box: PixelBox) -> PixelBox:
    return replace(box, top=box.top + box.height * 0.5, height=box.width / 4)


def _variant(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a picture in other light and colours, with soft shapes laid over it.

    They are as strong as makes it alike to the original and no near duplicate of it.
    """
    levels = np.asarray(opened(content), np.float32)
    original = _hash(content)
    while True:
        shapes = Image.fromarray(rng.integers(0, 256, (5, 5), np.uint8))
        soft = np.asarray(shapes.resize(levels.shape[1::-1], Image.Resampling.BICUBIC), np.float32)
        light, contrast = rng.uniform(75, 165), rng.uniform(28, 48)
        tint = rng.uniform(-25, 25, 3)
        for strength in np.linspace(0.05, 0.5, 10).tolist():
            mixed = levels + strength * (soft[..., None] - soft.mean())
            mixed = (mixed - mixed.mean()) / mixed.std() * contrast + light + tint
            varied = jpeg(Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8)), 88)
            if (original ^ _hash(varied)).bit_count() in _ALIKE:
                return varied


def _hash(content: bytes) -> int:
    measures = measure_image(content)
    assert isinstance(measures, ImageMeasures)
    return measures.hashes[0]


def _lit(content: bytes, factor: float) -> bytes:
    return jpeg(ImageEnhance.Brightness(opened(content)).enhance(factor), 88)
