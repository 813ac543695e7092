"""Context managers for tests: the emulator inside moto's mock, or over HTTP.

`emulated_aws` lets every boto3 client of the process meet the emulator, without an address.

`mock_aws` patches the process, which is right for a test and wrong for anything else; a program
that has clients of the real AWS as well takes `running_emulator` or `embedded.local_session`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from rcl_flow.emulator.box import CustomLabels, require_alone, running_emulator
from rcl_flow.emulator.conditions.scenario import Scenario
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.moto_ext import install, uninstall

__all__ = ["CustomLabels", "emulated_aws", "running_emulator"]


@contextmanager
def emulated_aws(
    world: World | None = None, *, scenario: Scenario | None = None
) -> Iterator[World]:
    """Let all boto3 clients talk to the emulator, and to moto for what is not Rekognition.

    Faults strike Rekognition's calls alone: the others go to moto directly.

    Args:
        world: Time, delays and faults; by default trainings run inline and without delay, and
            each state in progress is shown once.
        scenario: Faults that are in force from the start.

    Raises:
        EmulatorStartError: `running_emulator`, or the fixture `custom_labels`, runs one here.

    Example:
        >>> import boto3
        >>> from rcl_flow import emulated_aws
        >>> with emulated_aws() as world:
        ...     rekognition = boto3.client("rekognition", region_name="eu-west-1")
        ...     made = rekognition.create_project(ProjectName="parts")
        ...     world.calls.counts()["CreateProject"]
        1
    """
    require_alone()
    from moto import mock_aws  # after the doors have looked for the extra

    living_world = world or World()
    if scenario is not None:
        living_world.faults.play(scenario.faults)
    with mock_aws():
        install(living_world)
        try:
            yield living_world
        finally:
            uninstall()
