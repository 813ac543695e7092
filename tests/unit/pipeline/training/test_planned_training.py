"""Tests of the plan up to the version: what is there, what is not ours, what has failed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.config.schema import EMULATOR_BUCKET
from rcl_flow.emulator.conditions.clock import SkippingClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.errors import RclFlowError
from tests.emulator.builders import png
from tests.unit.pipeline.payer import Payer, paying, unchanged

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients


@pytest.fixture
def payer(aws_clients: "Clients", tmp_path: Path) -> Iterator[Payer]:
    """Return a payer for whom a state in progress is over at the second look."""
    with paying(aws_clients, tmp_path, SkippingClock()) as payer:
        yield payer


def test_images_that_are_there_are_not_sent_again(payer: Payer) -> None:
    """A run that died while it sent its images goes on where it was."""
    payer.bench.arm("CreateProject", "AccessDeniedException")
    with pytest.raises(RclFlowError):
        payer.run("a")
    step = next(step for step in payer.plan("a").steps if step.step == "images")
    assert (step.action, step.detail) == ("reuse", "all 30 are in the bucket")


def test_an_image_of_another_size_is_sent_again(payer: Payer) -> None:
    """A torn object is no image."""
    payer.bench.arm("CreateProject", "AccessDeniedException")
    with pytest.raises(RclFlowError):
        payer.run("a")
    s3 = payer.services.s3
    key = next(iter(s3.sizes(EMULATOR_BUCKET, "rcl-flow/images/")))
    s3.put(S3Location(EMULATOR_BUCKET, key), b"torn")
    step = next(step for step in payer.plan("a").steps if step.step == "images")
    assert step.action == "send"
    assert step.detail.startswith("1 images (")
    assert step.calls == {"PutObject": 1}


def test_a_dataset_of_somebody_else_is_refused(payer: Payer) -> None:
    """The run would not touch it, and the plan says so; nothing is planned after it."""
    arn = payer.bench.client.create_project(ProjectName="shades")["ProjectArn"]
    payer.bench.client.create_dataset(ProjectArn=arn, DatasetType="TRAIN")
    plan = payer.plan("a")
    assert plan.status == "refused"
    assert plan.steps[-1].step == "TRAIN dataset"
    assert "rcl-flow did not make it" in plan.steps[-1].detail


def test_new_images_are_planned_as_an_update(payer: Payer) -> None:
    """A dataset of ours gets what it lacks; the plan names the calls that the run then makes."""
    payer.run("a")
    for number in (900, 901):
        path = payer.bench.folder / "a" / "train" / "red" / f"{number}.png"
        path.write_bytes(png("red", number))
    before = payer.changing_calls()
    with unchanged(payer):
        plan = payer.plan("a")
    steps = {step.step: step for step in plan.steps}
    train = steps["TRAIN dataset"]
    assert (train.action, train.mark) == ("update", "~")
    assert train.detail == "20 images: 2 images added, 0 changed"
    assert steps["TEST dataset"].action == "reuse"
    payer.run("a")
    made = {name: n - before.get(name, 0) for name, n in payer.changing_calls().items()}
    assert train.calls["UpdateDatasetEntries"] == made["UpdateDatasetEntries"] == 1
    assert made["CreateDataset"] == made.get("DeleteDataset", 0) == 0


def test_a_failed_training_is_refused_with_the_way_on(payer: Payer) -> None:
    """It is asked for again only by whoever says so."""
    payer.bench.world.faults.add(Fault("CreateProjectVersion", fails_later=True))
    with pytest.raises(RclFlowError):
        payer.run("a")
    plan = payer.plan("a")
    assert plan.steps[-1].step == "version"
    assert plan.steps[-1].action == "refuse"
    assert "--retry-training" in plan.steps[-1].detail


def test_an_existing_version_is_judged_without_training(payer: Payer) -> None:
    """Only the images that it has not answered are paid for."""
    outcome = payer.run("a")
    model = {"project_version_arn": outcome.project_version_arn}
    plan = payer.plan("b", model=model)
    assert [step.step for step in plan.steps] == [
        "bucket",
        "version",
        "watchdog",
        "model",
        "report",
    ]
    assert plan.calls["DetectCustomLabels"] == 90
    assert "CreateProjectVersion" not in plan.calls
    assert plan.cost.training_usd.high == 0
