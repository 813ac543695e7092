"""Post JSON to a secret address, which appears in no error, log or file."""

import json
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

TIMEOUT_SECONDS: Final = 5.0
"""For a connection and for each answer."""
_LOOPBACK: Final = "127.0.0.1"
_SERVER_ERROR: Final = 500
_TOO_MANY: Final = 429


class DeliveryError(Exception):
    """What was to be told was not taken; says why, never to whom."""

    def __init__(self, why: str, *, again: bool = False) -> None:
        """Keep `why`, and whether the same may be taken a moment later."""
        super().__init__(why)
        self.why = why
        self.again = again


def require_address(address: str) -> str:
    """Return an address that may be posted to: https, or http on this very machine.

    Raises:
        DeliveryError: it may not.
    """
    try:
        parts = urlsplit(address.strip())
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    local = parts.scheme == "http" and host == _LOOPBACK
    if not host or (parts.scheme != "https" and not local):
        raise DeliveryError("its address is no https:// address")
    return address.strip()


def post_json(
    address: str, document: Mapping[str, object], *, timeout_seconds: float = TIMEOUT_SECONDS
) -> None:
    """Post a document; a redirect is not followed, since it would give the document to others.

    Args:
        address: https, or http on 127.0.0.1.
        document: sent as UTF-8.
        timeout_seconds: for the connection and for the answer.

    Raises:
        DeliveryError: it was not taken.
    """
    request = Request(  # noqa: S310  # the scheme is checked
        require_address(address),
        data=json.dumps(document).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "rcl-flow"},
        method="POST",
    )
    # a company's proxy does not know this machine
    local = urlsplit(request.full_url).hostname == _LOOPBACK
    opener = build_opener(_NoRedirects(), *([ProxyHandler({})] if local else []))
    try:
        with opener.open(request, timeout=timeout_seconds):
            return
    except HTTPError as error:
        with error:
            status = error.code
        again = status >= _SERVER_ERROR or status == _TOO_MANY
        raise DeliveryError(f"it answered HTTP {status}", again=again) from None
    except (OSError, HTTPException, ValueError) as error:
        why = _kind(error, timeout_seconds)
    raise DeliveryError(why)


class _NoRedirects(HTTPRedirectHandler):
    """Leaves a redirect as the answer that it is."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> Request | None:
        """Follow nothing."""
        return None


def _kind(error: Exception, timeout_seconds: float) -> str:
    """Say what kind of error it is, and no more: its message may name the address."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return f"it did not answer within {timeout_seconds:g} s"
    kind = type(reason if isinstance(reason, Exception) else error)
    return f"it cannot be reached ({kind.__name__})"
