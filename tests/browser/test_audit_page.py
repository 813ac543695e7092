"""The audit's page in headless Chromium: it fits phones, unfolds, and shows its pictures."""

from pathlib import Path

import pytest

from rcl_flow.report.audit_html import render_audit_html
from tests.browser.accessibility import ACCESSIBLE, check
from tests.browser.visits import DARK, NEEDS_CHROMIUM, WIDTH, visit
from tests.unit.report.audit_pages import FINDINGS, finding, page_of, pair, single, summary_of

LOOK = """
  const images = Array.from(page.images);
  const folded = page.querySelector("details.evidence");
  folded.querySelector("summary").click();
  const chart = page.querySelector("svg.chart path.shape.test");
  return {
    images: images.length,
    loaded: images.filter((image) => image.complete && image.naturalWidth > 0).length,
    opened: folded.open,
    dashes: page.defaultView.getComputedStyle(chart).strokeDasharray,
    drawn: chart.getBoundingClientRect().width > 100,
  };
"""
REACH = """
  const wanted = Array.from(page.querySelectorAll("a, summary, [tabindex='0']"))
    .filter((element) => element.checkVisibility());
  const reached = wanted.filter((element) => {
    element.focus();
    return page.activeElement === element;
  });
  return { wanted: wanted.length, reached: reached.length };
"""
LONG = "x" * 255

pytestmark = NEEDS_CHROMIUM


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_audit_page_needs_no_sideways_scroll(tmp_path: Path, width: int) -> None:
    """Long labels, paths, notes and figures break or scroll in their own box."""
    place = pair(1).model_copy(update={"uri": f"images/{LONG}.png", "note": LONG})
    named = single(2).model_copy(update={"uri": f"s3://{LONG}/{LONG}", "sha256": ""})
    long = finding(label=LONG, places=[place]).model_copy(
        update={"message": LONG, "hint": LONG, "figures": {LONG: 1.0}, "waived": LONG}
    )
    findings = [*FINDINGS, long, finding("manifest-line", places=[named])]
    page = page_of(findings, summary=summary_of({LONG: 2, "dog": 3}), project=LONG)
    done = visit(tmp_path, render_audit_html(page), WIDTH, width=width)
    assert done.console == ()
    assert done.seen["page"] == done.seen["window"]


def test_audit_page_shows_its_pictures_and_charts(tmp_path: Path) -> None:
    """The page's policy admits pictures and style; details open without a script."""
    done = visit(tmp_path, render_audit_html(page_of()), LOOK)
    assert done.console == ()
    assert done.seen["images"] == done.seen["loaded"]
    assert done.seen["opened"] is True
    assert done.seen["dashes"] == "5px, 3px"
    assert done.seen["drawn"] is True


@pytest.mark.parametrize("flags", [(), (DARK,)], ids=["light", "dark"])
@ACCESSIBLE
def test_audit_page_is_accessible(tmp_path: Path, flags: tuple[str, ...]) -> None:
    """No rule of WCAG A and AA nor of good practice is broken."""
    assert check(tmp_path, render_audit_html(page_of()), flags=flags).violations == ()


def test_audit_page_is_reached_by_keyboard(tmp_path: Path) -> None:
    """Links, folds and scrolling boxes all take the focus."""
    done = visit(tmp_path, render_audit_html(page_of()), REACH)
    skip, navigation, folds, tables, findings = 1, 4, 1, 2, 1
    wanted = skip + navigation + folds + tables + findings
    assert done.seen == {"wanted": wanted, "reached": wanted}
