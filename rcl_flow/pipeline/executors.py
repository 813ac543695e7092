"""Do the same thing to many items in threads, with bounded work under way."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_in_threads(
    function: Callable[[T], R], items: Iterable[T], *, concurrency: int
) -> Generator[R]:
    """Yield `function(item)` of every item as it becomes ready, in no particular order.

    When the consumer stops early or an item raises, no further item is begun, and calls that are
    under way are not waited for.
    """
    waiting = iter(items)
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="rcl-flow")
    under_way: set[Future[R]] = set()
    try:
        while True:
            for item in islice(waiting, 2 * concurrency - len(under_way)):
                under_way.add(pool.submit(function, item))
            if not under_way:
                return
            ready, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in ready:
                yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
