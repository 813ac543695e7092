"""Tests of `rcl-flow validate` with overlays and variables, and of who takes overlays."""

import json
from pathlib import Path

import pytest
import typer.main

from rcl_flow.cli.app import app, run_app

BASE = """\
project: parts
workspace: ${PARTS_WORK:-.rcl-flow}
data:
  train: {folder: train}
  test: {folder: test}
  holdout: {folder: holdout}
tags: {stage: dev}
"""
OVER = "tags:\n  stage: prod\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the arguments that name a config and an overlay in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PARTS_WORK", raising=False)
    Path("base.yaml").write_text(BASE)
    Path("prod.yaml").write_text(OVER)
    return ["base.yaml", "--overlay", "prod.yaml"]


def test_validate_names_all_files(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What is valid is the whole."""
    assert run_app(["validate", *files]) == 0
    told = capsys.readouterr().out
    assert told == "base.yaml with prod.yaml is valid: project parts, emulator.\n"


def test_validate_shows_where_values_come_from(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """For a person as YAML, for a machine as an object."""
    assert run_app(["validate", *files, "--show", "--set", "gates.min_label_f1=0.5"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "workspace: .rcl-flow  # base.yaml:2, ${PARTS_WORK}" in shown
    assert "  stage: prod  # prod.yaml:2" in shown
    assert "  min_label_f1: 0.5  # --set gates.min_label_f1" in shown
    assert run_app(["validate", *files, "--show", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["given"]["tags.stage"] == "prod.yaml:2"
    assert document["config"]["tags"] == {"stage": "prod"}
    assert document["warnings"] == []


def test_mistake_in_an_overlay_is_told_with_its_line(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, and the file that is wrong."""
    Path("prod.yaml").write_text("tags: {a: b}\nworkspce: x\n")
    assert run_app(["validate", *files]) == 2
    assert (
        "prod.yaml:2: workspce: unknown key; did you mean 'workspace'?" in capsys.readouterr().err
    )


def test_every_command_that_takes_a_config_takes_overlays() -> None:
    """None is forgotten."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group
    takers = {
        name
        for name, command in commands.items()
        for parameter in command.params
        if parameter.metavar == "CONFIG" or "--config" in parameter.opts
    }
    assert takers >= {"run", "plan", "doctor", "validate", "audit", "copy", "start", "gc", "export"}
    for name in takers:
        assert any("--overlay" in parameter.opts for parameter in commands[name].params), name


@pytest.mark.parametrize(
    "arguments",
    [
        ["gc", "--run", "latest", "--overlay", "prod.yaml"],
        ["gc", "--old", "--set", "project=p"],
        ["start", "latest", "--overlay", "prod.yaml"],
    ],
)
def test_overlay_without_a_config_is_refused(
    files: list[str], arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to lay it over."""
    assert files
    assert run_app(arguments) == 2
    assert "--set and --overlay need " in capsys.readouterr().err
