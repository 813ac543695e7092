"""Whether the last run's advice was followed, and whether it paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final

from rcl_flow.core.scoring.advice import Advice, PastAdvice
from rcl_flow.core.scoring.comparison import Comparison, LabelComparison, Score

_FOLLOWED: Final = 0.5
"""Advice to add images is followed when at least this share of them came."""
_NEAR: Final = 0.05
"""How far from the advised threshold, 0 to 1, one counts as set by the advice."""
_OTHER_HOLDOUT: Final = "the holdout is another one, so that the scores cannot be compared"


@dataclass(frozen=True, slots=True)
class HoldoutNow:
    """What this run was judged on."""

    is_same: bool
    """Whether the run before was judged on the same images and labels."""
    images: int = 0
    """Of the whole holdout, judged or not; 0 where it is not known."""


@dataclass(frozen=True, slots=True)
class _Then:
    """Both runs."""

    before: Comparison
    after: Comparison
    images_before: Mapping[str, int]
    images_after: Mapping[str, int]
    holdout: "HoldoutNow"

    def more_images(self, label: str) -> int:
        return self.images_after.get(label, 0) - self.images_before.get(label, 0)


def judge_past_advice(
    previous_advice: Sequence[Advice],
    before: Comparison,
    after: Comparison,
    *,
    training_images_before: Mapping[str, int],
    training_images_after: Mapping[str, int],
    holdout: HoldoutNow,
) -> tuple[PastAdvice, ...]:
    """Say of each piece of advice whether it was followed, and whether it paid.

    The change of F1 has the interval of the difference of two independent scores (Newcombe's
    method). On the same holdout the two depend on one another, which makes the interval too wide
    rather than too narrow: it paid when the whole interval is above zero. That other changes
    were made at the same time cannot be seen here.

    Args:
        previous_advice: of the run before.
        before: the comparison of the run before.
        after: that of this run.
        training_images_before: distinct training images of each label; empty where not known.
        training_images_after: likewise.
        holdout: of this run.
    """
    then = _Then(before, after, training_images_before, training_images_after, holdout)
    return tuple(_judged(advice, then) for advice in previous_advice)


def _judged(advice: Advice, then: _Then) -> PastAdvice:
    if advice.action == "collect":
        return _collected(advice, then)
    if advice.action == "merge":
        return _merged(advice, then)
    if advice.action == "threshold":
        return _outcome(advice, then, *_thresholds_set(advice, then))
    if advice.action == "holdout":
        return _enlarged(advice, then)
    return _outcome(advice, then, None, "")


def _collected(advice: Advice, then: _Then) -> PastAdvice:
    if not (then.images_before and then.images_after):
        return _outcome(advice, then, None, "")
    labels = advice.labels or tuple(then.images_after)
    each = [then.more_images(label) for label in labels]
    more, wanted, counted = sum(each), advice.images_wanted, sum(each)
    if advice.is_per_label:  # what one label has too many makes up for no other one
        wanted *= len(labels)
        counted = sum(min(number, advice.images_wanted) for number in each)
    followed = counted >= max(_FOLLOWED * wanted, 1)
    return _outcome(advice, then, followed, f"{_images(more)} more")


def _thresholds_set(advice: Advice, then: _Then) -> tuple[bool | None, str]:
    """Return whether most advised labels are judged near the advised thresholds.

    Where they are judged at other ones than the assumed, nobody can say: tuned again for another
    model, the best thresholds are elsewhere.
    """
    entries = [_of(label, then.after.labels) for label in advice.labels]
    found = [entry for entry in entries if entry is not None]
    least = max(_FOLLOWED * len(advice.labels), 1)
    near = sum(
        abs(_in_use(entry) - advice.thresholds[entry.label]) <= _NEAR
        for entry in found
        if entry.label in advice.thresholds
    )
    if near >= least:
        return True, "the thresholds were set"
    is_set = sum(entry.chosen_threshold is not None for entry in found) >= least
    return (None if is_set else False), ""


def _in_use(entry: LabelComparison) -> float:
    chosen = entry.chosen_threshold
    return entry.assumed_threshold if chosen is None else chosen


def _merged(advice: Advice, then: _Then) -> PastAdvice:
    """One label less is a merger; more images of both is the other way to follow it."""
    known = {label.label for label in then.after.labels}
    gone = [label for label in advice.labels if label not in known]
    if gone:
        told = (
            f"{' and '.join(advice.labels)}: {' and '.join(gone)} is no label any more; the F1 of "
            f"all labels went from {then.before.holdout.f1:.2f} to {then.after.holdout.f1:.2f}, "
            "over other labels, so that the two cannot be compared."
        )
        return PastAdvice(
            advice=advice,
            followed=True,
            told=told,
            f1_before=then.before.holdout.f1,
            f1_after=then.after.holdout.f1,
        )
    added = [then.more_images(label) for label in advice.labels]
    if all(more > 0 for more in added):
        return _outcome(advice, then, True, f"{_images(sum(added))} more")
    return _outcome(advice, then, None, "")


def _enlarged(advice: Advice, then: _Then) -> PastAdvice:
    before, after = then.before, then.after
    if not (advice.holdout_images and then.holdout.images):
        followed, done = None, "nobody knows how many images the whole holdouts had"
    else:
        more = then.holdout.images - advice.holdout_images
        followed = more >= max(_FOLLOWED * advice.images_wanted, 1)
        done = f"{more} more images" if more > 0 else "not larger"
    return PastAdvice(
        advice=advice,
        followed=followed,
        told=f"Holdout: {done}; verdict before: {before.gap.verdict}, now: {after.gap.verdict}.",
    )


def _outcome(advice: Advice, then: _Then, followed: bool | None, done: str) -> PastAdvice:
    scores = _scores(advice.labels, then)
    subject = ", ".join(advice.labels) if len(advice.labels) == 1 else "all labels"
    parts = [done if followed else _not_done(followed, done)]
    if scores is None:
        parts.append("the holdout does not have the label in both runs")
        return PastAdvice(advice=advice, followed=followed, told=f"{subject}: {'; '.join(parts)}.")
    before, after = scores
    if not then.holdout.is_same:
        parts.append(f"F1 from {before.f1:.2f} to {after.f1:.2f}, but {_OTHER_HOLDOUT}")
        return PastAdvice(
            advice=advice,
            followed=followed,
            told=f"{subject}: {'; '.join(parts)}.",
            f1_before=before.f1,
            f1_after=after.f1,
        )
    low, high = _change(before, after)
    parts.append(f"F1 from {before.f1:.2f} to {after.f1:.2f} [{low:+.2f}, {high:+.2f}]")
    verdict = f": {_verdict(low, high)}" if followed else ""
    return PastAdvice(
        advice=advice,
        followed=followed,
        told=f"{subject}: {'; '.join(parts)}{verdict}.",
        f1_before=before.f1,
        f1_after=after.f1,
        change_interval=(low, high),
    )


def _not_done(followed: bool | None, done: str) -> str:
    if followed is None:
        return "the data do not show whether the advice was followed"
    return f"not followed ({done})" if done[:1].isdigit() else "not followed"


def _scores(labels: Sequence[str], then: _Then) -> tuple[Score, Score] | None:
    """Return the holdout scores of the only label, or of all together."""
    if len(labels) != 1:
        return then.before.holdout, then.after.holdout
    found = [_of(labels[0], side.labels) for side in (then.before, then.after)]
    (before, after) = (label.holdout if label else None for label in found)
    return (before, after) if before is not None and after is not None else None


def _of(label: str, labels: Sequence[LabelComparison]) -> LabelComparison | None:
    return next((entry for entry in labels if entry.label == label), None)


def _change(before: Score, after: Score) -> tuple[float, float]:
    change = after.f1 - before.f1
    low = hypot(after.f1 - after.f1_interval[0], before.f1_interval[1] - before.f1)
    high = hypot(after.f1_interval[1] - after.f1, before.f1 - before.f1_interval[0])
    return max(change - low, -1.0), min(change + high, 1.0)


def _verdict(low: float, high: float) -> str:
    if low > 0:
        return "it paid"
    return "it did not pay, the score fell" if high < 0 else "not shown to have paid"


def _images(count: int) -> str:
    return f"{count} training image{'' if count == 1 else 's'}"
