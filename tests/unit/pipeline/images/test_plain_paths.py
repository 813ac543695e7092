"""Tests of shortening paths that leave a folder which they have entered."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.pipeline.images.plain_paths import PlainPaths


@pytest.mark.parametrize(
    ("given_path", "plain"),
    [
        ("parts/../photos/a.jpg", "photos/a.jpg"),
        ("parts/splits/../../photos/../demo/a.jpg", "demo/a.jpg"),
        ("../photos/a.jpg", "../photos/a.jpg"),
        ("../../a.jpg", "../../a.jpg"),
        ("a/../../b.jpg", "../b.jpg"),
        ("/data/a/../b.jpg", "/data/b.jpg"),
        ("/../b.jpg", "/../b.jpg"),
        ("./../b.jpg", "./../b.jpg"),
        ("parts/..", "."),
        ("a..b/..c.jpg", "a..b/..c.jpg"),
        ("s3://bucket/a/../b.jpg", "s3://bucket/a/../b.jpg"),
    ],
)
def test_turns_are_left_out(given_path: str, plain: str) -> None:
    """A message names the file by the path that a person would type."""
    assert PlainPaths()(given_path) == plain


def test_what_leads_through_a_link_stays(tmp_path: Path) -> None:
    """Beside a link's target lies something else than beside the link."""
    (tmp_path / "real" / "inner").mkdir(parents=True)
    (tmp_path / "real" / "a.jpg").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "inner")
    through = f"{tmp_path}/link/../a.jpg"
    assert PlainPaths()(through) == through
    assert Path(through).is_file()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds folders and a link between them."""
    made = tmp_path_factory.mktemp("links")
    (made / "a" / "b").mkdir(parents=True)
    (made / "b").mkdir()
    (made / "link").symlink_to(made / "a" / "b")
    (made / "a" / "link").symlink_to(made / "b")
    return made


@given(st.lists(st.sampled_from(["a", "b", "link", "..", "."]), min_size=1, max_size=8))
def test_the_place_is_the_same(folder: Path, parts: list[str]) -> None:
    """Whatever the turns and the links, the file system finds the same place."""
    path = "/".join([folder.as_posix(), *parts, "a.jpg"])
    assert Path(PlainPaths()(path)).resolve() == Path(path).resolve()
