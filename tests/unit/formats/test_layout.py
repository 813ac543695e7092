"""Tests of finding the sets that a place holds."""

from collections.abc import Mapping

import pytest

from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.formats.layout import Layout, SeveralFiles, find_layout
from tests.unit.formats.memory import access_to

COCO = '{"images": []}'


def look(
    *names: str,
    place: str = "/d",
    kind: SourceKind | None = None,
    annotations: str | None = None,
    contents: Mapping[str, str] | None = None,
) -> Layout | SeveralFiles:
    """Look among files of /d: empty ones of those names, and those with contents."""
    files = {f"/d/{name}": b"" for name in names}
    files |= {f"/d/{name}": text.encode() for name, text in (contents or {}).items()}
    return find_layout(place, access_to(files), kind=kind, annotations=annotations)


def sets(found: Layout | SeveralFiles) -> dict[str, tuple[str, str, str | None]]:
    """Return format, place and split of each set."""
    assert isinstance(found, Layout)
    return {
        split: (one.kind, one.uri.removeprefix("/d/"), one.split)
        for split, one in found.sets.items()
    }


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("cat/1.png", "dog/1.png"), ("folder", "/d", None)),
        (("train/1.png", "bus/1.png"), ("folder", "/d", None)),
        (("1.png", "labels.csv"), ("folder", "/d", None)),
        (("zip/cat/1.png", "zip/dog/1.png"), ("folder", "zip", None)),
        (("images/1.png", "Annotations/1.xml"), ("voc", "/d", None)),
        (("Annotations/a/1.xml", "Annotations/b/1.xml"), ("voc", "/d", None)),
        (("images/1.png", "classes.txt"), ("yolo", "/d", None)),
        (("images/1.png", "x.manifest"), ("manifest", "x.manifest", None)),
    ],
)
def test_undivided_images_are_one_set(names: tuple[str, ...], found: tuple[str, str, None]) -> None:
    """What nobody has divided is to be divided."""
    assert sets(look(*names)) == {"train": found}


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        (("train", "valid", "test"), {"train": "train", "test": "valid", "holdout": "test"}),
        (("train", "test", "holdout"), {"train": "train", "test": "test", "holdout": "holdout"}),
        (("train", "val"), {"train": "train", "test": "val"}),
        (("training", "testing"), {"train": "training", "test": "testing"}),
        (("train", "holdout"), {"train": "train", "holdout": "holdout"}),
    ],
)
def test_folders_of_sets_are_sets(folders: tuple[str, ...], found: dict[str, str]) -> None:
    """`val` is what the service tests on, and `test` what judges at the end."""
    names = [f"{folder}/{label}/1.png" for folder in folders for label in ("cat", "dog")]
    assert sets(look(*names)) == {split: ("folder", uri, None) for split, uri in found.items()}


def test_what_init_and_runs_leave_below_is_no_annotation() -> None:
    """`demo-data demo`, a config for it, notes and a workspace that is not hidden."""
    images = [f"demo/{split}/{label}/1.png" for split in ("train", "test") for label in "ab"]
    beside = ["notes.txt", "rcl-flow.yaml", "ws/state.sqlite", "ws/runs/1/audit.json"]
    own = ["demo/splits/train.manifest", "demo/splits/split.json", "demo/rcl-flow.yaml"]
    schema = {"demo/flow.schema.json": '{"images": []}'}
    assert sets(look(*images, *beside, *own, contents=schema)) == {
        "train": ("folder", "demo/train", None),
        "test": ("folder", "demo/test", None),
    }


def test_what_no_set_takes_is_told() -> None:
    """With test and holdout there is no place for val, nor for folders of other names."""
    names = [f"{folder}/cat/1.png" for folder in ("train", "val", "test", "holdout", "misc")]
    found = look(*names)
    assert isinstance(found, Layout)
    assert found.notes == (
        "/d/val is not used: test and holdout are there.",
        "/d/misc is not used.",
    )


def test_coco_beside_its_images_is_divided_by_the_names_of_its_files() -> None:
    """The layout of COCO itself, but for one kind of annotations."""
    found = look(
        "train2017/1.jpg",
        contents=dict.fromkeys(
            (f"annotations/instances_{role}2017.json" for role in ("train", "val")), COCO
        ),
    )
    assert sets(found) == {
        "train": ("coco", "annotations/instances_train2017.json", None),
        "test": ("coco", "annotations/instances_val2017.json", None),
    }


def test_exports_with_annotations_in_each_folder_are_divided_by_folders() -> None:
    """COCO files and Pascal VOC's files among the images of each set."""
    coco = {f"{folder}/annotations.json": COCO for folder in ("train", "valid", "test")}
    assert [one[1] for one in sets(look("train/1.jpg", contents=coco)).values()] == [
        "train/annotations.json",
        "valid/annotations.json",
        "test/annotations.json",
    ]
    voc = {f"{folder}/1.xml": "<annotation>" for folder in ("train", "valid")}
    assert sets(look("train/1.jpg", contents=voc)) == {
        "train": ("voc", "train", None),
        "test": ("voc", "valid", None),
    }


def test_formats_tell_their_splits() -> None:
    """YOLO's data.yaml and Pascal VOC's lists."""
    yolo = look(
        *("train/images/1.png", "valid/images/2.png", "test/images/3.png"),
        contents={
            "data.yaml": "names: [a]\ntrain: train/images\nval: valid/images\ntest: test/images\n"
        },
    )
    assert {split: one[2] for split, one in sets(yolo).items()} == {
        "train": "train",
        "test": "val",
        "holdout": "test",
    }
    lists = ("ImageSets/Main/train.txt", "ImageSets/Main/val.txt", "Annotations/1.xml")
    assert [one[2] for one in sets(look(*lists)).values()] == ["train", "val"]


@pytest.mark.parametrize("place", ["/d", "/d/a.xml"])
def test_subsets_of_cvat_are_sets(place: str) -> None:
    """Both where the export is found and where it is named; what no set takes is told."""
    subsets = ("Train", "Validation", "Test", "old")
    images = "".join(f'<image name="1.png" subset="{name}"/>' for name in subsets)
    found = look(place=place, contents={"a.xml": f"<annotations>{images}</annotations>"})
    assert sets(found) == {
        "train": ("cvat", "a.xml", "Train"),
        "test": ("cvat", "a.xml", "Validation"),
        "holdout": ("cvat", "a.xml", "Test"),
    }
    assert isinstance(found, Layout)
    assert found.notes == ("The images of old in /d/a.xml are not used.",)


def test_subsets_that_mean_the_same_do_not_divide() -> None:
    """No images are passed over because two subsets have names for one set."""
    images = "".join(f'<image subset="{name}"/>' for name in ("Train", "val", "Validation"))
    found = look(contents={"a.xml": f"<annotations>{images}</annotations>"})
    assert sets(found) == {"train": ("cvat", "a.xml", None)}


def test_files_that_cannot_all_be_meant_are_told() -> None:
    """One of each kind, and any of a kind's files chooses the kind."""
    files = {
        f"a/{kind}.{role}.json": COCO for kind in ("boxes", "poses") for role in ("train", "val")
    }
    found = look(contents=files)
    assert found == SeveralFiles("/d", ("a/boxes.train.json", "a/poses.train.json"))
    chosen = sets(look(annotations="a/poses.val.json", contents=files))
    assert [one[1] for one in chosen.values()] == ["a/poses.train.json", "a/poses.val.json"]
    with pytest.raises(ConfigError, match="no file of annotations x") as raised:
        look(annotations="x", contents=files)
    assert "--annotations takes one of: a/boxes.train.json" in raised.value.hint


def test_labels_of_a_flat_folder_with_named_columns_are_csv() -> None:
    """Boxes in labels.csv are read, which the file beside folders of labels cannot hold."""
    assert sets(look("1.png", contents={"labels.csv": "image,label,xmin\n"})) == {
        "train": ("csv", "labels.csv", None)
    }
    assert (
        sets(look("a/1.png", "b/1.png", contents={"labels.csv": "image,label\n"}))["train"][0]
        == "folder"
    )


def test_table_beside_folders_of_labels_is_not_taken_for_labels() -> None:
    """Photographers and years are none; which is meant, only the user knows."""
    table = {"info.csv": "path,by,year\ncat/1.png,Ann,2020\n"}
    pictures = ("cat/1.png", "dog/1.png")
    with pytest.raises(ConfigError, match=r"2 folders of images and info\.csv, a table") as told:
        look(*pictures, contents=table)
    assert "--format folder" in told.value.hint
    assert "--columns" in told.value.hint
    assert sets(look(*pictures, contents=table, kind="folder"))["train"][0] == "folder"
    assert sets(look(*pictures, contents=table, kind="csv"))["train"][0] == "csv"
    assert sets(look(*pictures, contents=table, annotations="info.csv"))["train"][0] == "csv"
    assert sets(look("images/1.png", contents=table))["train"][0] == "csv"
    hot = {"info.csv": "path,cat,dog\ncat/1.png,1,0\n"}
    assert sets(look(*pictures, contents=hot))["train"][0] == "csv"


def test_format_that_is_told_counts() -> None:
    """Other formats beside it are passed over."""
    files = {"x.json": COCO, "y.csv": "image,label\n"}
    assert sets(look("a/1.png", kind="csv", contents=files)) == {"train": ("csv", "y.csv", None)}
    assert sets(look("a/1.png", kind="folder", contents=files)) == {"train": ("folder", "/d", None)}


def test_format_that_is_told_and_not_there_is_refused() -> None:
    """Folders of labels are not taken for something else."""
    with pytest.raises(ConfigError, match="no annotations of the format coco in /d"):
        look("a/1.png", "b/1.png", kind="coco")


def test_file_of_no_known_format_is_told_which_option_names_it() -> None:
    """By the option that every command has for it."""
    with pytest.raises(ConfigError, match=r"format of /d/x\.txt is not known") as raised:
        look("x.txt", place="/d/x.txt")
    assert "--format: folder" in raised.value.hint


def test_file_is_one_set_and_knows_the_images_beside_it() -> None:
    """A file that was named is not looked for."""
    found = look("1.png", place="/d/x.json", contents={"x.json": COCO})
    assert sets(found) == {"train": ("coco", "x.json", None)}
    assert isinstance(found, Layout)
    assert found.images == ("/d/1.png",)


def test_own_files_are_passed_over() -> None:
    """A second look at a folder with a config finds what the first one found."""
    ours = ("rcl-flow.yaml", "flow.schema.json", "splits/train.manifest", "splits/split.json")
    assert sets(look("cat/1.png", "dog/1.png", *ours)) == {"train": ("folder", "/d", None)}


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("1.png", "2.png"), "The 2 images in /d have no labels"),
        (("images/1.png", "images/2.png"), "have no labels"),
        (("x.txt",), "no images and no annotations in /d"),
    ],
)
def test_images_without_labels_are_one_clear_error(names: tuple[str, ...], says: str) -> None:
    """A flat folder cannot be trained on, and the hint says what would do."""
    with pytest.raises(DataNotFoundError, match=says):
        look(*names)


@pytest.mark.parametrize(
    ("names", "says", "cure"),
    [
        (("images/1.png", "labels/1.txt"), "labels/1.txt", "data.yaml"),
        (("1.png", "1.json", "2.json"), "1.json, 2.json", "folder"),
        (("images/1.png",), "no file of annotations.", "folder"),
    ],
)
def test_files_that_are_no_annotations_are_named(
    names: tuple[str, ...], says: str, cure: str
) -> None:
    """Whoever has labels in them learns that they were seen and not understood."""
    with pytest.raises(DataNotFoundError) as told:
        look(*names)
    assert says in told.value.message
    assert cure in told.value.hint


def test_sets_without_one_for_training_are_refused() -> None:
    """There is nothing that a model could learn from."""
    files = {"val.csv": "", "test.csv": ""}
    with pytest.raises(ConfigError, match="none for training"):
        look("1.png", contents=files)


@pytest.mark.parametrize("text", ["labels/train/ride1/1.txt", "boxes/train/ride1/1.xml"])
def test_folders_of_images_beside_boxes_of_each_are_no_labels(text: str) -> None:
    """A detector's images would be trained on as a classifier's, with their folders for labels."""
    images = [f"images/{split}/ride{n}/1.png" for split in ("train", "val") for n in (1, 2)]
    with pytest.raises((ConfigError, DataNotFoundError)):
        look(*images, text)
    assert sets(look(*images, "notes/a/b.txt"))["test"] == ("folder", "images/val", None)


@pytest.mark.parametrize("other", ["holdout", "val"])
def test_folders_of_sets_without_one_for_training_are_no_labels(other: str) -> None:
    """Else images that are to judge a model would be trained on."""
    with pytest.raises(ConfigError, match="none for training"):
        look("test/one/1.png", "test/two/2.png", f"{other}/one/3.png", f"{other}/two/4.png")
