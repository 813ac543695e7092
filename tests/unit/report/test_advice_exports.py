"""Tests of advice for other programs: what is written is what our own readers find."""

import csv
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from rcl_flow.core.datasets.boxes import Box, DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import Task
from rcl_flow.core.datasets.manifest import ManifestLine, parse_manifest
from rcl_flow.core.scoring.advice import Advice, AdvisedImage
from rcl_flow.report.advice_exports import (
    ADVICE_COLUMNS,
    advice_csv,
    ground_truth_manifest,
    label_studio_config,
    label_studio_tasks,
)
from tests.builders import sha256_of
from tests.unit.formats.memory import image, read_all, read_one, written

HOLDOUT_NOTE = "holdout image: to train on it takes it out of the holdout"
URI = "s3://acme/export.json"
CAT = AdvisedImage(
    sha256=sha256_of("cat"),
    uri="s3://acme/cat.jpg",
    split="holdout",
    truth=("dog",),
    suggested=("cat", "sunny"),
    confidence_percent=97.5,
)
LOCAL = CAT.model_copy(
    update={"sha256": sha256_of("local"), "uri": "data/holdout/=cat.jpg", "suggested": ()}
)
BOX = Box(left=0.1, top=0.2, width=0.3, height=0.4)
BOLT = AdvisedImage(
    sha256=sha256_of("bolt"),
    uri="s3://acme/bolt.jpg",
    split="holdout",
    truth=("nut",),
    suggested=("bolt",),
    confidence_percent=90,
    boxes=(
        DetectedBox(label="bolt", confidence_percent=90, box=BOX),
        DetectedBox(label="rust", confidence_percent=80, box=BOX),
    ),
    width_pixels=200,
    height_pixels=100,
)


def advice(rank: int = 1, *images: AdvisedImage, **values: object) -> Advice:
    """Return a piece of advice about images."""
    whole = {
        "rank": rank,
        "action": "relabel",
        "labels": ("cat", "dog"),
        "told": "Look at these images.",
        "evidence": ("The model disagrees.",),
        "practice": "D8",
        "expected_gain": 0.0123,
        "images": images,
    }
    return Advice.model_validate(whole | values)


def table(*given: Advice) -> list[dict[str, str]]:
    """Return the rows of the CSV as a reader sees them."""
    return list(csv.DictReader(advice_csv(given).splitlines()))


def accepted(tasks: str) -> str:
    """Return the tasks as Label Studio exports them when every suggestion is accepted."""
    made: list[dict[str, Any]] = json.loads(tasks)
    for task in made:
        task["annotations"] = [{"result": task.pop("predictions")[0]["result"]}]
    return json.dumps(made)


def test_csv_has_a_row_for_each_image() -> None:
    """What the advice says is repeated, so that the rows can be sorted."""
    first, second = table(advice(1, CAT, LOCAL))
    assert first == {
        "rank": "1",
        "action": "relabel",
        "labels": "cat; dog",
        "images_wanted": "",
        "condition": "",
        "told": "Look at these images.",
        "practice": "D8",
        "expected_gain": "0.0123",
        "image": "s3://acme/cat.jpg",
        "sha256": sha256_of("cat"),
        "split": "holdout",
        "truth": "dog",
        "suggested": "cat; sunny",
        "confidence_percent": "97.50",
        "note": HOLDOUT_NOTE,
    }
    assert second["image"] == "data/holdout/=cat.jpg"


def test_csv_has_one_row_for_advice_without_images() -> None:
    """Its cells for images are empty; an unknown gain too."""
    (row,) = table(advice(action="collect", images_wanted=40, expected_gain=None))
    assert (row["images_wanted"], row["image"], row["expected_gain"]) == ("40", "", "")
    assert tuple(row) == ADVICE_COLUMNS


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_csv_has_no_formulas(text: str) -> None:
    """A label or a file may be called like a formula; it stays a text."""
    hostile = CAT.model_copy(update={"uri": text, "truth": (text,), "suggested": (text,)})
    (row,) = table(advice(1, hostile, labels=(text,), condition=text, told=text))
    cells = [row[name] for name in ("image", "truth", "suggested", "labels", "condition", "told")]
    assert cells == [f"'{text}"] * 6


def test_csv_keeps_quotes_and_line_breaks() -> None:
    """A text of several lines is one cell."""
    told = 'Look at "these",\nall of them.'
    rows = list(csv.reader(advice_csv([advice(told=told)]).splitlines(keepends=True)))
    assert rows[1][ADVICE_COLUMNS.index("told")] == told


def test_accepted_suggestion_comes_back_as_labels() -> None:
    """Exported, accepted in Label Studio and read again: the labels are the model's."""
    tasks = label_studio_tasks([advice(1, CAT)], ("cat", "dog"), "classification")
    read = read_one("label-studio", URI, {URI: accepted(tasks)})
    assert (read.uri, read.image_labels) == ("s3://acme/cat.jpg", ("cat",))


def test_accepted_boxes_come_back_in_pixels() -> None:
    """Only boxes of labels that the project has are suggested."""
    tasks = label_studio_tasks([advice(1, BOLT)], ("bolt", "nut"), "detection")
    read = read_one("label-studio", URI, {URI: accepted(tasks)})
    (box,) = read.boxes
    assert (box.label, read.size_pixels) == ("bolt", (200, 100))
    assert (box.left, box.top, box.width, box.height) == pytest.approx((20, 20, 60, 40))


def test_tasks_are_not_done_before_somebody_looks() -> None:
    """A suggestion is a prediction: our reader finds no label in it, and says so."""
    tasks = label_studio_tasks([advice(1, CAT)], ("cat",), "classification")
    (entry,), losses = read_all("label-studio", URI, {URI: tasks})
    assert not getattr(entry, "labels", ())
    assert losses.count("predictions") == 1
    data = json.loads(tasks)[0]["data"]
    assert (data["annotated"], data["advice"]) == ("dog", "Look at these images.")


def test_holdout_images_are_marked() -> None:
    """Exported and trained on, they would leave nothing to judge by; training images may be."""
    given = [advice(1, CAT, LOCAL.model_copy(update={"split": "train"}))]
    holdout, training = json.loads(label_studio_tasks(given, ("cat",), "classification"))
    assert (holdout["data"]["split"], holdout["data"]["note"]) == (
        "holdout",
        HOLDOUT_NOTE,
    )
    assert (training["data"]["split"], training["data"]["note"]) == ("train", "")
    assert [row["note"] for row in table(*given)] == [HOLDOUT_NOTE, ""]


@pytest.mark.parametrize("action", ["collect", "merge"])
def test_examples_of_mistakes_are_no_tasks(action: str) -> None:
    """Nobody is to annotate the holdout images that show what to collect or to tell apart."""
    given = [advice(1, CAT, action=action), advice(2, BOLT)]
    (task,) = json.loads(label_studio_tasks(given, ("cat",), "classification"))
    assert task["data"]["sha256"] == BOLT.sha256
    assert ground_truth_manifest(given).count("source-ref") == 1
    assert [row["sha256"] for row in table(*given)] == [CAT.sha256, BOLT.sha256]


def test_image_of_several_pieces_of_advice_is_one_task() -> None:
    """The highest ranked advice is shown with it."""
    given = [advice(2, CAT, told="Second."), advice(1, CAT, told="First.")]
    (task,) = json.loads(label_studio_tasks(given, ("cat",), "classification"))
    assert task["data"]["advice"] == "First."


@pytest.mark.parametrize(("task", "boxes"), [("classification", False), ("detection", True)])
def test_results_are_named_as_our_own_export_names_them(task: Task, boxes: bool) -> None:
    """One labelling interface fits the tasks and converted datasets."""
    box = (PixelBox("bolt", 1, 2, 3, 4),) if boxes else ()
    files, _ = written("label-studio", [image("a.jpg", *([] if boxes else ["cat"]), boxes=box)])
    ours = json.loads(next(iter(files.values())))[0]["annotations"][0]["result"][0]
    advised = BOLT if boxes else CAT
    tasks = json.loads(label_studio_tasks([advice(1, advised)], ("bolt", "cat"), task))
    theirs = tasks[0]["predictions"][0]["result"][0]
    assert theirs.keys() == ours.keys()
    for name in ("type", "from_name", "to_name"):
        assert theirs[name] == ours[name]
    config = ElementTree.fromstring(label_studio_config(("bolt", '<&"'), task))  # noqa: S314
    control = next(child for child in config if "toName" in child.attrib)
    assert control.tag.lower() == ours["type"]
    assert (control.get("name"), control.get("toName")) == (ours["from_name"], ours["to_name"])
    assert [value.get("value") for value in control] == ["bolt", '<&"']


def test_manifest_names_each_image_in_s3_once() -> None:
    """Local images are left out, unless their copy in S3 is known."""
    given = [advice(1, CAT, LOCAL), advice(2, CAT, BOLT)]
    text = ground_truth_manifest(given)
    assert list(parse_manifest(text.encode())) == [
        ManifestLine("s3://acme/cat.jpg", ()),
        ManifestLine("s3://acme/bolt.jpg", ()),
    ]
    assert json.loads(text.splitlines()[0]) == {"source-ref": "s3://acme/cat.jpg"}
    copies = {LOCAL.sha256: "s3://acme/copies/local.jpg"}
    assert "s3://acme/copies/local.jpg" in ground_truth_manifest(given, copies)
