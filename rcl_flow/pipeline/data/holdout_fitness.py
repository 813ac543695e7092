"""Whether a holdout can judge a model, asked before the model runs and bills."""

from collections.abc import Sequence

from rcl_flow.config import FlowConfig
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.core.scoring.threshold_rules import require_known_labels
from rcl_flow.core.scoring.tuning import require_tunable
from rcl_flow.core.training.evaluation import Evaluation
from rcl_flow.errors import DatasetGateError, HoldoutsDifferError
from rcl_flow.pipeline.data.auditing import AuditedData
from rcl_flow.pipeline.data.known_images import holdout_groups
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.steplog import StepLog


def require_holdout(datasets: Datasets, wanted_digest: str) -> None:
    """Refuse, before anything is paid for, to judge on another holdout than is wanted.

    Args:
        datasets: those of the config.
        wanted_digest: of the holdout; empty for whatever the config names.

    Raises:
        HoldoutsDifferError: it is another one.
    """
    if wanted_digest not in ("", datasets.holdout.digest):
        raise HoldoutsDifferError(
            "The config's holdout is not the one that the other model was judged on.",
            hint="Judge both on one: run the other model's config again with the holdout of now.",
        )


def require_rules_for_known_labels(config: FlowConfig, datasets: Datasets) -> None:
    """Refuse, before a training is paid for, rules of thresholds for labels that it will not know.

    Raises:
        ConfigError: a rule is for a label that no training image has.
    """
    labels = _labels_to_train(config, datasets)
    if labels is not None:
        require_known_labels(config.evaluation.thresholds, labels, "the training dataset")


def require_rules_that_hold(config: FlowConfig, audited: AuditedData) -> None:
    """Refuse, before a training is paid for, rules of thresholds that it would fail by at its end.

    Raises:
        ConfigError: a rule is for a label that no training image has.
        DatasetGateError: the holdout is too small for thresholds to be tuned on.
    """
    require_rules_for_known_labels(config, audited.datasets)
    labels = _labels_to_train(config, audited.datasets)
    if labels is not None:
        require_tunable_holdout(config, audited, labels)


def _labels_to_train(config: FlowConfig, datasets: Datasets) -> Sequence[str] | None:
    """Return the labels that a model is going to know; None where none is trained."""
    if datasets.train is None or config.model.project_version_arn is not None:
        return None
    return datasets.train.labels


def require_tunable_holdout(
    config: FlowConfig, audited: AuditedData, labels: Sequence[str]
) -> None:
    """Refuse a holdout on which the thresholds of these labels cannot be tuned as is wanted.

    Raises:
        DatasetGateError: it is too small.
    """
    rules = config.evaluation.thresholds
    if rules.tunes:  # near duplicates are looked for only then
        images = audited.datasets.holdout.distinct()
        require_tunable(images, labels, rules, holdout_groups(audited))


def check_labels(
    test: Evaluation, version: TrainedVersion, datasets: Datasets, log: StepLog
) -> None:
    """Refuse, before the model runs and bills, a holdout that cannot judge it.

    Raises:
        DatasetGateError: it has no boxes, or none of the model's labels.
    """
    if test.task == "detection" and datasets.holdout.task != "detection":
        raise DatasetGateError(
            "The model detects objects, and no holdout image has a box.",
            hint="Draw boxes in the holdout's images; a manifest can hold them.",
        )
    known = {entry.label for entry in test.labels}
    if known.isdisjoint(datasets.holdout.labels):
        raise DatasetGateError(
            f"No holdout image has a label of the model; it knows {', '.join(sorted(known)[:10])}.",
            hint="Label the holdout with the model's labels, spelled alike.",
        )
    unknown = sorted(set(datasets.holdout.labels) - known)
    if unknown:
        log.notice(f"The model does not know these labels of the holdout: {', '.join(unknown)}.")
    if datasets.train is None:
        log.notice("Without data.train nothing proves that the model has not seen the holdout.")
    elif version.trained_here and test.training_images != len(datasets.train.distinct()):
        log.notice(
            f"The service trained on {test.training_images} of the "
            f"{len(datasets.train.distinct())} training images."
        )
