"""Tests of the window of puts: fewer at once after S3 asked to slow down, then slowly more."""

import math
import threading
from contextlib import ExitStack

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from rcl_flow.aws.put_window import WIDEST, PutWindow
from tests.unit.aws.answered import answered

SLOW_DOWN = answered("SlowDown", 503)


def fail(window: PutWindow, error: Exception) -> None:
    """Let one put fail like that."""
    with pytest.raises(type(error)), window.place():
        raise error


def succeed(window: PutWindow, times: int) -> None:
    """Let puts be answered, one after the other."""
    for _ in range(times):
        with window.place():
            pass


def test_window_is_open_until_a_put_is_turned_away() -> None:
    """A bucket that bears everything is never held back."""
    window = PutWindow()
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(window.place())
    assert window.width == math.inf


@pytest.mark.parametrize(
    "error",
    [
        SLOW_DOWN,
        answered("503", 503),
        answered("InternalError", 500),
        ConnectionClosedError(endpoint_url="http://127.0.0.1:1"),
    ],
)
def test_window_halves_what_is_under_way_when_s3_is_too_busy(error: Exception) -> None:
    """Eight were under way when one was turned away: four may be."""
    window = PutWindow()
    with ExitStack() as stack:
        for _ in range(7):
            stack.enter_context(window.place())
        fail(window, error)
        assert window.width == 4


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "BadDigest"])
def test_window_stays_open_when_a_put_is_wrong(code: str) -> None:
    """A refusal says nothing of how busy S3 is."""
    window = PutWindow()
    fail(window, answered(code, 403))
    assert window.width == math.inf


def test_window_is_halved_once_by_puts_that_were_sent_together() -> None:
    """Of 16 puts under way all are turned away: they say the same thing, and once."""
    window, all_sent, halved = PutWindow(), threading.Barrier(16), []

    def put() -> None:
        try:
            with window.place():
                all_sent.wait()
                raise SLOW_DOWN
        except ClientError:
            halved.append(window.width)

    threads = [threading.Thread(target=put) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(halved) == 16
    assert window.width == 8


def test_window_grows_by_one_put_for_as_many_answers_as_it_is_wide() -> None:
    """And is no window any more when it is wider than anybody needs."""
    window = PutWindow()
    fail(window, SLOW_DOWN)
    assert window.width == 1
    succeed(window, 1)
    assert window.width == 2
    succeed(window, 3)
    assert 3 <= window.width < 4
    succeed(window, WIDEST**2)
    assert window.width == math.inf


def test_window_never_closes() -> None:
    """One put at a time goes on, however often it is turned away."""
    window = PutWindow()
    for _ in range(10):
        fail(window, SLOW_DOWN)
    assert window.width == 1
    succeed(window, 1)


def test_window_holds_puts_back_until_there_is_a_place() -> None:
    """The second put waits for the first where only one may be under way."""
    window, order = PutWindow(), []
    fail(window, SLOW_DOWN)

    def put() -> None:
        with window.place():
            order.append("second")

    second = threading.Thread(target=put)
    with window.place():
        second.start()
        second.join(0.05)
        assert second.is_alive()
        order.append("first")
    second.join(5)
    assert order == ["first", "second"]
