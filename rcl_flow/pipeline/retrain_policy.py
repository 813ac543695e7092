"""Find out all that the policy looks at: what is new since which training, age, and drift."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from rcl_flow.config import FlowConfig
from rcl_flow.core.dataset import Dataset
from rcl_flow.core.drift import Drift, find_drift
from rcl_flow.core.naming import digest_of
from rcl_flow.core.retraining import (
    DataChanges,
    Retraining,
    RetrainSituation,
    changes_since,
    decide_retraining,
    untried_changes,
)
from rcl_flow.errors import ConfigError
from rcl_flow.pipeline.auditing import AuditedData
from rcl_flow.pipeline.champions import find_champion
from rcl_flow.pipeline.ledger import entries_of
from rcl_flow.pipeline.measuring import MeasureCache
from rcl_flow.pipeline.opening import input_digest_of
from rcl_flow.pipeline.production import read_production
from rcl_flow.pipeline.records import list_runs
from rcl_flow.pipeline.retrain_state import LastRetraining, read_last
from rcl_flow.pipeline.services import Services
from rcl_flow.pipeline.steplog import StepLog
from rcl_flow.pipeline.trained_on import AskedTraining, read_last_training, read_trained_on

_SECONDS_PER_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class PolicyAsked:
    """What the policy said, and what it was found to say it from."""

    verdict: Retraining
    drift: Drift | None


def ask_policy(
    audited: AuditedData,
    config: FlowConfig,
    services: Services,
    log: StepLog,
    *,
    cache: MeasureCache,
    force: bool,
) -> PolicyAsked:
    """Say whether the data as it is now is worth a training.

    Raises:
        ConfigError: there is nothing to train on.
        DataNotFoundError: `data.production` is given and holds no image.
    """
    train = require_train(audited, config)
    with log.step("ask policy") as step:
        base = _base_version(config.project, services)
        known = read_trained_on(base, services) if base else None
        drift = _drift(train, known.labels if known else None, config, services, cache)
        last = read_last(config.project, services)
        changes = changes_since(train, known)
        newest = _last_training(config.project, services)
        verdict = decide_retraining(
            config.retrain,
            RetrainSituation(
                changes=changes,
                untried=_untried(changes, train, base, newest, services),
                base_version_arn=base,
                base_age_days=_days_since(known.trained_at if known else None, services),
                days_since_training=_days_since(newest.at if newest else None, services),
                drifted=tuple(factor.told for factor in drift.factors) if drift else (),
                drift_was_trained=_drift_was_trained(drift, last),
                forced=force,
                first=last is None and find_champion(config.project, services) is None,
                done=last is not None and last.input_digest == retrain_digest(audited, config),
            ),
        )
        step.detail = "train" if verdict.train else "do not train"
    return PolicyAsked(verdict, drift)


def require_train(audited: AuditedData, config: FlowConfig) -> Dataset:
    """Return the training images.

    Raises:
        ConfigError: there are none, because an existing model is to be judged.
    """
    train = audited.datasets.train
    existing = config.model.project_version_arn
    if train is None or audited.datasets.test is None or existing is not None:
        raise ConfigError(
            "There is nothing to retrain: the config only judges an existing model.",
            hint="Give data.train and data.test, and leave model.project_version_arn out.",
        )
    return train


def retrain_digest(audited: AuditedData, config: FlowConfig) -> str:
    """Return the digest of all that decides what comes out of a retraining."""
    content = [split.digest for split in audited.datasets]
    return digest_of([input_digest_of(config, content), config.promotion.repeat])


def _base_version(project: str, services: Services) -> str:
    """Return the champion, else what the last completed run has judged; empty without either."""
    champion = find_champion(project, services)
    if champion is not None:
        return champion.project_version_arn
    runs = [
        record
        for record in list_runs(services.store)
        if (record.project, record.backend.identity) == (project, services.backend.identity)
        and record.status == "completed"
    ]
    newest = max(runs, key=lambda record: record.started_at, default=None)
    return newest.project_version_arn if newest else ""


def _last_training(project: str, services: Services) -> AskedTraining | None:
    """Return the last training that was asked for; of earlier versions, the last that was paid."""
    asked = read_last_training(project, services)
    if asked is not None:
        return asked
    entries = entries_of(services.store, services.backend.identity, project)
    trainings = (entry for entry in entries if entry.kind == "training")
    newest = max(trainings, key=lambda entry: entry.at, default=None)
    if newest is None:
        return None
    return AskedTraining(project_version_arn=newest.project_version_arn, at=newest.at)


def _drift_was_trained(drift: Drift | None, last: LastRetraining | None) -> bool:
    """Say whether the last retraining had this drift, too, and its model was not promoted."""
    if drift is None or last is None or last.outcome.drift is None:
        return False
    promotion = last.outcome.promotion
    kept = promotion is not None and promotion.status == "kept"
    now, then = ({factor.factor for factor in each.factors} for each in (drift, last.outcome.drift))
    return kept and now <= then


def _untried(
    changes: DataChanges,
    train: Dataset,
    base: str,
    newest: AskedTraining | None,
    services: Services,
) -> Mapping[str, int] | None:
    """Return what the last training has not had either; None where it was the base's own."""
    if newest is None or newest.project_version_arn == base:
        return None
    known = read_trained_on(newest.project_version_arn, services)
    return untried_changes(changes, changes_since(train, known)) if known else None


def _days_since(moment: datetime | None, services: Services) -> float | None:
    if moment is None:
        return None
    return (services.clock.now() - moment).total_seconds() / _SECONDS_PER_DAY


def _drift(
    train: Dataset,
    known: Collection[str] | None,
    config: FlowConfig,
    services: Services,
    cache: MeasureCache,
) -> Drift | None:
    """Compare production with those of the training images that the base was trained on."""
    place = config.data.production
    if place is None:
        return None
    if known is not None:
        train = replace(train, images=tuple(one for one in train.images if one.sha256 in known))
    production = read_production(place, services.s3, cache)
    return find_drift(train, production, cache.known, config.audit.factors)
