"""The documentation site: every page in one order, generated pages current, pictures there."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from rcl_flow.core.audit.catalogue import RULES, docs_of
from rcl_flow.report.practices import PRACTICES
from website.commands_reference import commands_page
from website.config_reference import config_page
from website.markdown import anchor_of, prose, table
from website.pages import DOCS, INDEX, ROOT, Page, Part, parts_of, renumbered, site_name
from website.pictures import TOUR, blocks_of, drawn, picture_name
from website.staging import menu_of, retitled, rewritten

PARTS = parts_of(INDEX.read_text())
PAGES = [page for part in PARTS for page in part.pages]
LARGEST_PICTURE_BYTES = 200_000
SHOWN = re.compile(r"!\[([^]]*)\]\(([^)]+)\)")


def outside_fences(text: str) -> str:
    """Return a page without what stands in its fences."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def rows_by_id(page: Path) -> Mapping[str, str]:
    """Return a page's rows that begin with the id of a practice."""
    return dict(re.findall(r"^\| ([PDJ]\d+) \| (.+)$", page.read_text(), re.MULTILINE))


def test_every_page_is_in_the_order_once() -> None:
    """The index names each page of docs/ once: none is left out, and none is read twice."""
    named = [page.path for page in PAGES if page.path.is_relative_to(DOCS)]
    assert sorted(named) == sorted(set(DOCS.rglob("*.md")) - {INDEX})


def test_pages_are_numbered_in_order() -> None:
    """The numbers that GitHub shows and those of the menu are the same."""
    assert [page.number for page in PAGES] == list(range(1, len(PAGES) + 1))


def test_index_is_numbered_anew() -> None:
    """A page that is put between others needs no number of its own; other lists keep theirs."""
    index = (
        "1. first\n\n## A\n\n7. [One](a.md)\n0. [New](b.md): 2. of it\n\n## B\n\n8. [Two](c.md)\n"
    )
    assert renumbered(index) == (
        "1. first\n\n## A\n\n1. [One](a.md)\n2. [New](b.md): 2. of it\n\n## B\n\n3. [Two](c.md)\n"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: site_name(page.path))
def test_a_page_has_one_title(page: Page) -> None:
    """A second title would be an entry of the menu."""
    titles = re.findall(r"^# ", outside_fences(page.path.read_text()), re.MULTILINE)
    assert len(titles) == 1
    assert page.path.read_text().startswith("# ")


def test_command_reference_is_current() -> None:
    """docs/reference/commands.md says what the help says; `make docs-reference` renews it."""
    assert (DOCS / "reference" / "commands.md").read_text() == commands_page()


def test_config_reference_is_current() -> None:
    """docs/reference/config.md says what the schema says; `make docs-reference` renews it."""
    assert (DOCS / "reference" / "config.md").read_text() == config_page()


def test_config_reference_follows_a_schema() -> None:
    """Choices, limits, defaults and sections of sections are told."""
    rate = {"type": "number", "exclusiveMinimum": 0, "maximum": 1000, "default": 2.5}
    kind = {"enum": ["a", "b"], "default": "a", "description": "Which *one*."}
    inner = {"properties": {"rate": rate}, "description": "How fast."}
    outer = {"properties": {"kind": kind, "pace": {"$ref": "#/$defs/Inner"}}, "required": ["kind"]}
    text = config_page(
        {
            "properties": {"outer": {"$ref": "#/$defs/Outer"}},
            "$defs": {"Outer": outer, "Inner": inner},
        }
    )
    assert "| `kind` | `a`, `b` | needed | Which \\*one\\*. |" in text
    assert "| `pace` | [outer.pace](#outerpace) |  |  |" in text
    assert "## outer.pace\n\nHow fast.\n" in text
    assert "| `rate` | number above 0 to 1,000 | `2.5` |  |" in text


@pytest.mark.parametrize("practice", [*PRACTICES, "P2", "P3", "P4", "P5", "J4"])
def test_every_practice_has_its_row(practice: str) -> None:
    """The page about improving a model says of each practice what the program does about it."""
    assert practice in rows_by_id(DOCS / "improving.md")


@pytest.mark.parametrize("rule", [rule for rule in RULES if RULES[rule].practice])
def test_every_rule_stands_beside_its_practice(rule: str) -> None:
    """A finding's practice leads back to all rules that look for it."""
    row = rows_by_id(DOCS / "improving.md")[RULES[rule].practice]
    assert f"[{rule}]({docs_of(rule).removeprefix('docs/')})" in row


def test_pictures_are_shown_small_and_described() -> None:
    """Each picture is on a page, says in words what it shows, and is quickly loaded."""
    shown: dict[Path, str] = {}
    for page in [INDEX, *(page.path for page in PAGES)]:
        for words, target in SHOWN.findall(page.read_text()):
            shown[(page.parent / target).resolve()] = words
    assert set(shown) == set((DOCS / "pictures").iterdir())
    assert all(len(words.split()) > 3 for words in shown.values())
    assert all(0 < path.stat().st_size < LARGEST_PICTURE_BYTES for path in shown)


def test_pictures_of_the_tour_are_of_its_blocks() -> None:
    """A picture of a terminal is named after a command that the tour's reader types."""
    drawable = {picture_name(script) for script in blocks_of(TOUR.read_text())}
    assert {path.name for path in (DOCS / "pictures").glob("*.svg")} <= drawable


def test_terminal_is_drawn_without_anything_from_elsewhere() -> None:
    """The script, then the first and last lines of what it printed; no font is loaded."""
    seen = "".join(f"line {number}\n" for number in range(100))
    picture = drawn("rcl-flow status\n", seen, "tour-status.svg").replace("&#160;", " ")
    assert "$ rcl-flow status" in picture
    assert "line 0<" in picture
    assert "line 50<" not in picture
    assert "line 99<" in picture
    assert re.findall(r"https?://[^\"]+", picture) == ["http://www.w3.org/2000/svg"]


def test_links_become_paths_of_the_site() -> None:
    """docs/ is the site's root, and what stands in a fence or elsewhere is left alone."""
    text = "\n".join(
        (
            "[a](../infra/README.md#what-it-may-do) ![b](pictures/x.png) [c](#here)",
            "[d](https://example.com/)",
            "````",
            "```",
            "[e](f.md)",
            "````",
            "[g](decisions/h.md)",
        )
    )
    told, linked = rewritten(text, DOCS / "tour.md")
    assert told.splitlines() == [
        "[a](/infra/README.md#what-it-may-do) ![b](/pictures/x.png) [c](#here)",
        "[d](https://example.com/)",
        "````",
        "```",
        "[e](f.md)",
        "````",
        "[g](/decisions/h.md)",
    ]
    assert linked == {
        ROOT / "infra" / "README.md",
        DOCS / "pictures" / "x.png",
        DOCS / "decisions" / "h.md",
    }


def test_readme_has_the_title_of_the_menu() -> None:
    """Its own is that of the site, which the page after it would call the one before."""
    assert retitled("# rcl-flow\n\n# rcl-flow\n", "What it is") == "# What it is\n\n# rcl-flow\n"
    assert retitled("# rcl-flow\n", "") == "# rcl-flow\n"
    assert retitled("# Installing\n", "Install") == "# Installing\n"


def test_pages_lead_to_licence_and_changes() -> None:
    """The footer is the same on each page; the licence that it names is the package's."""
    footer = (ROOT / "website" / "templates" / "page.html").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Licence: {project['license']}<" in footer
    assert "pathto('CHANGELOG')" in footer


def test_search_ranks_what_is_about_the_making_behind_the_rest() -> None:
    """Nearly every word stands in the changes or a decision, where nobody looks for how to."""
    script = (ROOT / "website" / "search_scorer.js").read_text()
    (pattern,) = re.findall(r"^const ASIDE = /(.+)/;$", script, re.MULTILINE)
    (inside,) = [part.pages for part in PARTS if part.title == "Inside"]
    behind = {page.path for page in inside} | {ROOT / "CHANGELOG.md"}
    names = {page.path: site_name(page.path).removesuffix(".md") for page in PAGES}
    assert {path for path, name in names.items() if re.search(pattern, name)} == behind


def test_menu_has_parts_numbers_and_titles() -> None:
    """The menu is the index's own order, read from its text."""
    parts = parts_of("# T\n\n## Start\n\n1. [One](a.md): first\n2. [Two](../b.md)\n\n## Empty\n")
    assert parts == (Part("Start", (Page(1, "One", DOCS / "a.md"), Page(2, "Two", ROOT / "b.md"))),)
    assert menu_of(parts) == (
        "\n```{toctree}\n:hidden:\n:caption: Start\n\n1. One </a>\n2. Two </b>\n```\n"
    )


def test_table_and_prose_escape_what_markdown_takes() -> None:
    """A bar stays inside its cell; stars and brackets outside of code are letters."""
    assert table(("a",), [("x|y",)]) == "| a |\n| --- |\n| x\\|y |\n"
    assert prose("a*b `c*d` [e]") == "a\\*b `c*d` \\[e\\]"
    assert anchor_of("rcl-flow init: do it!") == "rcl-flow-init-do-it"
