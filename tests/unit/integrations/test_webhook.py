"""Tests of posting JSON to a secret address, against a real server on this machine."""

import socket
from collections.abc import Iterator

import pytest

from rcl_flow.integrations.webhook import DeliveryError, post_json, require_address
from tests.unit.integrations.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a server that takes what is posted."""
    with receiving() as server:
        yield server


def refusal(address: str, timeout_seconds: float = 5.0) -> DeliveryError:
    """Return the error of posting there."""
    with pytest.raises(DeliveryError) as caught:
        post_json(address, {"text": "x"}, timeout_seconds=timeout_seconds)
    assert "SECRET" not in f"{caught.value!r} {caught.value.why}"
    assert caught.value.__cause__ is None
    return caught.value


def test_document_arrives_as_json(receiver: Receiver) -> None:
    """What is posted is what was given, beyond ASCII too."""
    post_json(receiver.url, {"text": "größer", "details": {"f1": 0.5}})
    assert receiver.requests == [
        ("/hooks/T0SECRET/B0SECRET", {"text": "größer", "details": {"f1": 0.5}})
    ]


@pytest.mark.parametrize(
    ("status", "again"), [(500, True), (503, True), (429, True), (404, False), (403, False)]
)
def test_answer_that_is_no_success_is_an_error(
    receiver: Receiver, status: int, again: bool
) -> None:
    """What is broken or busy may be well a moment later; a wrong address will not."""
    receiver.statuses = [status]
    error = refusal(receiver.url)
    assert (error.why, error.again) == (f"it answered HTTP {status}", again)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    """The document goes to the address that was given, and to nobody else."""
    receiver.statuses, receiver.location = [status], "/elsewhere"
    assert refusal(receiver.url).why == f"it answered HTTP {status}"
    assert receiver.methods == ["POST"]


def test_server_that_does_not_answer_is_given_up(receiver: Receiver) -> None:
    """A slow server costs the time-out and no more; it may have taken it, so not again."""
    receiver.answers.clear()
    error = refusal(receiver.url, timeout_seconds=0.1)
    assert (error.why, error.again) == ("it did not answer within 0.1 s", False)


def test_nobody_there_is_an_error() -> None:
    """A closed port says of what kind the error is, not where."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        why = refusal(f"http://127.0.0.1:{port}/SECRET").why
    assert why == "it cannot be reached (ConnectionRefusedError)"


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.com/SECRET",
        "http://localhost/SECRET",
        "ftp://127.0.0.1/SECRET",
        "file:///SECRET",
        "https://",
        "https://[SECRET",
        "https://example.com:SECRET/",
        "SECRET",
        "",
    ],
)
def test_address_that_would_not_keep_the_secret_is_refused(address: str) -> None:
    """Only https hides the address on its way; plain http is for this very machine."""
    assert refusal(address).why == "its address is no https:// address"


@pytest.mark.parametrize(
    "address", ["https://hooks.slack.com/services/T/B/x", " https://example.com:8443/x\n"]
)
def test_https_address_is_taken_without_its_blanks(address: str) -> None:
    """A secret that was pasted often ends with a new line."""
    assert require_address(address) == address.strip()
