"""The fenced blocks of the documents, and the commands in them.

A block in the language `sh` is what a reader types, and is executed. `console` marks what needs an
installation or hours, each line after `$ `; it is parsed. Output has no language.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "infra/*.md", "config/**/*.md")
    for path in ROOT.glob(pattern)
)
_FENCE: Final = re.compile(r"^( *)(`{3,})([\w-]*)[^\n]*\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
_HERE: Final = re.compile(r"<<'?(\w+)'?$")
_PROMPT: Final = "$ "


def _here_until(line: str) -> str:
    """Return the line that ends the text which begins after this one, or an empty text."""
    found = _HERE.search(line)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Command:
    """One command line, with the lines that continue it."""

    page: str
    line_number: int
    text: str

    @property
    def place(self) -> str:
        """Where it stands, as an editor takes it."""
        return f"{self.page}:{self.line_number}"


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    page: str
    language: str
    line_number: int
    """Of the first line between the fences."""
    text: str

    def commands(self) -> list[Command]:
        """Return the commands, each with the lines that continue it, without prompts."""
        found: list[Command] = []
        going_on, until = False, ""
        for number, line in enumerate(self.text.splitlines(), start=self.line_number):
            if going_on or until:
                last = found.pop()
                found.append(Command(self.page, last.line_number, f"{last.text}\n{line}"))
            elif line.strip() and not line.lstrip().startswith("#"):
                found.append(Command(self.page, number, line.removeprefix(_PROMPT)))
            going_on = line.endswith("\\")
            until = "" if line == until else until or _here_until(line)
        return found


def blocks_of(text: str, page: str) -> Iterator[Block]:
    """Return the fenced blocks of a page's text, in order."""
    for found in _FENCE.finditer(text):
        indent, _, language, body = found.groups()
        body = "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True))
        line_number = text.count("\n", 0, found.start()) + 2
        yield Block(page, language, line_number, body)


def blocks(language: str, *pages: str) -> list[Block]:
    """Return the blocks of a language, of these pages (as `docs/init.md`) or of all."""
    return [
        block
        for path in (map(ROOT.joinpath, pages) if pages else PAGES)
        for block in blocks_of(path.read_text(), path.relative_to(ROOT).as_posix())
        if block.language == language
    ]
