"""Tests of changing the entries of a dataset."""

import json
from dataclasses import replace
from typing import Any

import boto3
import pytest

from rcl_flow.emulator.conditions.faults import Fault
from tests.emulator.builders import Aws, Line, line, refusal_code, uri

A_X, B_X, C_Y = line(uri("a"), "x"), line(uri("b"), "x"), line(uri("c"), "y")


@pytest.fixture
def dataset(aws: Aws) -> str:
    """Return the ARN of a training dataset of two entries."""
    return aws.dataset(aws.project(), "TRAIN", [A_X, B_X])


def changes(*lines: Line) -> dict[str, Any]:
    """Return the request's member for lines."""
    return {"GroundTruth": "\n".join(map(json.dumps, lines)).encode()}


def source_refs(aws: Aws, dataset: str) -> list[str]:
    """Return the images of a dataset, in its order."""
    return [entry["source-ref"] for entry in aws.entries(dataset)]


def test_update_can_be_watched_until_it_is_complete(aws: Aws, dataset: str) -> None:
    """It answers nothing; the first describe shows it in progress, the next one complete."""
    before = aws.describe_dataset(dataset)
    aws.world.clock.advance(60)
    answer: Any = aws.unchecked.update_dataset_entries(DatasetArn=dataset, Changes=changes(C_Y))
    assert set(answer) == {"ResponseMetadata"}
    under_way = aws.describe_dataset(dataset)
    assert (under_way["Status"], "StatusMessageCode" in under_way) == ("UPDATE_IN_PROGRESS", False)
    assert under_way["DatasetStats"] == before["DatasetStats"]
    found = aws.describe_dataset(dataset)
    assert (found["Status"], found["StatusMessageCode"]) == ("UPDATE_COMPLETE", "SUCCESS")
    assert found["DatasetStats"]["TotalEntries"] == 3
    passed = found["LastUpdatedTimestamp"] - before["LastUpdatedTimestamp"]
    assert passed.total_seconds() == 60
    assert found["CreationTimestamp"] == before["CreationTimestamp"]


def test_update_replaces_whole_lines_in_place_and_appends_new_ones(aws: Aws, dataset: str) -> None:
    """A changed entry keeps nothing of the old line but its position."""
    aws.update(dataset, [C_Y, line(uri("a"), "z")])
    assert source_refs(aws, dataset) == [uri("a"), uri("b"), uri("c")]
    assert aws.entries(dataset)[0] == {
        **line(uri("a"), "z"),
        "cl-metadata": {"is_labeled": True},
    }


def test_update_changes_the_labels_with_the_entries(aws: Aws, dataset: str) -> None:
    """A label comes with its first use and goes with its last."""
    aws.update(dataset, [line(uri("a"), "z"), {"source-ref": uri("b")}])
    found = aws.rekognition.list_dataset_labels(DatasetArn=dataset)["DatasetLabelDescriptions"]
    assert [each["LabelName"] for each in found] == ["z"]
    assert aws.describe_dataset(dataset)["DatasetStats"]["LabeledEntries"] == 1


def test_update_takes_back_what_the_listing_gave(aws: Aws, dataset: str) -> None:
    """Entries with the service's own notes may be sent back; the notes are made anew."""
    broken = {**A_X, "x-metadata": {"type": "groundtruth/unheard-of"}}
    aws.update(dataset, [broken])
    listed = aws.rekognition.list_dataset_entries(DatasetArn=dataset)["DatasetEntries"]
    assert "ERROR_UNSUPPORTED_USE_CASE_TYPE" in listed[0]
    assert aws.update(dataset, listed)["DatasetStats"]["ErrorEntries"] == 1
    assert aws.rekognition.list_dataset_entries(DatasetArn=dataset)["DatasetEntries"] == listed


def test_update_drops_a_fifth_of_bad_lines_silently(aws: Aws, dataset: str) -> None:
    """Bad lines and repetitions vanish, and of repetitions the first stays."""
    good = [line(uri(f"{number}"), "x") for number in range(8)]
    found = aws.update(dataset, [*good, "oops", line(uri("0"), "z")])
    assert (found["Status"], found["DatasetStats"]["TotalEntries"]) == ("UPDATE_COMPLETE", 10)
    assert aws.entries(dataset)[2]["x-metadata"]["class-name"] == "x"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["not json"], "extension or contents are invalid"),
        ([C_Y, "oops"], "too many terminal errors"),
        ([" "], "is empty"),
        ([line(uri(f"{n}"), f"label {n}") for n in range(250)], "too many labels"),
    ],
)
def test_update_that_is_unusable_changes_nothing(
    aws: Aws, dataset: str, lines: list[Line | str], message: str
) -> None:
    """It fails with the service's text, and the dataset can be updated again."""
    found = aws.update(dataset, lines)
    assert (found["Status"], found["StatusMessageCode"]) == ("UPDATE_FAILED", "CLIENT_ERROR")
    assert message in found["StatusMessage"]
    assert source_refs(aws, dataset) == [uri("a"), uri("b")]
    assert aws.update(dataset, [C_Y])["Status"] == "UPDATE_COMPLETE"


def test_update_counts_the_rows_of_the_whole_dataset(aws: Aws, session: boto3.Session) -> None:
    """Where a test dataset has at most 7,000 rows, an update cannot bring it to more."""
    small = replace(aws, unchecked=session.client("rekognition", region_name="eu-west-2"))
    project = small.unchecked.create_project(ProjectName="p")["ProjectArn"]
    dataset = small.dataset_from(project, "TEST", {})
    rows = [{"source-ref": uri(f"{number}")} for number in range(7001)]
    assert small.update(dataset, rows[:7000])["Status"] == "UPDATE_COMPLETE"
    assert small.update(dataset, rows[:1])["Status"] == "UPDATE_COMPLETE"
    found = small.update(dataset, rows[7000:])
    assert (found["Status"], found["StatusMessage"]) == (
        "UPDATE_FAILED",
        "The manifest file has too many rows.",
    )
    assert found["DatasetStats"]["TotalEntries"] == 7000


def test_update_can_fail_by_script(aws: Aws, dataset: str) -> None:
    """An update that the service itself cannot make ends in UPDATE_FAILED."""
    aws.world.faults.add(Fault("UpdateDatasetEntries", fails_later=True))
    found = aws.update(dataset, [C_Y])
    assert (found["Status"], found["StatusMessageCode"]) == ("UPDATE_FAILED", "SERVICE_ERROR")
    assert len(source_refs(aws, dataset)) == 2


def test_dataset_under_update_is_in_use(aws: Aws) -> None:
    """It can be neither updated, read, deleted nor trained with."""
    api, project = aws.unchecked, aws.project("another")
    updated = aws.dataset(project, "TRAIN", [A_X])
    api.update_dataset_entries(DatasetArn=updated, Changes=changes(C_Y))
    for call, more in (
        (api.update_dataset_entries, {"Changes": changes(C_Y)}),
        (api.list_dataset_entries, {}),
        (api.list_dataset_labels, {}),
        (api.delete_dataset, {}),
    ):
        assert refusal_code(call, DatasetArn=updated, **more) == "ResourceInUseException"
    assert refusal_code(aws.begin_training, project=project) == "ResourceInUseException"


def test_update_refuses_a_dataset_that_is_not_settled(aws: Aws) -> None:
    """One that is made or deleted is in use; one that was not made cannot be updated."""
    update, project = aws.unchecked.update_dataset_entries, aws.project()
    source = {"ProjectArn": project, "DatasetType": "TRAIN"}
    made = aws.unchecked.create_dataset(**source)["DatasetArn"]
    ask = {"DatasetArn": made, "Changes": changes(C_Y)}
    assert refusal_code(update, **ask) == "ResourceInUseException"
    aws.describe_dataset(made)
    aws.rekognition.delete_dataset(DatasetArn=made)
    assert refusal_code(update, **ask) == "ResourceInUseException"
    aws.describe_dataset(made)
    assert refusal_code(update, **ask) == "ResourceNotFoundException"
    ask["DatasetArn"] = aws.dataset(project, "TEST", ["oops"])
    assert refusal_code(update, **ask) == "InvalidParameterException"


def test_update_takes_5_megabytes_and_not_one_byte_more(aws: Aws, dataset: str) -> None:
    """The model's limit is checked by the service."""
    update, limit = aws.unchecked.update_dataset_entries, 5_242_880
    whole = (json.dumps(C_Y) + "\n").encode().ljust(limit)
    too_much = {"GroundTruth": whole + b" "}
    code = refusal_code(update, DatasetArn=dataset, Changes=too_much)
    assert code == "ValidationException"
    update(DatasetArn=dataset, Changes={"GroundTruth": whole})
