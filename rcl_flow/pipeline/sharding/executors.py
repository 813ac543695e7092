"""Do the same thing to many items in threads, with bounded work under way."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

from rcl_flow.clock import Clock

T = TypeVar("T")
R = TypeVar("R")

FIRST_BATCH: Final = 16
MOST_IN_A_BATCH: Final = 256


def map_in_threads(
    function: Callable[[T], R], items: Iterable[T], *, concurrency: int
) -> Generator[R]:
    """Yield `function(item)` of every item as it becomes ready, in no particular order.

    When the consumer stops early or an item raises, no further item is begun, and calls that are
    under way are not waited for.
    """
    with closing(_ready(function, items, concurrency, None)) as done:
        for future in done:
            if future is not None:
                yield future.result()


def batches_in_threads(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    concurrency: int,
    clock: Clock,
    seconds: float,
) -> Generator[list[R]]:
    """Yield the same in lists: one whenever `seconds` have passed, or many results are there.

    The first lists are short, so that little is lost when little is done; no later one is longer
    than all before it together.

    A list is empty when nothing became ready in that time, so that the consumer can give signs of
    life. When an item raises, or a signal comes, what was ready before it is yielded first.

    Args:
        function: what is done, in `concurrency` threads.
        items: what it is done to.
        concurrency: how many threads.
        clock: measures the time.
        seconds: between two lists at most, while the consumer is fast.
    """
    batch: list[R] = []
    handed_on = 0
    began_at = clock.now()
    try:
        with closing(_ready(function, items, concurrency, seconds)) as done:
            for future in done:
                if future is not None:
                    batch.append(future.result())
                waited = (clock.now() - began_at).total_seconds()
                most = min(max(FIRST_BATCH, handed_on), MOST_IN_A_BATCH)
                if future is None or waited >= seconds or len(batch) >= most:
                    handed_on += len(batch)
                    ready, batch = batch, []
                    yield ready
                    began_at = clock.now()
    except GeneratorExit:
        raise
    except BaseException:
        yield batch
        raise
    if batch:
        yield batch


def _ready(
    function: Callable[[T], R],
    items: Iterable[T],
    concurrency: int,
    patience_seconds: float | None,
) -> Generator[Future[R] | None]:
    """Yield what is ready, or None when nothing became so for a while."""
    waiting = iter(items)
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="rcl-flow")
    done: SimpleQueue[Future[R]] = SimpleQueue()
    under_way = 0
    try:
        while True:
            for item in islice(waiting, 2 * concurrency - under_way):
                pool.submit(function, item).add_done_callback(done.put)
                under_way += 1
            if not under_way:
                return
            try:
                future = done.get(timeout=patience_seconds)
            except Empty:
                yield None
            else:
                under_way -= 1
                yield future
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
