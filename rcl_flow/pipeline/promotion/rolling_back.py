"""Go back to a champion before: the one that held the place, or one that a person names."""

from collections.abc import Sequence

from rcl_flow.config import FlowConfig
from rcl_flow.core.promotion.champions import ChampionEvent, past_champions
from rcl_flow.core.promotion.decision import Reason
from rcl_flow.errors import RclFlowError, UnknownChampionError, UnknownRunError
from rcl_flow.pipeline.history.champions import (
    SeenChampion,
    read_events,
    see_champion,
    update_parameter,
)
from rcl_flow.pipeline.judging.reevaluating import config_of_run
from rcl_flow.pipeline.judging.report_files import read_page
from rcl_flow.pipeline.promotion.entering import enter_event, with_swap
from rcl_flow.pipeline.promotion.outcome import (
    PromotionOutcome,
    announce_event,
    require_there,
    told_event,
)
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.shared_folders import bring_folder

_RUNS = "`rcl-flow runs` shows the history; `rcl-flow promote RUN` puts any run's model in place."


def roll_back(project: str, services: Services, to: str | None = None) -> PromotionOutcome:
    """Let a model that was champion before take the place again.

    Args:
        project: its name.
        services: of the backend that the models are on.
        to: the beginning of a run's id; None for the champion before the present one.

    Raises:
        UnknownChampionError: there is none before, none of that run, or its model is gone.
        ChampionChangedError: somebody else changed the champion meanwhile.
        ModelNotStartedError: the present model is kept running, and the other does not come up.
        UnknownRunError: the same, and the run that judged the other has left no config.
    """
    seen = see_champion(project, services)
    events = read_events(project, services.backend.identity, services.store)
    target = _target(events, seen, to)
    require_there(target.project_version_arn, services)
    event = ChampionEvent(
        number=seen.next_number,
        kind="rolled back",
        at=services.clock.now(),
        by=services.holder.host,
        by_hand=True,
        run_id=target.run_id,
        project_version_arn=target.project_version_arn,
        before_run_id=seen.run_id,
        before_arn=seen.arn,
        reasons=(Reason(gate="rollback", message="A person asked for it."),),
    )
    entered = enter_event(event, seen, services, lambda: _config_of(target.run_id, services))
    outcome = with_swap(told_event(event, seen, services), entered.swapped)
    announce_event(event, project, services)
    return outcome.model_copy(update={"parameter": update_parameter(entered.record, services)})


def _config_of(run_id: str, services: Services) -> FlowConfig:
    """Return the config of a run, which says how its model is run and watched."""
    try:
        page = read_page(bring_folder(run_id, services))
        return config_of_run(page.provenance.config_text)
    except RclFlowError as error:
        raise UnknownRunError(
            f"The model that serves is kept running, and how to start that of the run {run_id} in "
            f"its place is not known: {error.message}",
            hint="`rcl-flow stop` the one that serves, roll back, and `rcl-flow start ARN "
            "--config CONFIG` the other one.",
        ) from error


def _target(events: Sequence[ChampionEvent], seen: SeenChampion, to: str | None) -> ChampionEvent:
    if not seen.arn:
        raise UnknownChampionError(f"The project {seen.project} has no champion.", hint=_RUNS)
    if to is None:
        held = past_champions(events)[:-1]
        if not held:
            raise UnknownChampionError(
                f"There was no champion of {seen.project} before {seen.run_id}.", hint=_RUNS
            )
        return held[-1]
    return _named(events, seen, to)


def _named(events: Sequence[ChampionEvent], seen: SeenChampion, to: str) -> ChampionEvent:
    """Return the newest time that a run of that name became champion."""
    found = {
        event.run_id: event
        for event in events
        if event.kind != "kept" and event.run_id.startswith(to)
    }
    if len(found) != 1:
        many = f"Several champions' runs start with {to!r}: {', '.join(found)}."
        none = f"No run that starts with {to!r} was ever champion of {seen.project}."
        raise UnknownChampionError(many if found else none, hint=_RUNS)
    (event,) = found.values()
    if event.project_version_arn == seen.arn:
        raise UnknownChampionError(
            f"The run {event.run_id} is the champion of {seen.project} already.", hint=_RUNS
        )
    return event
