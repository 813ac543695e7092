"""The driver as it is written: no dead end, nothing that fails unseen, no error name mistyped."""

from collections.abc import Iterator
from typing import Any

import pytest

from rcl_flow.config import TrainingConfig
from rcl_flow.pipeline.ticks.advancing import Directive
from rcl_flow.report.schedules.fitness import EVENTS_PER_TICK, LEAST_POLL_SECONDS, MOST_EVENTS
from rcl_flow.report.schedules.ticking import GIVE_UP_SECONDS
from tests.infra.template import state_machine

THROTTLED = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
}
OUT_OF_TIME_OR_MEMORY = {"Lambda.Unknown", "Lambda.ClientExecutionTimeoutException"}
"""What a function that ended without an answer is. Source: AWS Step Functions developer guide,
handling errors in workflows."""
KNOWN_ERRORS = {
    "States.ALL",
    "States.Timeout",
    "Transient",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Lambda.ClientExecutionTimeoutException",
    "Rekognition.ThrottlingException",
    "Rekognition.ProvisionedThroughputExceededException",
    "Rekognition.InternalServerErrorException",
}


def machines() -> list[dict[str, Any]]:
    """Return the driver and the machine of its map."""
    driver = state_machine()
    inner = [
        state["ItemProcessor"] for state in driver["States"].values() if "ItemProcessor" in state
    ]
    return [driver, *inner]


def targets(state: dict[str, Any]) -> Iterator[str]:
    """Yield the states that may come after one."""
    rules = [*state.get("Catch", []), *state.get("Choices", [])]
    yield from (rule["Next"] for rule in rules)
    yield from (state[key] for key in ("Next", "Default") if key in state)


@pytest.mark.parametrize("machine", machines(), ids=["driver", "map"])
def test_every_state_is_reached_and_every_next_is_there(machine: dict[str, Any]) -> None:
    """From the start each state is reached, and nothing leads to a state that is not there."""
    states, seen, waiting = machine["States"], set[str](), [machine["StartAt"]]
    while waiting:
        name = waiting.pop()
        assert name in states
        if name not in seen:
            seen.add(name)
            waiting += targets(states[name])
    assert seen == set(states)


@pytest.mark.parametrize("machine", machines(), ids=["driver", "map"])
def test_every_state_goes_on_or_ends(machine: dict[str, Any]) -> None:
    """A state has one way on, or ends the machine."""
    for name, state in machine["States"].items():
        ends = state.get("End", False) or state["Type"] in {"Succeed", "Fail"}
        assert ends != bool(list(targets(state))), name


def test_whatever_fails_is_caught() -> None:
    """Each state of the driver that calls something catches every error that can be caught."""
    for name, state in state_machine()["States"].items():
        if state["Type"] in {"Task", "Map"}:
            assert [each for each in state["Catch"] if each["ErrorEquals"] == ["States.ALL"]], name


def test_every_way_to_failure_passes_the_stop() -> None:
    """What goes wrong while a model may run goes through HasModel, which stops it."""
    states = state_machine()["States"]
    assert [catch["Next"] for catch in states["Advance"]["Catch"]] == ["HasModel"]
    assert states["Directive"]["Default"] == "HasModel"
    assert states["HasModel"]["Default"] == "StopModel"
    leading = {name for name, state in states.items() if "Failed" in targets(state)}
    assert leading == {"Notify", "NotifyNotStopped"}
    before = {name for name, state in states.items() if "Notify" in targets(state)}
    assert before == {"HasModel", "StopModel"}


def test_a_stop_is_repeated_whatever_was_answered_and_given_up_aloud() -> None:
    """The network, or a model that is still starting, end no stop; a model left running is told."""
    states = state_machine()["States"]
    named, rest = states["StopModel"]["Retry"]
    assert "Rekognition.ThrottlingException" in named["ErrorEquals"]
    assert rest["ErrorEquals"] == ["States.ALL"]
    assert rest["MaxAttempts"] == 12
    assert rest["MaxDelaySeconds"] == 300
    (catch,) = states["StopModel"]["Catch"]
    assert catch["Next"] == "NotifyNotStopped"
    subjects = [states[name]["Parameters"]["Subject"] for name in ("NotifyNotStopped", "Notify")]
    assert subjects == ["rcl-flow model NOT stopped and may be billing", "rcl-flow run failed"]
    assert states["NotifyNotStopped"]["Next"] == "Failed"


def test_a_tick_that_ran_out_of_time_is_done_again() -> None:
    """The journal makes a tick repeatable, so none ends a run of a day by being slow once."""
    (rule,) = state_machine()["States"]["Advance"]["Retry"]
    assert THROTTLED | OUT_OF_TIME_OR_MEMORY | {"Transient", "States.Timeout"} == set(
        rule["ErrorEquals"]
    )


def test_a_shard_is_throttled_more_often_than_it_may_fail() -> None:
    """A new account runs ten functions at once, and being told so is no failure of a shard."""
    throttled, failed = machines()[1]["States"]["Shard"]["Retry"]
    assert THROTTLED | OUT_OF_TIME_OR_MEMORY | {"Transient"} == set(throttled["ErrorEquals"])
    assert throttled["MaxAttempts"] >= 6
    assert throttled["JitterStrategy"] == "FULL"
    assert (failed["ErrorEquals"], failed["MaxAttempts"]) == (["States.ALL"], 1)


def test_errors_are_named_as_aws_names_them() -> None:
    """A name that no error has is never caught and never repeated."""
    rules = [
        rule
        for machine in machines()
        for state in machine["States"].values()
        for rule in [*state.get("Retry", []), *state.get("Catch", [])]
    ]
    assert {name for rule in rules for name in rule["ErrorEquals"]} == KNOWN_ERRORS


def test_driver_selects_every_field_of_the_directive() -> None:
    """What the worker answers arrives, and nothing is asked for that it does not answer."""
    selected = state_machine()["States"]["Advance"]["ResultSelector"]
    assert {key.removesuffix(".$") for key in selected} == set(Directive.model_fields)
    assert all(path == f"$.Payload.{key.removesuffix('.$')}" for key, path in selected.items())


def test_driver_knows_every_directive() -> None:
    """WAIT, MAP and DONE have a way of their own; FAILED takes the one of whatever is unknown."""
    choices = state_machine()["States"]["Directive"]["Choices"]
    named = {choice["StringEquals"] for choice in choices}
    wanted = set(Directive.model_fields["next"].annotation.__args__)  # type: ignore[union-attr]  # a Literal
    assert wanted - named == {"FAILED"}


def test_longest_training_stays_below_the_history_limit() -> None:
    """With the config's defaults, at the shortest wait, an execution does not die uncaught."""
    ticks = TrainingConfig().timeout_hours * 3600 / LEAST_POLL_SECONDS
    assert ticks * EVENTS_PER_TICK < MOST_EVENTS
    assert state_machine()["TimeoutSeconds"] == GIVE_UP_SECONDS


def test_map_is_distributed_and_batches_nothing_itself() -> None:
    """Shards are pieces with names of their own, which a batcher would take apart again."""
    fan_out = state_machine()["States"]["FanOut"]
    assert fan_out["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    assert "ItemBatcher" not in fan_out
    # by default, 0, the first that fails ends the map and cuts off the others
    assert fan_out["ToleratedFailurePercentage"] == 100
    assert {"op", "run_id.$", "step.$", "shard.$"} < set(fan_out["ItemSelector"])
