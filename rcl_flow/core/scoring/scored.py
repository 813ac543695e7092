"""Judge a model: its thresholds, its score, the reasons and the advice, all from one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.scoring.advice import Advice, PastAdvice
from rcl_flow.core.scoring.advising import advise
from rcl_flow.core.scoring.analysis import Analysis
from rcl_flow.core.scoring.comparison import Comparison, compare
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.gap_reasons import find_reasons
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.judging_advice import with_run_named
from rcl_flow.core.scoring.known import Known, whole_holdout
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.parity import recompute
from rcl_flow.core.scoring.past_advice import HoldoutNow, judge_past_advice
from rcl_flow.core.scoring.quality import judge_quality
from rcl_flow.core.scoring.ranking import LabelCurve, label_curve
from rcl_flow.core.scoring.tuning import Tuned, tune
from rcl_flow.core.scoring.typing_errors import type_errors
from rcl_flow.core.training.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class KnownImages:
    """What is known of the images beside the model's answers; what is empty is not known."""

    measures: Mapping[str, ImageMeasures] = field(default_factory=dict)
    """Of test and holdout images, by digest."""
    test_images: Mapping[str, DatasetImage] = field(default_factory=dict)
    """By the `source_ref` of their outcome."""
    training_images: Mapping[str, int] = field(default_factory=dict)
    """How many distinct training images have each label."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """The name of the group that a holdout image's near duplicates are in, by digest; an image
    without one stands alone. A group is on one side when thresholds are tuned."""


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """The project's run before this one, whose advice may have been followed."""

    advice: Sequence[Advice]
    comparison: Comparison
    training_images: Mapping[str, int]
    same_holdout: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """A judged model: its score, and all that explains it."""

    material: Material
    tuned: Tuned
    comparison: Comparison
    analysis: Analysis

    @property
    def curves(self) -> tuple[LabelCurve, ...]:
        """What every threshold makes of each label's answers."""
        return tuple(label_curve(each) for each in self.material.answered.ranked)

    def of_run(self, run_id: str) -> "Scored":
        """Return the same with the run named where the advice has a command to judge it again."""
        advice = tuple(with_run_named(each, run_id) for each in self.analysis.advice)
        return replace(self, analysis=self.analysis.model_copy(update={"advice": advice}))


def score_model(
    evaluation: Evaluation,
    judged: Judged,
    known: KnownImages,
    rules: EvaluationRules,
    *,
    seed: int,
    earlier: EarlierRun | None = None,
) -> Scored:
    """Judge a model on the holdout, and find out why it is judged so and what to do.

    Args:
        evaluation: the service's own, over the test dataset.
        judged: at least one holdout image and its prediction.
        known: of the images.
        rules: how scores are compared.
        seed: of the resamples: the same gives the same intervals.
        earlier: the run before, if there is one.

    Raises:
        DatasetGateError: the holdout cannot judge this model, or is too small to tune thresholds.
    """
    tuned = tune(evaluation, judged, rules, np.random.default_rng([seed, 1]), known.groups)
    comparison = compare(
        evaluation, tuned.judged, rules, np.random.default_rng(seed), tuned.thresholds
    )
    material = Material(
        evaluation=evaluation,
        judged=tuned.judged,
        thresholds=tuned.thresholds,
        measures=known.measures,
        test_images=known.test_images,
        training_images=known.training_images,
    )
    return Scored(
        material, tuned, comparison, _analysis(material, tuned, comparison, rules, earlier)
    )


def _analysis(
    material: Material,
    tuned: Tuned,
    comparison: Comparison,
    rules: EvaluationRules,
    earlier: EarlierRun | None,
) -> Analysis:
    reasons = find_reasons(material, rules)
    errors = type_errors(material)
    return Analysis(
        quality=judge_quality(material),
        parity=recompute(material.evaluation),
        thresholds=tuned.tuning,
        reasons=reasons,
        errors=errors,
        advice=advise(Known(material, comparison, tuned.tuning, reasons, errors)),
        past_advice=_past(earlier, material, comparison, tuned),
    )


def _past(
    earlier: EarlierRun | None, material: Material, comparison: Comparison, tuned: Tuned
) -> tuple[PastAdvice, ...]:
    if earlier is None:
        return ()
    return judge_past_advice(
        earlier.advice,
        earlier.comparison,
        comparison,
        training_images_before=earlier.training_images,
        training_images_after=material.training_images,
        holdout=HoldoutNow(earlier.same_holdout, whole_holdout(comparison, tuned.tuning)),
    )
