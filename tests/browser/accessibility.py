"""Checks of a page's accessibility by axe-core, under the page's own security policy."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.browser.visits import CHROMIUM, visit
from tests.e2e.javascript import MODULES

AXE = MODULES / "axe-core" / "axe.min.js"
ACCESSIBLE = pytest.mark.skipif(
    CHROMIUM is None or not AXE.is_file(),
    reason="Chromium is missing, or `make test` has not installed axe-core into .node-sdk",
)
NEEDS_AXE = [pytest.mark.e2e, ACCESSIBLE]
RUN = """
  %s
  const window = page.defaultView;
  window.scrollTo(0, 0);
  const told = await window.axe.run(page, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  const places = (rule) => rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 200));
  return {
    scheme: window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
    passes: told.passes.map((rule) => rule.id),
    violations: told.violations.map((rule) => [rule.id, rule.help, places(rule)]),
  };
"""


@dataclass(frozen=True)
class Checked:
    """What axe-core found, and in which colour scheme."""

    scheme: str
    passes: tuple[str, ...]
    """Rules that were applied and hold."""
    violations: tuple[Any, ...]
    console: tuple[str, ...]


def check(
    folder: Path, page: str, *, before: str = "", width: int = 1280, flags: Sequence[str] = ()
) -> Checked:
    """Check `page` after the script `before`; its policy also admits the checker, no more."""
    source = AXE.read_text(encoding="utf-8")
    digest = b64encode(sha256(source.encode()).digest()).decode()
    admitted, changes = re.subn(
        r"(?:script-src )|(?=base-uri)",
        lambda found: f"script-src 'sha256-{digest}'{' ' if found[0] else '; '}",
        page,
        count=1,
    )
    assert changes == 1
    with_axe = admitted.replace("</body>", f"<script>{source}</script></body>")
    done = visit(folder, with_axe, RUN % before, width=width, flags=flags)
    return Checked(
        scheme=done.seen["scheme"],
        passes=tuple(done.seen["passes"]),
        violations=tuple(done.seen["violations"]),
        console=done.console,
    )
