"""Whose resources a caller may use: those of its own account, unless a project policy says more."""

from collections.abc import Iterator

from rcl_flow.emulator.errors import access_denied
from rcl_flow.emulator.service.arns import Place, place_of
from rcl_flow.emulator.shapes import JsonObject

OWN_ARNS = (
    "ProjectArn",
    "DatasetArn",
    "ProjectVersionArn",
    "ResourceArn",
    "DestinationProjectArn",
)
"""The members that name a resource of the caller; what CopyProjectVersion copies is not theirs."""


def require_own(place: Place, operation: str, request: JsonObject) -> None:
    """Accept a request whose resources are those of the caller's account.

    Raises:
        ApiError: One of them belongs to another account, be it there or not.
    """
    for arn in _own_arns(request):
        found = place_of(arn)
        if found is not None and found.account != place.account:
            raise access_denied(place.account, operation, arn)


def _own_arns(request: JsonObject) -> Iterator[str]:
    yield from (request[name] for name in OWN_ARNS if name in request)
    yield from (each["Arn"] for each in request.get("Datasets", ()))
    source = request.get("DatasetSource", {})
    if "DatasetArn" in source:
        yield source["DatasetArn"]
