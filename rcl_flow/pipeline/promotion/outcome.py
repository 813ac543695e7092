"""What becomes of a project's champion, as commands print it and others are told of it."""

from datetime import datetime
from typing import Final, Literal

from rcl_flow.aws.descriptions import TRAINED
from rcl_flow.core.history.transition_kinds import TransitionKind
from rcl_flow.core.history.transitions import Transition
from rcl_flow.core.promotion.champions import ChampionEvent
from rcl_flow.core.promotion.decision import Reason
from rcl_flow.core.promotion.promotion import PairedFigures
from rcl_flow.core.promotion.training_noise import TrainingNoise
from rcl_flow.core.values import Frozen
from rcl_flow.errors import UnknownChampionError
from rcl_flow.pipeline.history.champions import ParameterOutcome, SeenChampion
from rcl_flow.pipeline.runs.services import Services

FORMAT_VERSION: Final = 1
_GONE: Final = "DELETED"
_KINDS: Final[dict[str, TransitionKind]] = {
    "promoted": "champion-promoted",
    "kept": "champion-kept",
    "rolled back": "champion-rolled-back",
}
PromotionStatus = Literal["promoted", "kept", "rolled back", "unchanged"]


class ServedModel(Frozen):
    """A model that holds the place, or held it, and how it stands on the service."""

    run_id: str
    project_version_arn: str
    status: str
    """The service's; DELETED when it is gone, empty where it was not asked for."""


class PromotionOutcome(Frozen):
    """What became of a challenger: everything that `--json` prints."""

    format_version: int = FORMAT_VERSION
    project: str
    status: PromotionStatus
    """`unchanged` when it was decided before, or is the champion already."""
    run_id: str
    """Of the challenger that was put forward; of a rollback, of the model that came back."""
    project_version_arn: str
    run_ids: tuple[str, ...] = ()
    """All trainings on the same data that were looked at."""
    reasons: tuple[Reason, ...] = ()
    forced: bool = False
    event: int = 0
    """The number of the decision in the project's history; 0 when nothing was entered."""
    champion: ServedModel | None = None
    """Who holds the place now; None while nobody does."""
    before: ServedModel | None = None
    """Who held it until now, where that has changed."""
    paired: PairedFigures | None = None
    noise: TrainingNoise | None = None
    judged_again: str = ""
    """The run that judged the champion on the present holdout; empty where it had been."""
    page: str = ""
    """The page that compares the two."""
    parameter: ParameterOutcome | None = None
    started: str = ""
    """The model that was started, since the one before is kept running; empty without one."""
    stopped: tuple[str, ...] = ()
    """Models that were kept running and were stopped, since the champion's runs now."""
    kept_until: datetime | None = None
    """Until when the champion's model is kept running, where models were swapped."""


def told_event(event: ChampionEvent, seen: SeenChampion, services: Services) -> PromotionOutcome:
    """Return an event with the models that it concerns, as they stand on the service.

    Args:
        event: what was decided.
        seen: the champion before.
        services: of the backend.
    """
    champion, before = served(seen.run_id, seen.arn, services), None
    if event.kind != "kept":
        before = champion
        champion = served(event.run_id, event.project_version_arn, services)
    return PromotionOutcome(
        project=seen.project,
        status=event.kind,
        run_id=event.run_id,
        project_version_arn=event.project_version_arn,
        run_ids=event.run_ids,
        reasons=event.reasons,
        forced=event.forced,
        event=event.number,
        champion=champion,
        before=before,
        paired=event.paired,
        noise=event.noise,
    )


def require_there(arn: str, services: Services) -> None:
    """Make sure that a model can hold the place.

    Raises:
        UnknownChampionError: it is gone, or was never trained to its end.
    """
    found = services.rekognition.find_version_by_arn(arn)
    if found is None or found.status not in TRAINED:
        raise UnknownChampionError(
            f"The model {arn} is {found.status if found else _GONE}: it cannot be the champion.",
            hint="Choose a run whose model is there; `rcl-flow runs` lists them.",
        )


def served(run_id: str, arn: str, services: Services) -> ServedModel | None:
    """Return a model with its status on the service; None without one."""
    if not arn:
        return None
    found = services.rekognition.find_version_by_arn(arn)
    return ServedModel(
        run_id=run_id, project_version_arn=arn, status=found.status if found else _GONE
    )


def announce_event(event: ChampionEvent, project: str, services: Services) -> None:
    """Tell others of a decision."""
    reasons = " ".join(reason.message for reason in event.reasons)
    services.announce(
        Transition(
            kind=_KINDS[event.kind],
            project=project,
            at=event.at,
            text=f"{project}: {event.project_version_arn} was {event.kind}. {reasons}".strip(),
            run_id=event.run_id,
            project_version_arn=event.project_version_arn,
            details={
                "champion_before": event.before_arn,
                "forced": event.forced,
                "f1_change": event.paired.f1 if event.paired else None,
                "number": event.number,
            },
        )
    )
