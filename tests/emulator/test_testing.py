"""Tests of the emulators for tests: they do not take each other's memory."""

import pytest

from rcl_flow.emulator.errors import EmulatorStartError
from rcl_flow.emulator.testing import emulated_aws, running_emulator


def test_mock_does_not_empty_an_emulator_that_runs() -> None:
    """The inner one is refused, and the outer one goes on with what it has."""
    with running_emulator() as box:
        rekognition = box.client("rekognition")
        rekognition.create_project(ProjectName="parts")
        with pytest.raises(EmulatorStartError, match="already"), emulated_aws():
            pass
        assert len(rekognition.describe_projects()["ProjectDescriptions"]) == 1
