"""Tests of how written files refer to images: names, paths and keys lead to them."""

from pathlib import Path

import pytest

from rcl_flow.core.datasets.manifest import parse_manifest
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import DataNotFoundError
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.reading import read_source
from rcl_flow.formats.source import SourceImage
from tests.unit.pipeline.data.conversions import LOCAL, picture, run

HEADER = "image,xmin,ymin,xmax,ymax,label"
BOXED: list[SourceKind] = ["csv", "coco", "yolo", "voc", "label-studio", "cvat"]


def table(path: Path, rows: dict[str, str]) -> Path:
    """Write a table with a box of a label for each image."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{image},5,6,25,36,{label}" for image, label in rows.items()]
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def seen(kind: SourceKind, place: Path) -> dict[Path, tuple[str, ...]]:
    """Return the labels of each image that a source leads to, all of which are there."""
    entries = list(read_source(kind, str(place), LOCAL, options=SourceOptions()))
    assert all(isinstance(entry, SourceImage) for entry in entries), entries
    return {
        Path(one.uri).resolve(strict=True): one.labels
        for one in entries
        if isinstance(one, SourceImage)
    }


def destination(folder: Path, kind: SourceKind) -> Path:
    """Return where to write a format, a file or a folder."""
    names = {"csv": "x.csv", "coco": "x.json", "label-studio": "t.json", "cvat": "x.xml"}
    return folder / names.get(kind, kind)


@pytest.mark.parametrize("kind", BOXED)
def test_images_of_one_name_in_two_places_stay_apart(
    tmp_path: Path, kind: SourceKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from within the source's folder, where relative paths begin alike."""
    source = tmp_path / "d" / "ann"
    labels = {"../img/1.jpg": "cat", "sub/2.jpg": "cat", "img/1.jpg": "dog"}
    for name in labels:
        picture(source / name)
    monkeypatch.chdir(source)
    table(Path("l.csv"), labels)
    written = destination(tmp_path / "out", kind)
    done = run("l.csv", written, kind)
    assert done.losses.losses == ()
    truth = {(source / name).resolve(): (label,) for name, label in labels.items()}
    assert seen(kind, written) == truth


@pytest.mark.parametrize("kind", ["yolo", "voc"])
def test_nothing_is_written_outside_the_destination(
    tmp_path: Path, kind: SourceKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images may lie above the folder that the command is typed in."""
    here = tmp_path / "e" / "q" / "r" / "w"
    labels = {"../../../1.jpg": "cat", "../w/2.jpg": "dog"}
    table(here / "l.csv", labels)
    for name in labels:
        picture(here / name)
    before = set(tmp_path.rglob("*"))
    monkeypatch.chdir(here)
    run("l.csv", Path("out") / kind, kind)
    made = set(tmp_path.rglob("*")) - before
    assert all(path.is_relative_to(here / "out") for path in made)
    assert len(seen(kind, here / "out" / kind)) == len(labels)


def test_key_of_an_image_is_its_path_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Absolute or relative, in the table and on the command line."""
    for name in ("0.jpg", "1.jpg"):
        picture(tmp_path / "mx" / "img" / "cam" / name)
    monkeypatch.chdir(tmp_path)
    rows = {"img/cam/0.jpg": "cat", f"{tmp_path}/mx/img/cam/1.jpg": "dog"}
    source = table(Path("mx/l.csv"), rows)
    for number, given in enumerate((source, source.absolute())):
        written = tmp_path / f"{number}.manifest"
        run(given, written, "manifest", images_prefix="s3://bkt/p")
        lines = parse_manifest(written.read_bytes())
        assert [line.source_ref for line in lines] == [
            *("s3://bkt/p/img/cam/0.jpg", "s3://bkt/p/img/cam/1.jpg")
        ]


@pytest.mark.parametrize("kind", BOXED)
def test_references_lead_to_the_images_through_links(tmp_path: Path, kind: SourceKind) -> None:
    """Both the source and the destination may be behind one."""
    picture(tmp_path / "real" / "set" / "img" / "0.jpg")
    table(tmp_path / "real" / "set" / "ann" / "l.csv", {"../img/0.jpg": "cat"})
    (tmp_path / "disk" / "deep" / "vol").mkdir(parents=True)
    (tmp_path / "out").symlink_to(tmp_path / "disk" / "deep" / "vol")
    (tmp_path / "ann").symlink_to(tmp_path / "real" / "set" / "ann")
    written = destination(tmp_path / "out", kind)
    run(tmp_path / "ann" / "l.csv", written, kind)
    assert list(seen(kind, written)) == [tmp_path / "real" / "set" / "img" / "0.jpg"]


def test_folder_into_which_no_image_could_be_copied_is_refused(tmp_path: Path) -> None:
    """Nothing was written, which is no success."""
    source = table(tmp_path / "l.csv", {"0.jpg": "cat"})
    with pytest.raises(DataNotFoundError, match="None of the 1 images"):
        run(source, tmp_path / "out", "folder")
    assert not (tmp_path / "out").exists()
