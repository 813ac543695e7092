"""Retrain where the policy says so, and let the new model take the champion's place.

One straight line, which a tick replays: read and audit, ask the policy, train on exactly the data
that the policy saw, and hold the new model against the champion.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from rcl_flow.config import FlowConfig
from rcl_flow.core.costs.estimate import NOTHING
from rcl_flow.core.costs.plan import Plan
from rcl_flow.core.history.transitions import Transition
from rcl_flow.core.naming import digest_of
from rcl_flow.errors import ConsentNeededError, RclFlowError
from rcl_flow.pipeline.costs.consent import require_consent
from rcl_flow.pipeline.data.auditing import AuditedData, audit_config, require_clean
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.images.measuring import MeasureCache, shared_cache
from rcl_flow.pipeline.planning import make_plan
from rcl_flow.pipeline.promotion.promoting import promote_after, standing_champion
from rcl_flow.pipeline.retraining.ending import end_badly, end_well, repeats, whole_price
from rcl_flow.pipeline.retraining.outcome import RetrainOutcome, RetrainPlan
from rcl_flow.pipeline.retraining.policy import (
    PolicyAsked,
    ask_policy,
    retrain_digest,
)
from rcl_flow.pipeline.retraining.state import is_news, read_last
from rcl_flow.pipeline.retraining.under_way import UnderWay, begin, read_under_way, release
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.dry_store import DryStore
from rcl_flow.pipeline.telling.announcing import forget_refusal, refusal_announced


def retrain(
    config: FlowConfig, services: Services, options: Options, *, force: bool = False
) -> RetrainOutcome:
    """Train on the data as it is now if that is worth it, and promote what is better.

    Images that arrive while it trains wait for the next retraining.

    Args:
        config: names data, policy and the rules of a promotion.
        services: what the runs work with.
        options: how the runs are driven; the pin is the retraining's own.
        force: train whatever the policy says.

    Raises:
        RclFlowError: it cannot go on; the same call resumes it.
        Pause: in a tick, when there is nothing more to do now.
        ModelNotStoppedError: a model may still run.
    """
    log = StepLog(services.emit, services.clock)
    cache = shared_cache(services, config.executor.shard_size)
    resumed = read_under_way(config.project, services)
    with refusal_announced(config, services):
        audited = _audited(resumed, config, services, log, cache)
    if resumed is None:
        with refusal_announced(config, services):
            asked = ask_policy(audited, config, services, log, cache=cache, force=force)
        if not asked.verdict.train:
            forget_refusal(config, services)  # all could be read: the next refusal is news
            return _skipped(asked, audited, config, services)
        with refusal_announced(config, services):
            require_clean(audited, config, services.s3, log)
        _require_consent(audited, config, services, options)
        begun = _begun(asked, audited, config, services)
        if not begin(config.project, begun, services):
            return retrain(config, services, options, force=force)  # with another's data
    under_way = resumed or begun
    pinned = replace(options, pin=under_way.pin, audited=audited)
    with _let_go_without_consent(under_way, services, config, is_new=resumed is None):
        outcome = _worked(under_way, audited, config, services, pinned)
    if resumed is None and all(run.status == "unchanged" for run in outcome.runs):
        outcome = outcome.model_copy(update={"status": "unchanged"})
    end_well(outcome, under_way, audited, config, services)
    return outcome


@contextmanager
def _let_go_without_consent(
    under_way: UnderWay, services: Services, config: FlowConfig, *, is_new: bool
) -> Iterator[None]:
    """Let go of the data of a new retraining that needs consent after all.

    That is to judge the champion again; its trainings were there before, and stay.
    """
    try:
        yield
    except ConsentNeededError:
        if is_new:
            release(config.project, under_way, services)
        raise


def plan_retraining(config: FlowConfig, services: Services, *, force: bool = False) -> RetrainPlan:
    """Return what `retrain` would do now.

    Only calls that read are made, and the store is not written.

    Raises:
        RclFlowError: the data cannot be read, or AWS cannot be asked.
    """
    services = replace(services, store=DryStore(services.store))
    log = StepLog(services.emit, services.clock)
    cache = shared_cache(services, config.executor.shard_size)
    under_way = read_under_way(config.project, services)
    audited = _audited(under_way, config, services, log, cache)
    asked = (
        PolicyAsked(under_way.verdict, under_way.drift)
        if under_way
        else ask_policy(audited, config, services, log, cache=cache, force=force)
    )
    plan = RetrainPlan(
        status="would-train" if asked.verdict.train else "would-skip",
        verdict=asked.verdict,
        arrivals=audited.arrivals,
        drift=asked.drift,
        images={split.split: len(split.distinct()) for split in audited.datasets},
        trainings=config.promotion.repeat if asked.verdict.train else 0,
    )
    if not asked.verdict.train:
        return plan
    if not under_way and audited.report.errors:
        told = tuple(finding.message for finding in audited.report.errors)
        return plan.model_copy(update={"status": "refused", "errors": told})
    if under_way:
        plan = plan.model_copy(update={"status": "under-way"})
    return _priced(plan, _plans(audited, config, services))


def _plans(audited: AuditedData, config: FlowConfig, services: Services) -> list[Plan]:
    """Plan each training on the data."""
    return [make_plan(each, services, audited=audited) for each in repeats(config)]


def _priced(plan: RetrainPlan, plans: Sequence[Plan]) -> RetrainPlan:
    """Return the plan of a retraining with what its trainings cost."""
    usd = NOTHING
    for each in plans:
        usd = usd.plus(each.cost.usd)
    shown = next((each for each in plans if not each.is_free), plans[0])
    free = sum(each.is_free for each in plans)
    return plan.model_copy(update={"plan": shown, "free": free, "usd": usd})


def _audited(
    under_way: UnderWay | None,
    config: FlowConfig,
    services: Services,
    log: StepLog,
    cache: MeasureCache,
) -> AuditedData:
    """Read and audit the data: that of the retraining under way, or what there is now."""
    if under_way is not None:
        log.notice(
            f"The retraining that began at {under_way.begun_at:%Y-%m-%d %H:%M} UTC goes on with "
            "the data of then; what has arrived since waits for the next one."
        )
    pin = under_way.pin if under_way else None
    return audit_config(config, services.s3, services.store, log, pin=pin, measures=cache)


def _begun(
    asked: PolicyAsked, audited: AuditedData, config: FlowConfig, services: Services
) -> UnderWay:
    return UnderWay(
        begun_at=services.clock.now(),
        pin=audited.pin,
        verdict=asked.verdict,
        drift=asked.drift,
        sources=tuple(source.uri for source in config.data.arrivals),
        drift_tried=asked.drift_tried,
    )


def _worked(
    under_way: UnderWay,
    audited: AuditedData,
    config: FlowConfig,
    services: Services,
    options: Options,
) -> RetrainOutcome:
    """Do runs and promotion; let go of the data when neither can ever be done with it."""
    log = StepLog(services.emit, services.clock)
    try:
        _require_consent(audited, config, services, options)
        runs = tuple(run_flow(each, services, options) for each in repeats(config))
        promotion = promote_after(runs, config, services, log, options)
    except RclFlowError as error:
        end_badly(error, under_way, audited, config, services)
        raise
    return RetrainOutcome(
        status="completed",
        verdict=under_way.verdict,
        arrivals=under_way.pin.counts,
        drift=under_way.drift,
        runs=runs,
        promotion=promotion,
    )


def _require_consent(
    audited: AuditedData, config: FlowConfig, services: Services, options: Options
) -> None:
    """Ask for consent to all trainings together, before the retraining is begun or gone on with.

    Raises:
        ConsentNeededError: nobody agreed to what they cost together.
    """
    plans: list[Plan] = []

    def make_plans() -> Sequence[Plan]:
        plans.extend(_plans(audited, config, services))
        return plans

    try:
        require_consent(make_plans, config, consent=options.consent)
    except ConsentNeededError as error:
        unpaid = sum(plan.may_train for plan in plans)
        raise whole_price(error, config, unpaid) from error


def _skipped(
    asked: PolicyAsked, audited: AuditedData, config: FlowConfig, services: Services
) -> RetrainOutcome:
    """Return that nothing is trained, and tell others if they were not told before."""
    digest = retrain_digest(audited, config)
    last = read_last(config.project, services)
    outcome = RetrainOutcome(
        status="skipped",
        verdict=asked.verdict,
        arrivals=audited.arrivals,
        drift=asked.drift,
    )
    if last is not None and last.input_digest == digest:
        reason = "The last retraining was of exactly this data, and nothing is decided anew."
        standing = standing_champion(config, services, reason)
        changes = {"status": "unchanged", "runs": last.outcome.runs, "promotion": standing}
        return outcome.model_copy(update=changes)
    standing = standing_champion(config, services, "Nothing was trained.")
    if standing is not None and standing.parameter is not None:
        outcome = outcome.model_copy(update={"promotion": standing})
    codes = [reason.code for reason in asked.verdict.reasons]
    if is_news(config.project, digest_of([digest, *codes]), services):
        services.announce(_skip(asked, config.project, services))
    return outcome


def _skip(asked: PolicyAsked, project: str, services: Services) -> Transition:
    changes = asked.verdict.changes
    return Transition(
        kind="run-skipped",
        project=project,
        at=services.clock.now(),
        text=f"{project} is not retrained: {asked.verdict.reasons[0].message}",
        project_version_arn=asked.verdict.base_version_arn,
        details={
            "reason": asked.verdict.reasons[0].code,
            "new_images": changes.new,
            "relabelled_images": changes.relabelled,
            "removed_images": changes.removed,
        },
    )
