"""Tests of reaping: what is past its lease is stopped, and nothing else."""

from datetime import timedelta

import pytest

from rcl_flow.config import SafetyConfig
from rcl_flow.core.naming import MANAGED_TAG, RUN_TAG, STOP_AFTER_TAG, stop_schedule_name
from rcl_flow.emulator.conditions.clock import Delay
from rcl_flow.emulator.conditions.world import Delays
from rcl_flow.errors import AwsRefusedError, ModelNotStoppedError, StoreError
from rcl_flow.pipeline.runs.opening import leased
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.serving.reaping import Reaped, reap
from rcl_flow.pipeline.serving.watchdog import format_moment, watch
from rcl_flow.pipeline.state.ledger import entries_of
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, list_armed, write_record
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.conftest import MakeBench

MINUTE = timedelta(minutes=1)


def left_running(bench: Bench, *, minutes: float | None = -1.0, managed: bool = True) -> str:
    """Start a model with a lease that ends so many minutes from now; return its ARN."""
    version = bench.trained(bench.run())
    bench.client.start_project_version(ProjectVersionArn=version.version_arn, MinInferenceUnits=1)
    bench.versions(version.project_arn)
    arn = version.version_arn
    if not managed:
        bench.client.untag_resource(ResourceArn=arn, TagKeys=[MANAGED_TAG])
    if minutes is not None:
        moment = format_moment(bench.clock.now() + minutes * MINUTE)
        bench.client.tag_resource(ResourceArn=arn, Tags={STOP_AFTER_TAG: moment, RUN_TAG: "r"})
    return arn


def status_of(bench: Bench, arn: str) -> str:
    """Return the status of a version as it rests."""
    project = bench.services().rekognition.find_project(arn.split("/")[1])
    assert project is not None
    bench.versions(project.arn)
    return str(bench.versions(project.arn)[0]["Status"])


def actions(reaped: tuple[Reaped, ...]) -> list[str]:
    """Return what was done."""
    return [one.action for one in reaped]


def test_reap_stops_a_model_whose_lease_has_ended(bench: Bench) -> None:
    """STOPPED is read back and the tags are gone, though no store here knows the model."""
    arn = left_running(bench)
    told: list[Reaped] = []
    reaped = reap(bench.services("another"), tell=told.append)
    assert [(one.action, one.detail) for one in reaped] == [("stopped", "STOPPED")]
    assert tuple(told) == reaped
    assert status_of(bench, arn) == "STOPPED"
    tags = bench.services().rekognition.tags_of(arn)
    assert STOP_AFTER_TAG not in tags
    assert RUN_TAG not in tags
    assert MANAGED_TAG in tags


@pytest.mark.parametrize(
    ("minutes", "managed", "standing"),
    [(1.0, True, "in-time"), (None, True, "unlimited"), (-1.0, False, "foreign")],
)
def test_reap_leaves_what_is_not_its_own_or_not_over(
    bench: Bench, minutes: float | None, managed: bool, standing: str
) -> None:
    """Models in their lease, without one, and of other people go on, and are listed."""
    arn = left_running(bench, minutes=minutes, managed=managed)
    reaped = reap(bench.services())
    assert [(one.action, one.model.standing) for one in reaped] == [("left", standing)]
    assert status_of(bench, arn) == "RUNNING"
    assert bench.calls("StopProjectVersion") == 0


def test_reap_changes_nothing_in_a_dry_run(bench: Bench) -> None:
    """What would be stopped is told."""
    arn = left_running(bench)
    assert actions(reap(bench.services(), dry_run=True)) == ["would-stop"]
    assert bench.calls("StopProjectVersion") == bench.calls("UntagResource") == 0
    assert status_of(bench, arn) == "RUNNING"


def test_reap_stops_a_model_that_still_starts(slow_bench: MakeBench) -> None:
    """The start cannot be broken off, so it is waited for."""
    bench = slow_bench(Delays(starting=Delay(polls=4)))
    version = bench.trained(bench.run())
    bench.services().rekognition.tag(
        version.version_arn,
        {STOP_AFTER_TAG: format_moment(bench.clock.now() - MINUTE)},
    )
    bench.services().rekognition.start_version(version.version_arn, inference_units=1)
    reaped = reap(bench.services())
    assert [(one.model.status, one.detail) for one in reaped] == [("STARTING", "STOPPED")]


def test_reap_leaves_a_model_whose_lease_is_renewed_while_it_looks(bench: Bench) -> None:
    """The tags that count are those of the moment of the stop, not of the first look."""
    first, second = left_running(bench), _second_model(bench)

    def renew(reaped: Reaped) -> None:
        other = second if reaped.model.project_version_arn == first else first
        moment = format_moment(bench.clock.now() + 60 * MINUTE)
        bench.client.tag_resource(ResourceArn=other, Tags={STOP_AFTER_TAG: moment})

    assert actions(reap(bench.services(), tell=renew)) == ["stopped", "left"]
    assert bench.calls("StopProjectVersion") == 1


def _second_model(bench: Bench) -> str:
    """Start a model of another project whose lease has ended, and return its ARN."""
    client = bench.client
    project = client.create_project(ProjectName="others", Tags={MANAGED_TAG: "true"})["ProjectArn"]
    source = bench.services().rekognition.find_project("shades")
    assert source is not None
    for dataset in source.datasets:
        client.create_dataset(
            ProjectArn=project,
            DatasetType=dataset.dataset_type,  # type: ignore[arg-type]  # one of the two
            DatasetSource={"DatasetArn": dataset.arn},
        )
    client.describe_projects()
    arn = client.create_project_version(
        ProjectArn=project,
        VersionName="other",
        OutputConfig={"S3Bucket": "acme-images", "S3KeyPrefix": "out"},
        Tags={
            MANAGED_TAG: "true",
            STOP_AFTER_TAG: format_moment(bench.clock.now() - MINUTE),
        },
    )["ProjectVersionArn"]
    bench.versions(project)
    client.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    bench.versions(project)
    return arn


def test_reap_tries_the_others_when_one_does_not_stop(bench: Bench) -> None:
    """One that cannot be confirmed is an error with the command to type; the next is stopped."""
    left_running(bench)
    _second_model(bench)
    bench.arm("StopProjectVersion", "AccessDeniedException", times=5)
    reaped = reap(bench.services())
    assert actions(reaped) == ["not-stopped", "stopped"]
    error = reaped[0].error
    assert isinstance(error, ModelNotStoppedError)
    assert error.exit_code == 9
    assert "aws rekognition stop-project-version" in error.hint


def test_reap_says_so_when_tags_cannot_be_read(bench: Bench) -> None:
    """A model about which nothing is known is listed and left."""
    left_running(bench)
    bench.arm("ListTagsForResource", "AccessDeniedException")
    reaped = reap(bench.services())
    assert [(one.action, one.model.standing) for one in reaped] == [("unread", "unknown")]
    assert isinstance(reaped[0].error, AwsRefusedError)


@pytest.mark.parametrize(
    ("code", "told"),
    [("AccessDeniedException", ["unread", "stopped"]), ("ResourceNotFoundException", ["stopped"])],
)
def test_reap_goes_on_when_a_project_cannot_be_looked_into(
    bench: Bench, code: str, told: list[str]
) -> None:
    """One that is denied is told, one that was deleted in between is not; the others count."""
    left_running(bench)
    _second_model(bench)
    bench.arm("DescribeProjectVersions", code)
    assert actions(reap(bench.services())) == told


def test_reap_goes_on_when_the_store_is_damaged(bench: Bench) -> None:
    """Both models are stopped, and the store's error is told with each."""
    left_running(bench)
    _second_model(bench)
    services = bench.services()
    (services.workspace / "state.sqlite").write_bytes(b"torn" * 1000)
    reaped = reap(services)
    assert [(one.action, one.detail) for one in reaped] == [("stopped", "STOPPED")] * 2
    assert all(isinstance(one.error, StoreError) for one in reaped)


def test_reap_raises_when_projects_cannot_be_listed(bench: Bench) -> None:
    """A region that does not answer is the caller's to report."""
    bench.arm("DescribeProjects", "AccessDeniedException")
    with pytest.raises(AwsRefusedError):
        reap(bench.services())


def test_reap_asks_for_tags_of_running_versions_only(bench: Bench) -> None:
    """Two calls and one for each project do for an account where nothing runs."""
    bench.trained(bench.run())
    before = bench.calls("ListTagsForResource"), bench.calls("DescribeProjects")
    assert reap(bench.services()) == ()
    assert bench.calls("ListTagsForResource") == before[0]
    assert bench.calls("DescribeProjects") == before[1] + 1


def armed_here(bench: Bench) -> tuple[TrainedVersion, ArmedModel]:
    """Arm and start a model as a run does that then dies, with a schedule and a tag."""
    run = bench.run()
    version = bench.trained(run)
    armed = bench.armed(version, run)
    kept: list[ArmedModel] = []
    watch(armed, SafetyConfig(lease_minutes=15), run.services, kept.append)
    (armed,) = kept
    write_record(run.services.store, armed_key(version.version_arn), armed)
    run.services.rekognition.start_version(version.version_arn, inference_units=1)
    return version, armed


def test_reap_enters_the_ledger_when_the_workspace_knows_the_model(bench: Bench) -> None:
    """What the forgotten model has cost is counted, its schedule removed and its record gone."""
    _, armed = armed_here(bench)
    services = bench.services()
    bench.clock.pass_by(3600)
    assert actions(reap(services)) == ["stopped"]
    entries = entries_of(services.store, services.backend.identity, "shades")
    assert [entry.run_id for entry in entries if entry.kind == "inference"] == [armed.run_id]
    assert list_armed(services.store) == []
    name = stop_schedule_name(armed.project_version_arn)
    assert services.scheduler.find(name, "default") is None


def test_reap_leaves_a_model_whose_project_a_living_run_holds(bench: Bench) -> None:
    """A late tag is not enough against a lease that is given signs of life."""
    version, _ = armed_here(bench)
    moment = format_moment(bench.clock.now() - MINUTE)
    bench.client.tag_resource(ResourceArn=version.version_arn, Tags={STOP_AFTER_TAG: moment})
    run = bench.run()
    with leased(run):
        reaped = reap(bench.services())
    assert actions(reaped) == ["left"]
    assert run.run_id in reaped[0].detail


def test_reap_removes_the_schedule_of_another_machines_run(bench: Bench) -> None:
    """The name follows from the version, so it is found without the store that made it."""
    _, armed = armed_here(bench)
    services = bench.services()
    services.store.delete(f"armed/{armed.project_version_arn}")
    bench.clock.pass_by(3600)
    assert actions(reap(services)) == ["stopped"]
    assert services.scheduler.find(stop_schedule_name(armed.project_version_arn), "default") is None
