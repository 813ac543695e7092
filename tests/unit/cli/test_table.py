"""Tests of aligned columns."""

from rcl_flow.cli.table import table


def test_table_aligns_texts_left_and_numbers_right() -> None:
    """A column with a number in it stands at the right, its heading too."""
    assert table([["label", "train"], ["cat", 7], ["grasshopper", 140]]) == (
        "label        train\ncat              7\ngrasshopper    140"
    )


def test_table_leaves_no_space_at_the_end() -> None:
    """Lines can be copied and compared."""
    assert table([["a", "long"], ["b", "x"]], indent="  ") == "  a  long\n  b  x"
