"""Sections of the documentation's pages, as text for a terminal."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_HEADING: Final = re.compile(r"#{1,6} +(.+)")
_FENCE: Final = "```"
_GOES_ON: Final = "\\"
"""Ends a line of a command that goes on in the next one."""
_RULE: Final = re.compile(r"\|[-:| ]+\|")
"""Below the heads of a table's columns."""
_LABEL: Final = re.compile(r"(Why|What to do|Looks like|Fix):? *(.*)")
_LINK: Final = re.compile(r"\[([^]]+)\]\(([^)#]+)[^)]*\)")
_EXIT: Final = re.compile(r"Exit \d+\. ")
_CODE_ROW: Final = re.compile(r"\| ([\d, ]+) \| (.+) \|")
_SENTENCE_END: Final = re.compile(r"(?<=\.) ")
_FOLDER: Final = "docs"
_MEANING: Final = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What a section of a page says; each part has its paragraphs, parted by an empty line."""

    meaning: str
    """What happened, or what is looked for."""
    why: str = ""
    """How it comes about."""
    looks_like: str = ""
    """An example."""
    what_to_do: str = ""
    """What helps."""

    @property
    def short(self) -> str:
        """The first sentence of the meaning."""
        return _SENTENCE_END.split(self.meaning, maxsplit=1)[0]


def read_sections(page: str) -> Mapping[str, Section]:
    """Return the sections of a Markdown page by their headings; a page's own text is left out."""
    return {heading: _section(lines) for heading, lines in _headed(page)}


def read_exit_codes(page: str) -> Mapping[int, str]:
    """Return the rows of a table of exit codes; a row may name several."""
    rows = _CODE_ROW.findall(page)
    return {int(code): _plain(meaning) for codes, meaning in rows for code in codes.split(",")}


def _headed(page: str) -> Iterator[tuple[str, list[str]]]:
    heading, lines, fenced = "", list[str](), False
    for line in page.splitlines():
        fenced ^= line.startswith(_FENCE)
        found = None if fenced else _HEADING.fullmatch(line)
        if found is None:
            lines.append(line)
            continue
        if heading:
            yield heading, lines
        heading, lines = found[1], []
    if heading:
        yield heading, lines


def _section(lines: list[str]) -> Section:
    parts: dict[str, list[str]] = {_MEANING: []}
    label = _MEANING
    for line in lines:
        found = _LABEL.fullmatch(line)
        if found:
            label = found[1]
        parts.setdefault(label, []).append(found[2] if found else line)
    texts = {label: _paragraphs(those) for label, those in parts.items()}
    return Section(
        _EXIT.sub("", texts[_MEANING], count=1),
        why=texts.get("Why", ""),
        looks_like=texts.get("Looks like", ""),
        what_to_do=texts.get("What to do", "") or texts.get("Fix", ""),
    )


def _paragraphs(lines: list[str]) -> str:
    """Join the lines of each paragraph and of each item of a list; a row of a table is an item."""
    joined = "\n".join(_without_marks(lines)).replace("\n- ", "\n\n- ")
    told = (" ".join(_plain(each).split()) for each in joined.split("\n\n"))
    return "\n\n".join(paragraph for paragraph in told if paragraph)


def _without_marks(lines: list[str]) -> list[str]:
    told: list[str] = []
    fenced = False
    for line in map(str.strip, lines):
        if line.startswith(_FENCE):
            fenced = not fenced
            told.append("")
        elif fenced:
            told += [line.removesuffix(_GOES_ON)] if line.endswith(_GOES_ON) else [line, ""]
        elif _RULE.fullmatch(line):
            told.pop()  # the heads of the columns
        elif line.startswith("|"):
            told.append(f"- {': '.join(cell.strip() for cell in line.strip('|').split(' | '))}")
        else:
            told.append(line)
    return told


def _plain(text: str) -> str:
    """Take marks away that only a browser shows; a link becomes its text and its page."""
    return _LINK.sub(_named_page, text).replace("**", "")


def _named_page(link: re.Match[str]) -> str:
    page = link[2] if "://" in link[2] else f"{_FOLDER}/{link[2]}".replace(f"{_FOLDER}/../", "")
    return page if link[1] in link[2] else f"{link[1]} ({page})"
