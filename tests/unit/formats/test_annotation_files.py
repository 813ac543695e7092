"""Tests of finding files of annotations."""

from dataclasses import replace

import pytest

from rcl_flow.errors import ConfigError
from rcl_flow.formats.annotation_files import (
    AnnotationFile,
    annotation_files,
    told_source,
)
from tests.unit.formats.memory import access_to


def found(files: dict[str, str]) -> list[AnnotationFile]:
    """Return what is found among files of /d."""
    contents = {f"/d/{name}": text.encode() for name, text in files.items()}
    names = {name: f"/d/{name}" for name in files}
    return list(annotation_files("/d", names, access_to(contents)))


def test_files_are_told_by_name_or_content() -> None:
    """Configs of other programs, notes and files further down are passed over."""
    files = {
        "a.csv": "image,label\n",
        "b.json": '{"images": []}',
        "package.json": "{}",
        "compose.yaml": "services: {}",
        "flow.yaml": "project: file-names\ndata: {names_of: x}\n",
        "flow.schema.json": '{"$schema": "x", "properties": {"images": []}}',
        "journal.jsonl": '{"step": "images"}\n',
        "sub/c.xml": "<annotations>",
        "sub/deeper/d.csv": "",
        "e.txt": "",
        "f.yaml": "names: [a]\ntrain: x",
        "g.jsonl": '{"source-ref": "1.png"}\n',
        "h.yaml": "{train: x, 'names': [a]}",
    }
    assert [(one.kind, one.name) for one in found(files)] == [
        ("csv", "a.csv"),
        ("coco", "b.json"),
        ("yolo", "f.yaml"),
        ("manifest", "g.jsonl"),
        ("yolo", "h.yaml"),
        ("cvat", "sub/c.xml"),
    ]


def test_files_of_pascal_voc_are_their_folder() -> None:
    """One of them is opened for all."""
    files = {
        "train/1.xml": "<annotation>",
        "train/2.xml": "never opened",
        "top.xml": "<annotation>",
    }
    assert [(one.kind, one.name, one.uri) for one in found(files)] == [
        ("voc", ".", "/d"),
        ("voc", "train", "/d/train"),
    ]


def test_csv_with_known_columns_is_told() -> None:
    """Such a file says itself what it means."""
    known = {one.name: one.names_columns for one in found({"a.csv": "image,label", "b.csv": "1,2"})}
    assert known == {"a.csv": True, "b.csv": False}


def test_folders_are_no_labels_where_a_file_in_one_annotates_the_images() -> None:
    """The labels would be called `annotations` and `images`; tables may say anything."""
    images = {"/d/images/1.png": b"", "/d/notes/a.csv": b"x,1", "/d/notes/b.json": b"{}"}
    assert told_source("/d", access_to(images)) == ("folder", "/d")
    images["/d/annotations/all.json"] = b'{"images": []}'
    with pytest.raises(ConfigError, match=r"/d/annotations/all\.json \(coco\)") as raised:
        told_source("/d", access_to(images))
    assert "--format folder" in raised.value.hint
    del images["/d/annotations/all.json"]
    images["/d/images/labels.csv"] = b"image,label\n1.png,cat\n"
    assert told_source("/d", access_to(images)) == ("folder", "/d")
    for table in (b"filename,class\n1.png,cat\n", b"filename,cat,dog\n1.png,1,0\n"):
        with pytest.raises(ConfigError, match=r"/d/images/_classes\.csv \(csv\)"):
            told_source("/d", access_to(images | {"/d/images/_classes.csv": table}))
    assert told_source("/d/*/*.png", access_to(images)) == ("folder", "/d/*/*.png")


@pytest.mark.parametrize("name", ["cat/1.json", "cat/1.png.json", "cat/shots.json"])
def test_told_source_passes_over_what_is_known_of_each_image(name: str) -> None:
    """Files of single images are not even opened: of a large prefix in S3 that takes hours."""
    files = {"/d/cat/1.png": b"", "/d/dog/2.png": b"", f"/d/{name}": b'[{"camera": "x"}]'}
    access, opened = access_to(files), list[str]()

    def open_bytes(uri: str) -> bytes:
        opened.append(uri)
        return files[uri]

    assert told_source("/d", replace(access, open_bytes=open_bytes)) == ("folder", "/d")
    assert set(opened) == ({f"/d/{name}"} if "shots" in name else set())
