"""Pages of a listing, and the opaque tokens that lead from one to the next."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import TypeVar

from rcl_flow.emulator.errors import ApiError
from rcl_flow.emulator.shapes import JsonObject

Item = TypeVar("Item")

DEFAULT_PAGE_SIZE = 100
PAGING_MEMBERS = frozenset({"NextToken", "MaxResults"})


def paginate(
    operation: str, request: JsonObject, rows: Sequence[tuple[int, Item]], *, descending: bool
) -> tuple[list[Item], JsonObject]:
    """Return the page that `request` asks for, and the answer's paging members.

    Args:
        operation: The operation's name; a token of another operation is refused.
        request: Its members other than the paging ones are bound into the token.
        rows: Pairs of a unique number and an item, sorted by number.
        descending: Whether the numbers fall.
    """
    seal = _seal(operation, request)
    if token := request.get("NextToken"):
        last = _number_in(token, seal)
        rows = [row for row in rows if (row[0] < last if descending else row[0] > last)]
    size = request.get("MaxResults", DEFAULT_PAGE_SIZE)
    page = rows[:size]
    more = {"NextToken": _token(page[-1][0], seal)} if len(rows) > len(page) else {}
    return [item for _, item in page], more


def _seal(operation: str, request: JsonObject) -> str:
    filters = {name: value for name, value in request.items() if name not in PAGING_MEMBERS}
    text = json.dumps([operation, filters], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _token(number: int, seal: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([number, seal]).encode()).decode()


def _number_in(token: str, seal: str) -> int:
    try:
        number, found = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, binascii.Error):
        number, found = None, None
    if found != seal or not isinstance(number, int):
        raise ApiError("InvalidPaginationTokenException", "Invalid Pagination Token")
    return number
