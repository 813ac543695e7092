"""Advice on how the model is judged: thresholds, the holdout and the test set (J1 to J4, D9)."""

from collections.abc import Iterator
from typing import Final

from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.known import Known

FEW_IMAGES: Final = 15
"""A label with fewer holdout images is not judged with any certainty."""
_WANTED: Final = 30
_SHOWN: Final = 5


def set_thresholds(known: Known) -> Iterator[Advice]:
    """Yield the advice to use the suggested thresholds, where they are better with certainty."""
    tuning = known.tuning
    low, high = tuning.f1_change_interval
    if tuning.used or low <= 0:
        return
    moved = [choice for choice in tuning.labels if choice.chosen != choice.assumed]
    moved.sort(key=lambda choice: -abs(choice.chosen - choice.assumed))
    yield Advice(
        rank=1,
        action="threshold",
        labels=tuple(choice.label for choice in moved),
        told="Use the suggested thresholds instead of the assumed ones: "
        + _some([f"{one.label} {one.chosen:.2f} for {one.assumed:.2f}" for one in moved])
        + ".",
        evidence=(
            f"They were chosen on {tuning.calibration_images} holdout images; on the other "
            f"{tuning.judged_images} the F1 is {tuning.f1_at_chosen:.3f} with them and "
            f"{tuning.f1_at_assumed:.3f} at the assumed ones, a change of {low:+.3f} to "
            f"{high:+.3f}.",
        ),
        practice="J1",
        expected_gain=tuning.f1_at_chosen - tuning.f1_at_assumed,
        gain_told="Measured on images that the thresholds were not chosen on.",
    )


def enlarge_holdout(known: Known) -> Iterator[Advice]:
    """Yield the advice to add holdout images, where they do not suffice to judge."""
    gap, columns = known.comparison.gap, range(len(known.material.labels))
    counts = {known.material.labels[c]: int(known.tally.positives[c]) for c in columns}
    few = {label: count for label, count in counts.items() if count < FEW_IMAGES}
    more = gap.more_images or 0
    evidence = []
    if gap.verdict == "inconclusive":
        evidence.append(
            f"The change of F1 from test to holdout is {gap.f1:+.3f} [{gap.interval[0]:+.3f}, "
            f"{gap.interval[1]:+.3f}]: too uncertain to say whether the model generalises."
        )
    if few:
        shown = _some([f"{label} ({count})" for label, count in few.items()])
        evidence.append(f"Labels with fewer than {FEW_IMAGES} holdout {known.unit}: {shown}.")
    if not evidence:
        return
    wanted = max(more, sum(_WANTED - count for count in few.values()))
    amount = f"about {wanted} more images" if wanted else "more images"
    of_labels = f", among them of {_some(list(few))}" if few else ""
    yield Advice(
        rank=1,
        action="holdout",
        labels=tuple(few),
        images_wanted=wanted,
        told=f"Add {amount} to the holdout{of_labels}.",
        evidence=tuple(evidence),
        practice="J3",
        gain_told="None by itself: it makes the score certain, not higher.",
    )


def mend_test_set(known: Known) -> Iterator[Advice]:
    """Yield the advice to make the test set like the holdout, where it is not."""
    reasons = known.reasons
    evidence = [f"{shift.told}." for shift in reasons.factor_shifts]
    evidence += [
        f"{shift.label} is {shift.holdout_share:.0%} of the holdout and {shift.test_share:.0%} of "
        "the test set."
        for shift in reasons.mix_shifts
    ]
    if not evidence:
        return
    yield Advice(
        rank=1,
        action="test set",
        labels=tuple(shift.label for shift in reasons.mix_shifts),
        told="Make the test set of images like the holdout's, if those are what production shows.",
        evidence=tuple(evidence),
        practice="J2",
        gain_told="Not estimated. The service picks its model and its thresholds on the test set, "
        "so one that is unlike production costs accuracy and shows too high a score.",
    )


def _some(names: list[str]) -> str:
    left = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {left} more" if left > 0 else "")
