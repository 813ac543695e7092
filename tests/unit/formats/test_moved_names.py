"""Tests of finding images by the names that another machine gave them."""

import pytest

from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.moved_names import name_elsewhere
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import read_all


def test_names_of_windows_lead_to_the_images() -> None:
    """Where no file is called so; what is there under the very name is meant by it."""
    head = "image,label,left,top,width,height\n"
    table = head + "img\\a.jpg,cat,1,2,3,4\nb\\c.jpg,cat,,,,\nno\\d.jpg,cat,,,,\n"
    files = {"/d/x.csv": table, "/d/img/a.jpg": "", "/d/b\\c.jpg": "", "/d/b/c.jpg": ""}
    entries, _ = read_all("csv", "/d/x.csv", files, sizes={"/d/img/a.jpg": (64, 80)})
    assert [entry.uri for entry in entries] == ["/d/img/a.jpg", "/d/b\\c.jpg", "/d/no\\d.jpg"]
    assert isinstance(entries[0], SourceImage)
    assert entries[0].size_pixels == (64, 80)


@pytest.mark.parametrize("name", ["/home/x/img/a.jpg", r"C:\data\img\a.jpg", "c:/img/a.jpg"])
def test_whole_path_of_another_machine_leads_into_the_folder_that_is_told(name: str) -> None:
    """As far as its end is the same; a path that is right stays."""
    files = {"/d/x.csv": f"image,label\n{name},cat\n", "/p/img/a.jpg": "", "/p/a.jpg": ""}
    told = SourceOptions(images="/p")
    entries, _ = read_all("csv", "/d/x.csv", files, options=told)
    assert entries == [SourceImage("/p/img/a.jpg", ("cat",))]
    if name.startswith("/"):
        entries, _ = read_all("csv", "/d/x.csv", {**files, name: ""}, options=told)
        assert entries == [SourceImage(name, ("cat",))]


def test_two_names_never_mean_one_image() -> None:
    """One of the labels would be wrong, and nobody could say which."""
    files = {"/d/x.csv": "/u/1/a.jpg,cat\n/u/2/a.jpg,dog\n/u/2/b.jpg,dog\n", "/p/a.jpg": ""}
    first, second, gone = read_all("csv", "/d/x.csv", files, options=SourceOptions("/p"))[0]
    assert first == UnusableImage("/u/1/a.jpg", "it may be /p/a.jpg, as may /u/2/a.jpg")
    assert second == UnusableImage("/u/2/a.jpg", "it may be /p/a.jpg, as may /u/1/a.jpg")
    assert gone == SourceImage("/u/2/b.jpg", ("dog",))


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("a/b.jpg", "a/b.jpg"),
        (r"a\b.jpg", "a/b.jpg"),
        ("/a/b.jpg", "b.jpg"),
        (r"C:\a\b.jpg", "b.jpg"),
    ],
)
def test_only_a_relative_name_is_the_same_elsewhere(name: str, same: str) -> None:
    """Of a whole path, the file's own name is."""
    assert name_elsewhere(name) == same
