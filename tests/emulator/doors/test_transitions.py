"""moto's own knob for the duration of states moves the emulator's."""

from collections.abc import Iterator

import pytest
from moto.moto_api import state_manager

from tests.emulator.builders import Aws


@pytest.fixture(autouse=True)
def _unset() -> Iterator[None]:
    yield
    for name in ("dataset", "training", "starting", "stopping", "copying"):
        state_manager.unset_transition(f"rekognition::{name}")


def test_immediate_states_are_over_at_the_first_look(aws: Aws) -> None:
    """A dataset is complete at once."""
    state_manager.set_transition("rekognition::dataset", {"progression": "immediate"})
    made = aws.unchecked.create_dataset(ProjectArn=aws.project(), DatasetType="TRAIN")
    assert aws.describe_dataset(made["DatasetArn"])["Status"] == "CREATE_COMPLETE"


def test_manual_states_move_with_the_looks(aws: Aws) -> None:
    """As in moto, the third look shows the next state."""
    state_manager.set_transition("rekognition::starting", {"progression": "manual", "times": 3})
    project, version = aws.trained()
    aws.unchecked.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    seen = [aws.versions(project)[0]["Status"] for _ in range(3)]
    assert seen == ["STARTING", "STARTING", "RUNNING"]


def test_timed_states_move_with_the_emulators_clock(aws: Aws) -> None:
    """Seconds are those of the emulator, not of the machine."""
    state_manager.set_transition("rekognition::training", {"progression": "time", "seconds": 90})
    project = aws.project()
    aws.dataset(project, "TRAIN", aws.put_images("train", 2))
    aws.dataset(project, "TEST", aws.put_images("test", 2))
    aws.begin_training(project)
    assert [aws.versions(project)[0]["Status"] for _ in range(3)] == ["TRAINING_IN_PROGRESS"] * 3
    aws.world.clock.advance(90)
    assert aws.versions(project)[0]["Status"] == "TRAINING_COMPLETED"


def test_transitions_do_not_outlive_the_emulator(aws: Aws) -> None:
    """What no user has set is the emulator's own delay: seen in progress once."""
    project, version = aws.trained()
    aws.unchecked.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    seen = [aws.versions(project)[0]["Status"] for _ in range(2)]
    assert seen == ["STARTING", "RUNNING"]
    assert "rekognition::training" in state_manager.get_registered_models()
