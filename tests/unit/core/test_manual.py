"""Tests of reading sections of the documentation."""

from rcl_flow.core.manual import Section, read_exit_codes, read_sections

PAGE = """# Errors

Text before the first section.

```sh
# no heading
rcl-flow explain
```

## disk-full
Exit 12. A file cannot
be written. See more.

Why: the disk is **full**,
or [read-only](04-disks.md).

What to do: make room.

- first `df`,
  then `rm`;
- or [ask](https://example.com/a).

Then go on.

## CODE
The line is cut.
Looks like: `{"a": `
Fix: see [permissions](../infra/README.md#iam) and
[08-formats.md](08-formats.md).

# Another chapter
"""


def test_sections_are_parted_by_what_they_say() -> None:
    """Meaning, cause and cure are texts of their own; the exit code is left to the class."""
    section = read_sections(PAGE)["disk-full"]
    assert section.meaning == "A file cannot be written. See more."
    assert section.short == "A file cannot be written."
    assert section.why == "the disk is full, or read-only (docs/04-disks.md)."
    assert section.looks_like == ""


def test_items_and_paragraphs_stay_apart() -> None:
    """The lines of one are joined: a terminal breaks them anew."""
    assert read_sections(PAGE)["disk-full"].what_to_do.split("\n\n") == [
        "make room.",
        "- first `df`, then `rm`;",
        "- or ask (https://example.com/a).",
        "Then go on.",
    ]


def test_codes_have_an_example_and_a_fix() -> None:
    """The page about manifests has its labels at the beginning of lines."""
    assert read_sections(PAGE)["CODE"] == Section(
        "The line is cut.",
        looks_like='`{"a": `',
        what_to_do="see permissions (infra/README.md) and docs/08-formats.md.",
    )


def test_headings_alone_begin_a_section() -> None:
    """A comment among commands is none, and a chapter without text is empty."""
    sections = read_sections(PAGE)
    assert list(sections) == ["Errors", "disk-full", "CODE", "Another chapter"]
    assert sections["Another chapter"] == Section("")
    assert read_sections("no heading at all\n") == {}


def test_row_of_several_exit_codes_tells_of_each() -> None:
    """Signals share a row; a heading of the table is no row."""
    page = "| exit | meaning |\n|---|---|\n| 9 | **may bill** |\n| 129, 130 | ended |\n"
    assert read_exit_codes(page) == {9: "may bill", 129: "ended", 130: "ended"}


def test_tables_are_lists_and_commands_stand_alone() -> None:
    """A terminal has no columns and no frames; a command that goes on in the next line is one."""
    page = (
        "## csv\nRead:\n\n| key | means |\n|---|---|\n| `a` | b |\n```sh\nx \\\n  y\nz\n```\nEnd.\n"
    )
    assert read_sections(page)["csv"].meaning.split("\n\n") == [
        "Read:",
        "- `a`: b",
        "x y",
        "z",
        "End.",
    ]
