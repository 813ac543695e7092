"""The README promises nothing without a test."""

import re

import pytest

from tests.docs.fences import ROOT

TEXT = (ROOT / "README.md").read_text()
PROMISES = re.findall(r"^\| (\*\*.*) \|$", TEXT, re.MULTILINE)


def test_promises_are_read() -> None:
    """The table is where the tests below look for it."""
    assert "| promise | proven by |" in TEXT
    assert len(PROMISES) >= 10


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row[2:30])
def test_promise_names_its_test(row: str) -> None:
    """Each leads to a module of tests, or to the target that measures it."""
    _, proven = row.split(" | ")
    named = re.findall(r"\]\((tests/[^)]*)\)", proven)
    assert named or "`make bench`" in proven
    assert all("def test_" in (ROOT / path).read_text() for path in named)


def test_readme_shows_the_report() -> None:
    """The picture is one that the script for pictures makes."""
    (picture,) = re.findall(r"!\[[^]]*\]\(([^)]*)\)", TEXT)
    assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")
