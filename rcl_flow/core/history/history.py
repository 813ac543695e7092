"""A project's runs over time: what each has reached, and which of their scores can be compared.

Scores stand on a ground: the holdout's images and labels, and who trained the model. Only scores
on the same ground are put beside each other, and there only those that judge the same images at
the same kind of thresholds, or else both at the assumed ones: to tune thresholds is no progress of
a model, and neither is to judge fewer images.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rcl_flow.core.history.past_runs import BackendKind, Basis, Interval, PastRun, RunScore

__all__ = [
    "BackendKind",
    "Basis",
    "Change",
    "Ground",
    "Interval",
    "PastRun",
    "RunScore",
    "Standing",
    "Trend",
    "TrendRun",
    "intervals_overlap",
    "oldest_first",
    "previous_on_same_holdout",
    "trend_of",
]
_Figure = tuple[float, Interval]


@dataclass(frozen=True, slots=True)
class Standing:
    """The scores of a ground that have one basis."""

    basis: Basis
    scores: int
    best: PastRun
    """The run with the highest holdout F1, the earlier one of equals."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What scores stand on; scores on different grounds are not compared."""

    number: int
    """From 1, in the order in which a project came to them."""
    holdout_digest: str
    backend: BackendKind
    images: int | None
    standings: tuple[Standing, ...]
    """One for each basis that scores have here, that of the newest score last."""

    @property
    def best(self) -> PastRun | None:
        """The run with the highest holdout F1 on the newest score's basis; None without one."""
        return self.standings[-1].best if self.standings else None


@dataclass(frozen=True, slots=True)
class Change:
    """A run's holdout F1 against the last before it that it can be compared with."""

    since: PastRun
    f1: float
    """Now minus then."""
    intervals_overlap: bool
    """Whether the two intervals share a value, ends included; this is no test of the change."""
    same_labels: bool
    """Whether both F1 are means over the same labels."""
    at_assumed: bool
    """Whether both F1 are at the assumed thresholds, though one run was judged at others."""
    passed_over: int
    """How many scores on the same ground lie between that cannot be compared."""


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
    """None without a score, or without an earlier one that it can be compared with."""
    best_so_far: bool
    """Whether its holdout F1 is above all earlier ones of its basis on its ground, of which there
    is one; never so of a model that had a score before."""
    apart_from: PastRun | None = None
    """The last score on the same ground, where there are some and none can be compared."""
    same_model_as: PastRun | None = None
    """The first run with a score of the same model, where there is an earlier one."""


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
        change = _change(run, earlier)
        same_model = _same_model(run, ordered[:index])
        trend.append(
            TrendRun(
                number=index + 1,
                run=run,
                ground=ground,
                new_ground=bool(current and ground and ground != current),
                change=change,
                best_so_far=same_model is None and _is_best(run, earlier),
                apart_from=earlier[-1] if run.score and earlier and change is None else None,
                same_model_as=same_model,
            )
        )
        current = ground or current
    return Trend(tuple(trend), tuple(_grounds(ordered, numbers)))


def previous_on_same_holdout(
    runs: Iterable[PastRun], run_id: str, basis: Basis | None = None
) -> tuple[PastRun, ...]:
    """Return the runs with a score that began before `run_id` on its holdout, oldest first.

    A run on AWS and one on the emulator have nothing to do with each other, even on the same
    holdout. None is returned when the run, or its holdout, is not known.

    Args:
        runs: of one project, in any order; the run itself need not have a score yet.
        run_id: the run that is looked back from.
        basis: only scores on it; None for every score on the holdout.
    """
    ordered = oldest_first(runs)
    index = next((n for n, run in enumerate(ordered) if run.run_id == run_id), None)
    if index is None:
        return ()
    return tuple(
        run
        for run in _scored_on_same_ground(ordered[:index], ordered[index])
        if basis is None or (run.score and run.score.basis == basis)
    )


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
            standings=_standings(here),
        )


def _standings(here: Sequence[PastRun]) -> tuple[Standing, ...]:
    by_basis: dict[Basis, list[PastRun]] = {}
    for run in here:
        if run.score is not None:
            # taken out and put back, so that the basis of the newest score is last
            by_basis[run.score.basis] = [*by_basis.pop(run.score.basis, ()), run]
    return tuple(
        Standing(basis, len(scored), max(scored, key=_f1)) for basis, scored in by_basis.items()
    )


def _change(run: PastRun, earlier: Sequence[PastRun]) -> Change | None:
    for passed_over, since in enumerate(reversed(earlier)):
        if run.score is None or since.score is None:
            continue
        compared = _compared(since.score, run.score)
        if compared is not None:
            (then, then_interval), (now, now_interval), at_assumed = compared
            return Change(
                since=since,
                f1=now - then,
                intervals_overlap=intervals_overlap(now_interval, then_interval),
                same_labels=set(run.score.judged_labels) == set(since.score.judged_labels),
                at_assumed=at_assumed,
                passed_over=passed_over,
            )
    return None


def _compared(then: RunScore, now: RunScore) -> tuple[_Figure, _Figure, bool] | None:
    """Return both F1 with intervals and whether at the assumed thresholds; None if incomparable."""
    if then.basis == now.basis:
        return (
            (then.holdout_f1, then.holdout_interval),
            (now.holdout_f1, now.holdout_interval),
            False,
        )
    if then.judged_images != now.judged_images or not (then.at_assumed and now.at_assumed):
        return None
    return then.at_assumed, now.at_assumed, True


def _same_model(run: PastRun, earlier: Sequence[PastRun]) -> PastRun | None:
    arn = run.project_version_arn
    same = (other for other in earlier if other.score and other.project_version_arn == arn)
    return next(same, None) if arn and run.score else None


def _is_best(run: PastRun, earlier: Sequence[PastRun]) -> bool:
    if run.score is None:
        return False
    alike = [other for other in earlier if other.score and other.score.basis == run.score.basis]
    return bool(alike) and all(_f1(run) > _f1(other) for other in alike)


def _f1(run: PastRun) -> float:
    return run.score.holdout_f1 if run.score else -1.0
