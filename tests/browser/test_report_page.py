"""The report in headless Chromium: its script runs, sorts, and phones need no sideways scroll."""

from pathlib import Path

import pytest

from rcl_flow.report.html import render_html
from rcl_flow.report.label_rows import worst_first
from tests.browser.visits import NEEDS_CHROMIUM, WIDTH, visit
from tests.unit.report.full_pages import full_page
from tests.unit.report.pages import Scenario, build_page, with_status

SORT = """
  const heads = Array.from(page.querySelectorAll("table[data-sortable] thead th"));
  const column = (index) => Array.from(
    page.querySelectorAll("table[data-sortable] tbody tr"),
    (row) => row.cells[index].dataset.value);
  const click = (index) => {
    heads[index].querySelector("button").click();
    return { sort: heads.map((head) => head.getAttribute("aria-sort")), values: column(index) };
  };
  const button = heads[2].querySelector("button");
  button.focus();
  return {
    ready: page.documentElement.dataset.ready,
    focusable: page.activeElement === button,
    numbers: click(2), reversed: click(2), names: click(0), tested: click(8).values.map(Number),
  };
"""

pytestmark = NEEDS_CHROMIUM


def test_probe_sees_console_errors(tmp_path: Path) -> None:
    """The test itself is tested: a refused script is noticed."""
    broken = render_html(build_page()).replace('"use strict";', '"use strict"; unknown();')
    seen = visit(tmp_path, broken, "return { ready: page.documentElement.dataset.ready ?? null };")
    assert seen.seen == {"ready": None}
    assert seen.console != ()


def test_label_table_sorts_by_its_buttons(tmp_path: Path) -> None:
    """Heads are buttons that sort both ways, unknown values last, without a console message."""
    page = build_page(Scenario(holdout_accuracy=0.8, unjudged=("4",)))
    done = visit(tmp_path, render_html(page), SORT)
    scores = sorted(entry.holdout.f1 for entry in page.comparison.labels if entry.holdout)
    names = sorted(entry.label for entry in page.comparison.labels)
    assert done.console == ()
    assert (done.seen["ready"], done.seen["focusable"]) == ("true", True)
    others = [None] * 7
    assert done.seen["numbers"] == {
        "sort": [None, None, "ascending", *others],
        "values": [*map(str, scores), ""],
    }
    assert done.seen["reversed"] == {
        "sort": [None, None, "descending", *others],
        "values": [*map(str, reversed(scores)), ""],
    }
    assert done.seen["names"] == {"sort": ["ascending", None, None, *others], "values": names}
    assert done.seen["tested"] == sorted(e.test.images for e in page.comparison.labels)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_page_needs_no_sideways_scroll(tmp_path: Path, width: int) -> None:
    """Wide tables scroll in their own box, even with long names, warnings and refused images."""
    labels = ("<script>alert(1)</script>", "x" * 255, *(f"label {n}" for n in range(20)))
    page = with_status(
        build_page(Scenario(labels=labels, holdout_accuracy=0.8, refused=3)), "RUNNING"
    )
    done = visit(tmp_path, render_html(page), WIDTH, width=width)
    assert done.console == ()
    assert done.seen["page"] == done.seen["window"]


BOXES = """
  const wide = Array.from(page.querySelectorAll(".scroll"))
    .filter((box) => box.scrollWidth > box.clientWidth);
  const heads = page.querySelectorAll("#label-table thead th").length;
  return { wide: wide.map((box) => box.getAttribute("aria-label")), heads };
"""


def test_tables_fit_a_window_of_1200_pixels(tmp_path: Path) -> None:
    """With every column and long names; only a confusion of many labels has to scroll sideways."""
    labels = ("x" * 255, *(f"a label of four words {n}" for n in range(9)))
    page = full_page(Scenario(labels=labels, holdout_accuracy=0.8))
    done = visit(tmp_path, render_html(page), BOXES, width=1200)
    assert done.console == ()
    assert done.seen == {"wide": ["Confusion table"], "heads": 11}


FILTER = """
  const box = page.querySelector("[data-filter='label-table']");
  const [search, choice, told] = ["input", "select", "[role=status]"]
    .map((wanted) => box.querySelector(wanted));
  const rows = () => Array.from(page.querySelectorAll("#label-table tbody tr"))
    .filter((row) => row.checkVisibility()).map((row) => row.cells[0].dataset.value);
  const set = (text, tag) => {
    search.value = text;
    search.dispatchEvent(new page.defaultView.Event("input"));
    choice.value = tag;
    choice.dispatchEvent(new page.defaultView.Event("change"));
    return [told.textContent, rows()];
  };
  const answers = [set("", ""), set("FOX", ""), set("", "drops"), set("", "unknown"),
    set("o", "drops")];
  page.querySelector("#label-table thead button").click();
  search.focus();
  return { answers, sorted: rows(), focus: page.activeElement === search };
"""


def test_label_table_filters_by_name_and_verdict(tmp_path: Path) -> None:
    """Text and choice work together, keep the order, and say how many rows are left."""
    labels = ("cat", "dog", "fox", "foxglove", "owl")
    page = build_page(Scenario(labels=labels, holdout_accuracy=0.7, unjudged=("owl",)))
    done = visit(tmp_path, render_html(page), FILTER)
    entries = worst_first(page.comparison.labels)
    drops = [e.label for e in entries if e.gap is not None and e.gap.verdict == "drops"]
    foxes = [e.label for e in entries if "fox" in e.label]
    with_o = [label for label in drops if "o" in label]
    assert done.console == ()
    assert drops != []
    assert done.seen["answers"] == [
        ["5 of 5 shown", [e.label for e in entries]],
        ["2 of 5 shown", foxes],
        [f"{len(drops)} of 5 shown", drops],
        ["1 of 5 shown", ["owl"]],
        [f"{len(with_o)} of 5 shown", with_o],
    ]
    assert done.seen["sorted"] == sorted(with_o)
    assert done.seen["focus"] is True
