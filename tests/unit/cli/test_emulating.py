"""Tests of how the emulator is served: what it is not started with."""

from contextlib import redirect_stdout
from pathlib import Path

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.console import Console
from rcl_flow.cli.emulating import require_one_wish, serve
from rcl_flow.cli.streams import ready_streams
from rcl_flow.errors import ConfigError, LocalFilesError

FULL = Path("/dev/full")


def refused(scenario: str = "", region: str = "eu-west-1") -> ConfigError:
    """Return why the emulator is not served."""
    with pytest.raises(ConfigError) as caught:
        serve(Console(as_json=True), scenario=scenario, region=region, port=0)
    return caught.value


def test_region_without_rekognition_is_refused() -> None:
    """Each call to it would be refused, without a word of the slip."""
    error = refused(region="eu-wset-1")
    assert error.message == "--region: there is no Rekognition in eu-wset-1."
    assert "eu-west-1, " in (error.hint or "")


def test_scenario_that_is_neither_name_nor_file_is_told_as_both() -> None:
    """Whoever meant a file learns that it is not there."""
    assert refused("faults.yaml").message.endswith("There is no such file either.")


def test_scenario_with_a_slip_keeps_its_question(tmp_path: Path) -> None:
    """What was meant stands in the message, once punctuated."""
    path = tmp_path / "faults.yaml"
    path.write_text("faults: [{operation: CreateProject, code: ThrottlingExeption}]\n")
    said = (
        "fault 1: CreateProject never answers ThrottlingExeption; did you mean ThrottlingException?"
    )
    assert refused(str(path)).message == f"The scenario {path} cannot be used: {said}"


def test_two_wishes_are_refused() -> None:
    """An emulator that should be ended is not left running for a look at it."""
    with pytest.raises(ConfigError, match="exclude each other"):
        require_one_wish(status=True, stop=True)
    require_one_wish(status=True, stop=False)


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_full_disk_is_not_told_as_a_taken_port(capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever cannot be told the address would take another port in vain."""
    with FULL.open("w", buffering=1) as full, redirect_stdout(full), ready_streams():
        assert run_app(["emulate", "--json"]) == LocalFilesError.exit_code
    assert "listen" not in capfd.readouterr().err
