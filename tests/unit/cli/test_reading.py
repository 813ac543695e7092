"""Tests of reading a config file and resolving its paths."""

from io import StringIO
from pathlib import Path

import pytest

from rcl_flow.cli.console import Console
from rcl_flow.cli.reading import read_config, tell_warnings
from rcl_flow.config.deprecations import Deprecation
from rcl_flow.config.overlays import ConfigText
from rcl_flow.config.reading import read_config_texts
from rcl_flow.errors import ConfigError, ConfigNotFoundError

TEXT = """
project: shades
data:
  train: {folder: data/train}
  test: {manifest: s3://acme-images/test.manifest}
  holdout: {manifest: data/holdout.manifest}
"""


def write(folder: Path, text: str | bytes = TEXT) -> Path:
    """Write a config and return its path."""
    path = folder / "rcl-flow.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_read_config_resolves_paths_from_the_files_folder(tmp_path: Path) -> None:
    """A config works from whatever folder it is run; S3 URIs stay as they are."""
    data = read_config(write(tmp_path)).data
    assert data.train is not None
    assert data.test is not None
    assert data.train.folder == str(tmp_path / "data/train")
    assert data.test.manifest == "s3://acme-images/test.manifest"
    assert data.holdout.manifest == str(tmp_path / "data/holdout.manifest")


def test_read_config_keeps_absolute_paths(tmp_path: Path) -> None:
    """An absolute path is not put below the config's folder."""
    config = read_config(write(tmp_path), ["data.train.folder=/srv/train"])
    assert config.data.train is not None
    assert config.data.train.folder == "/srv/train"


def test_read_config_lets_overrides_win(tmp_path: Path) -> None:
    """What the command line sets is what counts."""
    config = read_config(write(tmp_path), ["inference.concurrency=3"])
    assert config.inference.concurrency == 3


def test_read_config_names_file_and_line_of_a_mistake(tmp_path: Path) -> None:
    """A wrong key is found where it stands."""
    path = write(tmp_path, f"{TEXT}projekt: x\n")
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert f"{path}:7" in caught.value.message


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
def test_read_config_says_so_when_it_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    """A missing file, or one that is no text, is named."""
    path = tmp_path / "rcl-flow.yaml"
    if content is not None:
        write(tmp_path, content)
    with pytest.raises(ConfigNotFoundError, match=r"rcl-flow\.yaml") as caught:
        read_config(path)
    assert caught.value.slug == "config-not-found"


def test_read_config_says_so_when_it_is_a_folder(tmp_path: Path) -> None:
    """A folder is no config."""
    with pytest.raises(ConfigNotFoundError):
        read_config(tmp_path)


def test_read_config_lays_overlays_over_the_file(tmp_path: Path) -> None:
    """In the order that they are given."""
    overlays = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    overlays[0].write_text("project: a\nbackend: emulator\ntags: {a: b}\n")
    overlays[1].write_text("project: b\n")
    config = read_config(write(tmp_path), overlays=overlays)
    assert (config.project, config.tags) == ("b", {"a": "b"})


def test_old_names_are_told_on_stderr() -> None:
    """Stdout is the result's."""
    renamed = Deprecation("name", "project", "0.2.0")
    text = ConfigText(TEXT.replace("project:", "name:"), "c.yaml")
    read = read_config_texts([text], deprecations=[renamed])
    out, err = StringIO(), StringIO()
    tell_warnings(read, Console(as_json=True, stdout=out, stderr=err))
    assert out.getvalue() == ""
    assert err.getvalue() == "warning: c.yaml:2: name is project since 0.2.0.\n"
