"""Shards worked on by real processes, of which one is killed in the middle of its work."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rcl_flow.pipeline.runs.executing import ShardedStep
from rcl_flow.wiring.shard_entry import Errand, work_on_shard

SURVIVED = 3
"""How many shards the process that is killed is given first; it does not end the last."""


@dataclass
class Processes:
    """An executor with as many processes as are given; the first is killed while it predicts."""

    errand: Errand
    processes: list[subprocess.Popen[str]]
    rounds: list[tuple[ShardedStep, int]] = field(default_factory=list)

    def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
        """Give each process its share, and return when those that live have ended theirs."""
        self.rounds.append((step, len(keys)))
        alive = [process for process in self.processes if process.poll() is None]
        shares = {place: list(keys[place :: len(alive)]) for place in range(len(alive))}
        victim = alive[0] if step == "predict" and len(alive) > 1 else None
        if victim is not None:
            shares[0] = shares[0][:SURVIVED]
        for place, process in enumerate(alive):
            for key in shares[place]:
                self._send(process, key)
        if victim is not None:
            for _ in range(SURVIVED - 1):
                self._await(victim)
            victim.kill()
            victim.wait()
        for place, process in enumerate(alive):
            for _ in shares[place] if process is not victim else ():
                beat()
                self._await(process)

    def _send(self, process: subprocess.Popen[str], key: str) -> None:
        assert process.stdin is not None
        process.stdin.write(self.errand.model_copy(update={"key": key}).model_dump_json() + "\n")
        process.stdin.flush()

    def _await(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"


@contextmanager
def started(count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start processes that work on a shard for each line; they end with the block."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.infra.shard_processes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def main() -> None:
    """Work on the shard that each line of stdin names, and say so."""
    for line in sys.stdin:
        work_on_shard(line)
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
