"""Tests of which holdout images a report can show."""

from collections import Counter

from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.core.scoring.material import Material
from rcl_flow.report.shown_images import MOST_SHOWN, shown_images, turns
from tests.unit.report.full_pages import detection_page
from tests.unit.report.pages import Scenario, build_comparison, build_material


def simulated(scenario: Scenario) -> tuple[Material, Comparison]:
    """Return a judged holdout and its comparison."""
    return build_material(scenario), build_comparison(scenario)


def test_all_mistakes_come_first_then_samples_of_each_label() -> None:
    """A small holdout shows every mistake, the worst first, and about as many right of each."""
    material, comparison = simulated(Scenario(holdout_accuracy=0.9))
    images = shown_images(material, comparison)
    mistakes = comparison.mistakes
    wrong, right = images[: len(mistakes)], images[len(mistakes) :]
    assert [image.sha256 for image in wrong] == [mistake.sha256 for mistake in mistakes]
    assert [i.severity_percent for i in wrong] == [m.severity_percent for m in mistakes]
    assert all(image.severity_percent == 0 for image in right)
    assert Counter(image.truth[0] for image in right) == dict.fromkeys(material.labels, 50)


def test_shown_image_tells_its_cells_and_confidences() -> None:
    """Cells are those that the confusion counts; only labels at stake have a confidence."""
    material, comparison = simulated(Scenario(holdout_accuracy=0.8))
    counts = {(cell.truth, cell.predicted): cell.count for cell in comparison.confusion}
    images = shown_images(material, comparison)
    shown = Counter(cell for image in images for cell in image.cells)
    wrong = {cell: count for cell, count in counts.items() if cell[0] != cell[1]}
    assert wrong != {}
    assert {cell: shown[cell] for cell in wrong} == wrong
    for image in images:
        assert set(image.confidences_percent) <= {*image.truth, *image.predicted}
        assert image.predicted == () or image.confidences_percent[image.predicted[0]] > 0


def test_many_mistakes_leave_room_for_every_cell() -> None:
    """With more mistakes than fit, each cell keeps its worst, and the worst of all are there."""
    scenario = Scenario(labels=tuple("abcd"), holdout_images=6000, holdout_accuracy=0.4)
    material, comparison = simulated(scenario)
    images = shown_images(material, comparison)
    wrong = [image for image in images if image.severity_percent > 0]
    cells = Counter(cell for image in wrong for cell in image.cells)
    severities = [image.severity_percent for image in wrong]
    assert len(comparison.mistakes) > MOST_SHOWN
    assert len(images) == MOST_SHOWN
    assert severities == sorted(severities, reverse=True)
    worst = [mistake.sha256 for mistake in comparison.mistakes[:48]]
    assert [image.sha256 for image in wrong[:48]] == worst
    assert set(cells) == {
        (c.truth, c.predicted) for c in comparison.confusion if c.truth != c.predicted
    }
    assert min(cells.values()) > 50


def test_wanted_images_are_shown_in_any_case() -> None:
    """The images of a slice are there even when they are neither worst nor first."""
    scenario = Scenario(labels=tuple("abcd"), holdout_images=6000, holdout_accuracy=0.4)
    material, comparison = simulated(scenario)
    last_wrong = comparison.mistakes[-1].sha256
    wrong = {mistake.sha256 for mistake in comparison.mistakes}
    last_right = [i.sha256 for i in material.judged.images if i.sha256 not in wrong][100]
    without = {image.sha256 for image in shown_images(material, comparison)}
    assert last_wrong not in without
    shown = shown_images(material, comparison, also={last_wrong, last_right, "0" * 64})
    assert {last_wrong, last_right} <= {image.sha256 for image in shown}
    assert len(shown) == MOST_SHOWN


def test_shown_objects_have_their_boxes() -> None:
    """A detector's images carry size and marked boxes."""
    images = detection_page().images
    marks = {box.mark for image in images for box in image.boxes}
    assert marks == {"hit", "miss", "false alarm"}
    assert {(image.width_pixels, image.height_pixels) for image in images} == {(320, 240)}


def test_turns_go_round_the_cells() -> None:
    """The first of each cell come before the second of any; right cells do not count beside."""
    images = detection_page().images
    order = turns(images)
    cell = next(c for c in images[0].cells if c[0] != c[1])
    of_cell = [turn for turn, image in zip(order, images, strict=True) if image.cells == (cell,)]
    assert order[0] == 0
    assert of_cell == sorted(of_cell)
