"""Advice on which images to collect for training (practices D1 to D7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Final

from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.conditions import condition_of, condition_of_slice, practice_of
from rcl_flow.core.scoring.known import Known
from rcl_flow.core.scoring.slices import Slice
from rcl_flow.core.statistics import Draws, holm

ENOUGH: Final = 50
"""Training images of a label that advice asks for at least."""
_RECOMMENDED: Final = 20
"""What the service's own practitioners recommend for each label at least (practice D1)."""
_FEW: Final = 0.5
"""A label has few images from this share of the other labels' median down (practice D2)."""
_RATE: Final = 0.05
_MOST: Final = 300
"""No more are asked for at once: what they bring is to be seen first."""
_FIRST: Final = 100
"""Nor more than there are already, but so many at least."""
_STEPS: Final = (5, 10)
"""Numbers up to `_FIRST` are in steps of the first one, larger ones of the second."""
_MOST_SLICES: Final = 3


@dataclass(frozen=True, slots=True)
class Starved:
    """A label with few training images that the model is worse at than at the others."""

    label: str
    has: int
    usual: float
    """The median number of the other labels."""
    f1: float
    typical: str
    """The label whose F1 is the median of the other labels'."""
    typical_f1: float

    @property
    def missing(self) -> float:
        """How many images it has less than it should have."""
        return max(float(ENOUGH), self.usual) - self.has

    @property
    def wanted(self) -> int:
        """How many images to collect for now, in round numbers."""
        return _feasible(self.missing, self.has)


def collect(known: Known) -> Iterator[Advice]:
    """Yield what to collect: for starved labels first, then for parts that are judged worse."""
    starved = starved_labels(known)
    for each in starved:
        yield _for_label(each, known)
    covered = {each.label for each in starved}
    slices = [each for each in known.reasons.slices if each.label not in covered]
    for worst in slices[:_MOST_SLICES]:
        yield _for_slice(worst, known)
    if not slices:
        yield from _for_shared(known)


def starved_labels(known: Known) -> list[Starved]:
    """Return the labels with few training images and, with certainty, a low F1.

    That the share of mistakes is higher than that of the label with the median F1 is tested
    exactly (Fisher), with Holm's correction over the labels that have few images.
    """
    counts, f1 = known.material.training_images, known.f1_by_label
    if not counts or len(f1) == 1:
        return []
    every = [_described(label, counts, f1) for label in f1]
    few = [each for each in every if each.has < max(_FEW * each.usual, _RECOMMENDED)]
    sure = holm([_p_value(each, known) for each in few], _RATE)
    return [each for each, certain in zip(few, sure, strict=True) if certain]


def _described(label: str, counts: Mapping[str, int], f1: Mapping[str, float]) -> Starved:
    others = sorted((f1[other], other) for other in f1 if other != label)
    typical_f1, typical = others[(len(others) - 1) // 2]
    return Starved(
        label=label,
        has=counts.get(label, 0),
        usual=float(median([counts.get(other, 0) for _, other in others])),
        f1=f1[label],
        typical=typical,
        typical_f1=typical_f1,
    )


def _p_value(starved: Starved, known: Known) -> float:
    """Return the chance of so many mistakes if the label were as hard as the typical one."""
    tally = known.tally
    both = [known.column(starved.label), known.column(starved.typical)]
    wrong = [int(tally.false_alarms[column] + tally.misses[column]) for column in both]
    every = [each + int(tally.hits[column]) for each, column in zip(wrong, both, strict=True)]
    return Draws.up_to(sum(every)).at_least(
        wrong[0], things=sum(every), marked=sum(wrong), drawn=every[0]
    )


def _for_label(starved: Starved, known: Known) -> Advice:
    label, tally, column = starved.label, known.tally, known.column(starved.label)
    condition, evidence = _condition(label, known)
    errors = [error for error in known.errors.errors if label in {error.truth, error.predicted}]
    return Advice(
        rank=1,
        action="collect",
        labels=(label,),
        images_wanted=starved.wanted,
        condition=condition,
        told=f"Collect about {starved.wanted} more training images of {label}"
        f"{f' {condition}' if condition else ''}.",
        evidence=(
            f"{label} has {starved.has} training images; the median of the other labels is "
            f"{starved.usual:.0f}.",
            f"On the holdout {int(tally.hits[column])} of {int(tally.positives[column])} "
            f"{known.unit} of {label} are found, with {int(tally.false_alarms[column])} false "
            f"alarms: F1 {starved.f1:.2f}. The median of the other labels is "
            f"{starved.typical_f1:.2f}.",
            *evidence,
            *_first_step(starved),
        ),
        practice="D1" if starved.has < _RECOMMENDED else "D2",
        expected_gain=(starved.typical_f1 - starved.f1) / len(known.f1_by_label),
        gain_told=f"If the F1 of {label} rises to {starved.typical_f1:.2f}, the median of the "
        "other labels. Nobody can promise that, but other labels may gain too.",
        images=known.images_of(errors),
    )


def _feasible(wanted: float, has: int) -> int:
    """Return how many of the wanted images somebody can collect before judging again."""
    most = min(max(has, _FIRST), _MOST)
    step = _STEPS[wanted > _FIRST]
    return min(step * ceil(wanted / step), step * ceil(most / step))


def _first_step(starved: Starved) -> Iterator[str]:
    if starved.wanted < starved.missing:
        yield (
            f"As many as the others have would be {starved.missing:,.0f} more. Judge again after "
            "the first ones: they may suffice."
        )


def _condition(label: str, known: Known) -> tuple[str, tuple[str, ...]]:
    """Return where the images of a label should come from, with the evidence."""
    for each in known.reasons.slices:
        if each.label in {label, ""}:
            return condition_of_slice(each.told), (_slice_sentence(each),)
    for shared in known.errors.shared:
        if not shared.kind and shared.label in {label, ""}:
            return condition_of(shared), (f"{shared.told}.",)
    return "", ()


def _slice_sentence(worst: Slice) -> str:
    what = f"{worst.measure} of {worst.label}" if worst.label else worst.measure
    return (
        f"In {worst.told} of the holdout ({worst.images} images): {what} {worst.inside:.2f}, "
        f"against {worst.outside:.2f} elsewhere."
    )


def _for_slice(worst: Slice, known: Known) -> Advice:
    """Return the advice to collect images like a slice: about as many as training may have."""
    label = worst.label
    training = _training_images(label, known)
    images = len(known.material.judged.images)
    column = known.column(label) if label else None
    whole = images if column is None else int(known.tally.positives[column])
    there = round(training * worst.images / max(whole, 1))
    wanted = _feasible(max(_RECOMMENDED, there), there)
    condition = condition_of_slice(worst.told)
    lost = known.table if column is None else known.table.rows(known.table.truths == column)
    avoided = (worst.outside - worst.inside) * worst.images
    gain = known.tally.f1_without(lost) - known.tally.f1
    return Advice(
        rank=1,
        action="collect",
        labels=(label,) if label else (),
        images_wanted=wanted,
        condition=condition,
        told=f"Collect about {wanted} more training images {f'of {label} ' if label else ''}"
        f"{condition}.",
        evidence=(_slice_sentence(worst),),
        practice=practice_of(worst.dimension),
        expected_gain=gain * min(avoided / len(lost), 1.0) if len(lost) else None,
        gain_told=f"An upper bound: if the {worst.measure} there rises to {worst.outside:.2f}, "
        "as it is elsewhere.",
        images=known.images(worst.sha256s),
    )


def _training_images(label: str, known: Known) -> int:
    """Return how many training images there are of a label, or in all; 0 where not known.

    An image of several labels is one image, which only the service's own number tells.
    """
    counts = known.material.training_images
    if label:
        return counts.get(label, 0)
    return min(sum(counts.values()), known.material.evaluation.training_images)


def _for_shared(known: Known) -> Iterator[Advice]:
    """Yield advice on the surest factor that all mistakes share."""
    shared = next((s for s in known.errors.shared if not s.kind and not s.label), None)
    if shared is None:
        return
    condition = condition_of(shared)
    yield Advice(
        rank=1,
        action="collect",
        labels=(),
        images_wanted=_RECOMMENDED,
        is_per_label=True,
        condition=condition,
        told=f"Collect training images {condition}, at least {_RECOMMENDED} of each label.",
        evidence=(f"{shared.told}.",),
        practice=practice_of(shared.factor),
        gain_told="Not estimated: how much such images bring is not known.",
    )
