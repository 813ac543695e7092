"""Who works on shards: the form that every executor has."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

ShardedStep = Literal["predict", "measure"]


class ShardExecutor(Protocol):
    """Works on shards somewhere."""

    def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
        """Have the shards at these keys of the store worked on, and return when all have ended.

        How they ended is not said: the caller looks what is missing.

        Args:
            step: what is done.
            keys: of the shards.
            beat: to be called now and then; what it raises ends the work.

        Raises:
            FanOut: they are worked on while this process is away.
        """
