"""Tests of the confusion table and its pairs."""

from rcl_flow.core.scoring.comparison import Comparison, ConfusionCell
from rcl_flow.report.confusion import MOST_TABLE_LABELS, confused_pairs, confusion_table
from tests.unit.report.pages import Scenario, build_comparison


def with_cells(*cells: tuple[str, str, int]) -> Comparison:
    """Return a comparison of cats and dogs with the confusion given."""
    base = build_comparison(Scenario(labels=("cat", "dog"), test_images=20, holdout_images=20))
    confusion = tuple(ConfusionCell(truth=t, predicted=p, count=n) for t, p, n in cells)
    return base.model_copy(update={"confusion": confusion})


def test_confusion_table_places_every_cell() -> None:
    """Truth runs downwards and prediction across; a missing cell is 0."""
    table = confusion_table(with_cells(("cat", "cat", 8), ("cat", "dog", 2), ("dog", "dog", 9)))
    assert table is not None
    assert table.columns == ("cat", "dog")
    assert [(row.truth, [cell.count for cell in row.cells], row.count) for row in table.rows] == [
        ("cat", [8, 2], 10),
        ("dog", [0, 9], 9),
    ]


def test_confusion_table_shades_by_share_of_row() -> None:
    """One image of very many is still shaded, none is not, all is darkest."""
    table = confusion_table(with_cells(("cat", "cat", 999), ("cat", "dog", 1), ("dog", "dog", 5)))
    assert table is not None
    assert [[cell.shade for cell in row.cells] for row in table.rows] == [[10, 1], [0, 10]]
    assert [[cell.right for cell in row.cells] for row in table.rows] == [
        [True, False],
        [False, True],
    ]


def test_confusion_table_names_nothing_only_where_it_occurs() -> None:
    """A column of missed images is there when an image was missed."""
    table = confusion_table(with_cells(("cat", "", 2), ("dog", "dog", 1)))
    assert table is not None
    assert table.columns == ("cat", "dog", "(none)")
    assert [row.truth for row in table.rows] == ["cat", "dog"]


def test_confusion_table_keeps_rows_of_unknown_labels() -> None:
    """A truth that the model does not know is a row of its own."""
    table = confusion_table(with_cells(("bird", "dog", 2)))
    assert table is not None
    assert table.rows[-1].truth == "bird"


def test_confusion_table_counts_all_images() -> None:
    """With one label an image, the table's sum is the holdout."""
    comparison = build_comparison(Scenario(holdout_accuracy=0.8))
    table = confusion_table(comparison)
    assert table is not None
    assert sum(row.count for row in table.rows) == comparison.holdout.images


def test_confusion_table_refuses_many_labels() -> None:
    """A table that nobody can read is not drawn."""
    labels = tuple(f"label {index}" for index in range(MOST_TABLE_LABELS + 1))
    comparison = build_comparison(Scenario(labels=labels, test_images=52, holdout_images=52))
    assert confusion_table(comparison) is None


def test_confused_pairs_come_with_most_images_first() -> None:
    """Right answers are no pairs; a share is that of the truth's images."""
    pairs = confused_pairs(
        with_cells(("cat", "cat", 6), ("cat", "dog", 1), ("cat", "", 3), ("", "dog", 2))
    )
    assert [(pair.truth, pair.predicted, pair.count, pair.share) for pair in pairs] == [
        ("cat", "(none)", 3, 0.3),
        ("(none)", "dog", 2, 1.0),
        ("cat", "dog", 1, 0.1),
    ]
