"""Tests of loading a config for a program."""

import warnings
from pathlib import Path

import pytest

from rcl_flow.errors import ConfigError, ConfigNotFoundError
from rcl_flow.wiring.loading import load_config, warn_of

CONFIG = """
project: parts
data: {train: {folder: a}, test: {folder: b}, holdout: {folder: c}}
gates: {min_holdout_images: 300}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A config file."""
    path = tmp_path / "rcl-flow.yaml"
    path.write_text(CONFIG)
    return path


def test_paths_start_at_the_folder_of_the_file(path: Path) -> None:
    """A notebook in another folder reads the same images, and a path may be a text."""
    config = load_config(str(path))
    assert config.data.holdout.uri == str(path.parent / "c")
    assert config.gates.min_holdout_images == 300


def test_overrides_win_over_overlays_and_these_over_the_file(path: Path) -> None:
    """What is given later wins."""
    overlay = path.parent / "prod.yaml"
    overlay.write_text("gates: {min_holdout_images: 400, min_holdout_f1: 0.7}\n")
    config = load_config(path, ["gates.min_holdout_f1=0.9"], overlays=[str(overlay)])
    assert (config.gates.min_holdout_images, config.gates.min_holdout_f1) == (400, 0.9)


def test_one_text_is_not_taken_for_many(path: Path) -> None:
    """A text is a sequence of texts to Python; here it is one file, and one field."""
    overlay = path.parent / "prod.yaml"
    overlay.write_text("gates: {min_holdout_images: 400}\n")
    config = load_config(path, "gates.min_holdout_f1=0.9", overlays=str(overlay))
    assert (config.gates.min_holdout_images, config.gates.min_holdout_f1) == (400, 0.9)


def test_path_that_can_be_none_is_not_found() -> None:
    """A character that no path has."""
    with pytest.raises(ConfigNotFoundError, match="null"):
        load_config("a\0b.yaml")


def test_nothing_is_warned_of_a_config_of_today(path: Path) -> None:
    """Only old names make a warning."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        load_config(path)
    assert [str(one.message) for one in told] == []


def test_old_names_are_warned_of_where_the_config_is_loaded() -> None:
    """The place that a notebook shows is that of the call, not one of ours."""

    def loading() -> None:
        warn_of(["`a` is `b` now.", "`c` is gone."])

    with pytest.warns(FutureWarning) as told:
        loading()
    assert [str(one.message) for one in told] == ["`a` is `b` now.", "`c` is gone."]
    assert {one.filename for one in told} == {__file__}


def test_mistakes_are_one_error(path: Path) -> None:
    """A file that is not there, and a field that is none, are told as on the command line."""
    with pytest.raises(ConfigNotFoundError, match=r"nowhere\.yaml"):
        load_config(path.parent / "nowhere.yaml")
    with pytest.raises(ConfigError, match="did you mean 'gates'"):
        load_config(path, ["gate.min_holdout_f1=0.9"])
