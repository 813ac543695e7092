"""Tests of the data that a page's script works with."""

from typing import Any

import orjson

from rcl_flow.report.embedding import json_block
from rcl_flow.report.numbering import Numbered
from rcl_flow.report.page import ReportPage
from rcl_flow.report.page_data import page_data, pictures_by_number, threshold_marks
from tests.unit.report.analyses import SUGGESTED, tuning_of
from tests.unit.report.full_pages import detection_page, full_page
from tests.unit.report.pages import Scenario, build_comparison


def data_of(page: ReportPage) -> dict[str, Any]:
    """Return the data as the script reads it."""
    data: dict[str, Any] = orjson.loads(json_block(page_data(page, Numbered(page))).encode())
    return data


def test_data_names_images_by_number() -> None:
    """Labels are written once; none is -1; truth, prediction and cells point to them."""
    page = full_page(Scenario(labels=("cat", "dog"), holdout_accuracy=0.7))
    data = data_of(page)
    names = [*data["labels"], ""]
    for written, image in zip(data["images"], page.images, strict=False):
        assert written["uri"] == image.uri
        assert tuple(names[number] for number in written["truth"]) == image.truth
        assert tuple(names[number] for number in written["said"]) == image.predicted
        assert tuple((names[t], names[p]) for t, p in written["cells"]) == image.cells
        assert written["wrong"] == int(image.severity_percent > 0)
    assert data["thing"] == "image"


def test_data_counts_the_whole_confusion() -> None:
    """Cells keep their counts although not every image is shown."""
    page = full_page()
    data = data_of(page)
    names = [*data["labels"], ""]
    assert [(names[t], names[p], count) for t, p, count in data["cells"]] == [
        (cell.truth, cell.predicted, cell.count) for cell in page.comparison.confusion
    ]


def test_data_has_kinds_boxes_and_advised_images() -> None:
    """A mistake has its kind, an object its place, a training image its split."""
    page = detection_page()
    assert page.analysis is not None
    first, last = data_of(page)["images"][0], data_of(page)["images"][-1]
    assert first["kinds"] == [page.analysis.errors.errors[0].kind]
    assert first["size"] == [320, 240]
    assert [mark for _, mark, *_ in first["boxes"]] == [b.mark for b in page.images[0].boxes]
    assert (last["uri"], last["split"]) == ("images/train/odd.png", "train")


def test_pictures_in_cards_are_not_written_again() -> None:
    """The others stand under the number of their image."""
    page = full_page()
    numbered = Numbered(page)
    first, second = (image.sha256 for image in page.images[:2])
    pictures = {first: "data:image/png;base64,A", second: "data:image/png;base64,B"}
    assert pictures_by_number(pictures, numbered, without=[first]) == {
        "1": "data:image/png;base64,B"
    }


def test_marks_name_the_threshold_in_use_first() -> None:
    """A suggestion is named only where nothing was chosen."""
    comparison = build_comparison(Scenario())
    entry = comparison.labels[0]
    choice = tuning_of(comparison).labels[0]
    assumed = entry.assumed_threshold
    suggested = [(m.name, m.threshold) for m in threshold_marks(entry, choice)]
    assert suggested == [("assumed", assumed), ("suggested", assumed + SUGGESTED)]
    chosen = entry.model_copy(update={"chosen_threshold": 0.7})
    assert [(m.name, m.threshold) for m in threshold_marks(chosen, choice)] == [
        ("chosen", 0.7),
        ("assumed", assumed),
    ]
    assert [mark.name for mark in threshold_marks(entry, None)] == ["assumed"]
