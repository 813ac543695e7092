"""Plant copies: equal files, pictures that were saved again, cut or turned, in and across splits.

What near copies an audit must find is not said here but by `nearness`, at the audit's radius.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from rcl_flow.core.datasets.dataset import Split
from tests.corpus.corpora import SPLITS, Corpus, Expected, Sample
from tests.corpus.photographs import Planted, planted

_PAIRS: Final[tuple[tuple[Split, Split], ...]] = (
    ("train", "test"),
    ("train", "holdout"),
    ("test", "holdout"),
)
_SHORTEST: Final = 160
"""Pixels: copies are made as small as 40 % of a side, and the service takes none below 64."""
KINDS: Final = ("near-recompressed", "near-resized", "near-brightness", "near-crop", "turned")


def equal_files(corpus: Corpus) -> Iterator[Expected]:
    """Plant the same file twice: with one label, with two, and in two splits."""
    for split in SPLITS:
        first, second = corpus.of(split, "bolt")[:2]
        yield _pair("duplicate-image", split, first, _copied(corpus, first, split, "bolt/same.jpg"))
        other = _copied(corpus, second, split, "plate/other.jpg", "plate")
        yield _pair("label-conflict", split, second, other)
    for number, (one, another) in enumerate(_PAIRS):
        original = corpus.of(one, "bolt")[number + 2]
        copy = _copied(corpus, original, another, f"bolt/of-{one}.jpg")
        yield _pair("split-overlap", f"{one}+{another}", original, copy)


def near_copies(corpus: Corpus) -> tuple[()]:
    """Plant copies of every kind in every split and pair of splits, each of another original."""
    for one in SPLITS:
        originals = iter(_large(corpus, one))
        for other in SPLITS[SPLITS.index(one) :]:
            for kind in KINDS:
                _plant(corpus, next(originals), other, kind)
    return ()


def clusters(corpus: Corpus) -> tuple[()]:
    """Plant several copies of one original, in its own split and in another one."""
    for one, other in _PAIRS:
        original = _large(corpus, one)[-1]
        for split in (one, other):
            for kind in KINDS:
                if kind != "turned":
                    _plant(corpus, original, split, kind)
    return ()


def conflicting_copies(corpus: Corpus) -> tuple[()]:
    """Plant near copies that have another label than their original."""
    for split in SPLITS:
        original = _large(corpus, split)[-2]
        copy = copy_of(original, "near-recompressed", split)
        corpus.add(Sample(split, f"bolt/{copy.name}", copy.content, ("bolt",)))
    return ()


def copy_of(original: Sample, kind: str, split: Split) -> Planted:
    """Return a copy of one of the kinds; in every split it is another file."""
    whole = Planted(original.path.replace("/", "-"), original.content, "good")
    copies = planted([whole], 1, seed=len(original.content) + SPLITS.index(split))
    return next(copy for copy in copies if copy.kind == kind)


def _plant(corpus: Corpus, original: Sample, split: Split, kind: str) -> None:
    copy = copy_of(original, kind, split)
    folder, stem = original.labels[0], original.path.replace("/", "-").removesuffix(".jpg")
    if all(each.content != copy.content for each in corpus.samples):
        corpus.add(Sample(split, f"{folder}/{kind}-{stem}.jpg", copy.content, original.labels))


def _large(corpus: Corpus, split: Split) -> Sequence[Sample]:
    """Return originals that are large enough for all kinds of copies."""
    return [
        each
        for each in corpus.clean
        if each.split == split and each.labels != ("bolt",) and min(each.size_pixels) >= _SHORTEST
    ]


def _copied(corpus: Corpus, original: Sample, split: Split, name: str, *labels: str) -> Sample:
    copy = Sample(split, name, original.content, labels or original.labels)
    corpus.add(copy)
    return copy


def _pair(rule: str, split: str, first: Sample, second: Sample) -> Expected:
    return Expected(rule, split, frozenset({first.path, second.path}))
