"""Enter a decision about a champion, and let whoever serves follow: the one place where it changes.

The parameter of Systems Manager is written after it, by the caller.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rcl_flow.config import FlowConfig
from rcl_flow.core.promotion.champions import ChampionEvent
from rcl_flow.errors import StoreError
from rcl_flow.pipeline.history.champions import ChampionRecord, SeenChampion, commit, see_champion
from rcl_flow.pipeline.promotion.outcome import PromotionOutcome
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.serving.handing_over import (
    is_swapping,
    needs_swap,
    serve_champion,
    settle_swap,
)
from rcl_flow.pipeline.serving.swapping import Swapped


@dataclass(frozen=True, slots=True)
class Entered:
    """A decision that is in the store."""

    record: ChampionRecord
    swapped: Swapped | None
    """What was started and stopped; None where no model was kept running."""


def enter_event(
    event: ChampionEvent,
    seen: SeenChampion,
    services: Services,
    config: Callable[[], FlowConfig],
    *,
    parameter: str = "",
    blocking: bool = True,
) -> Entered:
    """Enter an event; where the champion changes and its model is kept running, swap the models.

    Args:
        event: with the number that follows what was seen.
        seen: what it was decided against.
        services: whose store and backend.
        config: tells how models are run; asked for only where one has to be started or stopped.
        parameter: the parameter of the config; empty keeps the one that is known.
        blocking: False in a tick, which pauses while the new model starts.

    Raises:
        ChampionChangedError: somebody else has entered an event since; nothing was changed.
        Pause: in a tick, while the new model starts; nothing was entered.
        ModelNotStartedError: the new model does not run; nothing was entered.
        ModelNotStoppedError: an old model may still run; the champion has changed.
        StoreError: the store cannot be read or written.
        RunHeldError: another use has the project's models; nothing was entered.
    """
    entered: list[ChampionRecord] = []

    def switch() -> None:
        entered.append(_commit(event, seen, services, parameter))

    if event.kind == "kept":
        swapped = settle(seen, services, config, blocking=blocking)
        switch()
    elif needs_swap(event.project_version_arn, seen.arn, seen.project, services):
        arn = event.project_version_arn
        swapped = serve_champion(
            arn, switch, config(), services, before_arn=seen.arn, blocking=blocking
        )
    else:
        swapped = None
        switch()
    return Entered(entered[0], swapped)


def settle(
    seen: SeenChampion,
    services: Services,
    config: Callable[[], FlowConfig],
    *,
    blocking: bool = True,
) -> Swapped | None:
    """Bring a swap of models that was interrupted to its end, where nothing is decided anew.

    Raises:
        RclFlowError: as `enter_event`.
    """
    if not is_swapping(seen.project, services):
        return None
    return settle_swap(seen.arn, seen.project, config(), services, blocking=blocking)


def with_swap(outcome: PromotionOutcome, swapped: Swapped | None) -> PromotionOutcome:
    """Return the outcome with what was started and stopped."""
    if swapped is None:
        return outcome
    new = swapped.new
    changes = {
        "started": new.project_version_arn if swapped.is_started else "",
        "stopped": swapped.stopped,
        "kept_until": new.kept_until,
    }
    return outcome.model_copy(update=changes)


def _commit(
    event: ChampionEvent, seen: SeenChampion, services: Services, parameter: str
) -> ChampionRecord:
    """Enter the event; one that is in the alias is entered, though its own document is not yet."""
    try:
        return commit(event, seen, services, parameter)
    except StoreError:
        record = see_champion(seen.project, services).record
        if record is None or record.last != event:
            raise
        return record
