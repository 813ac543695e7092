"""Tests of tables that are sequences, columns and frames of the same values."""

from collections.abc import Sequence

from rcl_flow.pipeline.judging.rows import Columns, Rows


def doubled(numbers: Sequence[int]) -> Columns:
    """Return numbers beside their doubles."""
    return {"number": list(numbers), "double": [2 * number for number in numbers]}


ROWS = Rows((1, 2, 3), doubled)


def test_rows_are_a_sequence() -> None:
    """They are counted, walked over, taken singly and found."""
    assert len(ROWS) == 3
    assert list(ROWS) == [1, 2, 3]
    assert ROWS[-1] == 3
    assert 2 in ROWS
    assert 4 not in ROWS


def test_slice_is_a_table_too() -> None:
    """A part has the same columns."""
    assert ROWS[1:].columns() == {"number": [2, 3], "double": [4, 6]}


def test_frame_has_the_columns() -> None:
    """What pandas shows is what the columns hold."""
    assert ROWS.to_pandas().double.tolist() == [2, 4, 6]


def test_shown_is_how_many_of_what() -> None:
    """A notebook that shows a large table is not filled by it."""
    assert repr(ROWS) == "<3 rows of int>"
    assert repr(ROWS[:0]) == "<0 rows>"
