"""Tests of how labels are shown."""

import pytest

from rcl_flow.core.label_text import plain_text, short_label, visible_label


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("scratch", "scratch"),
        ("deep scratch", "deep scratch"),
        ("it's Müll", "it's Müll"),
        ("scratch ", "'scratch '"),
        (" scratch", "' scratch'"),
        ("deep  scratch", "'deep  scratch'"),
        ("a\tb", r"'a\tb'"),
        ("", "''"),
        ("Mu\u0308ll", r"'Mu\u0308ll'"),
        ("scratch\u200b", r"'scratch\u200b'"),
        ("a\x1b[31m", r"'a\x1b[31m'"),
        ("\U0001f469\u200d\U0001f692 hot", "\U0001f469\u200d\U0001f692 hot"),
    ],
)
def test_label_is_quoted_where_its_spaces_would_be_overlooked(label: str, shown: str) -> None:
    """Ordinary names are shown as they are."""
    assert visible_label(label) == shown


def test_label_too_long_for_a_table_is_cut_and_told_so() -> None:
    """Two long labels still differ in how they begin."""
    assert short_label("x" * 36) == "x" * 36
    assert short_label("x" * 37) == "x" * 35 + "…"
    assert short_label("scratch ") == "'scratch '"


def test_names_of_files_cannot_steer_a_terminal() -> None:
    """A line stays one line, and nothing is coloured or moved."""
    assert plain_text("a\nb\x1b[31m Müll 🔥.png") == "a�b�[31m Müll 🔥.png"


def test_spaces_of_names_stay_as_they_are() -> None:
    """A Mac writes a narrow one before PM: replaced, the name could not be copied any more."""
    name = "Bild 9.41\u202fPM\u00a0\u3000👩\u200d🔧.png"
    assert plain_text(name) == name
    assert plain_text("a\u2028b\u2029c\u202ed") == "a�b�c�d"
