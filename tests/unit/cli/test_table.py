"""Tests of aligned columns and wrapped lines."""

import pytest

from rcl_flow.cli.table import fitted, hanging, table, terminal_columns


def test_table_aligns_texts_left_and_numbers_right() -> None:
    """A column with a number in it stands at the right, its heading too."""
    assert table([["label", "train"], ["cat", 7], ["grasshopper", 140]]) == (
        "label        train\ncat              7\ngrasshopper    140"
    )


def test_table_leaves_no_space_at_the_end() -> None:
    """Lines can be copied and compared."""
    assert table([["a", "long"], ["b", "x"]], indent="  ") == "  a  long\n  b  x"


ARN = f"arn:aws:rekognition:us-east-1:123456789012:project/{'digits' * 6}/version/rf-1/1796037240"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        ("tabs  " + "\t" * 99, ["tabs"]),
        ("STOPPED  " + ARN, ["STOPPED", ARN]),
        ("report   " + "a" * 75, ["report", f"     {'a' * 75}"]),
        (f"    {ARN}", [f"    {ARN}"]),
        ("  hint: " + "word " * 16, ["  hint: " + "word " * 13 + "word", "    word word"]),
        (
            "serving   " + "Whoever serves the champion " * 3,
            [
                "serving   " + "Whoever serves the champion " * 2 + "Whoever serves",
                "          the champion",
            ],
        ),
    ],
)
def test_fitted_breaks_between_words_below_the_label(text: str, lines: list[str]) -> None:
    """An ARN is never broken, so that it can be copied."""
    assert fitted(text, 80).split("\n") == lines


def test_hanging_keeps_to_the_width() -> None:
    """Sentences hang below their bullet."""
    assert hanging("- ", "one two three", width=9) == "- one two\n  three"


def test_hanging_leaves_half_of_a_narrow_line() -> None:
    """Else a strip of a few letters would stand at the right."""
    text = hanging("ok    await training       ", "as long as it is " * 3, width=40)
    assert text.split("\n") == [
        "ok    await training       as long as it",
        "      is as long as it is as long as it",
        "      is",
    ]


@pytest.mark.parametrize(
    ("columns", "wanted"), [("20", 40), ("40", 40), ("66", 66), ("80", 80), ("200", 80)]
)
def test_text_is_laid_out_for_a_narrow_terminal_too(
    columns: str, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a wide one it stays as legible as on 80 columns."""
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal_columns() == wanted
    lines = hanging("- ", "of " * 99).split("\n")
    assert max(map(len, lines)) in range(wanted - 2, wanted + 1)
