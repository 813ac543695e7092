"""Models that tests keep running on purpose."""

from datetime import timedelta

from rcl_flow.config import FlowConfig
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.serving.hosting import Hosted, Hosting, keep_running
from rcl_flow.pipeline.serving.model_use import open_use, using_model
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, read_record
from tests.unit.pipeline.bench import Bench

HOUR = timedelta(hours=1)


def use_of(run: Run, version: TrainedVersion, **sections: object) -> Run:
    """Return a use of the model with the run's config, in which `sections` replace the run's."""
    config = FlowConfig.model_validate({**run.config.model_dump(), **sections})
    moment = f"{run.services.clock.now():%Y%m%dT%H%M%SZ}"
    return open_use("start", version.version_arn, moment, config, run.services)


def keep(
    bench: Bench, version: TrainedVersion, run: Run, hours: float = 8.0, units: int = 1
) -> Hosted:
    """Keep a model running as `rcl-flow start` does."""
    use = use_of(run, version)
    with using_model(use):
        return keep_running(version, Hosting(bench.clock.now() + hours * HOUR, units), use)


def record_of(version: TrainedVersion, run: Run) -> ArmedModel | None:
    """Return what the store knows of the model."""
    return read_record(run.services.store, armed_key(version.version_arn), ArmedModel)


def statuses(bench: Bench) -> dict[str, str]:
    """Return the status of each version of the project by its ARN."""
    project = bench.services().rekognition.find_project("shades")
    assert project is not None
    return {one["ProjectVersionArn"]: one["Status"] for one in bench.versions(project.arn)}


def another_version(bench: Bench, old: TrainedVersion, name: str = "new") -> TrainedVersion:
    """Return one more version of the same data."""
    arn = bench.client.create_project_version(
        ProjectArn=old.project_arn,
        VersionName=name,
        OutputConfig={"S3Bucket": "acme-images", "S3KeyPrefix": "out"},
    )["ProjectVersionArn"]
    bench.versions(old.project_arn)
    return old.model_copy(update={"version_arn": arn, "version_name": name})


class Alias:
    """What callers of a model look up."""

    def __init__(self, bench: Bench) -> None:
        """Not be switched yet."""
        self._bench = bench
        self.seen: list[dict[str, str]] = []

    def switch(self) -> None:
        """Remember how all models stand at the moment of the switch."""
        self.seen.append(statuses(self._bench))
