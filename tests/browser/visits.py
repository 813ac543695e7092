"""Visits of a page in headless Chromium.

The page is put into a frame of a probe page, which looks at it and writes what it saw into its
own document, so that the page's security policy is in force while it is tested.
"""

import html
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)
BUDGETS_MILLISECONDS = (2000, 10_000)
"""Of the page's own clock, which runs ahead of pictures that a busy machine has yet to decode; so
a page that has not answered is asked once more."""
PROBE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>probe</title></head><body>
<iframe id="page" width="{width}" height="800" srcdoc="{page}"></iframe>
<script id="probe">
document.getElementById("page").addEventListener("load", (event) => {{
  const page = event.target.contentDocument;
  const say = (seen) => {{
    const answer = document.createElement("pre");
    answer.id = "answer";
    answer.textContent = JSON.stringify(seen);
    document.body.append(answer);
  }};
  (async () => {{ {script} }})().then(say, (error) => say({{ error: String(error) }}));
}});
</script></body></html>"""
DARK = "--blink-settings=preferredColorScheme=0"
WIDTH = """
  const root = page.documentElement;
  return { page: root.scrollWidth, window: root.clientWidth };
"""

NEEDS_CHROMIUM = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt install chromium"),
]


@dataclass(frozen=True)
class Visit:
    """What the probe saw, and what the console said."""

    seen: dict[str, Any]
    console: tuple[str, ...]


def visit(
    folder: Path, page: str, script: str, *, width: int = 1280, flags: Sequence[str] = ()
) -> Visit:
    """Open `page` in a frame of that width, run `script` over it and return its answer.

    The script is the body of an asynchronous function; `page` is the document.
    """
    probe = folder / "probe.html"
    source = PROBE.format(width=width, page=html.escape(page), script=script)
    probe.write_text(source, encoding="utf-8")
    for budget_milliseconds in BUDGETS_MILLISECONDS:
        done = subprocess.run(
            [
                str(CHROMIUM),
                *FLAGS,
                *flags,
                f"--virtual-time-budget={budget_milliseconds}",
                f"--user-data-dir={folder / 'profile'}",
                "--dump-dom",
                probe.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        answer = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
        if answer is not None:
            break
    assert answer is not None, done.stderr
    seen = orjson.loads(html.unescape(answer[1]))
    assert "error" not in seen, seen
    console = tuple(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    return Visit(seen=seen, console=console)
