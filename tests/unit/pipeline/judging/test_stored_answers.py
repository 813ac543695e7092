"""Tests of reading back what a run left of a model's answers."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from rcl_flow.core.datasets.boxes import Box
from rcl_flow.core.scoring.judging import judge_boxes
from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.judging.stored_answers import (
    read_answers,
    read_comparison,
    read_judged_answers,
    read_model,
    read_thresholds,
)
from tests.builders import comparison, score, sha256_of


def line(name: str, **changes: object) -> dict[str, Any]:
    """Return a line as a run writes it."""
    return {
        "uri": f"data/{name}.png",
        "sha256": sha256_of(name),
        "truth": ["cat"],
        "predicted": ["cat"],
        "confidences_percent": {"cat": 90.0, "dog": 3},
    } | changes


def stored(folder: Path, *lines: dict[str, Any]) -> Path:
    """Write predictions.jsonl."""
    content = b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in lines)
    (folder / "predictions.jsonl").write_bytes(content)
    return folder


def test_answers_are_what_was_written(tmp_path: Path) -> None:
    """Images and predictions in the order of the lines, whatever else the lines say."""
    judged = read_answers(stored(tmp_path, line("b", later="x"), line("a", truth=[])))
    assert [image.sha256 for image in judged.images] == [sha256_of("b"), sha256_of("a")]
    assert [image.labels for image in judged.images] == [("cat",), ()]
    assert judged.images[0].uri == "data/b.png"
    assert judged.predictions[sha256_of("a")].confidences_percent == {"cat": 90.0, "dog": 3.0}


@pytest.mark.parametrize("size", [{}, {"width_pixels": 640, "height_pixels": 480}])
def test_boxes_keep_their_places(tmp_path: Path, size: dict[str, int]) -> None:
    """With the image's size or without, a box that lay exactly on another still does."""
    place = {"left": 101 / 640, "top": 77 / 480, "width": 211 / 640, "height": 133 / 480}
    judged = read_answers(
        stored(
            tmp_path,
            line(
                "a",
                true_boxes=[{"label": "cat", "box": place}],
                predicted_boxes=[{"label": "cat", "confidence_percent": 81.0, "box": place}],
                **size,
            ),
        )
    )
    (image,) = judged.images
    (box,) = image.boxes
    assert box.within(image.width_pixels, image.height_pixels) == Box(**place)
    judgement = judge_boxes(image, judged.predictions[image.sha256], {"cat": 0.8})
    assert (judgement.hits, judgement.is_right) == (("cat",), True)
    assert (image.width_pixels, image.height_pixels) == tuple(size.values() or (1, 1))


def test_images_that_thresholds_were_tuned_on_can_be_left_out(tmp_path: Path) -> None:
    """They flatter the model that was tuned on them."""
    folder = stored(tmp_path, line("a", part="calibration"), line("b", part="judged"))
    assert len(read_answers(folder).images) == 2
    only = read_judged_answers(folder)
    assert [image.sha256 for image in only.judged.images] == [sha256_of("b")]
    assert list(only.judged.predictions) == [sha256_of("b")]
    assert only.tuned_on == {sha256_of("a")}


def test_run_with_nothing_but_tuned_images_cannot_be_judged(tmp_path: Path) -> None:
    """No image is left to compare by."""
    with pytest.raises(UnknownRunError, match="no image"):
        read_judged_answers(stored(tmp_path, line("a", part="calibration")))


def test_model_is_that_of_the_outcome(tmp_path: Path) -> None:
    """A run that used cached predictions has it there alone; a torn outcome is refused."""
    (tmp_path / "run.json").write_bytes(orjson.dumps({"project_version_arn": "arn:x"}))
    assert read_model(tmp_path) == "arn:x"
    for torn in (b"[]", b"{"):
        (tmp_path / "run.json").write_bytes(torn)
        with pytest.raises(UnknownRunError, match="no outcome"):
            read_model(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no image"),
        (orjson.dumps(line("a")) + b"\n" + orjson.dumps(line("b"))[:-9], "line 2 is not"),
        (orjson.dumps({"source-ref": "s3://a/b.png"}), "line 1 is not"),
        (orjson.dumps(line("a", confidences_percent={"cat": 900})), "line 1 is not"),
        (orjson.dumps(line("a", sha256="7")), "line 1 is not"),
        (b"\xff\xfe", "line 1 is not"),
        (orjson.dumps(line("a")) + b"\n" + orjson.dumps(line("a")), "one twice"),
    ],
)
def test_torn_or_foreign_predictions_are_refused(tmp_path: Path, content: bytes, told: str) -> None:
    """No score is made of half a file."""
    (tmp_path / "predictions.jsonl").write_bytes(content)
    with pytest.raises(UnknownRunError, match=told):
        read_answers(tmp_path)


def test_missing_files_are_refused(tmp_path: Path) -> None:
    """A run without files is an error with a way out, for each of the three."""
    for read in (read_answers, read_thresholds, read_comparison):
        with pytest.raises(UnknownRunError, match=r"cannot read .*No such file"):
            read(tmp_path)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"format_version": 1, "assumed_thresholds": {"cat": 0.4}}, {"cat": 0.4}),
        (
            {"format_version": 2, "assumed_thresholds": {"cat": 0.4}, "thresholds": {"cat": 0.6}},
            {"cat": 0.6},
        ),
    ],
)
def test_thresholds_are_those_that_the_run_was_judged_at(
    tmp_path: Path, document: dict[str, Any], expected: dict[str, float]
) -> None:
    """The chosen ones where there are some, else the assumed ones."""
    (tmp_path / "thresholds.json").write_bytes(orjson.dumps(document))
    assert read_thresholds(tmp_path) == expected


@pytest.mark.parametrize("content", [b"{}", b"[]", b"{", b'{"thresholds": {"cat": 7}}'])
def test_thresholds_of_another_form_are_refused(tmp_path: Path, content: bytes) -> None:
    """A threshold is a ratio by label, or nothing is compared."""
    (tmp_path / "thresholds.json").write_bytes(content)
    with pytest.raises(UnknownRunError, match="holds no thresholds"):
        read_thresholds(tmp_path)


def test_comparison_is_read_back(tmp_path: Path) -> None:
    """What the run wrote, and nothing of another form."""
    written = comparison(score(0.9), label_f1={"cat": 0.9})
    (tmp_path / "comparison.json").write_text(written.model_dump_json())
    assert read_comparison(tmp_path) == written
    (tmp_path / "comparison.json").write_text("{}")
    with pytest.raises(UnknownRunError, match="holds no comparison"):
        read_comparison(tmp_path)
