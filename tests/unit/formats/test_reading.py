"""Tests of reading any format, from files, folders and patterns."""

import pytest

from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.columns import ColumnMapping
from rcl_flow.formats.reading import fixed_folder, read_source
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import access_to, read_all


def test_pattern_reads_every_file_in_order() -> None:
    """Exports in several files are one source, in S3 too."""
    files = {
        "s3://b/x/2.csv": "b.jpg,cat",
        "s3://b/x/1.csv": "a.jpg,cat",
        "s3://b/x/1.txt": "",
        "s3://b/y/3.csv": "c.jpg,cat",
    }
    entries, _ = read_all("csv", "s3://b/x/*.csv", files)
    assert [entry.uri for entry in entries] == ["s3://b/x/a.jpg", "s3://b/x/b.jpg"]


def test_name_with_a_sign_of_a_pattern_is_taken_as_it_is() -> None:
    """Folders are called `data [old]`."""
    entries, _ = read_all("csv", "/d [old]/x.csv", {"/d [old]/x.csv": "a.jpg,cat"})
    assert entries == [SourceImage("/d [old]/a.jpg", ("cat",))]


@pytest.mark.parametrize("uri", ["/d/none.csv", "/d/*.json"])
def test_nothing_is_refused(uri: str) -> None:
    """The path is named."""
    with pytest.raises(DataNotFoundError, match="There is nothing at"):
        read_all("csv", uri, {"/d/x.csv": ""})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (SourceOptions(split="val"), "no split `val`"),
        (SourceOptions(mapping=ColumnMapping("a", ("b",))), "no columns"),
    ],
)
def test_what_a_format_cannot_heed_is_refused(options: SourceOptions, says: str) -> None:
    """Else more would be read than was asked for."""
    files = {"/d/x.json": '{"images": []}'}
    with pytest.raises(ConfigError, match=says):
        read_all("coco", "/d/x.json", files, options=options)


def test_images_are_opened_by_no_reader_that_has_their_size() -> None:
    """Labels are copied without a download."""
    manifest = b'{"source-ref":"s3://b/1.png","x":1,"x-metadata":{"class-name":"y"}}'
    # any other file than the manifest would be a KeyError
    found = read_source("manifest", "s3://b/m", access_to({"s3://b/m": manifest}))
    assert list(found) == [SourceImage("s3://b/1.png", ("y",))]


@pytest.mark.parametrize(
    ("uri", "folder"),
    [("/d/*.csv", "/d"), ("/d/x*/y/*.csv", "/d"), ("*.csv", "."), ("s3://b/p/*", "s3://b/p")],
)
def test_pattern_starts_at_its_fixed_folder(uri: str, folder: str) -> None:
    """Nothing above it is listed."""
    assert fixed_folder(uri) == folder
