"""Audit and inference in shards elsewhere: the result is that of one process, whoever dies."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from rcl_flow.imaging.digits import Split
from rcl_flow.pipeline.runs.events import Notice
from rcl_flow.pipeline.runs.executing import ShardedStep
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.shard_limits import predicting_at_once
from rcl_flow.wiring.executors import RayExecutor
from tests.infra.shard_processes import Processes, started
from tests.infra.sharded import Judged, errand_of, scene

SHARED = {"state": {"store": "s3"}}
OBJECT_STORE_BYTES = 80_000_000


def same(found: Judged, expected: Judged) -> None:
    """Compare figure by figure, answer by answer and measure by measure."""
    assert found.figures == expected.figures
    assert found.predictions == expected.predictions
    assert found.measures == expected.measures


def test_two_processes_of_which_one_is_killed_find_what_one_does(tmp_path: Path) -> None:
    """The shards of the one that died are worked on by the other, and no answer is lost."""
    with scene(tmp_path, 6, {"train": 8, "test": 5, "holdout": 16}, labels=2) as here:
        expected = here.judge(here.config())
        made: list[Processes] = []

        def make(services: Services) -> Processes:
            made.append(Processes(errand_of(services), processes))
            return made[0]

        with started(2) as processes:
            same(here.judge(here.config(**SHARED), make), expected)
    assert len(expected.predictions) == 32
    assert made[0].rounds[:-1] == [("measure", 3), ("measure", 2), ("measure", 6), ("predict", 6)]
    step, shards = made[0].rounds[-1]
    assert (step, shards) == ("predict", 1)


@dataclass
class KillsNode:
    """The executor on a cluster of which one node is killed once some shards have results."""

    executor: RayExecutor
    services: Services
    kill: Callable[[], None]
    killed_after: int = 0

    def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
        """Work as the executor does, and kill the node while it predicts."""

        def beat_and_kill() -> None:
            beat()
            done = len(self.services.store.below("shard-results/")) - before
            if step == "predict" and not self.killed_after and done > 1:
                self.killed_after = done
                self.kill()

        before = len(self.services.store.below("shard-results/"))
        self.executor.work(step, keys, beat_and_kill)


@contextmanager
def two_nodes() -> Iterator[tuple[str, Callable[[], None]]]:
    """Start two nodes with a processor each; return the address and what kills the second."""
    from ray.cluster_utils import Cluster

    options = {"num_cpus": 1, "object_store_memory": OBJECT_STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args={**options, "include_dashboard": False})
    try:
        second = cluster.add_node(**options)
        yield cluster.address, lambda: cluster.remove_node(second, allow_graceful=False)
    finally:
        cluster.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_cluster_of_which_a_node_is_killed_finds_what_one_process_does(tmp_path: Path) -> None:
    """The demo's digits on two nodes of Ray: figures, answers and measures are the same."""
    pytest.importorskip("ray")
    images: dict[Split, int] = {"train": 20, "test": 10, "holdout": 40}
    with scene(tmp_path, 10, images, labels=4) as here, two_nodes() as (address, kill):
        expected = here.judge(here.config())
        made: list[KillsNode] = []
        config = here.config(**SHARED)

        def make(services: Services) -> KillsNode:
            executor = RayExecutor(
                errand_of(services),
                address=address,
                workers=None,
                predicting=predicting_at_once(config),
                emit=here.told.append,
            )
            made.append(KillsNode(executor, services, kill))
            return made[0]

        same(here.judge(config, make), expected)
        done = [key for key, _ in made[0].services.store.below("shard-results/audit-")]
    assert (len(done), len(expected.predictions)) == (28, 160)
    assert 1 < made[0].killed_after < 16
    told = [event.text for event in here.told if isinstance(event, Notice)]
    assert not any("shard failed" in text for text in told)
