"""How the server reads requests, down to the bytes."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from rcl_flow.emulator.testing import CustomLabels, running_emulator

HEALTH = b"GET /rcl-emulator/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def box() -> Iterator[CustomLabels]:
    """Return one emulator for all requests."""
    with running_emulator() as running:
        yield running


def send(box: CustomLabels, *requests: bytes) -> bytes:
    """Send requests over one connection, and return all that comes back until it is closed."""
    address = urlsplit(box.endpoint_url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=10) as connection:
        for request in requests:
            connection.sendall(request)
        received = b""
        while part := connection.recv(65_536):
            received += part
    return received


def test_connection_is_kept_until_the_client_wants_its_end(box: CustomLabels) -> None:
    """Two requests are answered, the second of which ends the connection."""
    received = send(box, HEALTH + b"\r\n", HEALTH + b"connection: CLOSE\r\n\r\n")
    assert received.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize(
    ("version", "header", "answers"),
    [(b"1.0", b"", 1), (b"1.0", b"Connection: keep-alive\r\n", 2)],
)
def test_old_clients_are_answered_once_unless_they_ask_for_more(
    box: CustomLabels, version: bytes, header: bytes, answers: int
) -> None:
    """HTTP/1.0 closes by default."""
    old = HEALTH.replace(b"1.1", version)
    last = old + b"Connection: close\r\n\r\n"
    received = send(box, old + header + b"\r\n", *([last] if answers > 1 else []))
    assert received.count(b"200 OK") == answers


@pytest.mark.parametrize(
    "header", [b"no colon", b" folded: value", b"spaced : value", b"long: " + b"x" * 70_000]
)
def test_headers_that_are_not_understood_are_refused(box: CustomLabels, header: bytes) -> None:
    """A broken client gets a 400 and not a wrong answer."""
    assert b" 400 " in send(box, HEALTH + header + b"\r\n\r\n").split(b"\r\n")[0]


def test_endless_headers_are_refused(box: CustomLabels) -> None:
    """Two hundred are enough."""
    many = b"".join(b"x-%d: y\r\n" % number for number in range(205))
    assert b" 431 " in send(box, HEALTH + many + b"\r\n").split(b"\r\n")[0]


def test_request_line_that_is_none_is_refused(box: CustomLabels) -> None:
    """What is not HTTP is told so."""
    assert b"400" in send(box, b"SIP is another protocol altogether\r\n\r\n")
