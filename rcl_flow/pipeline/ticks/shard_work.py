"""Work on one shard, wherever that is: what the workers of every executor call."""

from rcl_flow.errors import StoreError
from rcl_flow.pipeline.images.measure_shards import measure_shard
from rcl_flow.pipeline.predicting.sharded_predicting import predict_shard
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.shards import Shard, ShardResult, result_key
from rcl_flow.pipeline.state.records import read_record, write_record

_WORK = {"predict": predict_shard, "measure": measure_shard}


def work_on(key: str, services: Services) -> ShardResult:
    """Do what the shard at `key` asks for, unless it is done, and leave its result in the store.

    Raises:
        StoreError: there is no such shard.
        RclFlowError: the shard cannot be done; it may be tried again.
    """
    shard = read_record(services.store, key, Shard)
    if shard is None:
        raise StoreError(
            f"There is no shard {key} in the state store.",
            hint="Give the worker its run's config: it looks at another store, or the run was "
            "removed.",
        )
    done = read_record(services.store, result_key(shard), ShardResult)
    if done is not None:
        return done
    result = _WORK[shard.step](shard, services)
    write_record(services.store, result_key(shard), result)
    return result
