"""What the documents show and no test can type is at least there: commands, options, targets."""

import re
import shlex
from typing import Any, Final

import pytest
import typer.main

from rcl_flow.cli.app import app
from tests.docs.fences import PAGES, ROOT, Block, Command, blocks, blocks_of

GROUP: Final[Any] = typer.main.get_command(app)
INLINE: Final = re.compile(r"`(rcl-flow [a-z][^`]*)`", re.DOTALL)
TARGETS: Final = re.findall(
    r"^([a-z][a-z-]*(?: [a-z-]+)*):", (ROOT / "Makefile").read_text(), re.MULTILINE
)
BEYOND: Final = re.compile(r"\s(?:\||\|\||&&|&|>|>>|<<|#).*", re.DOTALL)
EITHER: Final = re.compile(r"[|…/]")


def words_of(text: str) -> list[str]:
    """Return the words of the first command of a line, without comment and what it is piped to."""
    return shlex.split(BEYOND.sub("", text.replace("\\\n", " ")), comments=True)


def unknown_words(words: list[str]) -> list[str]:
    """Return the command or the options of a `rcl-flow` line that the program does not have."""
    command = GROUP if words[1].startswith("-") else GROUP.commands.get(words[1])
    if command is None:
        return [words[1]]
    known = {name for part in command.params for name in (*part.opts, *part.secondary_opts)}
    known |= {"-h", "--help", "--log-format"}
    options = [word.partition("=")[0] for word in words[1:] if word.startswith("-")]
    return [option for option in options if option not in known]


def shown() -> list[Command]:
    """Return the commands that the documents show and the tests do not type."""
    return [command for block in blocks("console") for command in block.commands()]


@pytest.mark.parametrize("command", shown(), ids=lambda command: command.place)
def test_shown_command_exists(command: Command) -> None:
    """A reader who types it is not told that there is no such command, option or target."""
    words = words_of(command.text)
    if words[0] == "make":
        targets = [word for word in words[1:] if "=" not in word]
        assert set(targets) <= set(" ".join(TARGETS).split())
    elif words[0] == "rcl-flow" and words[1:]:
        assert unknown_words(words) == []


@pytest.mark.parametrize("block", blocks("console"), ids=lambda block: block.page)
def test_shown_commands_stand_after_a_prompt(block: Block) -> None:
    """What stands there without one is output, or the rest of a command."""
    assert block.text.startswith("$ ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_in_sentences_exist(page: object) -> None:
    """A command that a sentence names can be typed, with the options that it names."""
    text = (ROOT / str(page)).read_text()
    for block in blocks_of(text, str(page)):
        text = text.replace(block.text, "")
    for told in INLINE.findall(text):
        ours, _, _ = told.partition(" | ")  # what reads its output is another's
        words = EITHER.sub(" ", ours).split()
        assert unknown_words([word.rstrip(".,;:") for word in words]) == [], told


def test_unknown_words_are_found() -> None:
    """The tests above can fail."""
    assert unknown_words(["rcl-flow", "rum", "x.yaml"]) == ["rum"]
    assert unknown_words(["rcl-flow", "run", "x.yaml", "--jsom", "--set", "a=b"]) == ["--jsom"]


def test_languages_of_blocks_are_known() -> None:
    """Commands are in `sh` or `console` and so are found: no block is in `bash` or `shell`."""
    found = {
        block.language
        for page in PAGES
        for block in blocks_of(page.read_text(), page.relative_to(ROOT).as_posix())
    }
    assert found <= {"", "sh", "console", "python", "yaml", "json", "js", "toml"}
