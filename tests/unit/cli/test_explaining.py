"""Tests of `rcl-flow explain`: every name that the program prints can be looked up."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.explaining import (
    ERRORS_PAGE,
    GROUPS,
    Explanation,
    error_kinds,
    explanations,
)
from rcl_flow.cli.shipped import shipped_text
from rcl_flow.core.audit.catalogue import RULES
from rcl_flow.core.lint.codes import KNOWN
from rcl_flow.core.manual import read_sections
from rcl_flow.core.source_kinds import SOURCE_KINDS

ROOT = Path(__file__).parents[3]
ALL = explanations()
ERRORS = [each for each in ALL if each.kind == "error"]
SHOWN = [
    max((each for each in ALL if each.kind == kind), key=lambda each: len(each.section.meaning))
    for kind in GROUPS
]
LONGEST_NAME = max(ALL, key=lambda each: len(each.name))


def test_everything_that_is_printed_can_be_explained() -> None:
    """Slugs, exit codes, rules and codes, each name once."""
    names = [each.name for each in ALL]
    assert len(set(names)) == len(names)
    assert {each.name for each in ERRORS} == {kind.slug for kind in error_kinds()}
    assert {each.name for each in ALL if each.kind == "audit rule"} == set(RULES)
    assert {each.name for each in ALL if each.kind == "lint code"} == set(KNOWN)
    assert {each.name for each in ALL if each.kind == "format"} == set(SOURCE_KINDS)
    codes = {int(each.name) for each in ALL if each.kind == "exit code"}
    assert codes == {*range(14), 75, 129, 130, 143}
    assert {each.kind for each in ALL} == set(GROUPS)


def test_page_explains_no_error_that_is_not_there() -> None:
    """A slug that was renamed leaves no section behind."""
    title, *slugs = read_sections(shipped_text(ERRORS_PAGE))
    assert title == "Errors and exit codes"
    assert sorted(slugs) == sorted(each.name for each in ERRORS)


def test_pages_are_brought_along_by_the_package() -> None:
    """What is read from a checkout's docs/ is in the wheel, below the package."""
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    included = targets["targets"]["wheel"]["force-include"]
    for page in {each.page.partition("#")[0] for each in ALL}:
        assert included[page] == f"rcl_flow/{page}"
        assert shipped_text(page) == (ROOT / page).read_text()


@pytest.mark.parametrize("explained", ERRORS, ids=lambda each: each.name)
def test_error_says_what_it_means_why_and_what_to_do(explained: Explanation) -> None:
    """Each of the three has its own text; the list of all has the first sentence of the first."""
    section = explained.section
    assert section.meaning
    assert section.why
    assert section.what_to_do
    assert explained.short.endswith(".")
    assert explained.page == f"docs/errors.md#{explained.name}"


@pytest.mark.parametrize(
    "explained", [*ERRORS, *SHOWN[1:], LONGEST_NAME], ids=lambda each: each.name
)
def test_explanation_fits_a_narrow_terminal(
    explained: Explanation, capsys: pytest.CaptureFixture[str]
) -> None:
    """80 columns, no mark that only a browser shows, and at the end the page, which is one word."""
    assert run_app(["explain", explained.name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{explained.name} ({explained.kind}")
    assert lines[2].startswith(explained.title or explained.section.meaning[:40])
    assert max(map(len, lines[:-1])) <= 80
    assert not any("](" in line or "**" in line for line in lines)
    assert lines[-1] == f"Page: {explained.page}"


def test_error_is_told_with_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """What it means, why, what to do, and where it is written."""
    assert run_app(["explain", "config-not-found"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("config-not-found (error, exit code 2)\n\nThe config file cannot")
    assert "\n\nWhy: there is no such file" in shown
    assert "\n\nWhat to do: correct the path" in shown


def test_exit_code_names_the_errors_that_end_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    """With one error alone its cure is told at once; with several the slug leads on."""
    assert run_app(["explain", "9"]) == 0
    shown = capsys.readouterr().out
    assert "- model-not-stopped: " in shown
    assert "What to do: type the command of the message now" in shown
    assert run_app(["explain", "7"]) == 0
    shown = capsys.readouterr().out
    assert "- store-broken: " in shown
    assert "- run-held: " in shown
    assert "What to do: `rcl-flow explain SLUG`" in shown


@pytest.mark.parametrize("code", ["AccessDeniedException", "limitexceededexception"])
def test_code_of_aws_is_told_by_the_error_that_prints_it(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its page has what helps for each kind."""
    assert run_app(["explain", code]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("aws-refused (error, exit code 4)\n")
    assert "- `LimitExceeded…`: a quota" in shown


@pytest.mark.parametrize(
    ("code", "signal"), [("129", "SIGHUP"), ("130", "SIGINT"), ("143", "SIGTERM")]
)
def test_code_of_a_signal_names_that_alone(
    code: str, signal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who looks it up knows the number, and not by what the command was ended."""
    assert run_app(["explain", code]) == 0
    shown = capsys.readouterr().out
    assert re.findall(r"SIG\w+", shown) == [signal]


def test_rule_has_its_severity_and_code_its_fix(capsys: pytest.CaptureFixture[str]) -> None:
    """A finding's word in brackets, as it is printed, and a manifest's code in small letters."""
    assert run_app(["explain", "[near-overlap]"]) == 0
    assert capsys.readouterr().out.startswith("near-overlap (audit rule, error)\n")
    assert run_app(["explain", "error_invalid_bounding_box"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("ERROR_INVALID_BOUNDING_BOX (lint code)\n")
    assert "\nWhat to do: fixed by `rcl-flow lint --fix` (clipped" in shown


def test_explanation_is_an_object_for_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    """The same parts, each under a name of its own."""
    assert run_app(["explain", "run-held", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["format_version"] == 1
    assert (document["name"], document["kind"], document["exit_code"]) == ("run-held", "error", 7)
    assert document["meaning"].startswith("Another run holds the project's lease.")
    assert document["why"].startswith("two runs of one project")
    assert document["what_to_do"].startswith("run again")


def test_list_has_every_name_in_its_group(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name everything is listed, errors by their exit codes."""
    assert run_app(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:-1] for line in lines if line in {f"{group}:" for group in GROUPS.values()}] == [
        *GROUPS.values()
    ]
    listed = [line.partition(":")[0].strip() for line in lines if line[:3].strip()]
    assert {each.name for each in ALL} <= set(listed)
    assert max(map(len, lines)) <= 80
    assert run_app(["explain", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in document["explanations"]] == [each.name for each in ALL]
    codes = [each["exit_code"] for each in document["explanations"] if each["kind"] == "error"]
    assert codes == sorted(codes)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("local-fles", "; did you mean local-files?"),
        ("ERROR_INVALID_BOX", "; did you mean ERROR_INVALID_"),
        ("quark", "the name 'quark'."),
        ("retrain", "hint: `rcl-flow retrain --help` says what it does."),
    ],
)
def test_unknown_name_is_one_clear_error(
    typed: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The nearest names are told, if there are any."""
    assert run_app(["explain", typed]) == 2
    shown = capsys.readouterr().err
    assert "error [config-invalid]: " in shown
    assert says in shown
