"""Tests of ETags: which objects are listed, and that a listing stays polite."""

from pathlib import Path

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.errors import AwsRefusedError, DataNotFoundError
from rcl_flow.pipeline.images.object_tags import TaggedReader
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.s3_calls import counted, refused

LIST = "ListObjectsV2"


def put(bench: Bench, *keys: str, content: bytes = b"abc") -> list[str]:
    """Put objects and return their URIs."""
    for key in keys:
        bench.services().s3.put(S3Location(BUCKET, key), content)
    return [S3Location(BUCKET, key).uri for key in keys]


def test_versions_are_those_that_reading_finds(bench: Bench) -> None:
    """What a listing says of an object is what its bytes come with."""
    uris = put(bench, "a/1", "a/b/2")
    reader = TaggedReader(bench.services().s3)
    versions = reader.list_versions([*uris, "local.png", f"s3://{BUCKET}/a/none"])
    assert set(versions) == set(uris)
    for uri in uris:
        assert reader.open_bytes(uri) == b"abc"
        assert versions[uri] == (uri, reader.tag_read(uri), 3)


def test_another_content_has_another_version(bench: Bench) -> None:
    """An object that was replaced is another one, also when it has the same size."""
    (uri,) = put(bench, "a/1")
    before = TaggedReader(bench.services().s3).list_versions([uri])
    put(bench, "a/1", content=b"abd")
    assert TaggedReader(bench.services().s3).list_versions([uri])[uri] != before[uri]


def test_the_folder_that_all_lie_in_is_listed_once(bench: Bench) -> None:
    """Neither each object nor each of its folders is asked for, and other folders are not seen."""
    uris = put(bench, "a/x/1", "a/x/2", "a/y/1")
    put(bench, *(f"b/{number}" for number in range(50)))
    reader = TaggedReader(bench.services().s3)
    with counted(bench.s3_client) as calls:
        assert set(reader.list_versions(uris)) == set(uris)
        assert set(reader.list_versions(uris[:1])) == set(uris[:1])
    assert calls == {LIST: 1}


def test_what_is_listed_in_part_is_asked_for_again(bench: Bench) -> None:
    """A folder that holds far more than is asked for is not taken for known."""
    uris = put(bench, *(f"a/{number}" for number in range(12)))
    reader = TaggedReader(bench.services().s3)
    with counted(bench.s3_client) as calls:
        assert set(reader.list_versions(uris[:1])) == {uris[0]}
        assert set(reader.list_versions(uris)) == set(uris)
        assert set(reader.list_versions(uris[:1])) == {uris[0]}
    assert calls[LIST] == 2


@pytest.mark.parametrize(
    ("keys", "page"), [(["a/1", "ab/1"], 2), (["a", "a/1"], 2), (["a/1/x", "a/12/x"], 2)]
)
def test_common_folder_holds_every_key(bench: Bench, keys: list[str], page: int) -> None:
    """A folder ends at a slash: neither half a name nor a key is taken for one."""
    uris = put(bench, *keys)
    assert len(TaggedReader(bench.services().s3).list_versions(uris)) == page


def test_whoever_may_not_list_knows_no_versions(bench: Bench) -> None:
    """Then everything is read, as it may be."""
    uris = put(bench, "a/1")
    with refused(bench.s3_client, LIST):
        assert TaggedReader(bench.services().s3).list_versions(uris) == {}


def test_what_cannot_be_read_says_so(bench: Bench, tmp_path: Path) -> None:
    """The errors are those of any other reading, and nothing was read."""
    reader = TaggedReader(bench.services().s3)
    with pytest.raises(AwsRefusedError, match="NoSuchKey"):
        reader.open_bytes(f"s3://{BUCKET}/none")
    with pytest.raises(DataNotFoundError):
        reader.open_bytes(str(tmp_path / "none.png"))
    assert reader.tag_read(f"s3://{BUCKET}/none") == ""
