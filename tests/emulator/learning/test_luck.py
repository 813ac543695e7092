"""Tests of the chance of a training."""

from typing import Any

import pytest

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.world import World, world_of
from rcl_flow.emulator.learning.luck import Luck
from rcl_flow.emulator.settings import EmulatorSettings
from tests.emulator.builders import Aws

LABELS = [{"red"}] * 10 + [{"green"}] * 10


def test_without_noise_every_image_is_used() -> None:
    """The default: the same data make the same model."""
    assert Luck().drawn(LABELS) == list(range(20))


def test_noise_leaves_out_its_share_by_the_seed() -> None:
    """As many every time, the same for one name, others for another."""
    one, other = Luck(0.25, "rf-1").drawn(LABELS), Luck(0.25, "rf-2").drawn(LABELS)
    assert len(one) == len(other) == 15
    assert one != other
    assert one == Luck(0.25, "rf-1").drawn(LABELS)


def test_last_image_of_a_label_is_always_used() -> None:
    """No label is forgotten, whatever the share; an image may show several."""
    rare = [{"red"}] * 8 + [{"green", "red"}] + [{"blue"}]
    for seed in "abcdefgh":
        used = Luck(0.95, seed).drawn(rare)
        assert {8, 9} <= set(used)
        assert len(used) == 2


@pytest.fixture
def world() -> World:
    """Return a world in which a training makes nothing of half of its images."""
    return World(clock=ManualClock(), training_noise=0.5)


def test_two_trainings_on_the_same_data_give_two_models(aws: Aws) -> None:
    """They answer the test images otherwise, and both were trained on all images."""
    project, _ = aws.trained()
    second = aws.train(project, "v2")
    first = aws.versions(project, VersionNames=["v1"])[0]
    trained_on = [aws.read_lines(each["TrainingDataResult"]["Output"]) for each in (first, second)]
    assert len(trained_on[0]) == len(trained_on[1]) == 12
    answers = [confidences(aws, each) for each in (first, second)]
    assert len(answers[0]) == len(answers[1]) == 6
    assert answers[0] != answers[1]


def confidences(aws: Aws, version: dict[str, Any]) -> list[object]:
    """Return what a version said of its test images."""
    lines = aws.read_lines(version["TestingDataResult"]["Output"])
    return [{k: v for k, v in line.items() if k.startswith("rekognition")} for line in lines]


def test_setting_reaches_the_world_and_is_a_share() -> None:
    """It is off unless asked for; more than all images cannot be left out."""
    assert world_of(EmulatorSettings()).training_noise == 0
    assert world_of(EmulatorSettings(training_noise=0.2)).training_noise == 0.2
    with pytest.raises(ValueError, match="training_noise"):
        EmulatorSettings(training_noise=1.0)
