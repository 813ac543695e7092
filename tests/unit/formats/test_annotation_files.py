"""Tests of finding files of annotations."""

from rcl_flow.formats.annotation_files import AnnotationFile, annotation_files
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
        "sub/c.xml": "<annotations>",
        "sub/deeper/d.csv": "",
        "e.txt": "",
        "f.yaml": "names: [a]\ntrain: x",
    }
    assert [(one.kind, one.name) for one in found(files)] == [
        ("csv", "a.csv"),
        ("coco", "b.json"),
        ("yolo", "f.yaml"),
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
