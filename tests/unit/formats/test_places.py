"""Tests of paths and URIs."""

import pytest

from rcl_flow.formats.places import bare_name, common_folder, image_at, join, name_below
from rcl_flow.formats.problems import AnnotationProblemError


@pytest.mark.parametrize(
    ("folder", "reference", "found"),
    [
        ("/d", "a/../b.png", "/d/a/../b.png"),
        ("/d/", "./b.png", "/d/b.png"),
        ("", "b.png", "b.png"),
        ("/d", "/b.png", "/b.png"),
        ("s3://b/d/", "../x/./c.png", "s3://b/x/c.png"),
        ("s3://b", "c.png", "s3://b/c.png"),
        ("/d", "s3://b//c.png", "s3://b//c.png"),
    ],
)
def test_join_leads_where_the_reference_says(folder: str, reference: str, found: str) -> None:
    """S3 knows no `..`; a local `..` may pass a link."""
    assert join(folder, reference) == found


@pytest.mark.parametrize("name", ["", "a\0b", "http://h/a.png", "gs://b/a.png"])
def test_image_must_be_a_path_or_in_s3(name: str) -> None:
    """The web is not read."""
    with pytest.raises(AnnotationProblemError):
        image_at("/d", name)


@pytest.mark.parametrize(
    ("uri", "folder", "name"),
    [
        ("/d/x/a.png", "/d", "x/a.png"),
        ("/d/../d/a.png", "/d/", "a.png"),
        ("/da/a.png", "/d", None),
        ("x/a.png", ".", "x/a.png"),
        ("/x/a.png", ".", None),
        ("../a.png", ".", None),
        ("s3://b/k/a.png", "s3://b/k/", "a.png"),
        ("s3://b/k/a.png", "/b/k", None),
        ("/a.png", "/", "a.png"),
    ],
)
def test_name_is_the_path_below_a_folder(uri: str, folder: str, name: str | None) -> None:
    """None where the image lies elsewhere."""
    assert name_below(uri, folder) == name


@pytest.mark.parametrize(
    ("uris", "folder"),
    [
        (["/d/x/a.png", "/d/y/b.png"], "/d"),
        (["a.png", "x/b.png"], "."),
        (["s3://b/x/a.png", "s3://b/x/y/b.png"], "s3://b/x"),
        (["s3://b/a.png", "s3://c/a.png"], None),
        (["s3://b/a.png", "/b/a.png"], None),
        (["/b/a.png", "b/a.png"], None),
        ([], None),
    ],
)
def test_common_folder_holds_every_image(uris: list[str], folder: str | None) -> None:
    """Buckets have no folder in common."""
    assert common_folder(uris) == folder


def test_bare_name_is_relative_and_stays_below() -> None:
    """A name cannot lead out of a destination."""
    assert bare_name("s3://b/k/a.png") == "b/k/a.png"
    assert bare_name("../../x/a.png") == "x/a.png"
    assert bare_name("/x/../a.png") == "a.png"
