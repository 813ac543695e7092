"""Why the gap, in sentences: each says no more than what was tested.

That the test set does not reflect production needs both: the holdout has certainly more of
something, and the model is certainly worse at it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.label_text import some
from rcl_flow.core.scoring.shifts import FactorShift, MixShift, PartShares
from rcl_flow.core.scoring.slices import Found

_AS_MANY: Final = 0.8
"""The least part of the holdout's share that the test set's may be, to be called as many."""
_UNLIKE: Final = "The test data do not reflect production: "


@dataclass(frozen=True, slots=True)
class ExplainedSlice:
    """A slice, and whether the test set has it too."""

    found: Found
    shares: PartShares | None
    """None where they cannot be compared."""
    is_rarer_in_test: bool
    """With certainty."""


@dataclass(frozen=True, slots=True)
class ExplainedMix:
    """A label of which the splits have different shares, and how its images are judged."""

    shift: MixShift
    is_harder: bool
    """Whether its images are right less often than others, with certainty."""
    right: float
    """The share of its holdout images that are right, 0 to 1."""
    others_right: float

    @property
    def makes_holdout_harder(self) -> bool:
        """Whether the holdout has more of what is hard."""
        return self.is_harder and self.shift.holdout_share > self.shift.test_share


def sentences(
    shifts: Sequence[FactorShift],
    mix: Sequence[ExplainedMix],
    slices: Sequence[ExplainedSlice],
) -> Iterator[str]:
    """Yield what explains a gap first, then what is weak anyway, then what differs harmlessly."""
    by_factor = {shift.factor: shift for shift in shifts}
    unlike = [each for each in slices if _is_unlike(each, by_factor)]
    for each in unlike:
        yield _unlike(each, by_factor)
    for label in mix:
        if label.makes_holdout_harder:
            yield _harder(label)
    for each in slices:
        if each not in unlike:
            yield _weak(each, by_factor)
    explained = {each.found.dimension.name for each in slices}
    yield from _harmless_shifts([shift for shift in shifts if shift.factor not in explained])
    yield from _harmless_mix([label.shift for label in mix if not label.makes_holdout_harder])


def _is_unlike(each: ExplainedSlice, shifts: dict[str, FactorShift]) -> bool:
    dimension, shares = each.found.dimension, each.shares
    if not dimension.is_factor:
        return each.is_rarer_in_test
    return dimension.name in shifts and shares is not None and shares.holdout > shares.test


def _unlike(each: ExplainedSlice, shifts: dict[str, FactorShift]) -> str:
    shift = shifts.get(each.found.dimension.name)
    if shift is not None:
        differs = f"the holdout {shift.side} than the test ({shift.figures})"
        return f"{_UNLIKE}{differs}, and {_fall(each.found)} in its {_place(each.found)}."
    share = each.shares or PartShares(0, 0, 1)
    differs = f"{share.holdout:.0%} of the holdout and {share.test:.0%} of the test"
    return f"{_UNLIKE}{differs} are {_place(each.found)}, and {_fall(each.found)} there."


def _weak(each: ExplainedSlice, shifts: dict[str, FactorShift]) -> str:
    fall = f"{_fall(each.found)} in the {_place(each.found)} of the holdout"
    return f"{fall[0].upper()}{fall[1:]}{_comparison(each, shifts)}."


def _comparison(each: ExplainedSlice, shifts: dict[str, FactorShift]) -> str:
    """Return what the test set's share of a slice says."""
    shares, shift = each.shares, shifts.get(each.found.dimension.name)
    if shares is None and shift is not None:
        return (
            f"; the holdout {shift.side} than the test ({shift.figures}), but too few images can "
            "be compared to say whether the test set has fewer such images"
        )
    if shares is None:
        return ""
    told = f"{shares.test:.0%} against {shares.holdout:.0%}"
    if shares.test >= _AS_MANY * shares.holdout:
        return (
            f"; the test set has as many such images ({told}), so this is a weakness of the model, "
            "not of the test"
        )
    return (
        f"; the test set has fewer such images ({told}), but not so surely fewer that it can be "
        "called unlike production"
    )


def _fall(found: Found) -> str:
    contrast = found.contrast
    return f"the {_measure(found)} falls from {contrast.outside:.2f} to {contrast.inside:.2f}"


def _measure(found: Found) -> str:
    question = found.question
    if question.label:
        return f"{question.measure} of {question.label}"
    if question.measure == "right images":
        return "share of right images"
    return f"{question.measure} of all objects"


def _place(found: Found) -> str:
    """Return the slice without an article, to follow `its` or `the`."""
    told = found.candidate.told
    return told.removeprefix("the ") if told.startswith("the ") else f"images of {told}"


def _harder(label: ExplainedMix) -> str:
    return (
        f"{_UNLIKE}{_shares(label.shift)}, and fewer images of it are right than of the others "
        f"({label.right:.2f} against {label.others_right:.2f})."
    )


def _shares(shift: MixShift) -> str:
    return (
        f"{shift.label} is {shift.holdout_share:.0%} of the holdout and "
        f"{shift.test_share:.0%} of the test"
    )


def _harmless_shifts(shifts: Sequence[FactorShift]) -> Iterator[str]:
    nothing = "but nothing shows that it is judged worse for that."
    if len(shifts) == 1:
        (shift,) = shifts
        yield f"The holdout {shift.side} than the test ({shift.figures}), {nothing}"
    elif shifts:
        factors = some(shift.factor for shift in shifts)
        yield f"The holdout differs from the test in several factors ({factors}), {nothing}"


def _harmless_mix(shifts: Sequence[MixShift]) -> Iterator[str]:
    if shifts:
        told = some(map(_shares, shifts))
        yield f"{told}, but nothing shows that this makes the holdout harder."
