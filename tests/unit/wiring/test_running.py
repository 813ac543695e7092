"""Tests of running a config from a program: consent, progress, and Ctrl-C."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import ConsentNeededError, DataNotFoundError, RclFlowError
from rcl_flow.wiring.running import audit, run
from tests.emulator.builders import png

LABELS = ("red", "green", "blue")
SPLITS = ("train", "test", "holdout")


@pytest.fixture
def world() -> Iterator[World]:
    """An emulator that every client of this process meets."""
    with emulated_aws() as world:
        yield world


@pytest.fixture
def config(tmp_path: Path) -> FlowConfig:
    """A config of six different images a split, on what it takes for AWS."""
    for place, split in enumerate(SPLITS):
        for number, label in enumerate(LABELS * 2):
            path = tmp_path / split / label / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(label, seed=10 * place + number))
    sources = {split: {"folder": str(tmp_path / split)} for split in SPLITS}
    return FlowConfig.model_validate(
        {
            "project": "shades",
            "backend": "aws",
            "storage": {"bucket": "acme-images"},
            "workspace": str(tmp_path / "workspace"),
            "data": sources,
            "audit": {"duplicates": {"near_duplicate_bits": 0}},
        }
    )


def pressing(number: signal.Signals) -> Callable[[str], None]:
    """Return a watcher that sends this process a signal when it is told of the first step."""

    def press(_line: str) -> None:
        signal.raise_signal(number)

    return press


def test_nothing_is_paid_without_consent(config: FlowConfig, world: World) -> None:
    """On AWS a run is refused before anything is made, and says so after the audit."""
    lines: list[str] = []
    with pytest.raises(ConsentNeededError):
        run(config, progress=lines.append)
    assert lines[0].startswith("ok    read datasets        train 6, test 6, holdout 6 images")
    assert world.calls.counts().get("CreateProject", 0) == 0


def test_ctrl_c_ends_a_run_as_it_ends_any_program(config: FlowConfig, world: World) -> None:
    """A notebook sees the interruption that it asked for, and its handler is as before."""
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run(config, consent=True, progress=pressing(signal.SIGINT))
    assert signal.getsignal(signal.SIGINT) is before
    assert world.calls.counts().get("CreateProject", 0) == 0


def test_sigterm_ends_the_program_with_its_code(config: FlowConfig, world: World) -> None:
    """A scheduler that ends a job finds the code that it expects."""
    with pytest.raises(SystemExit) as ended:
        run(config, consent=True, progress=pressing(signal.SIGTERM))
    assert ended.value.code == 128 + signal.SIGTERM
    assert world.calls.counts().get("CreateProject", 0) == 0


def test_audit_reads_and_tells_and_makes_nothing(config: FlowConfig, world: World) -> None:
    """It needs no consent; its findings are those of the data."""
    lines: list[str] = []
    report = audit(config, progress=lines.append)
    assert [line.split()[1] for line in lines] == ["read", "audit"]
    assert report == audit(config)
    assert "few-images" in {finding.rule for finding in report.findings}
    assert world.calls.counts() == {}


def test_audit_of_data_that_is_not_there_is_one_error(config: FlowConfig, world: World) -> None:
    """The folder is named."""
    gone = config.data.holdout.model_copy(update={"folder": "nowhere"})
    data = config.data.model_copy(update={"holdout": gone})
    with pytest.raises(DataNotFoundError, match="nowhere"):
        audit(config.model_copy(update={"data": data}))
    assert world.calls.counts() == {}


@pytest.mark.parametrize("function", [run, audit])
def test_path_of_a_config_is_no_config(function: Callable[[FlowConfig], object]) -> None:
    """The first mistake in a notebook: the error says what reads the file."""
    with pytest.raises(TypeError, match=r"config is of type str: .* as `load_config\(path\)`"):
        function("rcl-flow.yaml")  # type: ignore[arg-type]  # what is tried


@pytest.mark.parametrize(
    ("budget", "agrees"),
    [
        ({"max_inference_minutes": 60}, False),
        ({"max_training_hours": 2}, True),
        ({"max_usd": 30}, True),
    ],
)
def test_minutes_of_inference_agree_to_no_training(
    config: FlowConfig, world: World, budget: dict[str, float], agrees: bool
) -> None:
    """A limit is the consent to what it limits."""
    limited = FlowConfig.model_validate(config.model_dump() | {"budget": budget})
    with pytest.raises(RclFlowError) as refused:  # else its bucket is what is missing
        run(limited)
    assert isinstance(refused.value, ConsentNeededError) is not agrees
    assert world.calls.counts().get("CreateProject", 0) == 0
