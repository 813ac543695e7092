"""Tests of bringing a dataset of ours to other content by its entries."""

import json
from dataclasses import replace
from typing import Any

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.naming import CONTENT_TAG
from rcl_flow.emulator.conditions.clock import Delay
from rcl_flow.emulator.conditions.world import Delays
from rcl_flow.errors import AwsRefusedError, EntriesRefusedError
from rcl_flow.pipeline.runs.results import DatasetsWanted, ProjectDatasets, ProjectWanted
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.training.dataset_delta import PROBLEMS_NAME, updating_tag
from rcl_flow.pipeline.training.datasets import ensure_datasets, ensure_project
from rcl_flow.pipeline.training.uploading import upload
from tests.emulator.builders import png
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.conftest import MakeBench

UPDATE = "UpdateDatasetEntries"


def wanted(bench: Bench, run: Run, *images: DatasetImage, relabel: int = 0) -> DatasetsWanted:
    """Upload the bench's data with more training images and some that are green, not red."""
    given = bench.upload_wanted()
    train = list(given.train.images)
    for index in range(relabel):
        train[index] = replace(train[index], labels=("green",))
    data = Dataset("train", (*train, *images))
    manifests = upload(replace(given, train=data), run)
    return DatasetsWanted(ensure_project(ProjectWanted("shades", {}), run), manifests, {})


def more(bench: Bench, count: int) -> tuple[DatasetImage, ...]:
    """Return new images of one label."""
    return tuple(
        bench.image(f"new-{number}.png", png("blue", number), "blue")
        for number in range(50, 50 + count)
    )


def made(bench: Bench, run: Run) -> ProjectDatasets:
    """Make the datasets of the bench's data, and count calls from here on."""
    datasets = ensure_datasets(wanted(bench, run), run)
    bench.world.calls.clear()
    return datasets


def entries(run: Run, arn: str) -> dict[str, Any]:
    """Return the entries of a dataset by their image."""
    found = map(json.loads, run.services.rekognition.entries.list(arn))
    return {entry["source-ref"]: entry for entry in found}


def tag(run: Run, arn: str) -> str:
    """Return a dataset's content tag."""
    return run.services.rekognition.tags_of(arn)[CONTENT_TAG]


def test_new_and_changed_images_are_sent_and_nothing_is_made_anew(bench: Bench) -> None:
    """The dataset keeps its ARN; the test dataset is not touched."""
    run = bench.run()
    before = made(bench, run)
    goal = wanted(bench, run, *more(bench, 2), relabel=1)
    after = ensure_datasets(goal, run)
    assert (after.train_arn, after.test_arn) == (before.train_arn, before.test_arn)
    assert (bench.calls(UPDATE), bench.calls("DeleteDataset")) == (1, 0)
    found = entries(run, after.train_arn)
    assert len(found) == 14
    assert sum(entry["label-0-metadata"]["class-name"] == "green" for entry in found.values()) == 5
    assert tag(run, after.train_arn) == goal.manifests.train.content_digest
    assert "The TRAIN dataset is updated: 2 images added, 1 changed." in bench.notices


def test_a_label_that_no_image_has_any_more_is_gone(bench: Bench) -> None:
    """A changed line replaces the old one as a whole."""
    run = bench.run()
    before = made(bench, run)
    ensure_datasets(wanted(bench, run, relabel=4), run)
    answer = bench.client.list_dataset_labels(DatasetArn=before.train_arn)
    names = [label["LabelName"] for label in answer["DatasetLabelDescriptions"]]
    assert names == ["blue", "green"]


def test_a_crash_after_a_part_goes_on_by_comparing(bench: Bench) -> None:
    """The tag says meanwhile that it is neither the old content nor the new."""
    run = bench.run()
    arn = made(bench, run).train_arn
    goal = wanted(bench, run, *more(bench, 3))

    def crash(**_: object) -> None:
        raise ZeroDivisionError

    name = "after-call.rekognition.UpdateDatasetEntries"
    bench.client.meta.events.register(name, crash)
    with pytest.raises(ZeroDivisionError):
        ensure_datasets(goal, run)
    bench.client.meta.events.unregister(name, crash)
    assert tag(run, arn) == updating_tag(goal.manifests.train.content_digest)
    again = ensure_datasets(goal, bench.run())
    assert again.train_arn == arn
    assert bench.calls(UPDATE) == 1
    assert tag(run, arn) == goal.manifests.train.content_digest


def test_an_interrupted_update_is_not_taken_for_the_old_content(bench: Bench) -> None:
    """Whoever comes back to the old data finds images that have to go."""
    run = bench.run()
    arn = made(bench, run).train_arn
    goal = wanted(bench, run, *more(bench, 1))
    bench.arm("TagResource", "AccessDeniedException")
    with pytest.raises(AwsRefusedError):
        ensure_datasets(goal, run)
    assert bench.calls(UPDATE) == 0  # nothing is sent before the tag says so
    tagged = 0

    def crash_at_the_second(**_: object) -> None:
        nonlocal tagged
        tagged += 1
        if tagged > 1:
            raise ZeroDivisionError

    name = "before-call.rekognition.TagResource"
    bench.client.meta.events.register(name, crash_at_the_second)
    with pytest.raises(ZeroDivisionError):
        ensure_datasets(goal, run)  # between read-back and tag
    bench.client.meta.events.unregister(name, crash_at_the_second)
    old = ensure_datasets(wanted(bench, run), run)
    assert old.train_arn != arn
    assert len(entries(run, old.train_arn)) == 12


def test_parts_are_sent_one_after_the_other(slow_bench: MakeBench) -> None:
    """Of lines that are too many for one call, each part is waited for before the next."""
    bench = slow_bench(Delays(dataset=Delay(polls=2)))
    run = bench.run()
    made(bench, run)
    goal = wanted(bench, run, *more(bench, 60))
    place = S3Location(BUCKET, goal.manifests.train.key)
    lines = [json.loads(raw) for raw in run.services.s3.get(place).splitlines()]
    for line in lines:
        line["label-0-metadata"]["job-name"] = "x" * 90_000
    run.services.s3.put(place, "\n".join(map(json.dumps, lines)).encode())
    after = ensure_datasets(goal, run)
    assert bench.calls(UPDATE) == 2
    assert len(entries(run, after.train_arn)) == 72


def test_ticks_pause_while_a_part_is_taken_and_send_none_twice(slow_bench: MakeBench) -> None:
    """Each tick compares again: what is there is not sent again."""
    bench = slow_bench(Delays(dataset=Delay(polls=3)))
    made(bench, bench.run())
    pauses = 0
    goal = wanted(bench, bench.run(), *more(bench, 2))
    for _ in range(9):
        try:
            ensure_datasets(goal, bench.run(blocking=False))
            break
        except Pause:
            pauses += 1
    assert (bench.calls(UPDATE), pauses) == (1, 2)
    assert bench.calls("CreateDataset") == 0


def test_an_update_that_is_under_way_is_waited_for(slow_bench: MakeBench) -> None:
    """A dataset that somebody else's process updates is compared when it is at rest."""
    bench = slow_bench(Delays(dataset=Delay(polls=3)))
    run = bench.run()
    before = made(bench, run)
    goal = wanted(bench, run, *more(bench, 1))
    place = S3Location(BUCKET, goal.manifests.train.key)
    run.services.rekognition.entries.update(before.train_arn, run.services.s3.get(place))
    after = ensure_datasets(goal, run)
    assert after.train_arn == before.train_arn
    assert bench.calls(UPDATE) == 1


def test_a_lost_answer_is_no_second_update(bench: Bench) -> None:
    """The repetition is refused because the first is at work; the comparison tells."""
    run = bench.run()
    before = made(bench, run)
    bench.arm(UPDATE, "InternalServerError", executed=True)
    after = ensure_datasets(wanted(bench, run, *more(bench, 1)), run)
    assert after.train_arn == before.train_arn
    assert bench.calls(UPDATE) == 2
    assert len(entries(run, after.train_arn)) == 13


def test_a_dataset_that_is_always_in_use_is_told(bench: Bench) -> None:
    """What cannot be updated is not tried for ever."""
    run = bench.run()
    made(bench, run)
    bench.arm(UPDATE, "ResourceInUseException", times=None)
    with pytest.raises(AwsRefusedError) as caught:
        ensure_datasets(wanted(bench, run, *more(bench, 1)), run)
    assert caught.value.code == "ResourceInUseException"
    assert bench.calls(UPDATE) == 2


def test_a_quota_is_told_as_elsewhere(bench: Bench) -> None:
    """LimitExceeded is not repeated; the next run compares and goes on."""
    run = bench.run()
    before = made(bench, run)
    bench.arm(UPDATE, "LimitExceededException")
    goal = wanted(bench, run, *more(bench, 1))
    with pytest.raises(AwsRefusedError) as caught:
        ensure_datasets(goal, run)
    assert caught.value.code == "LimitExceededException"
    assert ensure_datasets(goal, run).train_arn == before.train_arn


def test_a_failed_update_makes_the_dataset_anew(bench: Bench) -> None:
    """It is said why, and the new one has the new content."""
    run = bench.run()
    before = made(bench, run)
    bench.arm(UPDATE, fails_later=True)
    after = ensure_datasets(wanted(bench, run, *more(bench, 1)), run)
    assert after.train_arn != before.train_arn
    assert any("made anew: it is UPDATE_FAILED" in text for text in bench.notices)
    assert len(entries(run, after.train_arn)) == 13


def test_lines_that_the_service_does_not_take_are_told_image_by_image(bench: Bench) -> None:
    """What was sent twice and is not there is an error, also when every part ends a tick."""
    run = bench.run()
    made(bench, run)
    old = run.services.s3.get(S3Location(BUCKET, wanted(bench, run).manifests.train.key))
    goal = wanted(bench, run, *more(bench, 2))

    def send_something_else(params: dict[str, Any], **_: object) -> None:
        params["Changes"]["GroundTruth"] = old.splitlines()[0]

    pauses = 0
    name = "provide-client-params.rekognition.UpdateDatasetEntries"
    bench.client.meta.events.register(name, send_something_else)
    try:
        with pytest.raises(EntriesRefusedError) as caught:
            while pauses < 9:
                try:
                    ensure_datasets(goal, bench.run(blocking=False))
                except Pause:
                    pauses += 1
    finally:
        bench.client.meta.events.unregister(name, send_something_else)
    assert (bench.calls(UPDATE), pauses) == (2, 2)
    assert len(caught.value.problems) == 2
    assert all("ENTRY_MISSING: the line was sent" in text for text in caught.value.problems)


def test_every_error_of_an_entry_is_told_with_image_code_and_cure(bench: Bench) -> None:
    """After the update the entries with errors are read back; all are in the run's folder."""
    run = bench.run()
    made(bench, run)
    goal = wanted(bench, run, *more(bench, 2))
    place = S3Location(BUCKET, goal.manifests.train.key)
    lines = [json.loads(raw) for raw in run.services.s3.get(place).splitlines()]
    spoiled = [line["source-ref"] for line in lines[-2:]]
    for line in lines[-2:]:
        line["label-0-metadata"]["class-name"] = "y" * 300
    run.services.s3.put(place, "\n".join(map(json.dumps, lines)).encode())
    with pytest.raises(EntriesRefusedError) as caught:
        ensure_datasets(goal, run)
    assert caught.value.code == "EntriesDropped"
    assert len(caught.value.problems) >= 2
    for source_ref in spoiled:
        cure = f"{source_ref}: ERROR_INVALID_LABEL_NAME_LENGTH: a label's name is too long; use"
        assert cure in caught.value.message
    written = (run.folder / PROBLEMS_NAME).read_text().splitlines()
    assert {json.loads(raw)["source-ref"] for raw in written} == set(spoiled)
    project = run.services.rekognition.find_project("shades")
    assert project is not None
    arn = next(one.arn for one in project.datasets if one.dataset_type == "TRAIN")
    assert tag(run, arn) == updating_tag(goal.manifests.train.content_digest)
