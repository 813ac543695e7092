"""The gates of a decision with what was needed and what was reached."""

from dataclasses import dataclass

from rcl_flow.core.promotion.decision import Decision
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.report.figures import format_ratio


@dataclass(frozen=True, slots=True)
class GateRow:
    """One gate, with its field's name in the config."""

    gate: str
    meaning: str
    needed: str
    reached: str
    passed: bool


def gate_rows(comparison: Comparison, decision: Decision, gates: Gates) -> tuple[GateRow, ...]:
    """Return every gate; one is passed when the decision has no reason that names it."""
    failed = {reason.gate for reason in decision.reasons}
    return tuple(
        GateRow(gate, meaning, needed, reached, passed=gate not in failed)
        for gate, meaning, needed, reached in (
            (
                "min_holdout_images",
                "Judged holdout images",
                str(gates.min_holdout_images),
                str(comparison.holdout.images),
            ),
            (
                "min_holdout_f1",
                "Lower end of the holdout F1",
                format_ratio(gates.min_holdout_f1),
                format_ratio(comparison.holdout.f1_interval[0]),
            ),
            (
                "min_label_f1",
                "Lowest F1 of a label on the holdout",
                format_ratio(gates.min_label_f1),
                _lowest_label(comparison),
            ),
            (
                "accept_verdicts",
                "Verdict on the gap",
                " or ".join(gates.accept_verdicts) or "none accepted",
                comparison.gap.verdict,
            ),
        )
    )


def _lowest_label(comparison: Comparison) -> str:
    judged = [
        (entry.holdout.f1, entry.label) for entry in comparison.labels if entry.holdout is not None
    ]
    if not judged:
        return "no label judged"
    f1, label = min(judged)
    return f"{format_ratio(f1)} ({label})"
