"""Every message in the tree says what happened, and every hint what to do, in few lines."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

import rcl_flow
from rcl_flow.cli.explaining import error_kinds

PACKAGE = Path(rcl_flow.__file__).parent
SLUGS = {kind.__name__: kind.slug for kind in error_kinds()}
VALUE = "s3://bucket"
"""Stands for what a message is given when it is raised."""
COLUMNS = 80
MOST_LINES = 3
LEAST_WORDS = 2
BEGINNINGS = (VALUE, "--", "`", "'", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
FIELDS = ("data.", "evaluation.")
"""What a message may begin with though it is written small: a field of the config."""
PART_OF_ANOTHER = f"it cannot be seen with the credentials of account {VALUE} in {VALUE}"
"""A message that only stands within another one."""


def text_of(node: ast.expr | None) -> str | None:
    """Return a text that stands in the code, with `VALUE` for each value; None for another."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) or VALUE for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return f"{text_of(left) or VALUE}{text_of(right) or VALUE}"
    return None


@dataclass(frozen=True, slots=True)
class Raised:
    """An error as it stands in the code."""

    place: str
    slug: str
    message: str
    """Empty where the message comes from elsewhere."""
    hint: str
    """Empty where the hint comes from elsewhere."""


def raised() -> Iterator[Raised]:
    """Yield each error that the package makes."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=name), args=args, keywords=named) if name in SLUGS:
                    hint = next((each.value for each in named if each.arg == "hint"), None)
                    place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                    message = text_of(args[0] if args else None)
                    yield Raised(place, SLUGS[name], message or "", text_of(hint) or "")


RAISED = list(raised())


def test_every_error_is_raised_somewhere() -> None:
    """The tree holds no class that nothing ends with, and the search finds the messages."""
    paths = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "errors"]
    words = set(re.findall(r"\w+", "\n".join(path.read_text() for path in paths)))
    assert words >= set(SLUGS)
    assert sum(bool(each.message) for each in RAISED) > 150


def test_messages_are_sentences() -> None:
    """They begin as one, or with the place, and end as one, or with AWS's own words."""
    told = [each for each in RAISED if each.message not in {"", PART_OF_ANOTHER}]
    assert [each for each in told if not each.message.startswith((*BEGINNINGS, *FIELDS))] == []
    assert [each for each in told if not each.message.endswith((".", "?", VALUE))] == []


def test_hints_say_what_to_do() -> None:
    """More than a word, and in sentences, or with an example at the end."""
    told = [each for each in RAISED if each.hint]
    assert [each for each in told if not each.hint.startswith(BEGINNINGS)] == []
    assert [
        each for each in told if not (each.hint.endswith((".", "?", VALUE)) or ": " in each.hint)
    ] == []
    assert [each for each in told if len(each.hint.split()) < LEAST_WORDS] == []


def test_hints_send_nobody_to_the_page_that_can_be_printed() -> None:
    """`rcl-flow explain` needs no browser and no copy of the documentation."""
    assert [each for each in RAISED if "docs/errors.md" in each.hint] == []


def test_messages_and_hints_fit_few_lines() -> None:
    """A reader takes in what fits a glance; what lists findings gives each a line of its own."""
    for each in RAISED:
        for text in (f"error [{each.slug}]: {each.message}", f"  hint: {each.hint}"):
            assert len(wrap(text, COLUMNS)) <= MOST_LINES, each
