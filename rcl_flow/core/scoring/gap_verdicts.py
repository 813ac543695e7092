"""The gap of all labels together and of each, judged with what flatters the test taken out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.gaps import (
    UNKNOWN,
    Flags,
    Gap,
    Samples,
    Side,
    change_interval,
    clipped,
    label_changes,
    share_of_earlier,
    simultaneous_interval,
)
from rcl_flow.core.scoring.intervals import interval_of
from rcl_flow.core.scoring.more_images import more_images, narrowing
from rcl_flow.core.scoring.optimism import ExpectedFalls
from rcl_flow.core.scoring.verdict import Flattery, Hindrance, harm_of, judge_gap

FEWEST_IMAGES: Final = 10
"""Of the holdout: with fewer, it is not reckoned how many more would do."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Test and holdout, with what each label's F1 is expected to fall."""

    test: Side
    holdout: Side
    """At the assumed thresholds, at which the test is."""
    falls: ExpectedFalls

    @property
    def in_both(self) -> Flags:
        """Which labels both sides have images of."""
        return np.asarray(self.test.judged & self.holdout.judged)

    def flattery(self, labels: Flags) -> Flattery:
        """Return how the test flatters the mean over some labels; one flag a label."""
        expected, error = self.falls.over(labels)
        positives = self.test.outcomes.truth.sum(axis=0)[labels]
        # of a mean, each label's share of flattery counts alike
        return Flattery(expected, error, 1 / float((1 / positives).mean()))


def overall_gap(sides: Sides, rules: EvaluationRules, gaps: Mapping[str, Gap | None]) -> Gap:
    """Return the gap of the mean F1 over the labels that both sides have images of.

    Args:
        sides: test and holdout.
        rules: margin and confidence level.
        gaps: each label's.
    """
    both = sides.in_both
    if not both.any():
        return Gap(f1=0.0, interval=UNKNOWN, verdict="inconclusive", hindrance="no common label")
    on_test = float(sides.test.ratios.f1[both].mean())
    change = float(sides.holdout.ratios.f1[both].mean()) - on_test
    interval = change_interval(sides.holdout, sides.test, both, rules.confidence_level)
    flattery = sides.flattery(both)
    harm = harm_of(change, interval, flattery, rules)
    verdict = judge_gap(harm, rules)
    more: int | None = None
    hindrance: Hindrance = ""
    if verdict == "inconclusive":
        more, hindrance = _way_out(sides, change, harm, flattery, rules)
    return Gap(
        f1=change,
        interval=interval,
        verdict=verdict,
        driver=_driver(gaps) if verdict == "drops" else "",
        more_images=more,
        optimism=flattery.expected,
        harm_interval=clipped(harm),
        test_f1=on_test,
        hindrance=hindrance,
    )


def label_gaps(sides: Sides, rules: EvaluationRules) -> tuple[Gap | None, ...]:
    """Return each label's gap, judged by the interval that is corrected for all labels.

    None of a label that either side has no image of.
    """
    both = sides.in_both
    changes, compared = label_changes(sides.holdout, sides.test), int(both.sum())
    return tuple(
        _label_gap(sides, column, changes[:, column], rules, compared=compared)
        if both[column]
        else None
        for column in range(len(both))
    )


def _driver(gaps: Mapping[str, Gap | None]) -> str:
    """Return the label that falls the most, beyond what is expected; empty for a single label."""
    falls = [(gap.f1 + gap.optimism, label) for label, gap in gaps.items() if gap]
    return min(falls)[1] if len(falls) > 1 else ""


def _label_gap(
    sides: Sides, column: int, samples: Samples, rules: EvaluationRules, *, compared: int
) -> Gap:
    level = rules.confidence_level
    on_test = float(sides.test.ratios.f1[column])
    change = float(sides.holdout.ratios.f1[column]) - on_test
    corrected = simultaneous_interval(samples, level, compared=compared)
    flattery = sides.flattery(np.arange(len(sides.test.judged)) == column)
    harm = harm_of(change, corrected, flattery, rules)
    return Gap(
        f1=change,
        interval=clipped(interval_of(samples, level)),
        verdict=judge_gap(harm, rules),
        corrected_interval=corrected,
        optimism=flattery.expected,
        harm_interval=clipped(harm),
        test_f1=on_test,
    )


def _way_out(
    sides: Sides,
    change: float,
    harm: tuple[float, float],
    flattery: Flattery,
    rules: EvaluationRules,
) -> tuple[int | None, Hindrance]:
    """Return about how many more holdout images settle the gap, or what keeps them from it."""
    margin, images = rules.gap_margin, sides.holdout.outcomes.images
    if images < FEWEST_IMAGES:
        return None, "few images"
    excused = min(flattery.expected, margin)
    narrower = narrowing((change + excused, change + flattery.most), harm, margin=margin)
    if narrower <= 0:
        return None, "flattered test"
    of_test = share_of_earlier(sides.holdout, sides.test, sides.in_both)
    more = more_images(narrower, images=images, test_share=of_test)
    return more, "small test" if narrower**2 <= of_test else ""
