"""Tests of the composition root: an emulator that cannot be used as is wanted says why."""

from dataclasses import replace
from pathlib import Path

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.emulator.record import write_handle
from rcl_flow.emulator.serve import running_server
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.errors import EmulatorUnavailableError
from rcl_flow.files import make_folder
from rcl_flow.pipeline.runs.events import Event, Notice
from rcl_flow.wiring.services import emulator_folder, open_backend


def config_in(workspace: Path, **sections: object) -> FlowConfig:
    """Return a config whose emulator is the workspace's."""
    sides = {name: {"folder": str(workspace / name)} for name in ("train", "test", "holdout")}
    return FlowConfig.model_validate(
        {"project": "parts", "workspace": str(workspace), "data": sides, **sections}
    )


def test_emulator_that_is_up_with_other_settings_is_told(tmp_path: Path) -> None:
    """One line with what differs and how to end it; the settings that are alike are not named."""
    told: list[Event] = []
    settings = EmulatorSettings(training_seconds=2.5, starting_seconds=0.5, stopping_seconds=0.2)
    with running_server(settings) as running:
        make_folder(emulator_folder(tmp_path))
        write_handle(emulator_folder(tmp_path), running.ready)
        alike = config_in(tmp_path, emulator={"training_seconds": 2.5, "poll_seconds": 3})
        assert open_backend(alike, told.append).endpoint_url == running.ready.endpoint_url
        assert told == []
        other = config_in(tmp_path, emulator={"training_seconds": 60}, aws={"region": "eu-west-1"})
        assert open_backend(other, told.append).endpoint_url == running.ready.endpoint_url
    assert told == [
        Notice(
            "The emulator that is up keeps the settings it was started with: "
            "emulator.training_seconds 2.5, not 60, aws.region us-east-1, not eu-west-1. "
            f"`rcl-flow emulate --stop --workspace {tmp_path}` ends it with all that it holds."
        )
    ]


def test_emulator_of_an_earlier_version_has_told_no_settings(tmp_path: Path) -> None:
    """It is found and used as it was."""
    told: list[Event] = []
    with running_server(EmulatorSettings(training_seconds=2.5)) as running:
        make_folder(emulator_folder(tmp_path))
        write_handle(emulator_folder(tmp_path), replace(running.ready, settings={}))
        assert open_backend(config_in(tmp_path), told.append).kind == "emulator"
    assert told == []


def test_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    """The error names the path and no log, which there cannot be."""
    folder = emulator_folder(tmp_path)
    folder.write_text("mine")
    config = config_in(tmp_path)
    with pytest.raises(EmulatorUnavailableError) as caught:
        open_backend(config)
    assert caught.value.message == f"The emulator cannot use {folder}: File exists."
    assert "server.log" not in (caught.value.hint or "")
    assert folder.read_text() == "mine"
