"""Tests of the project and its datasets: made once, found again, replaced only when ours."""

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.emulator.conditions.clock import Delay
from rcl_flow.emulator.conditions.world import Delays
from rcl_flow.errors import (
    AwsRefusedError,
    ForeignDatasetError,
)
from rcl_flow.pipeline.runs.results import ProjectWanted
from rcl_flow.pipeline.training.datasets import ensure_datasets, ensure_project
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.conftest import MakeBench


def test_ensure_project_makes_it_once(bench: Bench) -> None:
    """The second run finds the first one's project, with the config's tags and ours."""
    run = bench.run()
    wanted = ProjectWanted("shades", {"team": "vision"})
    project = ensure_project(wanted, run)
    assert ensure_project(wanted, run) == project
    assert bench.calls("CreateProject") == 1
    tags = run.services.rekognition.tags_of(project.arn)
    assert tags == {"team": "vision", "rcl-flow:managed": "true"}


def test_ensure_project_finds_it_when_the_answer_was_lost(bench: Bench) -> None:
    """A project that was made without our being told is used."""
    bench.arm("CreateProject", "InternalServerError", executed=True)
    project = ensure_project(ProjectWanted("shades", {}), bench.run())
    assert "project/shades/" in project.arn
    assert bench.calls("CreateProject") == 1


def test_ensure_project_raises_when_it_was_refused(bench: Bench) -> None:
    """A refusal with nothing made is told as it is."""
    bench.arm("CreateProject", "AccessDeniedException")
    with pytest.raises(AwsRefusedError) as caught:
        ensure_project(ProjectWanted("shades", {}), bench.run())
    assert caught.value.code == "AccessDeniedException"


def test_ensure_datasets_makes_both_and_finds_them_again(bench: Bench) -> None:
    """The same content is imported once."""
    run = bench.run()
    wanted = bench.datasets_wanted(run)
    made = ensure_datasets(wanted, run)
    assert (made.train_images, made.test_images) == (12, 6)
    assert ensure_datasets(wanted, run) == made
    assert bench.calls("CreateDataset") == 2


def test_ensure_datasets_makes_a_dataset_anew_when_images_have_to_go(bench: Bench) -> None:
    """The service deletes no entry: other data takes the place of the old, which is deleted."""
    run = bench.run()
    old = ensure_datasets(bench.datasets_wanted(run), run)
    new = ensure_datasets(bench.datasets_wanted(run, first=10), run)
    assert {new.train_arn, new.test_arn}.isdisjoint({old.train_arn, old.test_arn})
    assert bench.calls("DeleteDataset") == 2
    notice = next(text for text in bench.notices if "TRAIN" in text)
    assert notice.startswith("The TRAIN dataset is made anew: 12 images have to go, such as s3://")
    assert bench.calls("UpdateDatasetEntries") == 0
    project = run.services.rekognition.find_project("shades")
    assert project is not None
    assert {dataset.arn for dataset in project.datasets} == {new.train_arn, new.test_arn}


def test_ensure_datasets_waits_for_a_deletion_to_end(slow_bench: MakeBench) -> None:
    """The new dataset is asked for when the old one is gone, not before."""
    bench = slow_bench(Delays(deleting=Delay(polls=3)))
    run = bench.run()
    old = ensure_datasets(bench.datasets_wanted(run), run)
    bench.clock.sleeps.clear()
    new = ensure_datasets(bench.datasets_wanted(run, first=10), run)
    assert new.train_arn != old.train_arn
    assert len(bench.clock.sleeps) >= 6


def test_ensure_datasets_refuses_a_foreign_dataset(bench: Bench) -> None:
    """Somebody's own dataset is never deleted, whatever is in it."""
    run = bench.run()
    wanted = bench.datasets_wanted(run)
    location = S3Location(BUCKET, wanted.manifests.train.key)
    foreign = run.services.rekognition.create_dataset(wanted.project.arn, "TRAIN", location, {})
    with pytest.raises(ForeignDatasetError, match=foreign) as caught:
        ensure_datasets(wanted, run)
    assert caught.value.slug == "dataset-foreign"
    assert bench.calls("DeleteDataset") == 0


def test_ensure_datasets_makes_a_failed_dataset_anew(bench: Bench) -> None:
    """A failed import stops the run, and the next run replaces it."""
    run = bench.run()
    wanted = bench.datasets_wanted(run)
    bench.arm("CreateDataset", fails_later=True)
    with pytest.raises(AwsRefusedError, match="CREATE_FAILED") as caught:
        ensure_datasets(wanted, run)
    assert caught.value.code == "CREATE_FAILED"
    assert ensure_datasets(wanted, run).train_images == 12
    assert (bench.calls("DeleteDataset"), bench.calls("CreateDataset")) == (1, 3)


def test_ensure_datasets_refuses_when_the_service_dropped_lines(bench: Bench) -> None:
    """A training on fewer images than were sent would be judged as something it is not."""
    run = bench.run()
    wanted = bench.datasets_wanted(run)
    place = S3Location(BUCKET, wanted.manifests.train.key)
    lines = run.services.s3.get(place).splitlines(keepends=True)
    run.services.s3.put(place, b"".join(lines[:-1]))
    with pytest.raises(AwsRefusedError, match="has 11 entries") as caught:
        ensure_datasets(wanted, run)
    assert caught.value.code == "EntriesDropped"
