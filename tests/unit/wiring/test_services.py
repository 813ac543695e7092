"""Tests of the composition root: an emulator that cannot be started says why."""

from pathlib import Path

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.errors import EmulatorUnavailableError
from rcl_flow.wiring.services import emulator_folder, open_backend


def test_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    """The error names the path and no log, which there cannot be."""
    folder = emulator_folder(tmp_path)
    folder.write_text("mine")
    sides = {name: {"folder": str(tmp_path / name)} for name in ("train", "test", "holdout")}
    config = FlowConfig.model_validate(
        {"project": "parts", "workspace": str(tmp_path), "data": sides}
    )
    with pytest.raises(EmulatorUnavailableError) as caught:
        open_backend(config)
    assert caught.value.message == f"The emulator cannot use {folder}: File exists."
    assert "server.log" not in (caught.value.hint or "")
    assert folder.read_text() == "mine"
