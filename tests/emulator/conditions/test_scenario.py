"""Scenarios: read from YAML, shipped, repeatable."""

import pytest

from rcl_flow.emulator.conditions.faults import Fault, FaultPlan, parse_fault
from rcl_flow.emulator.conditions.scenario import load_scenario, parse_scenario, shipped_names
from rcl_flow.emulator.conditions.world import world_of
from rcl_flow.emulator.settings import EmulatorSettings


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenarios_can_be_played(name: str) -> None:
    """Each has its own name, says what it does, and has a fault."""
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.description.endswith(".")
    assert scenario.faults


def test_scenario_is_read_from_yaml() -> None:
    """Rules with a seed keep it, the others get one of the scenario's."""
    text = """
seed: 5
faults:
- {operation: CreateProject, reset: true}
- {operation: DeleteProject, reset: true, seed: 1}
- {operation: CreateDataset, reset: true}
"""
    assert [fault.seed for fault in load_scenario(text).faults] == [5, 1, 7]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("no-such-scenario", ValueError, "there is no scenario no-such-scenario"),
        ("{", ValueError, "not YAML"),
        ("- 1", TypeError, "a scenario is an object"),
        ("faults: 5", TypeError, "a list"),
        ("{faults: [], spell: 1}", ValueError, "has no spell"),
        (
            "faults: [{operation: CreateProject, probability: 2}]",
            ValueError,
            "probability is 0 to 1",
        ),
        ("faults: [{operation: CreateProject, times: 0}]", ValueError, "times is at least 1"),
        ("faults: [{operation: CreateProject, after: -1}]", ValueError, "at least 0"),
        ("faults: [{operation: CreateProject, then: dance}]", ValueError, "then is one of"),
        ("faults: [{operation: 7}]", TypeError, "an object with an operation"),
        (
            "faults: [{operation: CreateProject, reset: true}, {operation: DeleteProject}]",
            ValueError,
            "fault 2: a rule of DeleteProject without effect",
        ),
    ],
)
def test_scenario_that_cannot_be_played_says_why(
    text: str, error: type[Exception], said: str
) -> None:
    """Each mistake has its own message."""
    with pytest.raises(error, match=said):
        load_scenario(text)


def test_chance_strikes_the_same_calls_again() -> None:
    """Two plans of one scenario agree on every call."""
    rule = {"operation": "*", "code": "ThrottlingException", "probability": 0.3, "times": None}
    scenario = parse_scenario({"seed": 3, "faults": [rule]})

    def struck() -> list[bool]:
        plan = FaultPlan()
        plan.play(scenario.faults)
        return [plan.take("DescribeProjects") is not None for _ in range(200)]

    assert struck() == struck()
    assert 30 < sum(struck()) < 90


def test_fault_strikes_after_some_calls() -> None:
    """The first two calls pass, the third is struck, once."""
    plan = FaultPlan()
    plan.add(parse_fault({"operation": "DeleteProject", "code": "ThrottlingException", "after": 2}))
    struck = [plan.take("DeleteProject") is not None for _ in range(5)]
    assert struck == [False, False, True, False, False]


def test_faults_of_one_service_leave_others_alone() -> None:
    """A rule for S3 does not strike Rekognition."""
    plan = FaultPlan()
    plan.add(Fault("*", service="s3", code="SlowDown", times=None))
    assert plan.take("DescribeProjects") is None
    found = plan.take("PutObject", "s3")
    assert found is not None
    assert (found.http_status, found.text) == (503, "Please reduce your request rate.")


def test_settings_put_a_scenario_in_force() -> None:
    """A server can start with it."""
    world = world_of(EmulatorSettings(scenario="stop-refused"))
    assert [rule["operation"] for rule in world.faults.listing()] == ["StopProjectVersion"]
