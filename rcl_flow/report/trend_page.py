"""Everything that a project's trend page shows, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rcl_flow.core.history.history import Trend
from rcl_flow.core.promotion.champions import ChampionEvent


@dataclass(frozen=True, slots=True)
class TrendPage:
    """A project's history, ready to be rendered."""

    project: str
    trend: Trend
    program_version: str
    created_at: datetime
    links: Mapping[str, str]
    """Run id to the URI of its report, relative to the page, for runs that have one."""
    events: tuple[ChampionEvent, ...] = ()
    """What was decided about the project's champion, oldest first."""
    champions: frozenset[str] = frozenset()
    """The runs whose models hold the place now: one for each backend that has a champion."""
