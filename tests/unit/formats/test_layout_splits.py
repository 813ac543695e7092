"""Tests of the splits that formats tell themselves."""

from rcl_flow.formats.layout_splits import cvat_splits, voc_splits, yolo_splits
from tests.unit.formats.memory import access_to


def splits(description: str, *images: str) -> list[str]:
    """Return the splits of a data.yaml with images below /d."""
    files = {"/d/data.yaml": description.encode(), **{f"/d/{name}": b"" for name in images}}
    return list(yolo_splits("/d", access_to(files)).names)


def test_yolo_has_the_splits_whose_images_are_there() -> None:
    """A place that is named and not there is no split."""
    told = "names: [a]\ntrain: train/images\nval: ../valid/images\ntest: test/images\n"
    assert splits(told, "train/images/1.png", "valid/images/2.png") == ["train", "val"]


def test_yolo_places_that_are_not_there_are_told() -> None:
    """A folder that was not unpacked, and text files whose images are gone."""
    files = {
        "/d/data.yaml": b"names: [a]\ntrain: images\ntest: ../test/images\nval:\n",
        **dict.fromkeys(
            ("/d/images/1.png", "/d/labels/1.txt", "/d/labels/classes.txt", "/d/labels/b/2.txt"),
            b"",
        ),
    }
    assert yolo_splits("/d", access_to(files)).notes == (
        "There are no images for `test`, which /d names: there is nothing at /d/../test/images.",
        "Text files without an image: 1, such as /d/labels/b/2.txt.",
    )


def test_yolo_split_that_repeats_another_is_none() -> None:
    """Small examples name one folder for training and validation."""
    assert splits("names: [a]\ntrain: images\nval: images\n", "images/1.png") == ["train"]


def test_faults_are_left_to_reading() -> None:
    """A broken description has no splits, and is refused when it is read."""
    assert splits("names: 1\ntrain: 2\n") == []


def test_voc_has_a_split_for_each_list() -> None:
    """Lists of single labels and of trainval are no sets of their own."""
    lists = ("train", "val", "trainval", "cat_train")
    assert voc_splits([f"ImageSets/Main/{name}.txt" for name in lists]) == ["train", "val"]


def subsets(*names: str) -> list[str]:
    """Return the splits of a CVAT export with one image in each subset; an empty name is none."""
    images = "".join(f'<image subset="{name}"/>' if name else "<image/>" for name in names)
    files = {"/d/a.xml": f"<annotations>{images}</annotations>".encode()}
    return cvat_splits("/d/a.xml", access_to(files))


def test_cvat_has_its_subsets() -> None:
    """Each once; where an image is in none, they do not divide the images."""
    assert subsets("Train", "Validation", "Train") == ["Train", "Validation"]
    assert subsets("Train", "Validation", "") == []


def test_broken_cvat_export_is_left_to_reading() -> None:
    """It has no splits, and is refused when it is read."""
    assert cvat_splits("/d/a.xml", access_to({"/d/a.xml": b"<annotations>"})) == []
