"""Tests of moving a fifth of the training dataset to the test dataset."""

from collections.abc import Sequence
from typing import Any

import pytest

from rcl_flow.emulator.conditions.faults import Fault
from tests.emulator.builders import Aws, Line, line, refusal_code, refused, uri
from tests.emulator.data.lines import box, box_line

LINES = [line(uri(f"{label}-{n}"), label) for label in ("x", "y") for n in range(10)]
BROKEN: Line = {**line(uri("broken"), "x"), "x-metadata": {"type": "groundtruth/unheard-of"}}
UNLABELED: Line = {"source-ref": uri("unlabeled")}


def pair(aws: Aws, lines: Sequence[Line]) -> tuple[str, str]:
    """Return the ARNs of a project's training dataset and of its empty test dataset."""
    project = aws.project()
    training = aws.dataset(project, "TRAIN", lines)
    return training, aws.dataset_from(project, "TEST", {})


def both(*arns: str) -> dict[str, Any]:
    """Return the request for two datasets."""
    return {"Datasets": [{"Arn": arn} for arn in arns]}


def statuses(aws: Aws, *arns: str) -> list[str]:
    """Return the states that one describe of each dataset shows."""
    return [aws.describe_dataset(arn)["Status"] for arn in arns]


def test_distribute_can_be_watched_until_both_are_complete(aws: Aws) -> None:
    """Both datasets are in progress, and cannot be read, until both are complete."""
    arns = pair(aws, LINES)
    answer: Any = aws.rekognition.distribute_dataset_entries(**both(*arns))
    assert set(answer) == {"ResponseMetadata"}
    code = refusal_code(aws.rekognition.list_dataset_entries, DatasetArn=arns[0])
    assert code == "ResourceInUseException"
    assert statuses(aws, *arns) == ["UPDATE_IN_PROGRESS"] * 2
    assert statuses(aws, *arns) == ["UPDATE_COMPLETE"] * 2


def test_distribute_moves_a_fifth_of_each_label(aws: Aws) -> None:
    """Nothing is copied or lost, and what has no valid label stays."""
    training, testing = pair(aws, [UNLABELED, *LINES, BROKEN])
    aws.rekognition.distribute_dataset_entries(**both(testing, training))
    statuses(aws, training, testing)
    kept, moved = (
        [entry["source-ref"] for entry in aws.entries(arn)] for arn in (training, testing)
    )
    assert sorted(ref[-3] for ref in moved) == ["x", "x", "y", "y"]
    assert len(kept) == 18
    assert sorted(kept + moved) == sorted(
        str(each["source-ref"]) for each in [UNLABELED, *LINES, BROKEN]
    )
    assert {UNLABELED["source-ref"], BROKEN["source-ref"]} < set(kept)


def test_distribute_leaves_an_invalid_line_that_alone_has_a_label(aws: Aws) -> None:
    """A line that as a whole is invalid is neither moved nor counted as an image of its label."""
    too_wide = box_line(box(1, 1, 50, 50), width=5000) | line(uri("wide"), "z")
    training, testing = pair(aws, [*LINES, too_wide])
    aws.rekognition.distribute_dataset_entries(**both(training, testing))
    statuses(aws, training, testing)
    assert statuses(aws, training, testing) == ["UPDATE_COMPLETE"] * 2
    (kept,) = [each for each in aws.entries(training) if each["source-ref"] == uri("wide")]
    assert "cl-errors" in str(kept)


@pytest.mark.parametrize("lines", [[], [UNLABELED], [*LINES, line(uri("z"), "z")]])
def test_distribute_fails_both_datasets_if_a_label_has_too_few_images(
    aws: Aws, lines: Sequence[Line]
) -> None:
    """The service's text is on both, and everything stays where it was."""
    project = aws.project()
    source = aws.put_manifest("a.manifest", lines) if lines else {}
    training = aws.dataset_from(project, "TRAIN", source)
    testing = aws.dataset_from(project, "TEST", {})
    aws.rekognition.distribute_dataset_entries(**both(training, testing))
    statuses(aws, training, testing)
    for arn, count in ((training, len(lines)), (testing, 0)):
        found = aws.describe_dataset(arn)
        assert (found["Status"], found["StatusMessageCode"], found["StatusMessage"]) == (
            "UPDATE_FAILED",
            "CLIENT_ERROR",
            "The manifest file doesn't have enough labeled images to distribute the dataset.",
        )
        assert found["DatasetStats"]["TotalEntries"] == count


def test_distribute_can_fail_by_script(aws: Aws) -> None:
    """A distribution that the service itself cannot do fails both datasets."""
    arns = pair(aws, LINES)
    aws.world.faults.add(Fault("DistributeDatasetEntries", fails_later=True))
    aws.rekognition.distribute_dataset_entries(**both(*arns))
    statuses(aws, *arns)
    found = [aws.describe_dataset(arn) for arn in arns]
    assert [each["Status"] for each in found] == ["UPDATE_FAILED"] * 2
    assert [each["StatusMessageCode"] for each in found] == ["SERVICE_ERROR"] * 2


def test_distribute_refuses_a_test_dataset_with_entries(aws: Aws) -> None:
    """The test dataset must be empty, so it cannot be done twice either."""
    arns = pair(aws, LINES)
    call = aws.rekognition.distribute_dataset_entries
    call(**both(*arns))
    statuses(aws, *arns)
    assert refused(call, **both(*arns)) == (
        "InvalidParameterException",
        "The test dataset must be empty.",
    )


def test_distribute_refuses_datasets_that_are_no_pair(aws: Aws) -> None:
    """They are of one project, one to train with and one to test with."""
    training, _ = pair(aws, LINES)
    foreign = aws.dataset_from(aws.project("another"), "TEST", {})
    call = aws.rekognition.distribute_dataset_entries
    for other in (foreign, training):
        code = refusal_code(call, **both(training, other))
        assert code == "InvalidParameterException"


def test_distribute_refuses_datasets_that_are_not_ready(aws: Aws) -> None:
    """One that is still made, or was not made, cannot give or take."""
    project = aws.project()
    training = aws.dataset(project, "TRAIN", LINES)
    source = aws.put_manifest("test.manifest", ["oops"])
    testing = aws.unchecked.create_dataset(
        ProjectArn=project, DatasetType="TEST", DatasetSource=source
    )["DatasetArn"]
    call = aws.rekognition.distribute_dataset_entries
    for status in ("CREATE_IN_PROGRESS", "CREATE_FAILED"):
        assert refusal_code(call, **both(training, testing)) == "ResourceNotReadyException"
        assert aws.describe_dataset(testing)["Status"] == status


def test_distribute_finds_no_unknown_dataset(aws: Aws) -> None:
    """Both ARNs must name a dataset."""
    training, testing = pair(aws, LINES)
    call = aws.rekognition.distribute_dataset_entries
    assert refusal_code(call, **both(training, f"{testing}1")) == "ResourceNotFoundException"


def test_distribute_takes_exactly_two_datasets(aws: Aws) -> None:
    """The model's limits are checked by the service."""
    training, testing = pair(aws, LINES)
    call = aws.unchecked.distribute_dataset_entries
    for arns in ([training], [training, testing, testing]):
        assert refusal_code(call, **both(*arns)) == "ValidationException"


def test_distributed_datasets_can_be_trained_with(aws: Aws) -> None:
    """What was moved is tested with, and the rest is trained with."""
    training, testing = pair(aws, aws.put_images("all", 5))
    aws.rekognition.distribute_dataset_entries(**both(training, testing))
    statuses(aws, training, testing)
    (project,) = aws.rekognition.describe_projects()["ProjectDescriptions"]
    version = aws.train(project["ProjectArn"])
    assert version["Status"] == "TRAINING_COMPLETED"
    assert len(aws.read_lines(version["TestingDataResult"]["Output"])) == 3
    assert len(aws.read_lines(version["TrainingDataResult"]["Output"])) == 12
