"""Small pictures for reports, of images that can still be read."""

from collections.abc import Mapping

from rcl_flow.aws.s3 import S3
from rcl_flow.errors import RclFlowError
from rcl_flow.imaging.thumbnails import thumbnail_uri
from rcl_flow.pipeline.executors import map_in_threads
from rcl_flow.pipeline.reading import open_bytes

_CONCURRENCY = 8


def pictures(uris: Mapping[str, str], s3: S3) -> dict[str, str]:
    """Return a thumbnail as a data URI for each digest whose image can be read and decoded."""

    def shrink(item: tuple[str, str]) -> tuple[str, str]:
        digest, uri = item
        try:
            return digest, thumbnail_uri(open_bytes(uri, s3))
        except (RclFlowError, OSError, ValueError):
            return digest, ""  # the page shows a placeholder

    shrunk = map_in_threads(shrink, uris.items(), concurrency=_CONCURRENCY)
    return {digest: picture for digest, picture in shrunk if picture}
