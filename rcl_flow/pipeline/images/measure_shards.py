"""Measure images in shards: what is not known yet is handed out, and known when it comes back."""

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

from rcl_flow.core.naming import digest_of
from rcl_flow.core.scoring.predictions import RefusedImage
from rcl_flow.formats.places import is_s3
from rcl_flow.imaging.measuring import UnusableContent
from rcl_flow.pipeline.images.measure_lines import SeenObject
from rcl_flow.pipeline.images.measuring import MeasureCache, MeasuredContent, measure_all
from rcl_flow.pipeline.images.object_tags import TaggedReader
from rcl_flow.pipeline.images.other_machines import OtherMachines
from rcl_flow.pipeline.runs.executing import ShardExecutor
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.shards import (
    Shard,
    ShardImage,
    ShardResult,
    result_key,
    results_of,
    work_off,
)

_UNREADABLE: Final = "unreadable"
_CHANGED: Final = "changed"
_ID_DIGITS: Final = 16


@runtime_checkable
class SeesLocalFiles(Protocol):
    """An executor that says whether its workers have the local files of this machine."""

    @property
    def sees_local_files(self) -> bool:
        """Whether a local path means the same to a worker."""


def sees_local_files(executor: ShardExecutor) -> bool:
    """Say whether the executor's workers can read this machine's files."""
    return isinstance(executor, SeesLocalFiles) and executor.sees_local_files


def recall(image: ShardImage, cache: MeasureCache) -> MeasuredContent | None:
    """Return what is known of a local file by its digest, or of an object by its ETag."""
    if image.sha256:
        return cache.recall(image.sha256, image.size_bytes)
    return cache.recall_object((image.uri, image.tag, image.size_bytes))


def measure_in_shards(images: Sequence[ShardImage], cache: MeasureCache) -> None:
    """Have images measured by the executor of the cache's others, so that the cache knows them.

    What a worker could not read is left to the caller: it will be told the reason as ever.

    Args:
        images: what is not known yet: objects with their ETag, local files with their digest.
        cache: is told what was measured.

    Raises:
        ShardsLostError: images are missing still after three rounds; what was measured is kept.
        FanOut: in a tick that hands the shards out and ends.
    """
    others = cache.others
    executor = others.services.shard_executor if others else None
    if others is None or executor is None:
        return
    run_id = f"audit-{digest_of([_name(image) for image in images])[:_ID_DIGITS]}"

    def missing() -> list[Shard]:
        cache.take()
        told = results_of(run_id, "measure", others.services.store)
        refused = {each.sha256 for result in told for each in result.refused}
        left = [image for image in images if recall(image, cache) is None]
        shards = _shards([each for each in left if _name(each) not in refused], run_id, others)
        for shard in shards:
            # a result without its measures, which were removed, would keep the shard from workers
            others.services.store.delete(result_key(shard))
        return shards

    work_off(missing, executor, others.services, _no_signs_of_life)


def measure_shard(shard: Shard, services: Services) -> ShardResult:
    """Measure the images of a shard and keep in the store what they are.

    Raises:
        StoreError: the store cannot be written.
    """
    # nothing is kept on the worker's disk: whoever made the shard looks into the store
    cache, reader = MeasureCache(), TaggedReader(services.s3)
    refused: list[RefusedImage] = []
    for image, content in measure_all(
        shard.images, lambda each: reader.open_bytes(each.uri), cache, concurrency=shard.concurrency
    ):
        problem = _problem(image, content, reader)
        if problem is not None:
            refused.append(problem)
        if content.sha256 and is_s3(image.uri):
            tag = reader.tag_read(image.uri)
            cache.remember(
                SeenObject(
                    uri=image.uri, tag=tag, size_bytes=content.size_bytes, sha256=content.sha256
                )
            )
    OtherMachines(services, len(shard.images)).give(cache.lines())
    return ShardResult(done=len(shard.images) - len(refused), refused=tuple(refused))


def _problem(
    image: ShardImage, content: MeasuredContent, reader: TaggedReader
) -> RefusedImage | None:
    """Return why the image that was asked for is not known now: it cannot be read, or changed."""
    if not content.sha256:
        reason = content.found.reason if isinstance(content.found, UnusableContent) else ""
        return RefusedImage(sha256=_name(image), code=_UNREADABLE, message=reason)
    if image.sha256 not in {"", content.sha256} or image.tag != reader.tag_read(image.uri):
        message = f"{image.uri} was changed while it was waiting to be read"
        return RefusedImage(sha256=_name(image), code=_CHANGED, message=message)
    return None


def _shards(left: Sequence[ShardImage], run_id: str, others: OtherMachines) -> list[Shard]:
    size = others.shard_size
    return [
        Shard(
            step="measure",
            run_id=run_id,
            backend=others.services.backend,
            images=tuple(left[start : start + size]),
        )
        for start in range(0, len(left), size)
    ]


def _name(image: ShardImage) -> str:
    """Return the name of an image of which the digest may not be known yet."""
    return digest_of([image.uri, image.tag, image.size_bytes, image.sha256])


def _no_signs_of_life() -> None:
    """Do nothing: an audit holds no lease and no model."""
