"""The history of a project's champions: what was decided when, and which models held the place."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

from rcl_flow.core.promotion.decision import Reason
from rcl_flow.core.promotion.promotion import PairedFigures
from rcl_flow.core.promotion.training_noise import TrainingNoise
from rcl_flow.core.values import Frozen

FORMAT_VERSION: Final = 1
EventKind = Literal["promoted", "kept", "rolled back"]


class ChampionEvent(Frozen):
    """One decision about a project's champion; nothing of it is ever changed afterwards."""

    format_version: int = FORMAT_VERSION
    number: int
    """From 1, without gaps, for a project on one backend."""
    kind: EventKind
    at: datetime
    """In UTC."""
    by: str
    """The host, and the process on it."""
    by_hand: bool = False
    """Whether a person asked for just this, and no retraining."""
    forced: bool = False
    """Whether it was done although the rules say no."""
    run_id: str
    """Of the challenger; of a rollback, of the model that came back."""
    project_version_arn: str
    run_ids: tuple[str, ...] = ()
    """All trainings on the challenger's data that were looked at."""
    before_run_id: str = ""
    """Of the champion at that moment; empty where there was none, as is the next."""
    before_arn: str = ""
    reasons: tuple[Reason, ...] = ()
    paired: PairedFigures | None = None
    noise: TrainingNoise | None = None
    decision_key: str = ""
    """Names what was decided on, so that the same is not decided twice."""


def past_champions(events: Iterable[ChampionEvent]) -> tuple[ChampionEvent, ...]:
    """Return the models that held the place, the present one last, as a rollback takes them off.

    A rollback leads to one before and forgets those above it; what comes back to the place from
    elsewhere is put on top.

    Args:
        events: of one project on one backend, in any order.
    """
    held: list[ChampionEvent] = []
    for event in sorted(events, key=lambda each: each.number):
        if event.kind == "promoted":
            held.append(event)
        elif event.kind == "rolled back":
            held = _back_to(held, event)
    return tuple(held)


def loss_since_best(events: Iterable[ChampionEvent]) -> float:
    """Return how far the present champion lies below the best one since a person last chose.

    Each promotion may lose a little against the champion before it; what a chain of them has lost
    is the sum of the paired changes. A person who promotes or rolls back begins a new chain.

    Args:
        events: of one project on one backend, in any order.

    Returns:
        At least 0, in F1.
    """
    now = best = 0.0
    for event in sorted(events, key=lambda each: each.number):
        if event.kind == "kept":
            continue
        if event.by_hand or event.paired is None:
            now = best = 0.0
            continue
        now += event.paired.f1
        best = max(best, now)
    return best - now


def is_rolled_back(events: Iterable[ChampionEvent], project_version_arn: str) -> bool:
    """Say whether a person took this model off the place and nobody has put it back since."""
    off = False
    for event in sorted(events, key=lambda each: each.number):
        if event.kind == "rolled back" and event.before_arn == project_version_arn:
            off = True
        elif event.kind != "kept" and event.project_version_arn == project_version_arn:
            off = False
    return off


def _back_to(held: list[ChampionEvent], event: ChampionEvent) -> list[ChampionEvent]:
    arns = [each.project_version_arn for each in held]
    if event.project_version_arn not in arns:
        return [*held, event]
    newest = len(arns) - arns[::-1].index(event.project_version_arn)
    return held[:newest]
