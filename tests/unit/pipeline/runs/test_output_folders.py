"""Tests of where files may go."""

from pathlib import Path

import pytest

from rcl_flow.errors import ConfigError
from rcl_flow.pipeline.runs.output_folders import require_folder


def test_folders_that_are_there_or_yet_to_be_made_are_fine(tmp_path: Path) -> None:
    """Nothing is made by asking."""
    require_folder(tmp_path)
    require_folder(tmp_path / "new" / "below")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "new/below"])
def test_a_file_is_refused_by_its_name(tmp_path: Path, below: str) -> None:
    """Also where it stands in the place of a folder further up."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigError, match=r"taken is a file, not a folder"):
        require_folder(tmp_path / "taken" / below)
