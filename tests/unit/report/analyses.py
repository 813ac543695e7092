"""Analyses of a model, built by hand, in which every kind of finding occurs."""

from collections import Counter
from collections.abc import Sequence

from rcl_flow.core.scoring.advice import Advice, AdvisedImage, PastAdvice
from rcl_flow.core.scoring.analysis import Analysis
from rcl_flow.core.scoring.comparison import Comparison, Mistake
from rcl_flow.core.scoring.error_types import (
    ErrorKind,
    ErrorSummary,
    KindCount,
    LabelPair,
    SharedFactor,
    TypedError,
)
from rcl_flow.core.scoring.gap_reasons import FactorShift, GapReasons, MixShift, Slice
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.parity import Difference, Parity
from rcl_flow.core.scoring.quality import Calibration, CalibrationBin, LabelQuality, Quality
from rcl_flow.core.scoring.thresholds import ThresholdChoice, ThresholdScore, ThresholdTuning

SUGGESTED = 0.05
"""Above the assumed threshold."""


def analysis_of(comparison: Comparison, material: Material) -> Analysis:
    """Return an analysis in which every kind of finding occurs."""
    mistakes = comparison.mistakes
    return Analysis(
        quality=quality_of(comparison),
        parity=Parity(
            images=material.evaluation.images,
            precision=material.evaluation.precision,
            recall=material.evaluation.recall,
            f1=material.evaluation.f1,
            differences=(Difference(figure="F1", reported=0.985, recomputed=0.975),),
            note="The service publishes rounded figures.",
        ),
        thresholds=tuning_of(comparison),
        reasons=reasons_of(comparison.labels[0].label, mistakes),
        errors=errors_of(comparison),
        advice=advice_of(comparison.labels[0].label, mistakes),
        past_advice=(
            PastAdvice(
                advice=advice_of(comparison.labels[0].label, ())[0],
                followed=True,
                told="38 training images more; F1 from 0.610 to 0.780 [+0.080, +0.250]: it paid.",
            ),
        ),
    )


def quality_of(comparison: Comparison) -> Quality:
    """Return a quality whose average precisions fall from label to label."""
    bins = tuple(
        CalibrationBin(
            low_percent=low,
            high_percent=low + 10,
            answers=10 + low,
            mean_confidence_percent=low + 5,
            share_right=low / 120,
        )
        for low in range(0, 100, 10)
    )
    return Quality(
        micro_precision=0.9,
        micro_recall=0.85,
        micro_f1=0.874,
        mean_average_precision=0.91,
        calibration=Calibration(bins=bins, expected_error=0.08, brier_score=0.07),
        labels=tuple(
            LabelQuality(
                label=entry.label,
                positives=entry.holdout.images if entry.holdout else 0,
                average_precision=1 - index / 200 if entry.holdout else None,
            )
            for index, entry in enumerate(comparison.labels)
        ),
    )


def tuning_of(comparison: Comparison) -> ThresholdTuning:
    """Return a suggestion a little above every assumed threshold."""
    return ThresholdTuning(
        used=False,
        calibration_images=296,
        judged_images=692,
        f1_at_assumed=0.84,
        f1_at_chosen=0.86,
        f1_change_interval=(0.004, 0.035),
        labels=tuple(
            ThresholdChoice(
                label=entry.label,
                objective="best_f1",
                assumed=entry.assumed_threshold,
                chosen=entry.assumed_threshold + SUGGESTED,
                met=True,
                calibration_positives=30,
                at_assumed=ThresholdScore(precision=0.8, recall=0.9, f1=0.847),
                at_chosen=ThresholdScore(precision=0.85, recall=0.89, f1=0.87),
                note="" if index else "9 images: little to tune on.",
            )
            for index, entry in enumerate(comparison.labels)
        ),
    )


def reasons_of(label: str, mistakes: Sequence[Mistake]) -> GapReasons:
    """Return the reasons of a holdout that is darker than the test."""
    shift = "holdout is darker than test: median brightness 0.31 against 0.52"
    return GapReasons(
        sentences=(
            "The test data do not reflect production: the holdout is darker than the test (median "
            f"brightness 0.31 against 0.52), and the recall of {label} falls from 0.93 to 0.61 in "
            "its darkest quarter.",
        ),
        factor_shifts=(
            FactorShift(
                factor="brightness",
                told=shift,
                distance=0.41,
                p_value=1e-9,
                test_median=0.52,
                holdout_median=0.31,
            ),
        ),
        mix_shifts=(MixShift(label=label, test_share=0.1, holdout_share=0.18, p_value=0.004),),
        slices=(
            Slice(
                dimension="brightness",
                told="the darkest quarter",
                label=label,
                images=247,
                measure="recall",
                inside=0.61,
                outside=0.93,
                difference_interval=(-0.4, -0.22),
                p_value=2e-5,
                sha256s=tuple(mistake.sha256 for mistake in mistakes[:9]),
            ),
            Slice(
                dimension="camera",
                told="camera ACME X1",
                label="",
                images=80,
                measure="right images",
                inside=0.7,
                outside=0.88,
                difference_interval=(-0.3, -0.07),
                p_value=0.012,
            ),
        ),
        compared_images=(160, 988),
        looked_at=48,
    )


def errors_of(comparison: Comparison) -> ErrorSummary:
    """Return every mistake, with kinds that take turns."""
    kinds: tuple[ErrorKind, ...] = ("confusion", "miss", "label suspect")
    errors = tuple(
        TypedError(
            sha256=mistake.sha256,
            uri=mistake.uri,
            kind=kinds[index % len(kinds)],
            truth=mistake.truth[0] if mistake.truth else "",
            predicted=mistake.predicted[0] if mistake.predicted else "",
            confidence_percent=mistake.severity_percent,
        )
        for index, mistake in enumerate(comparison.mistakes)
    )
    counts = Counter(error.kind for error in errors)
    first, second = (comparison.labels[index % len(comparison.labels)].label for index in (0, 1))
    return ErrorSummary(
        errors=errors,
        kinds=tuple(KindCount(kind=k, count=counts[k], f1_gain=0.01) for k in kinds if counts[k]),
        pairs=(
            LabelPair(
                first=first,
                second=second,
                first_as_second=9,
                second_as_first=7,
                share=0.08,
                p_value=0.0004,
                told="Add images of both, or redefine them.",
            ),
        ),
        shared=(
            SharedFactor(
                kind="confusion",
                label="",
                factor="brightness",
                told="wrong images are darker: median brightness 0.22 against 0.48",
                p_value=0.002,
            ),
        ),
    )


def advice_of(label: str, mistakes: Sequence[Mistake]) -> tuple[Advice, ...]:
    """Return two pieces of advice: collect images, and look at training images again."""
    odd = AdvisedImage(
        sha256="f" * 64,
        uri="images/train/odd.png",
        split="train",
        truth=(label,),
        suggested=(),
        confidence_percent=0.0,
    )
    return (
        Advice(
            rank=1,
            action="collect",
            labels=(label,),
            images_wanted=40,
            condition="low light",
            told=f"Collect about 40 more images of {label} in low light.",
            evidence=(f"{label} has 12 training images, the other labels 64 (median).",),
            practice="D1",
            expected_gain=0.031,
            gain_told="At most so much, if its F1 rose to the median of the others.",
        ),
        Advice(
            rank=2,
            action="relabel",
            labels=(label,),
            told="Look at the labels of 3 images again.",
            evidence=("The model disagrees with more than 98 % confidence.",),
            practice="D5",
            images=(*map(_doubted, mistakes[:2]), odd),
        ),
    )


def _doubted(mistake: Mistake) -> AdvisedImage:
    return AdvisedImage(
        sha256=mistake.sha256,
        uri=mistake.uri,
        split="holdout",
        truth=mistake.truth,
        suggested=mistake.predicted,
        confidence_percent=mistake.severity_percent,
    )
