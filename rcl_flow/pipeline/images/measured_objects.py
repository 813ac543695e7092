"""Find out what images are, reading no object in S3 again that has not changed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rcl_flow.aws.s3 import S3
from rcl_flow.errors import DataNotFoundError
from rcl_flow.formats.places import is_s3
from rcl_flow.pipeline.images.measure_lines import ObjectVersion, SeenObject
from rcl_flow.pipeline.images.measure_shards import measure_in_shards, recall, sees_local_files
from rcl_flow.pipeline.images.measuring import MeasureCache, MeasuredContent, measure_all
from rcl_flow.pipeline.images.object_tags import TaggedReader
from rcl_flow.pipeline.sharding.executors import map_in_threads
from rcl_flow.pipeline.sharding.shards import ShardImage

_CONCURRENCY = 8


class MeasuredObjects:
    """Measures local files and objects, with what the cache and other machines know."""

    def __init__(self, cache: MeasureCache, s3: S3) -> None:
        """Look things up in `cache`, and tell it what is new."""
        self._cache = cache
        self._reader = TaggedReader(s3)
        self._has_taken = False

    def measure(self, uris: Sequence[str]) -> Iterator[tuple[int, MeasuredContent]]:
        """Yield the place of each URI with what its bytes are, in no particular order.

        Args:
            uris: local paths and s3:// URIs.

        Raises:
            LocalFilesError: the cache cannot be written.
            StoreError: the store that others share cannot be used.
            ShardsLostError: others were to measure images and did not.
            FanOut: in a tick that has others measure.
        """
        known = self._known(uris)
        left = [place for place, content in enumerate(known) if content is None]
        yield from ((place, content) for place, content in enumerate(known) if content is not None)
        for place, content in measure_all(
            left, lambda place: self._reader.open_bytes(uris[place]), self._cache
        ):
            self._remember(uris[place], content)
            yield place, content

    def _known(self, uris: Sequence[str]) -> list[MeasuredContent | None]:
        """Return what is known of each, here and elsewhere, after having others measure."""
        versions = self._reader.list_versions(uris)
        images = [_listed(uri, versions) for uri in uris]
        known = self._recall(images)
        others = self._cache.others
        if others is None:
            return known
        if not self._has_taken and _left(images, known):
            self._has_taken = True
            self._cache.take()
            known = self._recall(images)
        executor = others.services.shard_executor
        if executor is None or known.count(None) <= others.shard_size:
            return known
        if sees_local_files(executor):
            images = self._with_digests(uris, images)
            known = self._recall(images)
        left = _left(images, known)
        if len(left) > others.shard_size:
            measure_in_shards(left, self._cache)
            known = self._recall(images)
        return known

    def _recall(self, images: Sequence[ShardImage | None]) -> list[MeasuredContent | None]:
        return [recall(image, self._cache) if image else None for image in images]

    def _with_digests(
        self, uris: Sequence[str], images: Sequence[ShardImage | None]
    ) -> list[ShardImage | None]:
        """Let local files be named by what they hold: their place is known only on this machine."""
        found = list(images)
        local = [place for place, uri in enumerate(uris) if not is_s3(uri)]

        def named(place: int) -> tuple[int, ShardImage | None]:
            return place, self._named(uris[place])

        for place, image in map_in_threads(named, local, concurrency=_CONCURRENCY):
            found[place] = image
        return found

    def _named(self, path: str) -> ShardImage | None:
        try:
            content = self._reader.open_bytes(path)
        except DataNotFoundError:
            return None  # the reason is told when it is read for its measures
        sha256 = hashlib.sha256(content).hexdigest()
        return ShardImage(uri=str(Path(path).absolute()), sha256=sha256, size_bytes=len(content))

    def _remember(self, uri: str, content: MeasuredContent) -> None:
        tag = self._reader.tag_read(uri)
        if tag and content.sha256:
            self._cache.remember(
                SeenObject(uri=uri, tag=tag, size_bytes=content.size_bytes, sha256=content.sha256)
            )


def _listed(uri: str, versions: Mapping[str, ObjectVersion]) -> ShardImage | None:
    version = versions.get(uri)
    return ShardImage(uri=uri, tag=version[1], size_bytes=version[2]) if version else None


def _left(
    images: Sequence[ShardImage | None], known: Sequence[MeasuredContent | None]
) -> list[ShardImage]:
    """Return each image once that can be named and is not known."""
    left = (
        image
        for image, found in zip(images, known, strict=True)
        if image is not None and found is None
    )
    return list(dict.fromkeys(left))
