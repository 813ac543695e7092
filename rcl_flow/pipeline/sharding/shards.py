"""Sharded steps: images in pieces that other processes or machines work on.

A shard is a document in the state store, named by its content; whoever works on it leaves its
results there, too. The engine never believes that a shard was done: it looks what is missing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import SafetyConfig
from rcl_flow.core.naming import digest_of
from rcl_flow.core.scoring.predictions import RefusedImage
from rcl_flow.core.values import Frozen
from rcl_flow.errors import ShardsLostError
from rcl_flow.pipeline.runs.executing import ShardedStep, ShardExecutor
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import read_below, read_record, write_record
from rcl_flow.pipeline.state.store import StateStore

_ROUNDS: Final = 3
"""How many rounds there are at least; a step has failed when the last two have got nowhere."""
_ID_DIGITS: Final = 16


class ShardImage(Frozen):
    """An image of a shard; a shard that measures knows only where it is."""

    uri: str
    sha256: str = ""
    size_bytes: int = 0
    image_format: str = ""
    tag: str = ""
    """What S3 calls the version of the bytes: the object's ETag."""


class Shard(Frozen):
    """Images that one worker takes, and all that it needs to know."""

    step: ShardedStep
    run_id: str
    backend: Backend
    images: tuple[ShardImage, ...]
    bucket: str = ""
    """Where images go that are too large for a request, as the next two."""
    prefix: str = ""
    kms_key_id: str | None = None
    project_version_arn: str = ""
    """The model to ask; empty for a shard that measures."""
    concurrency: int = 8
    """Images under way at once in this shard."""
    calls_per_second: float | None = None
    """This worker's share of the model's limit, to begin at; None where the limit is not known."""
    safety: SafetyConfig = SafetyConfig()
    """How the model is watched while the shard asks it."""
    stop_by: datetime | None = None
    """When the run's budget is used up: from then on the model is not asked any more."""

    @property
    def key(self) -> str:
        """Where it is kept: a function of its content alone."""
        images = [[image.uri, image.sha256, image.tag] for image in self.images]
        name = digest_of([self.project_version_arn, *images])[:_ID_DIGITS]
        return f"{shards_prefix(self.run_id, self.step)}{name}"


class ShardResult(Frozen):
    """What has become of a shard, left by whoever worked on it."""

    done: int
    """Images with an answer."""
    refused: tuple[RefusedImage, ...] = ()


class Rounds(Frozen):
    """How often shards of a step were handed out, and how many images were missing each time."""

    missing: tuple[int, ...] = ()


class FanOut(Pause):
    """A tick hands shards out and ends; the next one looks what has become of them."""

    def __init__(self, seconds: float, step: ShardedStep, plan: S3Location, shards: int) -> None:
        """Keep where the list of shards is.

        Args:
            seconds: how long the project stays taken meanwhile.
            step: what is done.
            plan: a JSON array with the key of each shard.
            shards: how many there are.
        """
        super().__init__(seconds)
        self.step = step
        self.plan = plan
        self.shards = shards


def shards_prefix(run_id: str, step: ShardedStep) -> str:
    """Return the prefix of the shards of a run's step."""
    return f"shards/{run_id}/{step}/"


def result_key(shard: Shard) -> str:
    """Return where the result of a shard is kept."""
    return f"shard-results/{shard.key.removeprefix('shards/')}"


def results_of(run_id: str, step: ShardedStep, store: StateStore) -> list[ShardResult]:
    """Return what has become of the shards of a run's step."""
    return read_below(store, f"shard-results/{run_id}/{step}/", ShardResult)[0]


def is_handed_out(run_id: str, step: ShardedStep, store: StateStore) -> bool:
    """Say whether a step is under way in shards: what is missing of it is handed out, too."""
    return store.get(_rounds_key(run_id, step)) is not None


def clear_shards(run_id: str, step: ShardedStep, store: StateStore) -> None:
    """Forget the shards of a step that is done, and what became of them."""
    for prefix in (shards_prefix(run_id, step), f"shard-results/{run_id}/{step}/"):
        for key, _ in store.below(prefix):
            store.delete(key)
    store.delete(_rounds_key(run_id, step))


def _rounds_key(run_id: str, step: ShardedStep) -> str:
    return f"shard-rounds/{run_id}/{step}"


def _is_stuck(images: int, before: Sequence[int]) -> bool:
    """Say whether the last two rounds have done nothing, after three rounds at least.

    Args:
        images: how many are missing now.
        before: how many were missing at the beginning of each round.
    """
    return len(before) >= _ROUNDS and set(before[1 - _ROUNDS :]) == {images}


def work_off(
    missing: Callable[[], Sequence[Shard]],
    executor: ShardExecutor,
    services: Services,
    beat: Callable[[], None],
) -> None:
    """Have shards worked on until no image is missing.

    Args:
        missing: the shards of what is missing now, all of one step of one run.
        executor: works on them.
        services: for the store.
        beat: signs of life.

    Raises:
        ShardsLostError: two rounds have got nowhere, after three at least.
        FanOut: they are worked on while this process is away.
    """
    while shards := missing():
        first = shards[0]
        key = _rounds_key(first.run_id, first.step)
        images = sum(len(shard.images) for shard in shards)
        before = (read_record(services.store, key, Rounds) or Rounds()).missing
        if _is_stuck(images, before):
            services.store.delete(key)
            raise ShardsLostError(
                f"{images} images of the step {first.step} have no result after {len(before)} "
                "rounds.",
                hint="What was answered is kept. Read the worker's log for why a shard fails, then "
                "run the same command again: only these images are asked for.",
            )
        for shard in shards:
            write_record(services.store, shard.key, shard)
        write_record(services.store, key, Rounds(missing=(*before, images)))
        executor.work(first.step, [shard.key for shard in shards], beat)
