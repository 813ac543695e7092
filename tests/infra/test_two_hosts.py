"""A run that begins on one host and ends on another: one training, one answer for each image."""

from dataclasses import replace
from pathlib import Path

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.holding import Holder
from rcl_flow.pipeline.state.records import list_runs
from rcl_flow.wiring.services import make_services
from rcl_flow.wiring.worker_config import WorkerConfigs
from tests.infra.conftest import Deploy
from tests.infra.deployment import Deployment, WorldClock
from tests.infra.test_driver import HOLDOUT_IMAGES, SMALL_SHARDS, nothing_bills


def laptop(deployment: Deployment, folder: Path) -> tuple[FlowConfig, Services]:
    """Return config and services of a person's machine with the same state."""
    config = WorkerConfigs().read().model_copy(update={"workspace": str(folder)})
    services = make_services(config, lambda _event: None)
    mine = replace(services, clock=WorldClock(deployment.world), holder=Holder("laptop", 1))
    return config, mine


def test_a_run_begun_on_a_laptop_is_ended_by_the_driver(deploy: Deploy, tmp_path: Path) -> None:
    """The laptop asks for the training and is closed; later it finds the whole result."""
    deployment = deploy(**SMALL_SHARDS)
    config, services = laptop(deployment, tmp_path / "laptop")
    tick = Options(blocking=False, consent=True)
    while deployment.calls("CreateProjectVersion") == 0:
        with pytest.raises(Pause) as caught:
            run_flow(config, services, tick)
        deployment.world.clock.advance(caught.value.seconds)
    assert not services.workspace.joinpath("predictions").exists()
    deployment.world.clock.advance(3600)
    assert deployment.run().status == "SUCCEEDED"
    outcome = run_flow(config, services, tick)
    assert outcome.status == "unchanged"
    assert outcome.holdout.images == HOLDOUT_IMAGES
    assert Path(outcome.artifacts.report_html).is_relative_to(tmp_path / "laptop")
    assert Path(outcome.artifacts.report_html).is_file()
    assert [record.status for record in list_runs(services.store)] == ["completed"]
    assert deployment.calls("CreateProjectVersion") == 1
    assert deployment.calls("DetectCustomLabels") == HOLDOUT_IMAGES
    assert nothing_bills(deployment)
