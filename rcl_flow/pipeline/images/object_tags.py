"""Which bytes an object in S3 has, without reading them: its ETag."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from rcl_flow.aws.s3 import S3, S3Location, S3Object, parse_s3_uri
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.images.access import make_access
from rcl_flow.pipeline.images.measure_lines import ObjectVersion

_MOST_LISTED_PER_WANTED: Final = 10
"""A folder that holds more times as many objects is not listed to its end: reading is cheaper."""


class TaggedReader:
    """Reads local files and objects, and knows the ETags of objects: as listed, and as read."""

    def __init__(self, s3: S3) -> None:
        """Reach objects through `s3`; what is listed once is not asked for again."""
        self._s3 = s3
        self._access = make_access(lambda: s3)
        self._listed: dict[tuple[str, str], dict[str, S3Object]] = {}
        self._read: dict[str, str] = {}

    def list_versions(self, uris: Iterable[str]) -> dict[str, ObjectVersion]:
        """Return the present versions of objects by URI; those that were not listed are left out.

        For each bucket the folder that all of them lie in is listed, unless it holds far more.

        Args:
            uris: local paths among them are left out, too.
        """
        keys: dict[str, set[str]] = defaultdict(set)
        for uri in uris:
            location = parse_s3_uri(uri)
            if location is not None:
                keys[location.bucket].add(location.key)
        found: dict[str, ObjectVersion] = {}
        for bucket, wanted in keys.items():
            listed = self._list(bucket, wanted)
            for key in wanted & listed.keys():
                uri, entry = S3Location(bucket, key).uri, listed[key]
                found[uri] = (uri, entry.etag, entry.size_bytes)
        return found

    def open_bytes(self, uri: str) -> bytes:
        """Return the content of a local path or an s3:// URI; safe in threads.

        Raises:
            DataNotFoundError: a local file cannot be read.
            AwsRefusedError: an object cannot be read.
        """
        location = parse_s3_uri(uri)
        if location is None:
            return self._access.open_bytes(uri)
        document = self._s3.get_document(location)
        self._read[uri] = document.etag
        return document.content

    def tag_read(self, uri: str) -> str:
        """Return the ETag of the bytes that were read last; an empty text for a local file."""
        return self._read.get(uri, "")

    def _list(self, bucket: str, wanted: set[str]) -> dict[str, S3Object]:
        folder = _common_folder(wanted)
        for (known, above), listed in self._listed.items():
            if known == bucket and folder.startswith(above):
                return listed
        most = _MOST_LISTED_PER_WANTED * len(wanted)
        try:
            listed = self._s3.objects(bucket, folder, most=most)
        except AwsRefusedError:
            return {}  # whoever may read objects may not always list them
        if len(listed) <= most:
            self._listed[bucket, folder] = listed
        return listed


def _common_folder(keys: Iterable[str]) -> str:
    ordered = sorted(keys)
    first, last = ordered[0], ordered[-1]
    length = next(
        (place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b),
        min(len(first), len(last)),
    )
    return first[: first.rfind("/", 0, length) + 1]
