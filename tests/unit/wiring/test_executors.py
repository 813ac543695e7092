"""Tests of the executor on Ray, against the few calls that it makes of it."""

import json
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Literal

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.errors import ConfigError, ExecutorUnavailableError, ExtraMissingError, LeaseLostError
from rcl_flow.pipeline.runs.events import Event, Notice
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.shared_state import SharedState, write_pointer
from rcl_flow.wiring.executors import RayExecutor, with_executor
from rcl_flow.wiring.shard_entry import Errand, work_on_shard
from tests.unit.pipeline.bench import Bench

BACKEND = Backend(kind="emulator", region="us-east-1")
SHARED = SharedState(backend=BACKEND, bucket="state", prefix="p")


class RayError(Exception):
    """As Ray's own."""


@dataclass
class FakeRay:
    """What the executor asks of Ray: a task ends with each look at those under way."""

    processors: float = 4.0
    fails: tuple[str, ...] = ()
    initialised: bool = False
    prints: str = ""
    head: str = ""
    options: dict[str, object] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    most_under_way: int = 0
    cancelled: list[str] = field(default_factory=list)
    shut_down: int = 0
    exceptions: object = field(default_factory=lambda: SimpleNamespace(RayError=RayError))

    def is_initialized(self) -> bool:
        """Say whether the program has connected before."""
        return self.initialised

    def init(self, **options: object) -> None:
        """Connect, and take the signals as Ray does."""
        self.options = options
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def shutdown(self) -> None:
        """Leave the cluster."""
        self.shut_down += 1

    def cluster_resources(self) -> dict[str, float]:
        """Tell what all nodes have."""
        return {"CPU": self.processors}

    def get_runtime_context(self) -> SimpleNamespace:
        """Tell where the head is."""
        return SimpleNamespace(gcs_address=self.head)

    def remote(self, **options: object) -> Callable[[object], object]:
        """Make a function one that runs elsewhere."""
        assert options == {"num_cpus": 1, "max_retries": 3, "retry_exceptions": True}

        def start(document: str) -> str:
            key = json.loads(document)["key"]
            assert isinstance(key, str)
            self.given.append(key)
            return key

        def make(function: object) -> object:
            assert function is work_on_shard
            return SimpleNamespace(remote=start)

        return make

    def wait(self, under_way: Sequence[str], *, timeout: float) -> tuple[list[str], list[str]]:
        """End the first of those under way."""
        assert timeout <= 1
        sys.stdout.write(self.prints)
        self.most_under_way = max(self.most_under_way, len(under_way))
        return list(under_way[:1]), list(under_way[1:])

    def get(self, ended: str) -> None:
        """Return what a task has returned, or raise what it has raised."""
        if ended in self.fails:
            raise RayError(f"{ended} fell over")

    def cancel(self, task: str) -> None:
        """End a task."""
        self.cancelled.append(task)


def executor(
    ray: FakeRay,
    *,
    address: str = "auto",
    workers: int | None = None,
    predicting: int = 2,
    emit: Callable[[Event], None] = lambda _event: None,
) -> RayExecutor:
    """Return an executor on that Ray."""
    errand = Errand(backend=BACKEND, workspace="/work", shared=SHARED)
    return RayExecutor(
        errand,
        address=address,
        workers=workers,
        predicting=predicting,
        emit=emit,
        load=lambda: ray,
    )


def nothing() -> None:
    """Give no sign of life."""


@pytest.mark.parametrize(
    ("step", "workers", "most"),
    [("measure", None, 4), ("measure", 3, 3), ("predict", None, 2), ("predict", 1, 1)],
)
def test_no_more_shards_are_under_way_than_there_is_use_for(
    step: Literal["measure", "predict"], workers: int | None, most: int
) -> None:
    """Processors limit the measuring, the model's inference units the predicting."""
    ray = FakeRay()
    executor(ray, workers=workers).work(step, list("abcdefgh"), nothing)
    assert ray.given == list("abcdefgh")
    assert ray.most_under_way == most


def test_a_cluster_without_processors_is_given_a_shard_all_the_same() -> None:
    """It may grow when something waits."""
    ray = FakeRay(processors=0)
    executor(ray).work("measure", ["a", "b"], nothing)
    assert (ray.given, ray.most_under_way) == (["a", "b"], 1)


def test_signs_of_life_are_given_while_shards_are_under_way() -> None:
    """At least before each look."""
    beats: list[int] = []
    executor(FakeRay()).work("measure", list("abc"), lambda: beats.append(1))
    assert len(beats) == 3


def test_work_ends_when_the_lease_is_lost() -> None:
    """What is under way is cancelled and the cluster left, and nothing more is handed out."""
    ray, beats = FakeRay(), iter([None, LeaseLostError("lost", hint="")])

    def beat() -> None:
        error = next(beats)
        if error is not None:
            raise error

    with pytest.raises(LeaseLostError):
        executor(ray).work("measure", list("abcdefgh"), beat)
    assert ray.given == list("abcd")
    assert ray.cancelled == list("bcd")
    assert ray.shut_down == 1


def test_a_shard_that_failed_is_told_and_the_others_go_on() -> None:
    """What is missing is for the caller to see."""
    told: list[Event] = []
    ray = FakeRay(fails=("b",))
    executor(ray, emit=told.append).work("measure", list("abc"), nothing)
    assert told == [Notice("A shard failed on the Ray cluster: b fell over")]
    assert ray.given == list("abc")


def test_what_nodes_report_does_not_get_into_the_result(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`--json` keeps stdout to itself."""
    executor(FakeRay(prints="a worker died\n")).work("measure", ["a"], nothing)
    out, err = capsys.readouterr()
    assert (out, err) == ("", "a worker died\n")


def test_signals_still_stop_the_model() -> None:
    """Ray's own handlers would end the process without it."""
    before = signal.getsignal(signal.SIGTERM)
    executor(FakeRay()).work("measure", ["a"], nothing)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_connection_of_the_program_is_used_and_left_alone() -> None:
    """Whoever has connected before goes on."""
    ray = FakeRay(initialised=True)
    executor(ray).work("measure", ["a"], nothing)
    assert (ray.given, ray.options, ray.shut_down) == (["a"], {}, 0)


def test_a_cluster_of_this_machine_is_small_and_sees_its_files() -> None:
    """No dashboard, and no third of the memory for a store that stays empty."""
    ray = FakeRay()
    local = executor(ray, address="local")
    local.work("measure", ["a"], nothing)
    assert ray.options["include_dashboard"] is False
    assert ray.options["object_store_memory"] == 80_000_000
    assert (local.sees_local_files, executor(ray).sees_local_files) == (True, False)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nonsense"])
def test_a_cluster_that_does_not_answer_is_one_clear_error(address: str) -> None:
    """At once: Ray itself would try for many minutes."""
    ray = FakeRay()
    with pytest.raises(ExecutorUnavailableError, match="cannot be used") as caught:
        executor(ray, address=address).work("measure", ["a"], nothing)
    assert address in caught.value.message
    assert (caught.value.exit_code, ray.options, ray.given) == (2, {}, [])


def test_work_ends_when_the_head_has_died() -> None:
    """As an error like any other, so that a running model is stopped; Ray would end the process."""
    beats: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as head:
        ray = FakeRay(head=f"127.0.0.1:{head.getsockname()[1]}")

        def beat() -> None:
            beats.append(1)
            if len(beats) == 2:
                head.close()

        with pytest.raises(ExecutorUnavailableError, match="does not answer any more"):
            executor(ray).work("measure", list("abcdefgh"), beat)
    assert ray.given == list("abcd")
    assert ray.cancelled == list("bcd")


def test_the_address_in_the_environment_is_meant_by_auto(monkeypatch: pytest.MonkeyPatch) -> None:
    """As everywhere with Ray."""
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ExecutorUnavailableError, match=r"127\.0\.0\.1:1"):
        executor(FakeRay()).work("measure", ["a"], nothing)


def test_without_the_package_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A config that wants Ray is no use without it."""
    monkeypatch.setitem(sys.modules, "ray", None)
    errand = Errand(backend=BACKEND, workspace="/work", shared=SHARED)
    bare = RayExecutor(errand, address="auto", workers=None, predicting=1, emit=print)
    with pytest.raises(ExtraMissingError, match="package ray") as caught:
        bare.work("measure", ["a"], nothing)
    assert "pip install 'rcl-flow[ray]'" in caught.value.hint


def config(**sections: object) -> FlowConfig:
    """Return a small config."""
    given = {"project": "p", "data": {"holdout": {"folder": "h"}}, **sections}
    return FlowConfig.model_validate(
        {"model": {"project_version_arn": ARN}, "storage": {"bucket": "state"}, **given}
    )


ARN = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1700000000000"
RAY = {"executor": {"kind": "ray"}, "state": {"store": "s3"}}


def test_threads_need_no_executor(bench: Bench) -> None:
    """The default changes nothing."""
    services = bench.services()
    assert with_executor(config(), services) is services


def test_workers_get_what_reaches_the_store(bench: Bench) -> None:
    """A config with Ray has its executor, which connects to nothing yet."""
    services = bench.services()
    write_pointer(services.workspace, SHARED)
    found = with_executor(config(**RAY), services, package="pytest").shard_executor
    assert isinstance(found, RayExecutor)


def test_ray_is_missed_before_anything_is_paid(bench: Bench) -> None:
    """A training and a model that runs would come first."""
    services = bench.services()
    write_pointer(services.workspace, SHARED)
    with pytest.raises(ExtraMissingError, match="package ray"):
        with_executor(config(**RAY), services, package="no_such_package")


def test_workers_cannot_share_the_state_of_one_machine(
    bench: Bench,
) -> None:
    """The services of a workspace that shares nothing are refused."""
    with pytest.raises(ConfigError, match="state that its workers can reach"):
        with_executor(config(**RAY), bench.services())
