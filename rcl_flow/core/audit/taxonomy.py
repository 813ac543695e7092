"""Whether the labels are distinct by name and by use, and whether one stands for none (P1, D12)."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.stating import Scope, found
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.label_text import some, visible_label
from rcl_flow.core.statistics import Numbers

_LONG: Final = 6
"""Names of fewer characters differ in one letter without being the same word."""
_CHUNK: Final = 10_000
_NONE: Final = re.compile(
    "none|nothing|no|not|non|without|neither|other|background|negative|empty|absent|unknown|misc|"
    "normal"
)
_UN: Final = re.compile(r"un(?!i|der|cle|to)[a-z]{4,}")


def check(subject: Subject) -> Iterator[Finding]:
    """Check the labels of the training dataset, or of the holdout where there is none."""
    datasets = subject.datasets
    split = datasets.train or datasets.holdout
    yield from _similar_names(split)
    yield from _always_together(split, subject)
    if datasets.train is not None and datasets.task == "classification":
        yield from _no_negative(datasets.train)


def words_of(label: str) -> tuple[str, ...]:
    """Return the words of a label in lower case, in the singular; digits are words too."""
    plain = unicodedata.normalize("NFKC", label)
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", plain)
    words = re.findall(r"\w+", apart.casefold().replace("_", " "))
    return tuple(map(_singular, words))


def same_name(first: str, second: str) -> bool:
    """Say whether two labels are probably meant to be one.

    They are when they differ only in case, spaces, punctuation and plural, or in one letter that
    was forgotten, doubled, mistyped or swapped in a word of at least six. Digits, first letters
    and words of one letter are never mistyped: they tell types, grades and opposites apart.
    """
    one, other = words_of(first), words_of(second)
    if not one or not other:
        return False
    if "".join(one) == "".join(other):
        return _digits(one) == _digits(other)
    different = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    return len(one) == len(other) and len(different) == 1 and _mistyped(*different[0])


def is_negative(label: str) -> bool:
    """Say whether a label's name means that none of the wanted things is there."""
    words = words_of(label)
    return any(_NONE.fullmatch(word) or _UN.fullmatch(word) for word in words)


def _singular(word: str) -> str:
    for plural, single in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("s", "")):
        if word.endswith(plural) and len(word) > len(plural) + 1 and not word.endswith("ss"):
            return word.removesuffix(plural) + single
    return word


def _digits(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word.isdigit()]


def _mistyped(first: str, second: str) -> bool:
    if min(len(first), len(second)) < _LONG or first[0] != second[0]:
        return False
    if any(character.isdigit() for character in first + second):
        return False
    start = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    if start is None:
        return abs(len(first) - len(second)) == 1
    here, there = first[start:], second[start:]
    swapped = here[:2] == there[:2][::-1] and here[2:] == there[2:]
    return swapped or here[1:] == there[1:] or here[1:] == there or here == there[1:]


def _candidates(labels: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return the pairs that can be the same: those with a deletion of one letter in common."""
    near: dict[str, list[str]] = defaultdict(list)
    for label in labels:
        joined = "".join(words_of(label))
        for form in {joined, *(joined[:n] + joined[n + 1 :] for n in range(len(joined)))}:
            near[form].append(label)
    return {pair for group in near.values() for pair in combinations(sorted(set(group)), 2)}


def _similar_names(split: Dataset) -> Iterator[Finding]:
    pairs = sorted(pair for pair in _candidates(split.labels) if same_name(*pair))
    if pairs:
        yield found(
            "similar-names",
            f"{split.split}: labels of nearly the same name: "
            + some(f"{visible_label(one)} and {visible_label(other)}" for one, other in pairs),
            "Merge them if they mean the same; else give them names that nobody mixes up.",
            scope=Scope(split.split, figures={"pairs": len(pairs)}),
        )


def _always_together(split: Dataset, subject: Subject) -> Iterator[Finding]:
    """A label that is on every image, or never without another one, tells nothing of its own.

    What chance would bring about is left out: were the two independent, all images of the one
    would have the other with a probability below the false alarm rate over all pairs of labels.
    """
    sets = Counter(image.labels for image in split.distinct() if image.labels)
    if max(map(len, sets), default=0) < 2:  # noqa: PLR2004  # it takes two to be together
        return
    labels = split.labels
    together = _together(sets, labels)
    images, least = sets.total(), subject.rules.taxonomy.min_images_together
    counts = np.diagonal(together)
    rate = subject.rules.factors.false_alarm_rate / (len(labels) * (len(labels) - 1))
    by_chance = (counts[None, :] / images) ** counts[:, None]
    always = (together == counts[:, None]) & (counts[:, None] >= least) & (by_chance < rate)
    np.fill_diagonal(always, False)
    for one, other in zip(*np.nonzero(always), strict=True):
        mutual = bool(always[other, one])
        if not mutual or one < other:
            yield _pair(split, labels[one], labels[other], int(counts[one]), mutual=mutual)


def _together(sets: Counter[tuple[str, ...]], labels: tuple[str, ...]) -> Numbers:
    """Return how many images have both labels; one row and one column a label."""
    column = {label: number for number, label in enumerate(labels)}
    together = np.zeros((len(labels), len(labels)))
    every = list(sets.items())
    for start in range(0, len(every), _CHUNK):
        chunk = every[start : start + _CHUNK]
        flags = np.zeros((len(chunk), len(labels)))
        for row, (shown, _) in enumerate(chunk):
            flags[row, [column[label] for label in shown]] = 1
        together += (flags * np.array([[images] for _, images in chunk])).T @ flags
    return together


def _pair(split: Dataset, label: str, other: str, images: int, *, mutual: bool) -> Finding:
    """One label inside another is a hierarchy and often meant; two that are one are a mistake."""
    scope = Scope(split.split, label=label, figures={"images": images})
    if mutual:
        return found(
            "always-together",
            f"{split.split}: {label} and {other} are on the same {images} images and never alone.",
            "Merge them, or add images of each without the other: a model cannot tell them apart.",
            scope=scope,
        )
    return found(
        "always-together",
        f"{split.split}: all {images} images of {label} have {other} as well.",
        f"Fine if every {label} is a {other}. Else add images of {label} alone.",
        scope=scope,
        severity="note",
    )


def _no_negative(train: Dataset) -> Iterator[Finding]:
    labels = train.labels
    if labels and not any(map(is_negative, labels)):
        yield found(
            "no-negative-label",
            f"train: none of the {len(labels)} labels stands for images that show none of the "
            "others.",
            "If production has such images, add a label for them, as not_fully_grown beside "
            "fully_grown: else the model has to answer with a wrong one.",
            scope=Scope("train", figures={"labels": len(labels)}),
        )
