"""What others are told of a run: only that something has changed, never how it goes on."""

from dataclasses import dataclass, field
from datetime import datetime

from rcl_flow.core.history.transition_kinds import TransitionKind

Detail = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of state of a run, a model or a project's champion."""

    kind: TransitionKind
    project: str
    at: datetime
    """In UTC."""
    text: str
    """A sentence for people."""
    run_id: str = ""
    project_version_arn: str = ""
    details: dict[str, Detail] = field(default_factory=dict)
    """Figures and names for machines; never an address that grants access, never image bytes."""


def nobody(_transition: Transition) -> None:
    """Tell nobody."""
