"""Tests of the lines of predictions.jsonl."""

from dataclasses import replace
from pathlib import Path

import orjson

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.pipeline.judging.answer_lines import answer_lines
from rcl_flow.pipeline.judging.stored_answers import CALIBRATION, read_answers
from tests.unit.pipeline.finished import Finished, objects, photographs

BEST_F1 = {"thresholds": {"objective": "best_f1"}}


def test_line_says_what_is_true_and_what_was_said(tmp_path: Path) -> None:
    """Every image that counts has one, at the thresholds that the run was judged at."""
    run = Finished(
        tmp_path, evaluation={"thresholds": {"labels": {"label 0": fixed(0.8)}}}, material=dim()
    )
    scored = run.scored()
    lines = [orjson.loads(line) for line in answer_lines(scored)]
    assert [line["sha256"] for line in lines] == [i.sha256 for i in scored.tuned.judged.images]
    least = {"label 0": 80, "label 1": 50, "label 2": 50}
    for image, line in zip(run.material.judged.images, lines, strict=True):
        said = run.material.judged.predictions[image.sha256].confidences_percent
        assert (line["uri"], line["truth"]) == (image.uri, list(image.labels))
        assert line["confidences_percent"] == said
        assert line["predicted"] == sorted(name for name in said if said[name] >= least[name])
        assert line.keys() == {"uri", "sha256", "truth", "predicted", "confidences_percent"}
    assert any(line["predicted"] == [] for line in lines)


def fixed(ratio: float) -> dict[str, object]:
    """Return the rule of a label that is given a threshold."""
    return {"objective": "fixed", "fixed": ratio}


def dim() -> Material:
    """Return photographs, the first of which the model says nothing of."""
    material = photographs()
    first = material.judged.images[0].sha256
    silent = {first: Prediction(sha256=first, confidences_percent={})}
    judged = replace(material.judged, predictions={**material.judged.predictions, **silent})
    return replace(material, judged=judged)


def test_images_that_were_tuned_on_come_last_and_say_so(tmp_path: Path) -> None:
    """So a reader tells the two apart, and `rcl-flow compare` leaves them out."""
    scored = Finished(tmp_path, evaluation=BEST_F1).scored()
    lines = [orjson.loads(line) for line in answer_lines(scored)]
    parts = [line.get("part", "") for line in lines]
    judged, tuned_on = len(scored.tuned.judged.images), len(scored.tuned.calibration.images)
    assert parts == [""] * judged + [CALIBRATION] * tuned_on
    assert tuned_on == 48
    assert judged == 112


def test_images_that_a_suggestion_was_tuned_on_are_there_once(tmp_path: Path) -> None:
    """A suggestion takes nothing away from what is judged."""
    scored = Finished(tmp_path).scored()
    lines = [orjson.loads(line) for line in answer_lines(scored)]
    assert scored.tuned.calibration.images
    assert len({line["sha256"] for line in lines}) == len(lines) == 160
    assert all("part" not in line for line in lines)


def test_boxes_are_read_back_as_they_were(tmp_path: Path) -> None:
    """Places, sizes and confidences, of images with boxes and of one where none was found."""
    material = objects()
    first = material.judged.images[0].sha256
    nothing = {first: Prediction(sha256=first, confidences_percent={})}
    predictions = {**material.judged.predictions, **nothing}
    material = replace(material, judged=replace(material.judged, predictions=predictions))
    run = Finished(tmp_path, material)
    run.leave()
    judged = read_answers(run.folder)
    assert judged.predictions == predictions
    assert [places(image) for image in judged.images] == [
        places(image) for image in material.judged.images
    ]


def places(image: DatasetImage) -> tuple[object, ...]:
    """Return what an image shows, and its size."""
    return (image.uri, image.labels, image.boxes, image.width_pixels, image.height_pixels)


def test_image_without_any_box_has_no_size(tmp_path: Path) -> None:
    """Neither true nor found: there is no place that needs one."""
    material = objects()
    images = list(material.judged.images)
    images[0] = replace(images[0], boxes=(), labels=())
    nothing = Prediction(sha256=images[0].sha256, confidences_percent={})
    predictions = {**material.judged.predictions, images[0].sha256: nothing}
    judged = replace(material.judged, images=tuple(images), predictions=predictions)
    lines = answer_lines(Finished(tmp_path, replace(material, judged=judged)).scored())
    first, second = (orjson.loads(line) for line in list(lines)[:2])
    assert first.keys() == {"uri", "sha256", "truth", "predicted", "confidences_percent"}
    assert (second["width_pixels"], second["height_pixels"]) == (100, 100)
    assert len(second["true_boxes"]) == len(images[1].boxes)
