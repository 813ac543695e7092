"""What the gap between test and holdout means, in one word."""

from dataclasses import dataclass
from math import hypot
from typing import Final, Literal

from rcl_flow.core.scoring.deviations import deviations
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules

Verdict = Literal["generalises", "drops", "inconclusive"]
Hindrance = Literal["", "no common label", "few images", "flattered test", "small test"]
"""What keeps holdout images alone from settling a gap: nothing; no label on both sides; too few of
them to reckon with; thresholds that were chosen on too few test images; a test that varies."""
_FEW_POSITIVES: Final = 15
"""With fewer in the test a label, what is expected is too little in more than 1 of 20 tests."""
_FLATTERS_MOST: Final = 1.2
"""Of so few, the most that they flatter, times their number. Both numbers are found by simulating
tests of 2 to 12 positives a label."""


@dataclass(frozen=True, slots=True)
class Flattery:
    """How much the test's F1 is too high since the thresholds were chosen on its images."""

    expected: float
    """Not negative."""
    error: float
    """The standard error of that."""
    positives: float
    """Of the test, a label on average; above 0."""

    @property
    def most(self) -> float:
        """What hardly any flattery exceeds: more than expected where the test has few images."""
        if self.positives >= _FEW_POSITIVES:
            return self.expected
        return max(self.expected, _FLATTERS_MOST / self.positives)


def judge_gap(interval: tuple[float, float], rules: EvaluationRules) -> Verdict:
    """Say whether the model generalises, from the interval of holdout F1 minus test F1.

    It generalises when even the interval's lower end is within the margin; it drops when the
    whole interval is below zero; otherwise more images are needed to tell.
    """
    low, high = interval
    if low >= -rules.gap_margin:
        return "generalises"
    return "drops" if high < 0 else "inconclusive"


def harm_of(
    change: float, interval: tuple[float, float], flattery: Flattery, rules: EvaluationRules
) -> tuple[float, float]:
    """Return what an interval of a change leaves of harm: with the test's flattery taken out.

    To be called harmless, a fall is excused for no more flattery than the margin: beyond it, the
    test set is too small to tell. To be called a drop, it has to exceed the most flattery.

    Args:
        change: holdout minus test.
        interval: of it.
        flattery: of the test.
        rules: margin and confidence level.
    """
    error = deviations(rules.confidence_level) * flattery.error
    low = change - hypot(max(change - interval[0], 0.0), error)
    high = change + hypot(max(interval[1] - change, 0.0), error)
    return low + min(flattery.expected, rules.gap_margin), min(high + flattery.most, 1.0)
