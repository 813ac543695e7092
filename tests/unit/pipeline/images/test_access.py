"""Tests of the way to files, on disk and in the emulator's S3."""

import io
from pathlib import Path

import pytest
from PIL import Image

from rcl_flow.aws.s3 import S3
from rcl_flow.errors import AwsRefusedError, ConfigError, DataNotFoundError
from rcl_flow.formats.access import Access
from rcl_flow.pipeline.images.access import make_access
from tests.unit.pipeline.bench import BUCKET, Bench


def refuse() -> S3:
    """Fail: nothing of S3 was asked for."""
    raise AssertionError


def jpeg(comment_bytes: int = 0) -> bytes:
    """Return a JPEG of 70 x 80 pixels with a long comment before its size."""
    content = io.BytesIO()
    Image.new("RGB", (70, 80)).save(content, "JPEG")
    plain = content.getvalue()
    segment = b"\xff\xfe\xff\xff" + b"x" * 65_533
    return plain[:2] + segment * (comment_bytes // len(segment)) + plain[2:]


@pytest.fixture
def in_s3(bench: Bench) -> Access:
    """Return access to a bucket with a few objects."""
    for key in ("d/", "d/b.png", "d/a.jpg", "d2/c.png", "d/x/e.png"):
        bench.s3_client.put_object(Bucket=BUCKET, Key=key, Body=jpeg())
    return make_access(lambda: bench.services().s3)


def test_access_to_local_files_needs_no_aws(tmp_path: Path) -> None:
    """No credentials are looked for before an s3:// URI is."""
    (tmp_path / "a.jpg").write_bytes(jpeg())
    access = make_access(refuse)
    assert list(access.list_uris(str(tmp_path))) == [f"{tmp_path}/a.jpg"]
    assert access.open_bytes(f"{tmp_path}/a.jpg") == jpeg()
    assert access.image_size(f"{tmp_path}/a.jpg") == (70, 80)


def test_access_finds_a_size_behind_large_metadata(tmp_path: Path) -> None:
    """The first bytes are read first, and the whole file only where they do not tell."""
    (tmp_path / "a.jpg").write_bytes(jpeg(200_000))
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8 broken")
    access = make_access(refuse)
    assert access.image_size(f"{tmp_path}/a.jpg") == (70, 80)
    assert access.image_size(f"{tmp_path}/b.jpg") is None
    assert access.image_size(f"{tmp_path}/none.jpg") is None


def test_access_names_a_file_that_it_cannot_read(tmp_path: Path) -> None:
    """The path and the reason."""
    with pytest.raises(DataNotFoundError, match=f"Cannot read {tmp_path}/none: No such file"):
        make_access(refuse).open_bytes(f"{tmp_path}/none")


@pytest.mark.parametrize(
    ("prefix", "keys"),
    [
        ("d", ["d/a.jpg", "d/b.png", "d/x/e.png"]),
        ("d/", ["d/a.jpg", "d/b.png", "d/x/e.png"]),
        ("d/a.jpg", ["d/a.jpg"]),
        ("d/a", []),
        ("none", []),
        ("", ["d/a.jpg", "d/b.png", "d/x/e.png", "d2/c.png"]),
    ],
)
def test_access_lists_a_prefix_as_if_it_were_a_folder(
    in_s3: Access, prefix: str, keys: list[str]
) -> None:
    """A prefix ends at a `/`; marks of empty folders are no files."""
    found = in_s3.list_uris(f"s3://{BUCKET}/{prefix}")
    assert list(found) == [f"s3://{BUCKET}/{key}" for key in keys]


def test_access_reads_objects(in_s3: Access) -> None:
    """Content and size; an image that is not there has no size."""
    assert in_s3.open_bytes(f"s3://{BUCKET}/d/a.jpg") == jpeg()
    assert in_s3.image_size(f"s3://{BUCKET}/d/a.jpg") == (70, 80)
    assert in_s3.image_size(f"s3://{BUCKET}/d/none.jpg") is None
    with pytest.raises(AwsRefusedError):
        in_s3.open_bytes(f"s3://{BUCKET}/none")


def test_access_refuses_a_uri_without_a_bucket() -> None:
    """AWS is not asked for it."""
    with pytest.raises(ConfigError, match="names no bucket"):
        make_access(refuse).list_uris("s3://")
