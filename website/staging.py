"""Lays the pages out as the site's source: every link as a path of the site, the order as its menu.

Needs the standard library alone, since the site's environment holds nothing of the program.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Final

from website.pages import INDEX, Page, Part, parts_of, site_name

_LINK: Final = re.compile(r"(?<=\]\()(?P<target>[^()\s#]+)(?P<anchor>#[^()\s]*)?(?=\))")
_SITE_TITLE: Final = "# rcl-flow\n"
_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})")


def stage(target: Path) -> int:
    """Write the site's source into a folder, which is made anew, and return the count of pages.

    Raises:
        FileNotFoundError: a page links to a file that is not there.
    """
    shutil.rmtree(target, ignore_errors=True)
    parts = parts_of(INDEX.read_text())
    titles = {page.path: page.title for part in parts for page in part.pages}
    pages = [INDEX, *titles]
    for path in pages:
        text, linked = rewritten(path.read_text(), path)
        _copy_missing(linked, pages, target)
        menu = menu_of(parts) if path == INDEX else ""
        _write(target / site_name(path), retitled(text, titles.get(path, "")) + menu)
    return len(pages)


def retitled(text: str, title: str) -> str:
    """Give the README, whose title is the site's own, the one that the menu has for it."""
    if not (title and text.startswith(_SITE_TITLE)):
        return text
    return f"# {title}\n{text.removeprefix(_SITE_TITLE)}"


def rewritten(text: str, page: Path) -> tuple[str, set[Path]]:
    """Return a page with its links as paths of the site, and the files that it links to.

    What stands in a fence is left as it is.

    Args:
        text: the page's Markdown, with links relative to its file.
        page: the page's file.
    """
    linked: set[Path] = set()

    def replaced(found: re.Match[str]) -> str:
        if ":" in found["target"]:
            return found[0]
        path = (page.parent / found["target"]).resolve()
        linked.add(path)
        return f"/{site_name(path)}{found['anchor'] or ''}"

    lines, fence = [], ""
    for line in text.splitlines():
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        lines.append(line if fence else _LINK.sub(replaced, line))
    return "\n".join(lines) + "\n", linked


def menu_of(parts: tuple[Part, ...]) -> str:
    """Write the menu in the generator's own form, which is never shown in the page itself."""
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {part.title}\n\n{_entries(part.pages)}```\n"
        for part in parts
    )


def _entries(pages: tuple[Page, ...]) -> str:
    return "".join(
        f"{page.number}. {page.title} </{site_name(page.path).removesuffix('.md')}>\n"
        for page in pages
    )


def _copy_missing(linked: set[Path], pages: list[Path], target: Path) -> None:
    for path in linked - set(pages):
        place = target / site_name(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def _write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


if __name__ == "__main__":
    print(f"{stage(Path(sys.argv[1]))} pages")
