"""Hold on to the data of a retraining under way, for however many ticks it takes."""

from datetime import datetime

from rcl_flow.core.arrivals import Pin
from rcl_flow.core.drift import Drift
from rcl_flow.core.retraining import Retraining
from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.records import read_record
from rcl_flow.pipeline.services import Services


class UnderWay(Frozen):
    """A retraining that has begun and not ended."""

    begun_at: datetime
    pin: Pin
    """The only data that it uses, however long it takes."""
    verdict: Retraining
    drift: Drift | None = None


def read_under_way(project: str, services: Services) -> UnderWay | None:
    """Return the project's retraining under way, or None.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    return read_record(services.store, _under_way_key(project, services), UnderWay)


def begin(project: str, under_way: UnderWay, services: Services) -> bool:
    """Keep that a retraining begins; False, keeping nothing, when another began meanwhile."""
    document = under_way.model_dump_json().encode()
    key = _under_way_key(project, services)
    return services.store.put_if_absent(key, document) is not None


def release(project: str, services: Services) -> None:
    """Forget the retraining under way: the next one reads the data anew."""
    services.store.delete(_under_way_key(project, services))


def _under_way_key(project: str, services: Services) -> str:
    return f"retrainings/{services.backend.identity}/{project}"
