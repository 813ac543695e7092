"""Kill a run at every one of its moments, resume it, and look at the bill."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TypeVar

from tests.chaos.bench import Bench
from tests.chaos.orders import Ended, Kill, When
from tests.chaos.verdict import Verdict, judge, read_status

T = TypeVar("T")
R = TypeVar("R")

_WHENS: tuple[When, When] = ("before", "after")
_ANSWERED = "answered "


@dataclass(slots=True)
class Tally:
    """What a sweep has found so far."""

    swept: Counter[str] = field(default_factory=Counter)
    """Moments at which a run was killed, by their kind or the call's operation."""
    missed: list[Kill] = field(default_factory=list)
    """Moments that a run came to its end without: looks at a state that was over sooner."""
    verdicts: list[tuple[Kill, Verdict]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many moments were looked at."""
        return len(self.verdicts)

    @property
    def missed_records(self) -> list[Kill]:
        """Moments that every run has and that were missed all the same."""
        return [kill for kill in self.missed if not kill.operation.startswith("Describe")]

    @property
    def failures(self) -> list[str]:
        """Every fault, with the kill after which it was seen."""
        return [f"{kill}: {fault}" for kill, verdict in self.verdicts for fault in verdict.faults]

    def report(self) -> str:
        """Return the result and the size of the sweep, as two lines and the failures."""
        verdicts = [verdict for _, verdict in self.verdicts]
        counts = {
            "trainings bought twice": sum(bool(one.trainings) for one in verdicts),
            "models left running": sum(bool(one.running) for one in verdicts),
            "predictions lost or doubled": sum(bool(one.predictions) for one in verdicts),
            "not resumed to the end": sum(bool(one.unfinished) for one in verdicts),
            "journals that status cannot read": sum(bool(one.unreadable) for one in verdicts),
        }
        found = ", ".join(f"{name}: {count}" for name, count in counts.items())
        size = ", ".join(f"{name} {count}" for name, count in sorted(self.swept.items()))
        return "\n".join(
            [
                f"kills: {self.swept.total()}, {found}",
                f"swept: {size}; not reached: {len(self.missed)}",
                *self.failures,
            ]
        )


def survey(bench: Bench) -> dict[str, int]:
    """Run to the end without a kill, and return how many moments of each kind there were."""
    ended = bench.fresh().run()
    assert ended.code == 0, ended.document
    return {name: n for name, n in ended.moments.items() if not name.startswith(_ANSWERED)}


def every_kill(moments: dict[str, int]) -> list[Kill]:
    """Return every moment at which a run can be killed."""
    return [
        kill
        for name in ("record", "event", *operations(moments))
        for kill in kills_at(name, range(1, moments[name] + 1))
    ]


def few_kills(moments: dict[str, int]) -> list[Kill]:
    """Return one kill at every record, by turns before and after it, and two an operation.

    Those are before the first call of the operation and after its last.
    """
    return [
        *(kills_at("record", [n])[n % 2] for n in range(1, moments["record"] + 1)),
        *(
            kill
            for name in operations(moments)
            for kill in (kills_at(name, [1])[0], kills_at(name, [moments[name]])[-1])
        ),
    ]


def chosen_kills(moments: dict[str, int]) -> list[Kill]:
    """Return every record, and the first, middle and last call of each operation."""
    return [
        *kills_at("record", range(1, moments["record"] + 1)),
        *(
            kill
            for name in operations(moments)
            for kill in kills_at(name, sorted({1, (moments[name] + 1) // 2, moments[name]}))
        ),
    ]


def operations(moments: dict[str, int]) -> list[str]:
    """Return the names of the calls among the moments."""
    return sorted(set(moments) - {"record", "event"})


def kills_at(name: str, numbers: Iterable[int]) -> list[Kill]:
    """Return the kills before and after the moments of those numbers."""
    if name == "event":  # after the one is before the next
        return [Kill("event", number) for number in numbers]
    if name == "record":
        return [Kill("record", number, when) for number in numbers for when in _WHENS]
    return [Kill("call", number, when, name) for number in numbers for when in _WHENS]


def sweep(
    kills: Iterable[Kill], benches: list[Bench], told: Callable[[Tally], None] = lambda _: None
) -> Tally:
    """Kill a run at each of the moments, on as many benches at once as there are."""
    tally = Tally()
    moments = list(kills)
    ends = in_parallel(kill_and_resume, moments, benches)
    for kill, (killed, verdict) in zip(moments, ends, strict=True):
        tally.verdicts.append((kill, verdict))
        if killed.was_killed:
            tally.swept[kill.operation or kill.kind] += 1
        else:
            tally.missed.append(kill)
        told(tally)
    return tally


def in_parallel(
    work: Callable[[T, Bench], R], items: Iterable[T], benches: list[Bench]
) -> Iterator[R]:
    """Yield what the work makes of each item, in order, each bench being used by one at a time."""
    free: SimpleQueue[Bench] = SimpleQueue()
    for bench in benches:
        free.put(bench)

    def on_a_bench(item: T) -> R:
        bench = free.get()
        try:
            return work(item, bench)
        finally:
            free.put(bench)

    with ThreadPoolExecutor(len(benches)) as pool:
        yield from pool.map(on_a_bench, items)


def kill_and_resume(kill: Kill, bench: Bench) -> tuple[Ended, Verdict]:
    """Kill one run there and resume it; return how the killed one ended, and what is left."""
    workspace = bench.fresh()
    killed = workspace.run(kill=kill)
    unreadable = read_status(workspace, finished=False)
    verdict = judge(workspace, workspace.run())
    verdict.unreadable.extend(unreadable)
    return killed, verdict
