"""How many shards are worth having under way at once."""

import math
from typing import Final

from rcl_flow.config import FlowConfig

_CALLS_PER_UNIT: Final = 5
"""Calls a second that one inference unit answers at best.

Source: shared figures of AWS demos; AWS publishes no rate.
"""


def predicting_at_once(config: FlowConfig) -> int:
    """Return how many shards of predictions keep the model's inference units busy.

    More would only be throttled: the service limits the speed, not who asks.
    """
    calls = config.inference.most_units * _CALLS_PER_UNIT
    return max(1, math.ceil(calls / config.inference.concurrency))
