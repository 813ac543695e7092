"""Runs the tour as it is written and takes its pictures: terminals as SVG, the report as PNG.

What a picture is named says what it shows: `tour-plan.svg` is the block of docs/tour.md whose first
command is `rcl-flow plan`. Pictures that no page shows are not kept.
"""

import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from PIL import Image
from rich.console import Console
from rich.text import Text

from rcl_flow.emulator.launch import shut_down
from rcl_flow.wiring.services import emulator_folder
from website.pages import DOCS, ROOT
from website.terminal_svg import CODE_FORMAT, THEME

TOUR: Final = DOCS / "tour.md"
PICTURES: Final = DOCS / "pictures"
_BLOCK: Final = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND: Final = re.compile(r"^rcl-flow ([a-z-]+)", re.MULTILINE)
_COLUMNS: Final = 80
_ROWS: Final = 24
_CHUNK_BYTES: Final = 65_536
_FIRST_LINES: Final = 16
_LAST_LINES: Final = 20
_COLOURS: Final = 128
_CHROMIUM: Final = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")


def main() -> None:
    """Run the tour in a folder of its own, and write what its page shows into docs/pictures."""
    text = TOUR.read_text()
    terminals: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        try:
            for script in blocks_of(text):
                seen = _run(script, folder)
                name = picture_name(script)
                if name in text:
                    terminals[name] = drawn(script, seen, name)
        finally:
            shut_down(emulator_folder(folder / ".rcl-flow"))
        # all of one run, or none: a tour that was broken off leaves the pictures of the last
        for name, picture in terminals.items():
            (PICTURES / name).write_text(picture)
        report = next(folder.glob(".rcl-flow/runs/*/report.html"))
        photograph(report.as_uri(), PICTURES / "report.png", size=(1000, 1000))
        audit = folder / ".rcl-flow" / "audit" / "audit.html"
        photograph(audit.as_uri(), PICTURES / "audit.png", size=(1000, 820))


def blocks_of(text: str) -> Iterator[str]:
    """Yield the scripts of a page, in order: what its reader types."""
    return (found[1] for found in _BLOCK.finditer(text))


def picture_name(script: str) -> str:
    """Return the name of a script's picture, after its first command."""
    command = _COMMAND.search(script)
    return f"tour-{command[1]}.svg" if command else ""


def drawn(script: str, seen: str, name: str) -> str:
    """Draw a terminal of 80 columns: the script, and what it printed, less its middle."""
    commands = "".join(f"$ {line}\n" for line in script.splitlines() if line)
    wrapped = Text.from_ansi(seen).wrap(Console(width=_COLUMNS, file=io.StringIO()), _COLUMNS)
    console = Console(
        record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False
    )
    console.print(Text(commands, style="bold"), end="")
    for line in _shortened(list(wrapped)):
        line.rstrip()
        console.print(line)
    identity = name.removesuffix(".svg")
    return console.export_svg(
        title="", theme=THEME, code_format=CODE_FORMAT, unique_id=identity, font_aspect_ratio=0.6
    )


def _shortened(lines: list[Text]) -> list[Text]:
    left_out = len(lines) - _FIRST_LINES - _LAST_LINES
    if left_out <= 1:
        return lines
    gap = Text(f"… {left_out} lines more …", style="italic")
    return [*lines[:_FIRST_LINES], gap, *lines[-_LAST_LINES:]]


def photograph(address: str, target: Path, *, size: tuple[int, int], scale: float = 1.0) -> None:
    """Take a picture of a page in headless Chromium, in few colours so that it is small.

    Args:
        address: a URL that needs no network.
        target: the PNG.
        size: the window, in pixels.
        scale: pixels of the picture for each pixel of the window.
    """
    flags = [f"--window-size={size[0]},{size[1]}", f"--force-device-scale-factor={scale}"]
    with tempfile.TemporaryDirectory() as place:
        raw = Path(place) / "page.png"
        command = [*_CHROMIUM, *flags, f"--screenshot={raw}", "--virtual-time-budget=3000", address]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        with Image.open(raw) as image:
            few = image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
            few.save(target, optimize=True)


def _run(script: str, folder: Path) -> str:
    """Run a script in a terminal of its own and return what a person sees there, line by line."""
    place = str(Path(sys.executable).parent)
    environment = {
        "PATH": f"{place}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "COLUMNS": str(_COLUMNS),
        "PYTHONPATH": str(ROOT),
        # nothing moves, so that each line is there once
        "RCL_FLOW_LOG_FORMAT": "plain",
    }
    command = [shutil.which("bash") or "bash", "-e", "-c", script]
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (_ROWS, _COLUMNS))
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        seen = b"".join(_read(ours))
    os.close(ours)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command, output=seen)
    return seen.decode().replace("\r\n", "\n")


def _read(terminal: int) -> Iterator[bytes]:
    """Yield what comes from a terminal; its end is an error once everybody has left it."""
    with suppress(OSError):
        while some := os.read(terminal, _CHUNK_BYTES):
            yield some


if __name__ == "__main__":
    main()
