"""Tests of what the ids of practices mean."""

import re
from pathlib import Path

from rcl_flow.core.audit.catalogue import RULES
from rcl_flow.report.html import render_html
from rcl_flow.report.practices import PRACTICES, practice_text
from tests.unit.report.documents import Document
from tests.unit.report.full_pages import full_page

ROOT = Path(__file__).parents[3]


def test_table_of_the_docs_has_the_same_words() -> None:
    """Neither has a practice that the other lacks."""
    text = (ROOT / "docs" / "06-your-data.md").read_text()
    rows = re.findall(r"^\| ([A-Z]\d+) \| (.*) \|$", text, re.MULTILINE)
    assert dict(rows) == dict(PRACTICES)


def test_every_practice_that_is_named_is_explained() -> None:
    """By a rule of the audit, or by a piece of advice."""
    sources = (ROOT / "rcl_flow" / "core" / "scoring").glob("*.py")
    advised = {
        name for path in sources for name in re.findall(r'practice="([A-Z]\d+)"', path.read_text())
    }
    assert {"J1", "J5"} <= advised
    assert advised | {entry.practice for entry in RULES.values() if entry.practice} <= set(
        PRACTICES
    )


def test_unknown_practice_is_named_as_it_is() -> None:
    """A page of a later version may name one."""
    assert practice_text("Z9") == "practice Z9"


def test_page_explains_the_practices_of_advice_and_findings() -> None:
    """In words, where they are named."""
    page = full_page()
    text = Document(render_html(page)).text_of("main")
    assert page.analysis is not None
    named = {advice.practice for advice in page.analysis.advice} | {"D1"}
    assert named == {"D1", "D5"}
    assert all(practice_text(practice) in text for practice in named)
