"""Tests of telling a source's format."""

import pytest

from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.formats.detecting import detect_source
from tests.unit.formats.memory import access_to


def detect(uri: str, *names: str, **contents: str) -> tuple[str, str]:
    """Detect among files of those names in /d, and of those contents (`_` stands for a dot)."""
    files = {f"/d/{name}": b"" for name in names}
    files |= {f"/d/{name.replace('_', '.')}": text.encode() for name, text in contents.items()}
    return detect_source(uri, access_to(files))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x_manifest", "", "manifest"),
        ("x_jsonl", "", "manifest"),
        ("x_csv", "", "csv"),
        ("x_tsv", "", "csv"),
        ("x_yaml", "", "yolo"),
        ("x_json", ' [{"data": {}}]', "label-studio"),
        ("x_json", '\ufeff{"info": 1, "images": []}', "coco"),
        ("x_json", '{"images": [', "coco"),
        ("x_json", "[", "label-studio"),
        ("x_json", '{"source-ref":"s3://b/k"}\n{"source-ref":"s3://b/k"}', "manifest"),
        ("x_xml", "<?xml version='1.0'?><!-- c --><annotations><version/>", "cvat"),
        ("x_xml", "<annotation verified='no'>", "voc"),
    ],
)
def test_file_is_told_by_its_name_or_beginning(name: str, content: str, kind: str) -> None:
    """Only .json and .xml are opened."""
    uri = f"/d/{name.replace('_', '.')}"
    assert detect(uri, **{name: content}) == (kind, uri)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["cat/1.png", "dog/1.jpg"], ("folder", "/d")),
        (["cat/1.png", "labels.csv"], ("folder", "/d")),
        (["data.yaml", "images/1.png", "labels/1.txt"], ("yolo", "/d")),
        (["classes.txt", "images/1.png"], ("yolo", "/d")),
        (["Annotations/1.xml", "JPEGImages/1.jpg"], ("voc", "/d")),
        (["1.xml", "1.jpg"], ("voc", "/d")),
        (["train.manifest", "images/1.jpg"], ("manifest", "/d/train.manifest")),
    ],
)
def test_folder_is_told_by_what_lies_in_it(names: list[str], found: tuple[str, str]) -> None:
    """A dataset's own files count before its images do."""
    assert detect("/d", *names) == found


def test_folder_of_one_annotation_file_is_that_file() -> None:
    """An export that was unpacked needs no further name."""
    assert detect("/d", "images/1.png", annotations_xml="<annotations>") == (
        "cvat",
        "/d/annotations.xml",
    )


def test_pattern_is_told_by_its_files() -> None:
    """Files of one format are one source; images are those of a folder."""
    assert detect("/d/*.csv", "a.csv", "b.csv") == ("csv", "/d/*.csv")
    assert detect("/d/*/*.png", "cat/1.png", "dog/1.png") == ("folder", "/d/*/*.png")


@pytest.mark.parametrize(
    "names", [["a.csv", "b.csv"], ["a.csv", "data.yaml"], ["a.manifest", "b.csv"]]
)
def test_folder_of_several_formats_is_refused(names: list[str]) -> None:
    """Each candidate is named."""
    with pytest.raises(ConfigError, match="/d may be of several formats") as raised:
        detect("/d", *names)
    assert "a." in raised.value.message
    assert "--format" in raised.value.hint


@pytest.mark.parametrize("name", ["x.txt", "x.json", "x.xml"])
def test_file_of_no_known_format_is_refused(name: str) -> None:
    """The formats that there are, are named."""
    with pytest.raises(ConfigError, match=f"The format of /d/{name} is not known") as raised:
        detect(f"/d/{name}", name)
    assert "label-studio" in raised.value.hint


def test_nothing_is_no_source() -> None:
    """A mistyped path is told as such, and so is a folder that is empty."""
    for uri in ("/e", "/d/*.csv"):
        with pytest.raises(DataNotFoundError, match=r"nothing at .*, and no folder with files\."):
            detect(uri, "x.txt")


@pytest.mark.parametrize(
    "content",
    [
        '{\n  "$schema": "x", "properties": {"images": {"type": "string"}}}',
        '{"format_version": 1, "images": [{"child_sha256": "a"}]}',
        '{"images": {"count": 3}}',
        '["a", "b"]',
    ],
)
def test_json_of_other_things_is_no_format(content: str) -> None:
    """A JSON Schema, our own files and counts of images are neither COCO nor Label Studio."""
    with pytest.raises(ConfigError, match="is not known"):
        detect("/d/x.json", x_json=content)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("id\tplace\n1\tBasel\n", ("folder", "/d")),
        ("0.1\t0.2\n", ("folder", "/d")),
        ("", ("folder", "/d")),
        ("1.jpg\tcat\n", ("csv", "/d/x.tsv")),
        ("image\tlabel\n1.jpg\tcat\n", ("csv", "/d/x.tsv")),
    ],
)
def test_table_of_other_things_hides_no_folders(content: str, found: tuple[str, str]) -> None:
    """Notes and embeddings beside folders of labels are not read in the images' place."""
    assert detect("/d", "cat/1.png", "dog/1.png", x_tsv=content) == found
