"""Tests of what commands load before they answer: what is not loaded costs nobody's time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rcl_flow.cli.command_table import COMMANDS

HEAVY = frozenset(
    {
        "PIL",
        "boto3",
        "botocore",
        "jinja2",
        "logging",
        "moto",
        "numpy",
        "rich",
        "sklearn",
        "statistics",
    }
)
ROOT_HEAVY = HEAVY | {"pydantic", "yaml"}
"""The root's help and version need not even what reads a command's options."""
CONFIG = "project: shades\ndata: {train: {folder: a}, test: {folder: b}, holdout: {folder: c}}\n"
SCRIPT = """
import io, json, sys
from contextlib import redirect_stdout
from rcl_flow.cli.app import run_app
for order in json.load(sys.stdin):
    with redirect_stdout(io.StringIO()) as said:
        code = run_app(order)
    heavy = sorted(set(sys.modules) & {names})
    print(json.dumps([order, code, said.getvalue(), heavy]))
"""

Ran = list[tuple[list[str], int, str, list[str]]]


def run_in_turn(orders: list[list[str]]) -> Ran:
    """Run commands in one fresh interpreter; return order, exit code, stdout and what is heavy.

    Modules stay loaded: what is loaded after one command is found after all later ones, too.
    """
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("{names}", repr(set(ROOT_HEAVY)))],
        input=json.dumps(orders),
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(json.loads(line)) for line in ended.stdout.splitlines()]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run all commands that should be there at once, the lightest first."""
    folder = tmp_path_factory.mktemp("startup")
    config, manifest = folder / "rcl-flow.yaml", folder / "train.manifest"
    config.write_text(CONFIG)
    manifest.write_text(_line("a", 1) + _line("b", 2))
    helps = [[command, "--help"] for command in COMMANDS]
    files = [["validate", str(config), "--json"], ["lint", str(manifest), "--json"]]
    return run_in_turn([["--help"], ["--version"], *helps, *files])


def _line(label: str, number: int) -> str:
    about = {
        "confidence": 1,
        "class-name": label,
        "type": "groundtruth/image-classification",
        "human-annotated": "yes",
        "creation-date": "2026-01-01T00:00:00",
        "job-name": "job",
    }
    line = {"source-ref": f"s3://bucket/{number}.jpg", "class": number, "class-metadata": about}
    return f"{json.dumps(line)}\n"


def test_help_and_version_load_nothing_heavy(ran: Ran) -> None:
    """The root answers without AWS, numbers, pictures, and what checks values."""
    shown = ran[:2]
    assert [(order, code) for order, code, _, _ in shown] == [(["--help"], 0), (["--version"], 0)]
    assert all("rcl-flow" in said for _, _, said, _ in shown)
    assert [heavy for _, _, _, heavy in shown] == [[], []]


def test_help_of_a_command_loads_none_of_what_the_command_needs(ran: Ran) -> None:
    """Typer reads options with pydantic; nothing else is loaded for any command's help."""
    shown = [each for each in ran[2:] if each[0][-1] == "--help"]
    assert [order[0] for order, _, _, _ in shown] == list(COMMANDS)
    assert all(code == 0 and "Usage:" in said for _, code, said, _ in shown)
    assert {name for _, _, _, heavy in shown for name in heavy} <= {"pydantic"}


def test_validate_loads_neither_aws_nor_numbers(ran: Ran) -> None:
    """A config is checked without what only a run needs."""
    order, code, said, heavy = ran[-2]
    assert (order[0], code, json.loads(said)["status"]) == ("validate", 0, "valid")
    assert set(heavy) <= {"pydantic", "yaml"}


def test_lint_loads_neither_aws_nor_numbers(ran: Ran) -> None:
    """A local manifest is linted without AWS, numbers and pictures; here it is refused: 3."""
    order, code, said, heavy = ran[-1]
    assert (order[0], code) == ("lint", 3)
    assert json.loads(said)["manifests"]["train"]["lines"] == len(("a", "b"))
    assert set(heavy) <= {"pydantic", "yaml"}


def test_what_is_heavy_is_found() -> None:
    """What a command loads is seen: the tests above can fail."""
    ((_, code, _, heavy),) = run_in_turn([["power", "--images", "500", "--json"]])
    assert code == 0
    assert "numpy" in heavy


def test_every_command_has_its_module() -> None:
    """The table names the modules that there are, each once."""
    folder = Path(__file__).parents[2] / "rcl_flow" / "cli" / "commands"
    modules = {path.stem.replace("_", "-") for path in folder.glob("*.py")} - {"--init--"}
    assert set(COMMANDS) == modules
    assert len(COMMANDS) == len(set(COMMANDS))
