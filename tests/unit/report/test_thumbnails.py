"""Tests of which pictures a report wants and takes."""

from dataclasses import replace

from rcl_flow.report.page import ShownImage
from rcl_flow.report.thumbnails import (
    CARD_SIDE_PIXELS,
    GALLERY_SIDE_PIXELS,
    PAGE_LIMIT_BYTES,
    affordable_thumbnails,
    wanted_thumbnails,
)
from tests.unit.report.full_pages import detection_page, full_page
from tests.unit.report.pages import Scenario, build_page


def image(number: int, *cells: tuple[str, str]) -> ShownImage:
    """Return an image that counts in those cells."""
    return ShownImage(
        sha256=f"{number:064x}",
        uri=f"{number}.png",
        cells=cells,
        truth=(),
        predicted=(),
        confidences_percent={},
        severity_percent=1.0,
    )


def test_worst_come_first_then_each_cell_in_turn() -> None:
    """48 worst mistakes are larger; then no cell waits for another to be done."""
    often = [image(n, ("a", "b")) for n in range(100)]
    rare = [image(n, ("b", "a")) for n in range(100, 103)]
    wanted = wanted_thumbnails([*often, *rare])
    numbers = [int(each.sha256, 16) for each in wanted]
    assert numbers[:48] == list(range(48))
    assert numbers[48:51] == [100, 101, 102]
    assert numbers[51:] == list(range(48, 100))
    assert {each.side_pixels for each in wanted[:48]} == {CARD_SIDE_PIXELS}
    assert {each.side_pixels for each in wanted[48:]} == {GALLERY_SIDE_PIXELS}


def test_no_more_than_wanted_are_asked_for() -> None:
    """The pipeline reads only so many images."""
    assert len(wanted_thumbnails([image(n) for n in range(90)], 60)) == 60


def test_images_of_advice_are_wanted_after_the_worst() -> None:
    """A training image to look at again has a picture too, and no image is wanted twice."""
    page = full_page()
    assert page.analysis is not None
    wanted = wanted_thumbnails(page.images, advice=page.analysis.advice)
    assert wanted[48].sha256 == "f" * 64
    assert len({each.sha256 for each in wanted}) == len(wanted) == len(page.images) + 1


def test_images_with_boxes_are_not_turned() -> None:
    """Boxes fit the stored pixels; other pictures are shown upright."""
    assert {each.upright for each in wanted_thumbnails(detection_page().images)} == {False}
    assert {each.upright for each in wanted_thumbnails(full_page().images)} == {True}


def test_pictures_are_taken_while_there_is_room() -> None:
    """A picture that does not fit is left out; a smaller one after it still comes in."""
    page = build_page(Scenario(holdout_accuracy=0.9))
    first, second, third, *_ = (mistake.sha256 for mistake in page.comparison.mistakes)
    large = "data:image/png;base64," + "A" * 3_000_000
    small = "data:image/png;base64,AAAA"
    page = replace(page, thumbnails={first: large, second: large, third: small})
    assert affordable_thumbnails(page, 100_000) == {first: large, third: small}
    assert affordable_thumbnails(page, PAGE_LIMIT_BYTES) == {}


def test_pictures_from_elsewhere_are_not_taken() -> None:
    """Only pictures inside the page are shown."""
    page = build_page(Scenario(holdout_accuracy=0.9))
    worst = page.comparison.mistakes[0].sha256
    page = replace(page, thumbnails={worst: "https://example.com/cat.png"})
    assert affordable_thumbnails(page, 0) == {}
