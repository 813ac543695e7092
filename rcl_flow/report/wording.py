"""The sentences about a run that every report and the terminal share."""

from collections.abc import Mapping

from rcl_flow.core.costs.cost import Cost, Prices
from rcl_flow.core.label_text import some
from rcl_flow.core.promotion.decision import Decision, Promote
from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.comparison import Comparison, Gap, LabelComparison
from rcl_flow.core.scoring.judging import MIN_OVERLAP, NOTHING
from rcl_flow.core.scoring.verdict import Hindrance
from rcl_flow.report.figures import (
    format_change,
    format_change_interval,
    format_count,
    format_interval,
    format_ratio,
    format_usd,
)
from rcl_flow.report.page import Provenance

STOPPED = "STOPPED"
NO_LABEL = "(none)"
_MOST_OF_IT = 0.5
"""A label that takes this share of all falls drives the whole."""
_WORTH_TELLING = 0.005
"""Less of an expected fall is not told."""
_UNSETTLED: Mapping[Hindrance, str] = {
    "": "not even 100,000 more holdout images would settle it if it stays what it is",
    "few images": "the holdout is too small to tell how many more images would settle it",
    "small test": "holdout images alone may not settle it, since the test set is small too",
    "flattered test": "the test set is too small to tell, since the service chose the thresholds "
    "on it",
}


def verdict_sentence(comparison: Comparison) -> str:
    """Say in plain words how the holdout score compares with the test score, and what to do."""
    holdout = comparison.holdout
    scores = (
        f"On {format_count(holdout.images, 'unseen image')} the F1 is {format_ratio(holdout.f1)} "
        f"{format_interval(holdout.f1_interval)}{_at_assumed(comparison)}; on the service's own "
        f"test it was {format_ratio(comparison.test.f1)}{_recounted(comparison)}."
    )
    return f"{_conclusion(comparison)} {scores}{_expected(comparison)}{_left_out(comparison)}"


def task_sentence(comparison: Comparison) -> str:
    """Say what is counted in the scores; empty for image-level labels, where it is images."""
    if comparison.task == "classification":
        return ""
    figures = ""
    if comparison.average_precision is not None and comparison.average_recall is not None:
        figures = (
            " On its own test the service gives an average precision of "
            f"{format_ratio(comparison.average_precision)} and an average recall of "
            f"{format_ratio(comparison.average_recall)}."
        )
    return (
        "The model detects objects, so precision, recall and F1 count boxes: on the holdout a box "
        "is right when it has the label of an annotated box and overlaps it by at least "
        f"{MIN_OVERLAP:g} (intersection over union).{figures}"
    )


def decision_sentence(decision: Decision) -> str:
    """Say what was decided, in one sentence without the single reasons."""
    if isinstance(decision, Promote):
        return "Promote: every gate was passed."
    gates = len({reason.gate for reason in decision.reasons})
    was = "was" if gates == 1 else "were"
    return f"Keep what is in production: {format_count(gates, 'gate')} {was} not passed."


def status_sentence(provenance: Provenance) -> str:
    """Say whether the model was read back as stopped and, if not, what to do."""
    if provenance.model_status == STOPPED:
        return "The model was read back as STOPPED: nothing is billing."
    return (
        f"The model was last seen as {provenance.model_status}, not {STOPPED}. A running model "
        f"bills by the hour until it is stopped: rcl-flow stop {provenance.project_version_arn}"
    )


def backend_sentence(provenance: Provenance) -> str:
    """Say where the scores come from."""
    if provenance.backend == "emulator":
        return (
            "Emulator run: the scores are those of the emulator's own model, trained on this "
            "machine, not of a model that AWS trained."
        )
    return f"Trained and evaluated by Amazon Rekognition Custom Labels in {provenance.region}."


def cost_sentence(cost: Cost, prices: Prices, provenance: Provenance) -> str:
    """Say what the run cost, and by which prices."""
    dollars = format_usd(cost.estimated_usd)
    if provenance.backend == "emulator":
        return (
            f"Nothing was paid. The same seconds would cost {dollars} on AWS at the config's "
            f"prices of {prices.as_of}."
        )
    return f"About {dollars}, from the seconds used and the config's prices of {prices.as_of}."


def label_text(label: str) -> str:
    """Write a label, with words for its absence."""
    return NO_LABEL if label == NOTHING else label


def file_name(uri: str) -> str:
    """Return the last part of a path or an s3:// URI."""
    return uri.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _conclusion(comparison: Comparison) -> str:
    gap = comparison.gap
    if gap.verdict == "generalises":
        return (
            "The model generalises: its score holds on images that it has not seen"
            f"{_fallen_labels(comparison)}."
        )
    if gap.verdict == "drops":
        low, high = gap.interval
        return (
            f"The score drops by {format_ratio(-gap.f1)} {format_interval((-high, -low))}"
            f"{_driven(comparison)}."
        )
    if gap.hindrance == "no common label":
        return "No gap can be measured: no label has images in both the test set and the holdout."
    return (
        f"Inconclusive: a change of {format_change(gap.f1)} "
        f"{format_change_interval(gap.interval)} may or may not matter; {_settled(gap)}"
        f"{_fallen_labels(comparison)}."
    )


def _settled(gap: Gap) -> str:
    """Say what would settle an inconclusive gap."""
    if gap.more_images is not None:
        return f"about {format_count(gap.more_images, 'more holdout image')} would settle it"
    return _UNSETTLED[gap.hindrance]


def _fallen_labels(comparison: Comparison) -> str:
    """Name the labels that drop although all together do not."""
    fallen = [
        f"'{entry.label}' ({_before_and_after(entry, entry.gap)})"
        for entry in sorted(comparison.labels, key=lambda entry: entry.gap.f1 if entry.gap else 0.0)
        if entry.gap and entry.gap.verdict == "drops"
    ]
    if not fallen:
        return ""
    verb = "drops" if len(fallen) == 1 else "drop"
    return f"; but {format_count(len(fallen), 'label')} {verb}: {some(fallen)}"


def _before_and_after(entry: LabelComparison, gap: Gap) -> str:
    """Return a label's F1 on the test and on the holdout at the assumed threshold."""
    before = entry.test.f1 if gap.test_f1 is None else gap.test_f1
    return f"{format_ratio(before)} to {format_ratio(before + gap.f1)}"


def _recounted(comparison: Comparison) -> str:
    """Say that the snapshot gives another test score, where it does."""
    note = comparison.test.note
    return f" ({note}, from which the gap is measured)" if note else ""


def _driven(comparison: Comparison) -> str:
    """Say which label takes most of the fall, as surely as its own interval allows."""
    fallen = [entry for entry in comparison.labels if entry.gap and entry.gap.f1 < 0]
    driver = next((entry for entry in fallen if entry.label == comparison.gap.driver), None)
    if driver is None or driver.gap is None:
        return ""
    told = f"label '{driver.label}' ({_before_and_after(driver, driver.gap)})"
    if driver.gap.verdict != "drops":
        return f", the most in {told}, which is not certain of this label alone"
    share = driver.gap.f1 / sum(entry.gap.f1 for entry in fallen if entry.gap)
    return f", driven by {told}" if share >= _MOST_OF_IT else f", the most in {told}"


def _at_assumed(comparison: Comparison) -> str:
    assumed = comparison.holdout_at_assumed
    if assumed is None:
        return ""
    return (
        f" at the chosen thresholds, {format_ratio(assumed.f1)} "
        f"{format_interval(assumed.f1_interval)} at the assumed ones"
    )


def _expected(comparison: Comparison) -> str:
    """Say what part of a fall the choice of thresholds explains; empty where it is next to none."""
    gap = comparison.gap
    if gap.optimism < _WORTH_TELLING or gap.f1 >= 0:
        return ""
    if gap.verdict == "drops":
        return (
            f" Of this, about {format_ratio(min(gap.optimism, -gap.f1))} comes from the service "
            "choosing thresholds on its test images; the rest is a real fall."
        )
    return (
        f" A fall of about {format_ratio(gap.optimism)} is to be expected without any harm: the "
        "service chose the thresholds on its test images, which flatters the score there."
    )


def _left_out(comparison: Comparison) -> str:
    """Name the labels that are not in the gap."""
    told = ""
    for labels, place in (
        (comparison.unjudged_labels, "the holdout"),
        (comparison.untested_labels, "the test set"),
    ):
        if labels:
            named = some([f"'{label}'" for label in labels])
            verb = "is" if len(labels) == 1 else "are"
            told += (
                f" {format_count(len(labels), 'label')} of the model {verb} not in {place} and not "
                f"in the gap: {named}."
            )
    return told


def gain_text(advice: Advice) -> str:
    """Say what a piece of advice may bring; nothing where it is not known or told already."""
    if advice.expected_gain is None:
        return ""
    gain = format_change(advice.expected_gain)
    return "" if f"F1 {gain}" in advice.told else f"about {gain} F1"
