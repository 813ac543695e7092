"""What is known of a judged model, with nothing of note unless a test says so."""

from collections.abc import Mapping, Sequence

import numpy as np

from rcl_flow.core.scoring.comparison import Gap, compare
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.gap_reasons import GapReasons
from rcl_flow.core.scoring.known import Known
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.slices import Slice
from rcl_flow.core.scoring.thresholds import ThresholdChoice, ThresholdScore, ThresholdTuning
from rcl_flow.core.scoring.typing_errors import type_errors

LABELS = ("ant", "bee", "cow", "doe")
SURE = Gap(f1=-0.01, interval=(-0.02, 0.0), verdict="generalises")
Row = tuple[Sequence[str], Mapping[str, float]]


def tuning(
    low: float = -0.01,
    high: float = 0.02,
    *,
    used: bool = False,
    f1: Mapping[str, float] | None = None,
    **chosen: float,
) -> ThresholdTuning:
    """Return a suggestion of other thresholds than 0.5, which changes F1 by so much.

    A label's own F1 is 0.8 at 0.5 and as `f1` says at the chosen one, or higher the further that
    is from 0.5.
    """
    return ThresholdTuning(
        used=used,
        calibration_images=60,
        judged_images=140,
        labels=tuple(
            ThresholdChoice(
                label=label,
                objective="best_f1",
                assumed=0.5,
                chosen=threshold,
                met=True,
                calibration_positives=20,
                at_assumed=_score(0.8),
                at_chosen=_score((f1 or {}).get(label, 0.8 + abs(threshold - 0.5) / 5)),
            )
            for label, threshold in chosen.items()
        ),
        f1_at_assumed=0.80,
        f1_at_chosen=0.84,
        f1_change_interval=(low, high),
    )


def _score(f1: float) -> ThresholdScore:
    return ThresholdScore(precision=f1, recall=f1, f1=f1)


def known(
    holdout: Material,
    *,
    reasons: GapReasons | None = None,
    tuned: ThresholdTuning | None = None,
    gap: Gap = SURE,
) -> Known:
    """Return what is known of a judged model."""
    comparison = compare(
        holdout.evaluation,
        holdout.judged,
        EvaluationRules(resamples=200),
        np.random.default_rng(0),
    )
    return Known(
        material=holdout,
        comparison=comparison.model_copy(update={"gap": gap}),
        tuning=tuned or tuning(),
        reasons=reasons or GapReasons(),
        errors=type_errors(holdout),
    )


def rows(right: int = 40, **wrong: Mapping[str, int]) -> list[Row]:
    """Return images of each label: so many right, and of some so many taken for another.

    `ant={"bee": 3, "": 2}` is three ants taken for bees and two that were not found.
    """
    made: list[Row] = [([label], {label: 90.0}) for label in LABELS for _ in range(right)]
    for label, mistakes in wrong.items():
        for said, count in mistakes.items():
            made += [([label], {said: 60.0} if said else {label: 20.0})] * count
    return made


def dark_slice(label: str = "", **values: object) -> Slice:
    """Return the darkest quarter, in which recall falls from 0.9 to 0.6."""
    return Slice.model_validate(
        {
            "dimension": "brightness",
            "told": "the darkest quarter",
            "label": label,
            "images": 40,
            "measure": "recall",
            "inside": 0.6,
            "outside": 0.9,
            "difference_interval": (-0.45, -0.15),
            "p_value": 0.001,
        }
        | values
    )
