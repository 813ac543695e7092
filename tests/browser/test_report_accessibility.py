"""The report is checked by axe-core: light and dark, wide and narrow, with its parts opened."""

from pathlib import Path

import pytest

from rcl_flow.report.html import render_html
from tests.browser.accessibility import NEEDS_AXE, check
from tests.browser.visits import DARK
from tests.unit.report.full_pages import detection_page, full_page
from tests.unit.report.pages import Scenario, build_page, on_emulator, with_status

OPEN_CELL = 'page.querySelector("td.wrong .opener").click();'
UNFOLD = 'page.querySelectorAll("details").forEach((one) => { one.open = true; });'

pytestmark = NEEDS_AXE


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_full_report_is_accessible(tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of WCAG A and AA nor of good practice is broken."""
    flags = [DARK] if scheme == "dark" else []
    page = full_page(Scenario(holdout_accuracy=0.85, unjudged=("7",), refused=2))
    done = check(tmp_path, render_html(page), before=UNFOLD, width=width, flags=flags)
    assert done.scheme == scheme
    assert done.violations == ()
    assert {"color-contrast", "label", "image-alt", "button-name"} <= set(done.passes)
    assert done.console == ()


def test_report_of_objects_is_accessible(tmp_path: Path) -> None:
    """Boxes over pictures, and an alarm about a running model, keep the rules."""
    page = on_emulator(with_status(detection_page(), "RUNNING"))
    assert check(tmp_path, render_html(page)).violations == ()


def test_opened_pictures_are_accessible(tmp_path: Path) -> None:
    """The dialog behind a cell of the confusion keeps them too."""
    assert check(tmp_path, render_html(full_page()), before=OPEN_CELL).violations == ()


def test_report_of_earlier_version_is_accessible(tmp_path: Path) -> None:
    """A page without an analysis is whole."""
    assert check(tmp_path, render_html(build_page())).violations == ()


def test_check_sees_violations(tmp_path: Path) -> None:
    """The check itself is tested: a picture without a text is noticed."""
    page = render_html(full_page()).replace("<footer>", '<footer><img src="data:,x">')
    assert [rule[0] for rule in check(tmp_path, page).violations] == ["image-alt"]
