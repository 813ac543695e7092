"""Tests of what `init` writes, and where it refuses to."""

from pathlib import Path

import pytest

from rcl_flow.core.proposing.first_config import FirstSettings
from rcl_flow.errors import ConfigError
from rcl_flow.formats.layout import FoundSet
from rcl_flow.pipeline.data.first_files import check_settings, relative_to, require_free, source_of


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (FirstSettings("a b"), "--project 'a b' cannot be used"),
        (FirstSettings("a", region="x"), "--region 'x' cannot be used"),
        (FirstSettings("a", "aws", bucket="A"), "--bucket 'A' cannot be used"),
        (FirstSettings("a", "aws"), "needs a bucket"),
    ],
)
def test_settings_that_no_config_can_have_name_their_option(
    settings: FirstSettings, says: str
) -> None:
    """They are refused before images are read."""
    with pytest.raises(ConfigError, match=says):
        check_settings(settings)


def test_settings_of_either_backend_can_be_had() -> None:
    """The emulator needs no bucket."""
    check_settings(FirstSettings("parts"))
    check_settings(FirstSettings("parts", "aws", bucket="parts-data"))


@pytest.mark.parametrize("name", ["rcl-flow.yaml", "splits/split.json", "splits/test.manifest"])
def test_each_file_of_ours_is_in_the_way(name: str, tmp_path: Path) -> None:
    """A config, a plan or a manifest is not replaced unasked."""
    require_free(tmp_path, force=False)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("")
    with pytest.raises(ConfigError, match=Path(name).name):
        require_free(tmp_path, force=False)
    require_free(tmp_path, force=True)


def test_file_is_no_folder_for_a_config(tmp_path: Path) -> None:
    """A mixed-up DIR is told before images are read."""
    (tmp_path / "x.json").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        require_free(tmp_path / "x.json", force=True)


@pytest.mark.parametrize(
    ("uri", "written"),
    [
        ("{}/a/parts/x.csv", "x.csv"),
        ("{}/a/photos", "../photos"),
        ("{}/a", ".."),
        ("{}/b/c/d", "../../b/c/d"),
        ("/elsewhere/photos", "/elsewhere/photos"),
        ("s3://bucket/key", "s3://bucket/key"),
    ],
)
def test_paths_are_relative_where_they_are_near(uri: str, written: str, tmp_path: Path) -> None:
    """A project can be moved with its images; images elsewhere keep their place."""
    folder = tmp_path / "a" / "parts"
    folder.mkdir(parents=True)
    assert relative_to(folder, uri.format(tmp_path)) == written


def test_source_is_named_as_a_config_names_it() -> None:
    """Columns belong to CSV files alone."""
    found = FoundSet("label-studio", "x.json", images="media")
    assert source_of(found, "image=a,label=b").model_dump(exclude_none=True) == {
        "label_studio": "x.json",
        "images": "media",
    }
    assert source_of(FoundSet("csv", "x.csv"), "image=a,label=b").columns == "image=a,label=b"


def test_path_that_is_no_text_is_refused() -> None:
    """A config is UTF-8; a folder's name need not be."""
    with pytest.raises(ConfigError, match=r"caf\\udce9/l\.csv is not in UTF-8"):
        source_of(FoundSet("csv", "caf\udce9/l.csv"))
