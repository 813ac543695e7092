"""Tests of reading a config and its overlays from files."""

from pathlib import Path

import pytest

from rcl_flow.errors import ConfigNotFoundError
from rcl_flow.wiring.config_files import read_config_files

BASE = """\
project: parts
data:
  train: {folder: train}
  test: {folder: test}
  holdout: {folder: holdout}
  lineage: lineage.json
  arrivals: [{folder: new}]
"""
OVER = """\
data:
  train: {images: pictures}
  holdout: {folder: null, manifest: real.manifest}
  arrivals: [{coco: a.json, images: new}, {folder: 's3://parts/b/'}]
  production: belt
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a config and an overlay in another folder."""
    base, over = tmp_path / "flow.yaml", tmp_path / "conf" / "prod.yaml"
    over.parent.mkdir()
    base.write_text(BASE)
    over.write_text(OVER)
    return base, over


def test_paths_start_at_the_file_that_names_them(files: tuple[Path, Path]) -> None:
    """Those of an overlay at the overlay's folder."""
    base, over = files
    data = read_config_files(base, [over]).config.data
    here, there = base.parent, over.parent
    assert data.train is not None
    assert data.test is not None
    assert (data.train.folder, data.train.images) == (str(here / "train"), str(there / "pictures"))
    assert (data.test.folder, data.lineage) == (str(here / "test"), str(here / "lineage.json"))
    assert (data.holdout.manifest, data.production) == (
        str(there / "real.manifest"),
        str(there / "belt"),
    )
    first, second = data.arrivals
    assert (first.coco, first.images) == (str(there / "a.json"), str(there / "new"))
    assert second.folder == "s3://parts/b/"


def test_paths_of_set_start_at_the_config(files: tuple[Path, Path]) -> None:
    """Whatever the overlay says."""
    base, over = files
    overrides = ["data.production=here", "data.arrivals=[{folder: x}]"]
    data = read_config_files(base, [over], overrides).config.data
    assert data.production == str(base.parent / "here")
    assert [one.folder for one in data.arrivals] == [str(base.parent / "x")]


def test_variables_are_those_of_the_environment(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that a variable begins may be absolute."""
    base, _ = files
    monkeypatch.setenv("PARTS_IMAGES", "/srv/images")
    base.write_text(BASE.replace("{folder: train}", '{folder: "${PARTS_IMAGES}/train"}'))
    train = read_config_files(base).config.data.train
    assert train is not None
    assert train.folder == "/srv/images/train"


def test_overlay_that_is_not_there_is_named(files: tuple[Path, Path]) -> None:
    """Not the config, which is there, and which `rcl-flow init` would write anew."""
    base, over = files
    over.unlink()
    with pytest.raises(ConfigNotFoundError, match=r"the overlay \S*prod\.yaml: No such") as caught:
        read_config_files(base, [over])
    assert "init" not in caught.value.hint
    base.unlink()
    with pytest.raises(ConfigNotFoundError, match=r"the config \S+: No such") as caught:
        read_config_files(base, [over])
    assert "rcl-flow init" in caught.value.hint
