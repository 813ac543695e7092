"""Tests of how labels are shown."""

import pytest

from rcl_flow.core.label_text import visible_label


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
    ],
)
def test_label_is_quoted_where_its_spaces_would_be_overlooked(label: str, shown: str) -> None:
    """Ordinary names are shown as they are."""
    assert visible_label(label) == shown
