"""Plant faults of labels: their names, their numbers, what they are given to; and of the splits."""

import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image

from rcl_flow.core import limits
from rcl_flow.core.datasets.dataset import Split
from tests.corpus.corpora import LABELS, NOTHING, SPLITS, Corpus, Expected
from tests.corpus.pictures import png

_JUDGING: Final[tuple[Split, ...]] = ("test", "holdout")
_IMAGES_EACH: Final[dict[Split, int]] = {"train": 16, "test": 6, "holdout": 16}
"""Of every label where there are very many; they go to the images that have fewest, 25 at most."""
_IN_MUMBAI: Final = 7_001


def unlabelled(corpus: Corpus) -> Iterator[Expected]:
    """Plant images without a label; in the holdout they are a fair question."""
    for split in SPLITS:
        plain = [corpus.change(each, labels=()) for each in corpus.of(split, NOTHING)[3:5]]
        if split != "holdout":
            yield Expected("unlabelled-image", split, frozenset(each.path for each in plain))


def unknown_label(corpus: Corpus) -> Iterator[Expected]:
    """Plant a label in test and holdout that no training image has."""
    for split in _JUDGING:
        corpus.change(corpus.of(split, "bolt")[7], labels=("gasket",))
        yield Expected("unknown-label", split, told=("gasket",))


def missing_label(corpus: Corpus) -> Iterator[Expected]:
    """Plant a training label that test and holdout lack."""
    _train_images(corpus, "hook", 16)
    for split in _JUDGING:
        yield Expected("label-missing", split, told=("hook",))


def few_images(corpus: Corpus) -> Iterator[Expected]:
    """Plant a training label of one image and one of five."""
    for label, count in (("rivet", 1), ("spring", 5)):
        _train_images(corpus, label, count)
        for split in _JUDGING:
            corpus.add(corpus.take(split, f"{label}/0.jpg", [label]))
    yield Expected("few-images", "train", told=("rivet (1)", "spring (5)"))
    yield Expected("imbalance", "train", label="rivet")


def long_name(corpus: Corpus) -> Iterator[Expected]:
    """Plant a label name of more characters than the service takes."""
    name = "plate " * 50
    for split in SPLITS:
        for each in corpus.of(split, "plate"):
            corpus.change(each, labels=(name,))
        yield Expected("label-name", split, told=(name[:40],))


def similar_names(corpus: Corpus) -> Iterator[Expected]:
    """Plant a label in two spellings."""
    for split in SPLITS:
        for each in corpus.of(split, "wedge")[::2]:
            corpus.change(each, labels=("Wedges",))
    yield Expected("similar-names", "train", told=("Wedges and wedge",))


def always_together(corpus: Corpus) -> Iterator[Expected]:
    """Plant two labels that are one, and a label that is always part of another one."""
    more = {"plate": ("metal", "plate"), "bolt": ("bolt", "thing"), "wedge": ("thing", "wedge")}
    for each in list(corpus.samples):
        corpus.change(each, labels=more.get(each.labels[0], each.labels))
    yield Expected("always-together", "train", label="metal", told=("plate",))
    yield Expected("always-together", "train", label="bolt", told=("thing",))
    yield Expected("always-together", "train", label="wedge", told=("thing",))


def too_many_labels(corpus: Corpus) -> Iterator[Expected]:
    """Plant as many labels as the service takes beside those that are there."""
    given: dict[str, list[str]] = defaultdict(list)
    for split, images in _IMAGES_EACH.items():
        paths = [each.path for each in corpus.of(split)]
        for number in range(limits.MAX_LABELS):
            drawn = [paths[place] for place in corpus.studio.rng.permutation(len(paths)).tolist()]
            for path in sorted(drawn, key=lambda path: len(given[path]))[:images]:
                given[path].append(f"part {number:03}")
    for each in list(corpus.samples):
        corpus.change(each, labels=tuple(sorted((*each.labels, *given[each.path]))))
    yield Expected("too-many-labels", "train", told=(str(limits.MAX_LABELS + len(LABELS)),))


def many_labels_on_one(corpus: Corpus) -> Iterator[Expected]:
    """Plant an image with more labels than the service takes for one."""
    names = [f"part {number:03}" for number in range(limits.MAX_LABELS_PER_IMAGE + 1)]
    for split in SPLITS:
        crowded = corpus.change(corpus.of(split, "bolt")[0], labels=tuple(names))
        yield Expected("labels-per-image", split, frozenset({crowded.path}))


def one_label(corpus: Corpus) -> Iterator[Expected]:
    """Leave one label for everything."""
    corpus.samples = [replace(each, labels=("bolt",)) for each in corpus.samples]
    yield Expected("too-few-labels", "train", told=("1 label",))
    yield Expected("no-negative-label", "train")


def no_negative(corpus: Corpus) -> Iterator[Expected]:
    """Take the name from the label that stands for none of the others."""
    for each in corpus.samples[:]:
        if each.labels == (NOTHING,):
            corpus.change(each, labels=("gear",))
    yield Expected("no-negative-label", "train")


def small_holdout(corpus: Corpus) -> Iterator[Expected]:
    """Leave ten holdout images of each label."""
    kept = {each for label in LABELS for each in corpus.of("holdout", label)[:10]}
    corpus.samples = [each for each in corpus.samples if each.split != "holdout" or each in kept]
    yield Expected("holdout-size", "holdout")


def worn_holdout(corpus: Corpus) -> Iterator[Expected]:
    """Name what must be found when the evidence says that the holdout judged many models."""
    yield Expected("holdout-worn", "holdout")


def broken_split(corpus: Corpus) -> Iterator[Expected]:
    """Leave no usable test image."""
    broken = [corpus.change(each, content=b"") for each in corpus.of("test")]
    yield Expected("unusable-image", "test", frozenset(each.path for each in broken))
    yield Expected("no-images", "test")


def other_labels(corpus: Corpus) -> Iterator[Expected]:
    """Leave a test set with one of the four labels, too few for the service to train at all."""
    for each in corpus.of("test"):
        corpus.change(each, labels=("bolt",))
    missing = sorted(set(LABELS) - {"bolt"})
    yield Expected("label-missing", "test", told=(", ".join(missing),))
    yield Expected("label-shift", "train+test")
    yield Expected("label-shift", "test+holdout")


def large_test_set(corpus: Corpus) -> Iterator[Expected]:
    """Plant more test images than Mumbai takes, all of one label: one picture, many contents."""
    grain = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    content = png(Image.fromarray(grain))
    end = content.index(b"IEND") - 4
    missing = _IN_MUMBAI - len(corpus.of("test"))
    for number in range(missing):
        comment = _chunk(b"tEXt", b"Comment\0" + str(number).encode())
        shown = replace(corpus.clean[0], split="test", name=f"bolt/{number}.png")
        corpus.add(replace(shown, content=content[:end] + comment + content[end:]))
    yield Expected("dataset-size", "test", told=("7001 images", "ap-south-1"))
    yield Expected("test-images-per-label", "test", told=("bolt",))


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def _train_images(corpus: Corpus, label: str, count: int) -> None:
    for number in range(count):
        corpus.add(corpus.take("train", f"{label}/{number}.jpg", [label]))
