"""Advice on how the model is judged: thresholds, the holdout and the test set (J1 to J4, D9)."""

from collections.abc import Iterator, Sequence
from typing import Final

from rcl_flow.core.label_text import some
from rcl_flow.core.percentages import threshold_decimals
from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.gaps import Gap
from rcl_flow.core.scoring.known import Known
from rcl_flow.core.scoring.thresholds import ThresholdChoice
from rcl_flow.core.scoring.verdict import Hindrance

FEW_IMAGES: Final = 15
"""A label with fewer holdout images is not judged with any certainty."""
_WANTED: Final = 30
_TEST_TOO_SMALL: Final[tuple[Hindrance, ...]] = ("small test", "flattered test")
_EVALUATE: Final = "rcl-flow evaluate"
_COMMAND: Final = f"{_EVALUATE} latest --set evaluation.thresholds.objective=best_f1"


def set_thresholds(known: Known) -> Iterator[Advice]:
    """Yield the advice to use the suggested thresholds, where they are better with certainty.

    Named are the labels that they help; the others may keep theirs.
    """
    tuning = known.tuning
    low, high = tuning.f1_change_interval
    gains = {choice.label: _gain(choice) for choice in tuning.labels}
    helped = sorted(
        (choice for choice in tuning.labels if gains[choice.label] > 0),
        key=lambda choice: -gains[choice.label],
    )
    if tuning.used or low <= 0 or not helped:
        return
    gain = tuning.f1_at_chosen - tuning.f1_at_assumed
    changes = [
        f"{one.label}: {_threshold(one.assumed)} to {_threshold(one.chosen)}" for one in helped
    ]
    number = f"{len(helped)} labels" if len(helped) > 1 else "1 label"
    yield Advice(
        rank=1,
        action="threshold",
        labels=tuple(choice.label for choice in helped),
        thresholds={choice.label: choice.chosen for choice in helped},
        told=f"Set other thresholds for {number} ({some(changes)}): F1 {gain:+.3f}.",
        evidence=(
            f"Tuned on {tuning.calibration_images} holdout images. On the other "
            f"{tuning.judged_images} the F1 is {tuning.f1_at_chosen:.3f} with the tuned thresholds "
            f"of all labels and {tuning.f1_at_assumed:.3f} at the assumed ones: a change of "
            f"{low:+.3f} to {high:+.3f}.",
            *_of_labels(helped),
            f"To do it: {_COMMAND}",
            "The images that thresholds are tuned on do not count for the score: the judged "
            f"images then fall to {tuning.judged_images}. Where that is too few, add holdout "
            "images first.",
        ),
        practice="J1",
        expected_gain=gain,
        gain_told="Measured on images that the thresholds were not chosen on.",
    )


def with_run_named(advice: Advice, run_id: str) -> Advice:
    """Return the advice with the run's id in its command: `latest` is soon another run's."""
    named = tuple(
        each.replace(f"{_EVALUATE} latest", f"{_EVALUATE} {run_id}") for each in advice.evidence
    )
    return advice.model_copy(update={"evidence": named})


def _gain(choice: ThresholdChoice) -> float:
    """Return how much the label's own F1 rises on the judged part; 0 where it is not known."""
    before, after = choice.at_assumed, choice.at_chosen
    return after.f1 - before.f1 if before and after else 0.0


def _of_labels(helped: Sequence[ThresholdChoice]) -> Iterator[str]:
    changes = [
        f"{choice.label} from {choice.at_assumed.f1:.3f} to {choice.at_chosen.f1:.3f}"
        for choice in helped
        if choice.at_assumed and choice.at_chosen
    ]
    yield f"F1 of the labels that it helps: {some(changes)}."


def _threshold(ratio: float) -> str:
    """Return a threshold as short as it can be told without being taken for 0 or 1."""
    return f"{round(ratio, threshold_decimals(ratio)):g}"


def enlarge_holdout(known: Known) -> Iterator[Advice]:
    """Yield the advice to add holdout images, where they do not suffice to judge.

    Where the verdict is uncertain because the test set is small, that is what to enlarge; where
    no number of images makes it certain, nothing is.
    """
    gap, columns = known.comparison.gap, range(len(known.material.labels))
    counts = {known.material.labels[c]: int(known.tally.positives[c]) for c in columns}
    few = {label: count for label, count in counts.items() if count < FEW_IMAGES}
    evidence = []
    if gap.verdict == "inconclusive" and gap.hindrance in _TEST_TOO_SMALL:
        yield _enlarge_test_set(known)
    elif gap.more_images is not None or gap.hindrance == "few images":
        evidence.append(_uncertain(gap))
    if few:
        shown = some([f"{label} ({count})" for label, count in few.items()])
        evidence.append(f"Labels with fewer than {FEW_IMAGES} holdout {known.unit}: {shown}.")
    if not evidence:
        return
    wanted = max(gap.more_images or 0, sum(_WANTED - count for count in few.values()))
    amount = f"about {wanted:,} more images" if wanted else "more images"
    of_labels = f", among them of {some(few)}" if few else ""
    yield Advice(
        rank=1,
        action="holdout",
        labels=tuple(few),
        images_wanted=wanted,
        holdout_images=known.holdout_images,
        told=f"Add {amount} to the holdout{of_labels}.",
        evidence=tuple(evidence),
        practice="J3",
        gain_told="None by itself: it makes the score certain, not higher.",
    )


def _uncertain(gap: Gap) -> str:
    return (
        f"The change of F1 from test to holdout is {gap.f1:+.3f} [{gap.interval[0]:+.3f}, "
        f"{gap.interval[1]:+.3f}]: too uncertain to say whether the model generalises."
    )


def _enlarge_test_set(known: Known) -> Advice:
    images = known.comparison.test.images
    return Advice(
        rank=1,
        action="test set",
        labels=(),
        told="Enlarge the test set and train again: more holdout images alone do not make the "
        "verdict certain.",
        evidence=(
            _uncertain(known.comparison.gap),
            f"The test set has {images} image{'' if images == 1 else 's'}, and its score is as "
            "uncertain as that makes it.",
        ),
        practice="J3",
        gain_told="None by itself: it makes the verdict certain. Thresholds that the service "
        "chooses on more images may fit better, too.",
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
