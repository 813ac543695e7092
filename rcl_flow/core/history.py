"""A project's runs over time: what each has reached, and which of their scores can be compared.

Scores stand on a ground: the holdout's images and labels, and who trained the model. Only scores
on the same ground are put beside each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rcl_flow.core.scoring.verdict import Verdict
from rcl_flow.core.values import Frozen

Interval = tuple[float, float]
BackendKind = Literal["aws", "emulator"]
RunState = Literal["running", "interrupted", "paused", "failed", "completed"]
"""As the run is recorded; `interrupted` is at work by its record, and nobody holds it."""


class RunScore(Frozen):
    """What a finished run has measured and decided; F1 from 0 to 1."""

    decision: Literal["promote", "keep"]
    reasons: tuple[str, ...] = ()
    """Why it was kept, one sentence for each gate that was not passed."""
    verdict: Verdict
    test_f1: float
    test_interval: Interval
    holdout_f1: float
    holdout_interval: Interval
    judged_labels: tuple[str, ...] = ()
    """The labels that the holdout's F1 is the mean over."""


class PastRun(Frozen):
    """One run of a project's history."""

    run_id: str
    project: str
    backend: BackendKind
    state: RunState
    started_at: datetime
    updated_at: datetime
    """When it ended, or was last heard of."""
    holdout_digest: str = ""
    """SHA-256 of the holdout's contents and labels, 64 hexadecimal digits; empty if unknown."""
    holdout_images: int | None = None
    """Different contents."""
    test_digest: str = ""
    training_images: int | None = None
    """Different contents of data.train; None when there was none, or it is not known."""
    spent_usd: float = 0.0
    """By the ledger, which counts a training once; on the emulator, what it would have cost."""
    score: RunScore | None = None
    """None until the run has finished, or when what it left cannot be read."""
    error: str = ""
    """What ended the run, when it failed."""
    report: str = ""
    """The path of its report, where there is one."""
    unreadable: tuple[str, ...] = ()
    """What of the run cannot be read, one sentence each."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What scores stand on; scores on different grounds are not compared."""

    number: int
    """From 1, in the order in which a project came to them."""
    holdout_digest: str
    backend: BackendKind
    images: int | None
    best: PastRun | None
    """The run with the highest holdout F1, the earlier one of equals; None without a score."""


@dataclass(frozen=True, slots=True)
class Change:
    """A run's holdout F1 against that of the run before it on the same ground."""

    since: PastRun
    f1: float
    """Now minus then."""
    intervals_overlap: bool
    """Whether the two intervals share a value, ends included; this is no test of the change."""
    same_labels: bool
    """Whether both F1 are means over the same labels."""


@dataclass(frozen=True, slots=True)
class TrendRun:
    """A run with its place among the others."""

    number: int
    """From 1, oldest first, over all runs of the project."""
    run: PastRun
    ground: int
    """The number of its ground; 0 when its holdout is not known."""
    new_ground: bool
    """Whether it stands on another ground than the run before it: no line joins them."""
    change: Change | None
    """None without a score, or without an earlier one on the same ground."""
    best_so_far: bool
    """Whether its holdout F1 is above all earlier ones on its ground, of which there is one."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A project's runs, oldest first, and the grounds that they stand on."""

    runs: tuple[TrendRun, ...]
    grounds: tuple[Ground, ...]

    @property
    def scored(self) -> tuple[TrendRun, ...]:
        """The runs that have a score, oldest first."""
        return tuple(each for each in self.runs if each.run.score is not None)

    @property
    def backends(self) -> tuple[BackendKind, ...]:
        """The backends that runs were made on, in the order of their first run."""
        return tuple(dict.fromkeys(each.run.backend for each in self.runs))

    def spent_usd(self, backend: BackendKind) -> float:
        """Return what the runs on a backend cost together; on the emulator nothing was paid."""
        return round(sum(e.run.spent_usd for e in self.runs if e.run.backend == backend), 6)

    def ground(self, number: int) -> Ground | None:
        """Return the ground of that number; None for 0, the unknown one."""
        return self.grounds[number - 1] if number else None


def oldest_first(runs: Iterable[PastRun]) -> tuple[PastRun, ...]:
    """Order runs by their start, those of the same moment by id."""
    return tuple(sorted(runs, key=lambda run: (run.started_at, run.run_id)))


def trend_of(runs: Iterable[PastRun]) -> Trend:
    """Return one project's runs with changes, best scores and breaks.

    Args:
        runs: in any order.
    """
    ordered = oldest_first(runs)
    numbers = _ground_numbers(ordered)
    trend: list[TrendRun] = []
    current = 0
    for index, run in enumerate(ordered):
        ground = numbers.get(_ground_of(run), 0)
        earlier = _scored_on_same_ground(ordered[:index], run)
        trend.append(
            TrendRun(
                number=index + 1,
                run=run,
                ground=ground,
                new_ground=bool(current and ground and ground != current),
                change=_change(run, earlier),
                best_so_far=_is_best(run, earlier),
            )
        )
        current = ground or current
    return Trend(tuple(trend), tuple(_grounds(ordered, numbers)))


def previous_on_same_holdout(runs: Iterable[PastRun], run_id: str) -> tuple[PastRun, ...]:
    """Return the runs with a score that began before `run_id` on its holdout, oldest first.

    A run on AWS and one on the emulator have nothing to do with each other, even on the same
    holdout. None is returned when the run, or its holdout, is not known.

    Args:
        runs: of one project, in any order; the run itself need not have a score yet.
        run_id: the run that is looked back from.
    """
    ordered = oldest_first(runs)
    index = next((n for n, run in enumerate(ordered) if run.run_id == run_id), None)
    return () if index is None else _scored_on_same_ground(ordered[:index], ordered[index])


def intervals_overlap(one: Interval, other: Interval) -> bool:
    """Say whether two intervals share a value, ends included."""
    return one[0] <= other[1] and other[0] <= one[1]


def _ground_of(run: PastRun) -> tuple[str, str]:
    return run.holdout_digest, run.backend


def _scored_on_same_ground(earlier: Sequence[PastRun], run: PastRun) -> tuple[PastRun, ...]:
    return tuple(
        other
        for other in earlier
        if run.holdout_digest and other.score and _ground_of(other) == _ground_of(run)
    )


def _ground_numbers(ordered: Sequence[PastRun]) -> dict[tuple[str, str], int]:
    known = dict.fromkeys(_ground_of(run) for run in ordered if run.holdout_digest)
    return {ground: number for number, ground in enumerate(known, 1)}


def _grounds(ordered: Sequence[PastRun], numbers: dict[tuple[str, str], int]) -> Iterable[Ground]:
    for ground, number in numbers.items():
        here = [run for run in ordered if _ground_of(run) == ground]
        yield Ground(
            number=number,
            holdout_digest=here[0].holdout_digest,
            backend=here[0].backend,
            images=here[0].holdout_images,
            best=max((run for run in here if run.score), key=_f1, default=None),
        )


def _change(run: PastRun, earlier: Sequence[PastRun]) -> Change | None:
    if run.score is None or not earlier:
        return None
    since = earlier[-1]
    if since.score is None:  # earlier runs are those with a score
        return None
    return Change(
        since=since,
        f1=run.score.holdout_f1 - since.score.holdout_f1,
        intervals_overlap=intervals_overlap(
            run.score.holdout_interval, since.score.holdout_interval
        ),
        same_labels=set(run.score.judged_labels) == set(since.score.judged_labels),
    )


def _is_best(run: PastRun, earlier: Sequence[PastRun]) -> bool:
    return bool(run.score and earlier) and all(_f1(run) > _f1(other) for other in earlier)


def _f1(run: PastRun) -> float:
    return run.score.holdout_f1 if run.score else -1.0
