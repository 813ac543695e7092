"""Hold on to the data of a retraining under way, for however many ticks it takes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from rcl_flow.core.retraining.arrivals import Pin
from rcl_flow.core.retraining.drift import Drift
from rcl_flow.core.retraining.retraining import Retraining
from rcl_flow.core.values import Frozen
from rcl_flow.errors import RetrainingUnderWayError
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.records import unreadable_record
from rcl_flow.pipeline.state.store import Stored

_NONE: Final = b"{}"
"""What is there once a retraining has been let go of: of two who change it at once one is late."""


class UnderWay(Frozen):
    """A retraining that has begun and not ended."""

    begun_at: datetime
    pin: Pin
    """The only data that it uses, however long it takes."""
    verdict: Retraining
    drift: Drift | None = None
    sources: tuple[str, ...] = ()
    """Where its arrivals were read from."""
    drift_tried: tuple[str, ...] = ()
    """The factors whose drift is no reason any more once it has ended."""


def read_under_way(project: str, services: Services) -> UnderWay | None:
    """Return the project's retraining under way, or None.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    stored = services.store.get(_under_way_key(project, services))
    return _parsed(stored, project, services)


def require_pinned(sources: Sequence[str], project: str, services: Services) -> None:
    """Refuse sources that are named for this call alone while a retraining goes on without them.

    Args:
        sources: paths and URIs.
        project: its name.
        services: whose store.

    Raises:
        RetrainingUnderWayError: they would be left out, and nobody would hear of it.
    """
    under_way = read_under_way(project, services)
    left_out = [uri for uri in sources if under_way and uri not in under_way.sources]
    if under_way is not None and left_out:
        raise RetrainingUnderWayError(
            f"A retraining of {project} began at {under_way.begun_at:%Y-%m-%d %H:%M} UTC and goes "
            f"on with the data of then: {', '.join(left_out)} would be left out.",
            hint="Let it end with `rcl-flow retrain` alone, then give them again, or name them in "
            "`data.arrivals`.",
        )


def begin(project: str, under_way: UnderWay, services: Services) -> bool:
    """Keep that a retraining begins; False, keeping nothing, when another began meanwhile."""
    document = under_way.model_dump_json().encode()
    key = _under_way_key(project, services)
    stored = services.store.get(key)
    if stored is None:
        return services.store.put_if_absent(key, document) is not None
    if stored.document != _NONE:
        return False
    return services.store.put_if_match(key, document, stored.version) is not None


def is_held(project: str, under_way: UnderWay, services: Services) -> bool:
    """Say whether that retraining is still the one under way."""
    now = read_under_way(project, services)
    return now is not None and now.begun_at == under_way.begun_at


def release(project: str, under_way: UnderWay, services: Services) -> bool:
    """Forget that retraining: the next one reads the data anew.

    Returns:
        False, changing nothing, when it was let go of before; another one may be under way by now.
    """
    key = _under_way_key(project, services)
    stored = services.store.get(key)
    now = _parsed(stored, project, services)
    if stored is None or now is None or now.begun_at != under_way.begun_at:
        return False
    return services.store.put_if_match(key, _NONE, stored.version) is not None


def _parsed(stored: Stored | None, project: str, services: Services) -> UnderWay | None:
    if stored is None or stored.document == _NONE:
        return None
    try:
        return UnderWay.model_validate_json(stored.document)
    except ValidationError as error:
        raise unreadable_record(_under_way_key(project, services)) from error


def _under_way_key(project: str, services: Services) -> str:
    return f"retrainings/{services.backend.identity}/{project}"
