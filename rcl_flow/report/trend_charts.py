"""A project's scores and costs over its runs as inline SVG.

Runs stand side by side, oldest at the left. Horizontal positions are percentages, so a chart takes
the width of its box; the figures of its vertical axis are an SVG of their own beside it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from rcl_flow.core.history.history import TrendRun
from rcl_flow.core.history.past_runs import RunScore
from rcl_flow.report.charts import Axis, axis_over
from rcl_flow.report.figures import format_interval, format_ratio, format_usd
from rcl_flow.report.trend_wording import basis_text

_AXIS_WIDTH: Final = 52
_TOP: Final = 24
_SCORE_HEIGHT: Final = 240
_COST_HEIGHT: Final = 110
_BOTTOM: Final = 24
_MOST_NUMBERS: Final = 12
_MOST_STEPS: Final = 4
_HALF_SQUARE: Final = 4
_ASIDE: Final = 4
"""Pixels by which the two scores of a run stand beside its place, so that both are seen."""
_WIDE_STRETCH: Final = 0.25
"""Of the chart's width: a narrower stretch is marked by its number alone."""

_PLOT = Markup(
    '<div class="plot"><svg class="chart" width="{axis_width}" height="{height}" '
    'aria-hidden="true">{figures}</svg>'
    '<svg class="chart" width="100%" height="{height}" role="img" aria-label="{spoken}">{drawn}'
    "</svg></div>"
)
_TICK = Markup('<line class="tick" x1="0" x2="100%" y1="{y}" y2="{y}"/>')
_FIGURE = Markup('<text class="tick-text" x="{x}" y="{y}" text-anchor="end">{value}</text>')
_NUMBER = Markup('<text class="tick-text" x="{x}" y="{y}" text-anchor="middle">{value}</text>')
_BREAK = Markup('<line class="break" x1="{x}" x2="{x}" y1="0" y2="{bottom}"/>')
_STRETCH = Markup('<text class="stretch" x="{x}" y="14" transform="translate(5 0)">{name}</text>')
_LINE = Markup(
    '<line class="course {tone}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" '
    'transform="translate({shift} 0)"/>'
)
_HOLDOUT = Markup(
    '<g transform="translate({shift} 0)"><title>{title}</title>'
    '<line class="interval holdout" x1="{x}" x2="{x}" y1="{high}" y2="{low}"/>'
    '<circle class="point holdout" cx="{x}" cy="{y}" r="5"/></g>'
)
_TEST = Markup(
    '<g transform="translate({shift} -4)"><title>{title}</title>'
    '<rect class="point test" x="{x}" y="{y}" width="8" height="8"/></g>'
)
_BAR = Markup(
    "<g><title>{title}</title>"
    '<rect class="usd" x="{x}" width="{width}" y="{y}" height="{height}"/></g>'
)


@dataclass(frozen=True, slots=True)
class _Scored:
    """A run with its score and its place, from 0, among the runs that are shown."""

    place: int
    each: TrendRun
    score: RunScore


def score_trend(runs: Sequence[TrendRun]) -> Markup:
    """Draw holdout F1 with its interval, and test F1, over the runs.

    A line joins holdout scores only on the same ground that judge as many images at the same kind
    of thresholds, and test scores only on the same test dataset.

    Args:
        runs: oldest first; at least one has a score, and those without leave a gap.
    """
    scored = [
        _Scored(place, each, each.run.score)
        for place, each in enumerate(runs)
        if each.run.score is not None
    ]
    axis = axis_over(
        value
        for one in scored
        for value in (*one.score.holdout_interval, one.score.holdout_f1, one.score.test_f1)
    )
    spoken = "Holdout F1 by run, oldest first: " + ", ".join(
        f"run {one.each.number} {format_ratio(one.score.holdout_f1)}" for one in scored
    )
    drawn = [*_breaks(runs), *_lines(scored, axis, len(runs)), *_points(scored, axis, len(runs))]
    return _plot(runs, axis, _SCORE_HEIGHT, spoken, (drawn, format_ratio))


def cost_trend(runs: Sequence[TrendRun]) -> Markup:
    """Draw what each run has spent.

    Args:
        runs: oldest first, at least one.
    """
    axis = _dollar_axis(max(each.run.spent_usd for each in runs))
    spoken = "US dollars by run, oldest first: " + ", ".join(
        f"run {each.number} {format_usd(each.run.spent_usd)}" for each in runs
    )
    bars = [_bar(place, each, axis, len(runs)) for place, each in enumerate(runs)]
    return _plot(runs, axis, _COST_HEIGHT, spoken, (bars, format_usd))


def _plot(
    runs: Sequence[TrendRun],
    axis: Axis,
    height: int,
    spoken: str,
    content: tuple[Sequence[Markup], Callable[[float], str]],
) -> Markup:
    drawn, write = content
    ticks = [_y(tick, axis, height) for tick in axis.ticks]
    figures = (
        _FIGURE.format(x=_AXIS_WIDTH - 8, y=f"{y + 4:.1f}", value=write(tick))
        for tick, y in zip(axis.ticks, ticks, strict=True)
    )
    every = math.ceil(len(runs) / _MOST_NUMBERS)
    numbers = (
        _NUMBER.format(x=_x(place, len(runs)), y=_TOP + height + 18, value=each.number)
        for place, each in enumerate(runs)
        if place % every == 0
    )
    return _PLOT.format(
        axis_width=_AXIS_WIDTH,
        height=_TOP + height + _BOTTOM,
        figures=Markup("").join(figures),
        spoken=spoken,
        drawn=Markup("").join([*(_TICK.format(y=f"{y:.1f}") for y in ticks), *drawn, *numbers]),
    )


def _breaks(runs: Sequence[TrendRun]) -> Iterator[Markup]:
    """Mark where a stretch of runs on one ground begins, with the ground's number."""
    starts = [place for place, each in enumerate(runs) if each.new_ground or not place]
    for start, end in pairwise([*starts, len(runs)]):
        if start:
            yield _BREAK.format(x=_percent(start / len(runs)), bottom=_TOP + _SCORE_HEIGHT)
        number = next((each.ground for each in runs[start:end] if each.ground), 0)
        if number:
            wide = (end - start) / len(runs) >= _WIDE_STRETCH
            name = f"Holdout {number}" if wide else str(number)
            yield _STRETCH.format(x=_percent(start / len(runs)), name=name)


def _lines(scored: Sequence[_Scored], axis: Axis, count: int) -> Iterator[Markup]:
    for before, after in pairwise(scored):
        then, now = before.each.run, after.each.run
        if then.test_digest and then.test_digest == now.test_digest:
            ends = before.score.test_f1, after.score.test_f1
            yield _line("test", _aside(count), (before.place, after.place, count), ends, axis)
        same_ground = before.each.ground and before.each.ground == after.each.ground
        if same_ground and before.score.basis == after.score.basis:
            ends = before.score.holdout_f1, after.score.holdout_f1
            yield _line("holdout", -_aside(count), (before.place, after.place, count), ends, axis)


def _line(
    tone: str, shift: int, places: tuple[int, int, int], ends: tuple[float, float], axis: Axis
) -> Markup:
    before, after, count = places
    return _LINE.format(
        tone=tone,
        shift=shift,
        x1=_x(before, count),
        x2=_x(after, count),
        y1=f"{_y(ends[0], axis, _SCORE_HEIGHT):.1f}",
        y2=f"{_y(ends[1], axis, _SCORE_HEIGHT):.1f}",
    )


def _points(scored: Sequence[_Scored], axis: Axis, count: int) -> Iterator[Markup]:
    aside = _aside(count)
    for one in scored:
        score, x, name = one.score, _x(one.place, count), f"Run {one.each.number}"
        low, high = score.holdout_interval
        told = f"{format_interval(score.holdout_interval)}, {basis_text(score.basis)}"
        yield _TEST.format(
            shift=aside - _HALF_SQUARE,
            title=f"{name}: test F1 {format_ratio(score.test_f1)}",
            x=x,
            y=f"{_y(score.test_f1, axis, _SCORE_HEIGHT):.1f}",
        )
        yield _HOLDOUT.format(
            shift=-aside,
            title=f"{name}: holdout F1 {format_ratio(score.holdout_f1)} {told}",
            x=x,
            y=f"{_y(score.holdout_f1, axis, _SCORE_HEIGHT):.1f}",
            low=f"{_y(low, axis, _SCORE_HEIGHT):.1f}",
            high=f"{_y(high, axis, _SCORE_HEIGHT):.1f}",
        )


def _aside(count: int) -> int:
    return _ASIDE if count <= _MOST_NUMBERS else 0


def _bar(place: int, each: TrendRun, axis: Axis, count: int) -> Markup:
    top = _y(each.run.spent_usd, axis, _COST_HEIGHT)
    return _BAR.format(
        title=f"Run {each.number}: {format_usd(each.run.spent_usd)}",
        x=_percent((place + 0.2) / count),
        width=_percent(0.6 / count),
        y=f"{top:.1f}",
        height=f"{_y(0.0, axis, _COST_HEIGHT) - top:.1f}",
    )


def _dollar_axis(most: float) -> Axis:
    """Return an axis from 0 to above `most` in steps of 1, 2 or 5 times a power of ten."""
    least_step = max(most, 0.01) / _MOST_STEPS
    power = 10.0 ** math.floor(math.log10(least_step))
    step = next(power * by for by in (1, 2, 5, 10) if power * by >= least_step * (1 - 1e-9))
    steps = max(1, math.ceil(most / step - 1e-9))
    return Axis(0.0, steps * step, step)


def _x(place: int, count: int) -> str:
    return _percent((place + 0.5) / count)


def _y(value: float, axis: Axis, height: int) -> float:
    return _TOP + height * (1 - axis.percent(value) / 100)


def _percent(share: float) -> str:
    return f"{share:.2%}"
