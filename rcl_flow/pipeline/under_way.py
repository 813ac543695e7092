"""Hold on to the data of a retraining under way, for however many ticks it takes."""

from collections.abc import Sequence
from datetime import datetime

from rcl_flow.core.arrivals import Pin
from rcl_flow.core.drift import Drift
from rcl_flow.core.retraining import Retraining
from rcl_flow.core.values import Frozen
from rcl_flow.errors import RetrainingUnderWayError
from rcl_flow.pipeline.records import read_record
from rcl_flow.pipeline.services import Services


class UnderWay(Frozen):
    """A retraining that has begun and not ended."""

    begun_at: datetime
    pin: Pin
    """The only data that it uses, however long it takes."""
    verdict: Retraining
    drift: Drift | None = None
    sources: tuple[str, ...] = ()
    """Where its arrivals were read from."""


def read_under_way(project: str, services: Services) -> UnderWay | None:
    """Return the project's retraining under way, or None.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    return read_record(services.store, _under_way_key(project, services), UnderWay)


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
    return services.store.put_if_absent(key, document) is not None


def release(project: str, under_way: UnderWay, services: Services) -> bool:
    """Forget that retraining: the next one reads the data anew.

    Returns:
        False, changing nothing, when another one is under way by now.
    """
    now = read_under_way(project, services)
    if now is not None and now.begun_at != under_way.begun_at:
        return False
    services.store.delete(_under_way_key(project, services))
    return True


def _under_way_key(project: str, services: Services) -> str:
    return f"retrainings/{services.backend.identity}/{project}"
