"""Tests of how many shards ask a model at once."""

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.pipeline.sharding.shard_limits import predicting_at_once


@pytest.mark.parametrize(
    ("units", "concurrency", "shards"), [(1, 8, 1), (5, 8, 4), (5, 25, 1), (2, 1, 10)]
)
def test_shards_keep_the_units_busy_and_no_more(units: int, concurrency: int, shards: int) -> None:
    """Five calls a second for each unit, by so many threads a shard, and at least one shard."""
    config = FlowConfig.model_validate(
        {
            "project": "p",
            "data": {split: {"folder": split} for split in ("train", "test", "holdout")},
            "inference": {"inference_units": units, "concurrency": concurrency},
        }
    )
    assert predicting_at_once(config) == shards
