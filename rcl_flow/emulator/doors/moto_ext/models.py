"""moto's backend for Rekognition, with one emulated service per account and region."""

from collections.abc import Iterator

from moto.rekognition.models import RekognitionBackend, rekognition_backends

from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.moto_ext.objects import MotoObjects
from rcl_flow.emulator.doors.moto_ext.tags import TagsAcrossServices
from rcl_flow.emulator.doors.moto_ext.transitions import chosen_delay
from rcl_flow.emulator.errors import ApiError
from rcl_flow.emulator.service.arns import Place
from rcl_flow.emulator.service.engine import Service
from rcl_flow.emulator.service.state import Context


class RclBackend(TagsAcrossServices, RekognitionBackend):
    """What moto keeps for one account in one region; a reset replaces all of it."""

    world = World()
    """The world of every backend; `install` replaces it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        """Start an empty service."""
        super().__init__(region_name, account_id)
        partition: str = getattr(self, "partition", "aws")
        self.service = Service(
            Place(account_id, region_name, partition),
            MotoObjects(account_id, partition),
            type(self).world,
            neighbours=lambda account: _context_of(account, region_name),
            chosen_delay=chosen_delay,
        )


def service_of(account: str, region: str) -> Service:
    """Return the emulated service of one account in one region.

    Raises:
        ApiError: Rekognition has no endpoint in that region.
    """
    try:
        backend = rekognition_backends[account][region]
    except KeyError:
        backend = None
    if not isinstance(backend, RclBackend):
        raise ApiError("UnknownOperationException", f"Rekognition is not available in {region}.")
    return backend.service


def _context_of(account: str, region: str) -> Context | None:
    if account not in rekognition_backends:
        # to ask for it would be to make it
        return None
    backend = rekognition_backends[account][region]
    return backend.service.context if isinstance(backend, RclBackend) else None


def services() -> Iterator[Service]:
    """Yield the emulated services that exist."""
    for regions in list(rekognition_backends.values()):
        for backend in list(regions.values()):
            if isinstance(backend, RclBackend):
                yield backend.service
