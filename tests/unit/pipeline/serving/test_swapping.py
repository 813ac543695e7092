"""Tests of replacing a model that serves: the new one answers before the old one stops."""

from collections.abc import Callable

import pytest

from rcl_flow.errors import AwsRefusedError, ModelNotStartedError, ModelNotStoppedError
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.serving.hosting import Hosting
from rcl_flow.pipeline.serving.model_use import using_model
from rcl_flow.pipeline.serving.swapping import Swapped, kept_models, swap_serving
from rcl_flow.pipeline.state.records import list_armed
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.hosted import (
    HOUR,
    Alias,
    another_version,
    keep,
    record_of,
    statuses,
    use_of,
)


@pytest.fixture
def run(bench: Bench) -> Run:
    """Return a run whose config the models are kept with."""
    return bench.run()


@pytest.fixture
def old(bench: Bench, run: Run) -> TrainedVersion:
    """Return a version that is kept running with two units."""
    version = bench.trained(run)
    keep(bench, version, run, units=2)
    return version


@pytest.fixture
def new(bench: Bench, old: TrainedVersion) -> TrainedVersion:
    """Return a second version of the same data."""
    return another_version(bench, old)


def swap(bench: Bench, run: Run, new: TrainedVersion, switch: Callable[[], None]) -> Swapped:
    """Replace all that serves by `new`."""
    use = use_of(run, new)
    olds = kept_models("shades", run.services)
    with using_model(use):
        return swap_serving(olds, new, Hosting(bench.clock.now() + 4 * HOUR, 1), switch, use)


def test_new_model_answers_before_the_switch_and_the_old_one_stops_after(
    bench: Bench, run: Run, old: TrainedVersion, new: TrainedVersion
) -> None:
    """At no moment is there no model that answers."""
    alias = Alias(bench)
    swapped = swap(bench, run, new, alias.switch)
    assert alias.seen == [{old.version_arn: "RUNNING", new.version_arn: "RUNNING"}]
    assert bench.calls("DetectCustomLabels") == 1
    assert statuses(bench) == {old.version_arn: "STOPPED", new.version_arn: "RUNNING"}
    assert [armed.project_version_arn for armed in list_armed(run.services.store)] == [
        new.version_arn
    ]
    assert (swapped.new, swapped.is_started) == (record_of(new, run), True)
    assert swapped.stopped == (old.version_arn,)


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("StartProjectVersion", None),
        ("StartProjectVersion", "LimitExceededException"),
        ("StartProjectVersion", "AccessDeniedException"),
        ("DetectCustomLabels", "AccessDeniedException"),
    ],
)
def test_old_model_and_alias_stay_when_the_new_one_does_not_come_up(
    bench: Bench,
    run: Run,
    old: TrainedVersion,
    new: TrainedVersion,
    operation: str,
    code: str | None,
) -> None:
    """The new one is stopped for sure, and who uses the old one notices nothing."""
    before, alias = record_of(old, run), Alias(bench)
    bench.arm(operation, code, times=None, fails_later=code is None)
    with pytest.raises((ModelNotStartedError, AwsRefusedError)) as caught:
        swap(bench, run, new, alias.switch)
    assert alias.seen == []
    assert statuses(bench)[old.version_arn] == "RUNNING"
    assert statuses(bench)[new.version_arn] not in {"STARTING", "RUNNING", "STOPPING"}
    assert list_armed(run.services.store) == [before]
    assert (code == "LimitExceededException") == ("as it may" in caught.value.message)


def test_new_model_waits_until_it_is_ready_to_answer(
    bench: Bench, run: Run, new: TrainedVersion
) -> None:
    """RUNNING that does not answer yet is given a few looks."""
    bench.arm("DetectCustomLabels", "ResourceNotReadyException", times=2)
    alias = Alias(bench)
    swap(bench, run, new, alias.switch)
    assert len(alias.seen) == 1
    assert bench.calls("DetectCustomLabels") == 3


def test_new_model_is_stopped_when_the_switch_fails(
    bench: Bench, run: Run, old: TrainedVersion, new: TrainedVersion
) -> None:
    """Nothing was switched, so the old one is what callers use."""

    def lost() -> None:
        raise AwsRefusedError("no", hint="", operation="PutParameter", code="AccessDenied")

    with pytest.raises(AwsRefusedError):
        swap(bench, run, new, lost)
    assert statuses(bench) == {old.version_arn: "RUNNING", new.version_arn: "STOPPED"}


def test_swap_exits_9_when_the_old_model_cannot_be_confirmed_as_stopped(
    bench: Bench, run: Run, old: TrainedVersion, new: TrainedVersion
) -> None:
    """The switch has happened; the old model keeps its end, and the error names it."""
    alias = Alias(bench)
    bench.arm("StopProjectVersion", "AccessDeniedException", times=5)
    with pytest.raises(ModelNotStoppedError) as caught:
        swap(bench, run, new, alias.switch)
    assert caught.value.project_version_arn == old.version_arn
    assert len(alias.seen) == 1
    assert statuses(bench)[new.version_arn] == "RUNNING"
    kept = record_of(old, run)
    assert kept is not None
    assert kept.kept_until is not None
