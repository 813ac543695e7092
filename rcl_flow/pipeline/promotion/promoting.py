"""Let a challenger take the champion's place where the rules, or a person, say so: read this line.

What is decided once about the same runs by the same rules is not decided again: a tick that is
replayed, or a schedule that finds nothing new, changes nothing.
"""

from collections.abc import Sequence

from rcl_flow.config import FlowConfig
from rcl_flow.core.naming import digest_of
from rcl_flow.core.promotion.champions import ChampionEvent, is_rolled_back, loss_since_best
from rcl_flow.core.promotion.decision import Reason
from rcl_flow.core.promotion.promotion import Promotion, decide_promotion
from rcl_flow.core.promotion.rules import PromotionRules
from rcl_flow.pipeline.flow import Options
from rcl_flow.pipeline.history.champions import (
    ChampionRecord,
    SeenChampion,
    read_events,
    see_champion,
    update_parameter,
)
from rcl_flow.pipeline.promotion.contending import Match, Ring, hold_against
from rcl_flow.pipeline.promotion.entering import enter_event, settle, with_swap
from rcl_flow.pipeline.promotion.outcome import (
    PromotionOutcome,
    announce_event,
    require_there,
    served,
    told_event,
)
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog


def promote_after(
    outcomes: Sequence[RunOutcome],
    config: FlowConfig,
    services: Services,
    log: StepLog,
    options: Options | None = None,
) -> PromotionOutcome:
    """Decide whether a retraining's model takes the champion's place, and let it.

    Args:
        outcomes: of the runs that trained on the same data; at least one.
        config: theirs, with the rules of promotion.
        services: of their backend.
        log: where the step is announced.
        options: as of the runs: whether to wait, and consent to pay for judging the champion
            again where the holdout has changed.

    Raises:
        ChampionChangedError: somebody else changed the champion meanwhile.
        ModelNotStartedError: the model before is kept running, and the new one does not come up.
        Pause: in a tick, while the champion is judged again or the new one starts.
        RclFlowError: the champion cannot be judged again.
    """
    ring = Ring(config, services, log, options or Options())
    seen = _seen(ring)
    key = decision_key(outcomes, config.promotion)
    events = read_events(config.project, services.backend.identity, services.store)
    decided = next((event for event in reversed(events) if event.decision_key == key), None)
    if decided is not None:
        return _unchanged(outcomes, decided, seen, ring)
    if seen.arn in {outcome.project_version_arn for outcome in outcomes}:
        return _unchanged(outcomes, None, seen, ring)
    with log.step("promote") as step:
        match = hold_against(outcomes, _there(seen, services), ring)
        promotion = decide_promotion(
            match.chosen.decision,
            match.paired,
            config.promotion,
            (
                *match.objections,
                *_rolled_back(match.chosen, events),
                *_eroded(match, events, config.promotion),
            ),
        )
        event = _event(match, promotion, seen, services, run_ids=_ids(outcomes))
        outcome = _enter(event.model_copy(update={"decision_key": key}), match, seen, ring)
        step.detail = outcome.status
    return outcome


def promote_by_hand(outcome: RunOutcome, ring: Ring, *, force: bool) -> PromotionOutcome:
    """Let a finished run's model take the place when the rules allow it, or by force.

    What is refused is not entered into the history, and nothing is changed.

    Args:
        outcome: the run's.
        ring: the run's config, services and options.
        force: promote it whatever the rules say; the history tells so.

    Raises:
        UnknownChampionError: its model is gone.
        ChampionChangedError: somebody else changed the champion meanwhile.
        ModelNotStartedError: the model before is kept running, and the new one does not come up.
        RclFlowError: the champion cannot be judged again.
    """
    require_there(outcome.project_version_arn, ring.services)
    seen = _seen(ring)
    if seen.arn == outcome.project_version_arn:
        return _unchanged([outcome], None, seen, ring)
    match = hold_against([outcome], _there(seen, ring.services), ring)
    promotion = decide_promotion(
        outcome.decision, match.paired, ring.config.promotion, match.objections
    )
    event = _event(match, promotion, seen, ring.services, run_ids=(outcome.run_id,))
    if promotion.action == "keep" and not force:
        return _told(event, match, seen, ring).model_copy(update={"event": 0})
    forced = {"kind": "promoted", "forced": promotion.action == "keep", "by_hand": True}
    return _enter(event.model_copy(update=forced), match, seen, ring)


def decision_key(outcomes: Sequence[RunOutcome], rules: PromotionRules) -> str:
    """Name a decision by the runs that it is about and the rules that decide."""
    decisive = rules.model_dump(mode="json", include={"max_loss", "allow_regressed_labels"})
    return digest_of([sorted(_ids(outcomes)), decisive])


def _seen(ring: Ring) -> SeenChampion:
    return see_champion(ring.config.project, ring.services)


def _ids(outcomes: Sequence[RunOutcome]) -> tuple[str, ...]:
    return tuple(outcome.run_id for outcome in outcomes)


def _there(seen: SeenChampion, services: Services) -> ChampionRecord | None:
    """Return the champion that there is to beat: one whose model was deleted is none."""
    if not seen.arn or services.rekognition.find_version_by_arn(seen.arn) is None:
        return None
    return seen.record


def _rolled_back(chosen: RunOutcome, events: Sequence[ChampionEvent]) -> tuple[Reason, ...]:
    """Object to a model that a person took off the place: only a person puts it back."""
    if not is_rolled_back(events, chosen.project_version_arn):
        return ()
    return (
        Reason(
            gate="rollback",
            message="A person rolled this model back; `rcl-flow promote` puts it in place again.",
        ),
    )


def _eroded(
    match: Match, events: Sequence[ChampionEvent], rules: PromotionRules
) -> tuple[Reason, ...]:
    """Object to a loss that is small now, and with those before it is not."""
    if match.paired is None:
        return ()
    loss = loss_since_best(events) - match.paired.f1
    if loss <= rules.max_loss or match.paired.f1 >= 0:
        return ()
    return (
        Reason(
            gate="max_loss",
            message=f"With the promotions before it, F1 would be {loss:.3f} below the best "
            f"champion since a person last chose one; {rules.max_loss:.3f} may be lost.",
        ),
    )


def standing_champion(
    config: FlowConfig, services: Services, reason: str
) -> PromotionOutcome | None:
    """Return who holds the place now, when nothing is decided; None where nobody does.

    A parameter that could not be written before is written now.

    Args:
        config: names the project and the parameter.
        services: of the backend.
        reason: why nothing is decided.
    """
    seen = see_champion(config.project, services)
    if seen.record is None or not seen.arn:
        return None
    return PromotionOutcome(
        project=seen.project,
        status="unchanged",
        run_id=seen.run_id,
        project_version_arn=seen.arn,
        reasons=(Reason(gate="champion", message=reason),),
        champion=served(seen.run_id, seen.arn, services),
        parameter=update_parameter(seen.record, services, config.promotion.ssm_parameter or ""),
    )


def _event(
    match: Match,
    promotion: Promotion,
    seen: SeenChampion,
    services: Services,
    *,
    run_ids: tuple[str, ...],
) -> ChampionEvent:
    return ChampionEvent(
        number=seen.next_number,
        kind="promoted" if promotion.action == "promote" else "kept",
        at=services.clock.now(),
        by=services.holder.host,
        run_id=match.chosen.run_id,
        project_version_arn=match.chosen.project_version_arn,
        run_ids=run_ids,
        before_run_id=seen.run_id,
        before_arn=seen.arn,
        reasons=promotion.reasons,
        paired=match.paired,
        noise=match.noise,
    )


def _enter(event: ChampionEvent, match: Match, seen: SeenChampion, ring: Ring) -> PromotionOutcome:
    parameter = ring.config.promotion.ssm_parameter or ""
    entered = enter_event(
        event,
        seen,
        ring.services,
        lambda: ring.config,
        parameter=parameter,
        blocking=ring.options.blocking,
    )
    outcome = with_swap(_told(event, match, seen, ring), entered.swapped)
    announce_event(event, seen.project, ring.services)
    written = update_parameter(entered.record, ring.services, parameter)
    return outcome.model_copy(update={"parameter": written})


def _told(event: ChampionEvent, match: Match, seen: SeenChampion, ring: Ring) -> PromotionOutcome:
    told = told_event(event, seen, ring.services)
    return told.model_copy(update={"judged_again": match.judged_again, "page": match.page})


def _unchanged(
    outcomes: Sequence[RunOutcome], event: ChampionEvent | None, seen: SeenChampion, ring: Ring
) -> PromotionOutcome:
    """Tell that there is nothing to decide, and make up for what an interruption left undone."""
    blocking = ring.options.blocking
    swapped = settle(seen, ring.services, lambda: ring.config, blocking=blocking)
    chosen = event or seen
    reason = Reason(gate="champion", message="It is the champion already.")
    parameter = ring.config.promotion.ssm_parameter or ""
    outcome = PromotionOutcome(
        project=seen.project,
        status="unchanged",
        run_id=chosen.run_id,
        project_version_arn=event.project_version_arn if event else seen.arn,
        run_ids=event.run_ids if event else _ids(outcomes),
        reasons=event.reasons if event else (reason,),
        forced=event.forced if event else False,
        event=event.number if event else 0,
        champion=served(seen.run_id, seen.arn, ring.services),
        paired=event.paired if event else None,
        noise=event.noise if event else None,
        parameter=update_parameter(seen.record, ring.services, parameter),
    )
    return with_swap(outcome, swapped)
