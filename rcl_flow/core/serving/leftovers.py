"""Models that may have been left running: whose they are, and whether their time is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from rcl_flow.core.naming import MANAGED_TAG, RUN_TAG, STOP_AFTER_TAG

Standing = Literal["overdue", "in-time", "unlimited", "foreign", "unknown"]
"""`overdue`: its lease has ended and nobody has renewed it, so it is to be stopped; `in-time`: in
its lease; `unlimited`: managed, without a time that can be read; `foreign`: not rcl-flow's;
`unknown`: its tags cannot be read."""


@dataclass(frozen=True, slots=True)
class RunningModel:
    """A model that bills, as its tags describe it."""

    project_version_arn: str
    status: str
    standing: Standing
    stop_after: datetime | None
    """When its lease ends; None when no tag says so."""
    run_id: str
    """The run that started it; empty when no tag says so."""


def judge_model(
    project_version_arn: str, status: str, tags: Mapping[str, str], now: datetime
) -> RunningModel:
    """Return what is to be thought of a running model, by its tags at the time `now`."""
    stop_after = parse_moment(tags.get(STOP_AFTER_TAG, ""))
    return RunningModel(
        project_version_arn=project_version_arn,
        status=status,
        standing=_standing(MANAGED_TAG in tags, stop_after, now),
        stop_after=stop_after,
        run_id=tags.get(RUN_TAG, ""),
    )


def parse_moment(text: str) -> datetime | None:
    """Return the time that a tag holds, in UTC; None when it holds none or no zone."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # in UTC it may lie before the year 1 or after 9999
        return None


def _standing(is_managed: bool, stop_after: datetime | None, now: datetime) -> Standing:
    if not is_managed:
        return "foreign"
    if stop_after is None:
        return "unlimited"
    return "overdue" if stop_after < now else "in-time"
