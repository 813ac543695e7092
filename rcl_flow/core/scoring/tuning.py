"""Choose the labels' thresholds on one part of the holdout and judge them on the rest.

A threshold that is judged by the images it was tuned on looks better than it is. So the holdout is
parted: thresholds are chosen on the calibration part, and what they bring is measured on the
judged part. Where the config wants no tuning, the same is done for a suggestion.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any, Final

import numpy as np

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.percentages import percent_of
from rcl_flow.core.scoring.calibration_split import split_for_calibration
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.f1_change import f1_change_interval, mean_f1
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.metrics import Outcomes, label_ratios
from rcl_flow.core.scoring.mistakes import Answered
from rcl_flow.core.scoring.threshold_rules import (
    NOT_TUNED,
    LabelThresholdRule,
    ThresholdRules,
    require_known_labels,
)
from rcl_flow.core.scoring.thresholds import (
    ThresholdChoice,
    ThresholdScore,
    ThresholdTuning,
    choose_threshold,
)
from rcl_flow.core.training.evaluation import EvaluatedLabel, Evaluation
from rcl_flow.errors import DatasetGateError

MIN_CALIBRATION_IMAGES: Final = 20
"""Fewer images are not tuned on."""

_SUGGESTION: Final = LabelThresholdRule(objective="best_f1")
_PERCENT_STEPS: Final = 10_000
_NOISE: Final = 1e-5
"""So that 0.29 is 29 percent, though 0.29 * 100 is a little less."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """The thresholds in use, and the images that the model is judged by at them."""

    tuning: ThresholdTuning
    thresholds: dict[str, float]
    """In use, 0 to 1: every label of the model has one."""
    judged: Judged
    """The images that count: without those that thresholds in use were tuned on."""
    calibration: Judged
    """Those that thresholds, or a suggestion, were tuned on; may be none."""


def tune(
    evaluation: Evaluation,
    judged: Judged,
    rules: EvaluationRules,
    rng: np.random.Generator,
    groups: Mapping[str, str] | None = None,
) -> Tuned:
    """Choose the thresholds by the rules, and measure what they bring.

    Where no threshold differs from the assumed one by the rules, what tuning for the best F1 would
    bring is found out as a suggestion.

    Args:
        evaluation: the service's own, with the assumed thresholds.
        judged: the holdout's images, at least one, with their predictions.
        rules: how thresholds are chosen; level and resamples of the interval.
        rng: source of the resamples.
        groups: images that must not be parted: the name of the group by digest.

    Raises:
        ConfigError: the rules name a label that the model does not have.
        DatasetGateError: thresholds are to be tuned and the holdout has too few images for it.
    """
    wanted = _wanted(rules.thresholds, evaluation.labels)
    if evaluation.task == "classification":
        judged.labels_answered(tuple(wanted))  # once for the whole, of which the parts take rows
    used = any(rule.objective != "assumed" for rule in wanted.values())
    parts, lack = _Parts(judged.some(np.empty(0, np.intp)), judged), ""
    if rules.thresholds.tunes or not used:
        tried = _parts(judged, rules.thresholds.calibration_share, groups)
        lack = _lack(tried.calibration.images, tried.judged.images, wanted)
        parts = parts if lack else tried
    if lack and used:
        raise _not_tunable(lack)
    if not used and not lack:
        wanted = dict.fromkeys(wanted, _SUGGESTION)
    tuning = _tuning(evaluation, parts, wanted, rules, rng)
    return Tuned(
        tuning=tuning.model_copy(
            update={"used": used, "note": f"Nothing is suggested: {lack}." if lack else ""}
        ),
        thresholds={
            choice.label: choice.chosen if used else choice.assumed for choice in tuning.labels
        },
        judged=parts.judged if used else judged,
        calibration=parts.calibration,
    )


def require_tunable(
    images: Sequence[DatasetImage],
    labels: Iterable[str],
    rules: ThresholdRules,
    groups: Mapping[str, str] | None = None,
) -> None:
    """Refuse a holdout on which `tune` could not tune what the rules want, before it is answered.

    Args:
        images: the holdout's, each content once.
        labels: of the model that is to be judged.
        rules: how thresholds are to be chosen.
        groups: images that must not be parted: the name of the group by digest.

    Raises:
        DatasetGateError: it has too few images for it, even if all of them are answered.
    """
    known = tuple(labels)
    if not rules.tunes or all(rules.rule_of(label).objective == "assumed" for label in known):
        return
    calibration, rest = split_for_calibration(images, rules.calibration_share, groups)
    lack = _lack([images[row] for row in calibration], [images[row] for row in rest], known)
    if lack:
        raise _not_tunable(lack)


def thresholds_document(tuned: Tuned, version_arn: str) -> dict[str, Any]:
    """Return the content of thresholds.json, format 2: what a program needs to use the model.

    `min_confidence_percent` is the lowest threshold in use, in the terms of `MinConfidence`: an
    answer to it holds all that can reach a threshold, and little else.
    """
    tuning = tuned.tuning
    suggested = {choice.label: choice.chosen for choice in tuning.labels}
    is_suggestion = not tuning.used and tuning.calibration_images > 0
    return {
        "format_version": 2,
        "project_version_arn": version_arn,
        "min_confidence_percent": _min_confidence_percent(tuned.thresholds.values()),
        "thresholds": dict(tuned.thresholds),
        "assumed_thresholds": {choice.label: choice.assumed for choice in tuning.labels},
        **({"suggested_thresholds": suggested} if is_suggestion else {}),
        "objectives": {
            choice.label: choice.objective if tuning.used else "assumed" for choice in tuning.labels
        },
        "calibration": {
            "used": tuning.used,
            **tuning.model_dump(mode="json", exclude={"used", "labels"}),
            "not_met": [choice.label for choice in tuning.labels if not choice.met],
        },
    }


def _min_confidence_percent(thresholds: Iterable[float]) -> float:
    """Return the lowest threshold as a percentage of four decimals, rounded down."""
    return floor(percent_of(min(thresholds)) * _PERCENT_STEPS + _NOISE) / _PERCENT_STEPS


@dataclass(frozen=True, slots=True)
class _Parts:
    """The holdout in two."""

    calibration: Judged
    judged: Judged


def _wanted(
    rules: ThresholdRules, labels: Sequence[EvaluatedLabel]
) -> dict[str, LabelThresholdRule]:
    known = [entry.label for entry in labels]
    require_known_labels(rules, known)
    return {label: rules.rule_of(label) for label in known}


def _parts(whole: Judged, share: float, groups: Mapping[str, str] | None) -> _Parts:
    calibration, rest = split_for_calibration(whole.images, share, groups)
    return _Parts(whole.some(calibration), whole.some(rest, refused=whole.refused))


def _lack(
    calibration: Sequence[DatasetImage], rest: Sequence[DatasetImage], labels: Iterable[str]
) -> str:
    """Say why the parts of a holdout are too small to tune on, or nothing."""
    images = len(calibration)
    if images < MIN_CALIBRATION_IMAGES:
        return (
            f"{images} of the {images + len(rest)} holdout images are for "
            f"calibration, and at least {MIN_CALIBRATION_IMAGES} are needed"
        )
    shown = {label for image in calibration for label in image.labels}
    shown &= set(labels)
    if all(shown.isdisjoint(image.labels) for image in rest):
        return "no label of the model has images in both parts of the holdout"
    return ""


def _not_tunable(lack: str) -> DatasetGateError:
    return DatasetGateError(
        f"The thresholds cannot be tuned: {lack}.",
        hint="Enlarge the holdout or evaluation.thresholds.calibration_share, or set "
        "evaluation.thresholds.objective to assumed.",
    )


def _tuning(
    evaluation: Evaluation,
    parts: _Parts,
    wanted: Mapping[str, LabelThresholdRule],
    rules: EvaluationRules,
    rng: np.random.Generator,
) -> ThresholdTuning:
    labels = tuple(wanted)
    assumed = {entry.label: entry.assumed_threshold for entry in evaluation.labels}
    tuned_on = Answered(evaluation.task, parts.calibration, labels).ranked
    chosen = {
        ranked.label: choose_threshold(ranked, wanted[ranked.label], assumed[ranked.label])
        for ranked in tuned_on
    }
    answered = Answered(evaluation.task, parts.judged, labels)
    before = answered.outcomes(assumed)
    after = answered.outcomes({label: choice.threshold for label, choice in chosen.items()})
    scores = [_scores(outcomes) for outcomes in (before, after)]
    return ThresholdTuning(
        used=False,
        calibration_images=len(parts.calibration.images),
        judged_images=len(parts.judged.images),
        labels=tuple(
            ThresholdChoice(
                label=ranked.label,
                objective=wanted[ranked.label].objective,
                assumed=assumed[ranked.label],
                chosen=chosen[ranked.label].threshold,
                met=chosen[ranked.label].met,
                calibration_positives=(
                    0 if wanted[ranked.label].objective in NOT_TUNED else ranked.positives
                ),
                at_assumed=scores[0].get(ranked.label),
                at_chosen=scores[1].get(ranked.label),
                note=chosen[ranked.label].note,
            )
            for ranked in tuned_on
        ),
        f1_at_assumed=mean_f1(before),
        f1_at_chosen=mean_f1(after),
        f1_change_interval=(0.0, 0.0)  # the same thresholds: nothing can have changed
        if all(choice.threshold == assumed[label] for label, choice in chosen.items())
        else f1_change_interval(
            before,
            after,
            confidence_level=rules.confidence_level,
            resamples=rules.resamples,
            rng=rng,
        ),
    )


def _scores(outcomes: Outcomes) -> dict[str, ThresholdScore]:
    """Return the score of each label that some image has."""
    ratios = label_ratios(outcomes)
    columns = (outcomes.labels, outcomes.judged, ratios.precision, ratios.recall, ratios.f1)
    return {
        label: ThresholdScore(precision=float(precision), recall=float(recall), f1=float(f1))
        for label, judged, precision, recall, f1 in zip(*columns, strict=True)
        if judged
    }
