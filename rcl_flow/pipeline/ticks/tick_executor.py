"""The executor of a tick: the scheduler around it hands the shards out."""

from collections.abc import Callable, Sequence
from typing import Final

import orjson

from rcl_flow.core.naming import digest_of
from rcl_flow.pipeline.runs.executing import ShardedStep
from rcl_flow.pipeline.sharding.shards import FanOut
from rcl_flow.pipeline.state.s3_store import S3Store

_SECONDS_PER_SHARD: Final = 900.0
"""A shard takes no longer: what a function may take.

Source: AWS Lambda developer guide, quotas: function time-out.
"""


class TickExecutor:
    """Writes the list of shards into the store and leaves the tick."""

    def __init__(self, store: S3Store) -> None:
        """Keep lists in `store`."""
        self._store = store

    def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
        """Leave the tick.

        Raises:
            FanOut: always; the project stays taken for as long as the shards may take.
        """
        beat()
        plan_key = f"shard-plans/{step}/{digest_of(list(keys))[:16]}.json"
        self._store.put(plan_key, orjson.dumps(list(keys)))
        raise FanOut(_SECONDS_PER_SHARD, step, self._store.location(plan_key), len(keys))
