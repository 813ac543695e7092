"""Tests of listing a dataset's entries and labels."""

import json
from typing import Any

import pytest

from tests.emulator.builders import Aws, line, metadata, refusal_code, uri
from tests.emulator.data.lines import box, box_line

LINES: list[dict[str, object]] = [
    line(uri("in/a.png"), "x"),
    line(uri("in/b.png"), "y"),
    line(uri("out/c.png"), "x", "y"),
    {"source-ref": uri("out/d.png")},
    {**line(uri("out/e.png")), "z": 1, "z-metadata": metadata("z", type="groundtruth/other")},
]


@pytest.fixture
def dataset(aws: Aws) -> str:
    """Return the ARN of a dataset of `LINES`."""
    arn = aws.dataset(aws.project(), "TRAIN", LINES)
    aws.describe_dataset(arn)
    return arn


@pytest.mark.parametrize(
    ("filters", "letters"),
    [
        ({}, "abcde"),
        ({"ContainsLabels": ["x"]}, "ac"),
        ({"ContainsLabels": ["x", "y"]}, "abc"),
        ({"Labeled": True}, "abce"),
        ({"Labeled": False}, "d"),
        ({"SourceRefContains": "out/"}, "cde"),
        ({"HasErrors": True}, "e"),
        ({"HasErrors": False}, "abcde"),
        ({"ContainsLabels": ["x"], "SourceRefContains": "out/"}, "c"),
    ],
)
def test_list_dataset_entries_filters(
    aws: Aws, dataset: str, filters: dict[str, Any], letters: str
) -> None:
    """Each filter selects what it says, and several must all pass."""
    found = aws.rekognition.list_dataset_entries(DatasetArn=dataset, **filters)["DatasetEntries"]
    refs = [json.loads(entry)["source-ref"] for entry in found]
    assert "".join(ref[-5] for ref in refs) == letters


def test_list_dataset_entries_adds_what_the_service_knows(aws: Aws, dataset: str) -> None:
    """An entry is the stored line, with `cl-metadata` at its end."""
    entries = aws.rekognition.list_dataset_entries(DatasetArn=dataset)["DatasetEntries"]
    assert json.loads(entries[0]) == {**LINES[0], "cl-metadata": {"is_labeled": True}}
    assert entries[0].endswith('"cl-metadata":{"is_labeled":true}}')
    assert json.loads(entries[3])["cl-metadata"] == {"is_labeled": False}


def test_list_dataset_entries_shows_errors_where_they_are(aws: Aws, dataset: str) -> None:
    """An unsupported attribute is noted in its metadata, the useless line at its top."""
    (text,) = aws.rekognition.list_dataset_entries(DatasetArn=dataset, HasErrors=True)[
        "DatasetEntries"
    ]
    entry = json.loads(text)
    assert [e["code"] for e in entry["z-metadata"]["cl-errors"]] == [
        "ERROR_UNSUPPORTED_USE_CASE_TYPE"
    ]
    assert [e["code"] for e in entry["cl-errors"]] == ["ERROR_NO_VALID_LABEL_ATTRIBUTES"]
    assert entry["cl-metadata"]["is_labeled"] is True


def test_list_dataset_entries_replaces_what_it_added_before(aws: Aws, dataset: str) -> None:
    """Entries that were read may be sent back: their `cl-` keys are made anew."""
    texts = aws.rekognition.list_dataset_entries(DatasetArn=dataset)["DatasetEntries"]
    again = aws.dataset(aws.project("again"), "TRAIN", texts)
    aws.describe_dataset(again)
    assert aws.rekognition.list_dataset_entries(DatasetArn=again)["DatasetEntries"] == texts


def test_list_dataset_entries_pages(aws: Aws, dataset: str) -> None:
    """Pages come in the manifest's order, and the last has no token."""
    paginator = aws.rekognition.get_paginator("list_dataset_entries")
    pages = list(paginator.paginate(DatasetArn=dataset, PaginationConfig={"PageSize": 2}))
    assert [len(page["DatasetEntries"]) for page in pages] == [2, 2, 1]
    assert "NextToken" not in pages[-1]


def test_list_dataset_entries_without_a_size_gives_a_hundred(aws: Aws) -> None:
    """The default page holds 100 entries."""
    lines = [line(uri(f"{number}.png"), "x") for number in range(101)]
    arn = aws.dataset(aws.project(), "TRAIN", lines)
    aws.describe_dataset(arn)
    found = aws.rekognition.list_dataset_entries(DatasetArn=arn)
    assert len(found["DatasetEntries"]) == 100
    assert "NextToken" in found


def test_list_dataset_entries_is_not_ready_in_creation(aws: Aws) -> None:
    """A dataset in creation cannot be read."""
    arn = aws.rekognition.create_dataset(ProjectArn=aws.project(), DatasetType="TRAIN")
    code = refusal_code(aws.rekognition.list_dataset_entries, DatasetArn=arn["DatasetArn"])
    assert code == "ResourceNotReadyException"


def test_list_dataset_labels_counts_images(aws: Aws, dataset: str) -> None:
    """Each label comes with its images, and without a box count for image-level data."""
    found = aws.rekognition.list_dataset_labels(DatasetArn=dataset)
    assert found["DatasetLabelDescriptions"] == [
        {"LabelName": "x", "LabelStats": {"EntryCount": 2}},
        {"LabelName": "y", "LabelStats": {"EntryCount": 2}},
    ]


def test_list_dataset_labels_pages(aws: Aws, dataset: str) -> None:
    """Labels are paged as well."""
    paginator = aws.rekognition.get_paginator("list_dataset_labels")
    pages = list(paginator.paginate(DatasetArn=dataset, PaginationConfig={"PageSize": 1}))
    assert [p["DatasetLabelDescriptions"][0]["LabelName"] for p in pages] == ["x", "y"]


@pytest.fixture
def boxes(aws: Aws) -> str:
    """Return the ARN of a dataset with boxes, labels, and both."""
    x, y = box(1, 1, 30, 30), box(50, 50, 40, 40, 1)
    lines = [
        box_line(x, x, key="a.png"),
        box_line(x, y, key="b.png"),
        line(uri("c.png"), "bolt", "scene"),
        {**box_line(y, key="d.png"), **line(uri("d.png"), "nut")},
        box_line(box(-1, 1, 30, 30), key="e.png"),
        box_line(key="f.png"),
    ]
    arn = aws.dataset(aws.project(), "TRAIN", lines)
    aws.describe_dataset(arn)
    return arn


def test_list_dataset_labels_counts_images_with_boxes(aws: Aws, boxes: str) -> None:
    """An image counts once, however many boxes it has; only labels on boxes have a box count."""
    found = aws.rekognition.list_dataset_labels(DatasetArn=boxes)["DatasetLabelDescriptions"]
    assert {each["LabelName"]: each["LabelStats"] for each in found} == {
        "bolt": {"EntryCount": 3, "BoundingBoxCount": 2},
        "nut": {"EntryCount": 2, "BoundingBoxCount": 2},
        "scene": {"EntryCount": 1},
    }


def test_list_dataset_entries_filters_by_the_labels_on_boxes(aws: Aws, boxes: str) -> None:
    """A label is contained on a box or on the whole image; a box that is skipped has none."""
    found = aws.rekognition.list_dataset_entries(DatasetArn=boxes, ContainsLabels=["bolt"])
    refs = [json.loads(entry)["source-ref"] for entry in found["DatasetEntries"]]
    assert refs == [uri("a.png"), uri("b.png"), uri("c.png")]


def test_describe_dataset_counts_declared_labels(aws: Aws) -> None:
    """A class map declares its labels, on boxes or not; its attribute makes the entry labeled."""
    arn = aws.dataset(aws.project(), "TRAIN", [box_line(box(1, 1, 30, 30)), box_line(key="b")])
    assert aws.describe_dataset(arn)["DatasetStats"] == {
        "LabeledEntries": 2,
        "TotalEntries": 2,
        "TotalLabels": 2,
        "ErrorEntries": 0,
    }
