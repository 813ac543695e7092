"""Which pages the site has, and in which order: docs/index.md alone says so."""

import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
INDEX: Final = DOCS / "index.md"
_PART: Final = re.compile(r"## (?P<title>.+)")
_ENTRY: Final = re.compile(r"(?P<number>\d+)\. \[(?P<title>[^]]+)\]\((?P<target>[^)#]+)\)")
_NUMBER: Final = re.compile(r"^\d+\. ")


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the index: its number, its title in the navigation, and its file."""

    number: int
    title: str
    path: Path


@dataclass(frozen=True, slots=True)
class Part:
    """A group of pages that are read one after the other."""

    title: str
    pages: tuple[Page, ...]


def parts_of(index: str, *, folder: Path = DOCS) -> tuple[Part, ...]:
    """Read the parts and their pages from the text of the index.

    Args:
        index: Markdown; each `## Part` is followed by entries such as `3. [Title](file.md)`.
        folder: where the index lies; its links start there.
    """
    parts: list[Part] = []
    for line in index.splitlines():
        if part := _PART.fullmatch(line):
            parts.append(Part(part["title"], ()))
        elif entry := _ENTRY.match(line):
            path = (folder / entry["target"]).resolve()
            page = Page(int(entry["number"]), entry["title"], path)
            parts[-1] = Part(parts[-1].title, (*parts[-1].pages, page))
    return tuple(part for part in parts if part.pages)


def renumbered(index: str) -> str:
    """Return the index with its entries numbered from 1, through all parts."""
    numbers = count(1)
    lines = [
        _NUMBER.sub(f"{next(numbers)}. ", line) if _ENTRY.match(line) else line
        for line in index.split("\n")
    ]
    return "\n".join(lines)


def site_name(path: Path) -> str:
    """Return where a file of the repository is in the site: docs/ is its root.

    Raises:
        ValueError: the file is outside of the repository.
    """
    inside = DOCS if path.is_relative_to(DOCS) else ROOT
    return path.relative_to(inside).as_posix()
