"""Find out all that the policy looks at: what is new since which training, age, and drift."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from rcl_flow.config import FlowConfig
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.naming import digest_of
from rcl_flow.core.retraining.data_changes import DataChanges, changes_since, untried_changes
from rcl_flow.core.retraining.drift import Drift, find_drift
from rcl_flow.core.retraining.retraining import Retraining, RetrainSituation, decide_retraining
from rcl_flow.errors import ConfigError, PredictionsLostError
from rcl_flow.pipeline.data.auditing import AuditedData
from rcl_flow.pipeline.history.champions import find_champion
from rcl_flow.pipeline.images.measuring import MeasureCache
from rcl_flow.pipeline.retraining.production import find_production
from rcl_flow.pipeline.retraining.state import (
    FailedRetraining,
    LastRetraining,
    read_failed,
    read_last,
)
from rcl_flow.pipeline.runs.opening import input_digest_of
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.ledger import entries_of
from rcl_flow.pipeline.state.records import list_runs
from rcl_flow.pipeline.training.trained_on import (
    AskedTraining,
    find_trained_on,
    read_last_training,
    read_trained_on,
)

_SECONDS_PER_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class PolicyAsked:
    """What the policy said, and what it was found to say it from."""

    verdict: Retraining
    drift: Drift | None
    drift_tried: tuple[str, ...] = ()
    """The factors whose drift was a reason for this training, or for one before and lasts."""


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
        DataNotFoundError: `data.production` is given, there was never an image in it, and a drift
            would be a reason.
    """
    train = require_train(audited, config)
    with log.step("ask policy") as step:
        base = _base_version(config.project, services)
        known = find_trained_on(base, services) if base else None
        trained = train if known is None else _those_of(train, known.labels)
        production = find_production(config, services, log, cache)
        drift = (
            find_drift(trained, production, cache.known, config.audit.factors)
            if production is not None
            else None
        )
        changes = changes_since(train, known)
        newest = _newest_training(train, base, services, config.project)
        before = _Before(read_last(config.project, services), read_failed(config.project, services))
        digest = retrain_digest(audited, config)
        verdict = decide_retraining(
            config.retrain,
            RetrainSituation(
                changes=changes,
                untried=newest.untried(changes),
                base_version_arn=base,
                base_age_days=_days_since(known.trained_at if known else None, services),
                days_since_training=_days_since(newest.asked_at, services),
                drifted=tuple(factor.told for factor in drift.factors) if drift else (),
                drift_was_trained=drift is not None and _factors_of(drift) <= before.drift_tried,
                unended=newest.is_another and newest.arn not in before.ended,
                same_images=newest.has_all,
                lost=before.lost(digest),
                forced=force,
                first=before.last is None and find_champion(config.project, services) is None,
                done=before.last is not None and before.last.input_digest == digest,
            ),
        )
        step.detail = "train" if verdict.train else "do not train"
    return PolicyAsked(verdict, drift, _tried(verdict, drift, before.drift_tried))


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


@dataclass(frozen=True, slots=True)
class _Newest:
    """The training that was asked for last."""

    arn: str = ""
    asked_at: datetime | None = None
    is_another: bool = False
    """Not the base's own."""
    changes: DataChanges | None = None
    """Since it; None where that is not known, and of the base's own."""

    @property
    def has_all(self) -> bool:
        """Whether it had exactly the training images of now."""
        return self.changes is not None and not self.changes.images

    def untried(self, since_base: DataChanges) -> Mapping[str, int] | None:
        """Return what it has not had either; None where it was the base's own."""
        return None if self.changes is None else untried_changes(since_base, self.changes)


@dataclass(frozen=True, slots=True)
class _Before:
    """How retrainings have ended so far."""

    last: LastRetraining | None
    failed: FailedRetraining | None

    @property
    def ended(self) -> frozenset[str]:
        """The versions of the last retraining that came to its end."""
        runs = self.last.outcome.runs if self.last else ()
        return frozenset(run.project_version_arn for run in runs)

    @property
    def drift_tried(self) -> frozenset[str]:
        """The factors whose drift was trained for at the later of the two."""
        if self.failed and (self.last is None or self.last.ended_at < self.failed.at):
            return frozenset(self.failed.drift_tried)
        return frozenset(self.last.drift_tried if self.last else ())

    def lost(self, digest: str) -> bool:
        """Say whether the holdout images of exactly this data were refused."""
        failed = self.failed
        return failed is not None and (failed.slug, failed.input_digest) == (
            PredictionsLostError.slug,
            digest,
        )


def _tried(verdict: Retraining, drift: Drift | None, before: frozenset[str]) -> tuple[str, ...]:
    """Return the factors that are no reason any more after this training."""
    if drift is None or not drift.compared:
        return tuple(sorted(before))
    now = _factors_of(drift)
    is_reason = any(reason.code == "drift" for reason in verdict.reasons)
    return tuple(sorted(now if is_reason else now & before))


def _factors_of(drift: Drift) -> frozenset[str]:
    return frozenset(factor.factor for factor in drift.factors)


def _newest_training(train: Dataset, base: str, services: Services, project: str) -> _Newest:
    asked = _last_training(project, services)
    if asked is None:
        return _Newest()
    arn = asked.project_version_arn
    known = read_trained_on(arn, services) if arn != base else None
    return _Newest(arn, asked.at, arn != base, changes_since(train, known) if known else None)


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


def _days_since(moment: datetime | None, services: Services) -> float | None:
    if moment is None:
        return None
    return (services.clock.now() - moment).total_seconds() / _SECONDS_PER_DAY


def _those_of(train: Dataset, known: Collection[str]) -> Dataset:
    """Return those of the training images that the base was trained on."""
    return replace(train, images=tuple(one for one in train.images if one.sha256 in known))
