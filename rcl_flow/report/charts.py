"""Interval charts as inline SVG.

Horizontal positions are percentages, so a chart takes the width of its box while its text keeps
the size of the page's.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rcl_flow.core.scoring.comparison import Gap, Score
from rcl_flow.report.figures import (
    Interval,
    format_change,
    format_change_interval,
    format_interval,
    format_ratio,
)

_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MOST_STEPS = 5
_LEAST_SPAN = 0.02
_INSET_PERCENT = 4.0
_ROW_HEIGHT = 46
_AXIS_HEIGHT = 26

_SVG = Markup('<svg class="chart" width="100%" height="{}" role="img" aria-label="{}">{}</svg>')
_TICK = Markup(
    '<line class="tick" x1="{x}" x2="{x}" y1="0" y2="{bottom}"/>'
    '<text class="tick-text" x="{x}" y="{text}" text-anchor="middle">{value}</text>'
)
_ROW = Markup(
    '<text class="name" x="0" y="{text}">{name}</text>'
    '<text class="value" x="100%" y="{text}" text-anchor="end">{value}</text>'
    '<line class="track" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
    '<line class="interval {tone}" x1="{low}" x2="{high}" y1="{y}" y2="{y}"/>'
    '<circle class="point {tone}" cx="{point}" cy="{y}" r="6"/>'
)
_BAND = Markup(
    '<rect class="band" x="{x}" y="22" width="{width}" height="28"/>'
    '<line class="zero" x1="{zero}" x2="{zero}" y1="22" y2="50"/>'
)
_BAR = Markup(
    '<svg class="bar" width="88" height="16" aria-hidden="true"><title>{title}</title>'
    '<line class="track" x1="0" x2="100%" y1="8" y2="8"/>'
    '<line class="interval holdout" x1="{low}" x2="{high}" y1="8" y2="8"/>'
    '<line class="reference" x1="{test}" x2="{test}" y1="1" y2="15"/>'
    '<circle class="point holdout" cx="{point}" cy="8" r="4"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values with evenly spaced ticks."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> tuple[float, ...]:
        """The values to mark, ends included."""
        steps = round((self.high - self.low) / self.step)
        return tuple(round(self.low + index * self.step, 6) + 0.0 for index in range(steps + 1))

    def percent(self, value: float) -> float:
        """Return where `value` lies from left to right, 0 to 100, ends held inside."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return _INSET_PERCENT + share * (100 - 2 * _INSET_PERCENT)


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One value of a chart with its interval; `tone` is its CSS class."""

    name: str
    tone: str
    value: float
    interval: Interval


def axis_over(values: Iterable[float], bounds: Interval = (0.0, 1.0)) -> Axis:
    """Return the narrowest even axis over `values`, within `bounds`.

    Args:
        values: at least one.
        bounds: what a value can be at least and at most.
    """
    every = list(values)
    least, most = min(every), max(every)
    middle_short = max(0.0, _LEAST_SPAN - (most - least)) / 2
    least, most = least - middle_short, most + middle_short
    step = next((s for s in _STEPS if (most - least) / s <= _MOST_STEPS), _STEPS[-1])
    low = max(bounds[0], math.floor(round(least / step, 6)) * step)
    high = min(bounds[1], math.ceil(round(most / step, 6)) * step)
    return Axis(low=round(low, 6), high=round(high, 6), step=step)


def score_chart(rows: Sequence[ChartRow]) -> Markup:
    """Draw scores as points with their intervals, one below the other on one axis.

    Args:
        rows: at least one, values 0 to 1.
    """
    axis = axis_over(end for row in rows for end in (*row.interval, row.value))
    texts = [f"{format_ratio(row.value)} {format_interval(row.interval)}" for row in rows]
    drawn = [
        _row(index, row, text, axis)
        for index, (row, text) in enumerate(zip(rows, texts, strict=True))
    ]
    spoken = "; ".join(f"{row.name}: {text}" for row, text in zip(rows, texts, strict=True))
    return _chart(spoken, len(rows), [_ticks(axis, len(rows), format_ratio), *drawn])


def gap_chart(gap: Gap, margin: float) -> Markup:
    """Draw the gap with its interval; the band is where a change does no harm.

    Args:
        gap: holdout F1 minus test F1.
        margin: a fall that does not matter, 0 to 1.
    """
    axis = axis_over((*gap.interval, gap.f1, -margin, 0.0), bounds=(-1.0, 1.0))
    start = axis.percent(-margin)
    band = _BAND.format(x=_at(start), width=_at(100 - start), zero=_at(axis.percent(0.0)))
    text = f"{format_change(gap.f1)} {format_change_interval(gap.interval)}"
    row = ChartRow("Gap", "gap", gap.f1, gap.interval)
    spoken = f"Gap in F1, holdout minus test: {text}; the margin is {format_ratio(margin)}"
    drawn = [band, _ticks(axis, 1, format_change), _row(0, row, text, axis)]
    return _chart(spoken, 1, drawn)


def interval_bar(name: str, *, test: Score, holdout: Score, axis: Axis) -> Markup:
    """Draw one label's holdout F1 with its interval, and its test F1 as a mark, for a table."""
    low, high = holdout.f1_interval
    score = f"{format_ratio(holdout.f1)} {format_interval(holdout.f1_interval)}"
    return _BAR.format(
        title=f"{name}: holdout F1 {score}, test F1 {format_ratio(test.f1)}",
        low=_at(axis.percent(low)),
        high=_at(axis.percent(high)),
        test=_at(axis.percent(test.f1)),
        point=_at(axis.percent(holdout.f1)),
    )


def _chart(spoken: str, rows: int, drawn: Iterable[Markup]) -> Markup:
    return _SVG.format(_bottom(rows) + _AXIS_HEIGHT, spoken, Markup("").join(drawn))


def _row(index: int, row: ChartRow, text: str, axis: Axis) -> Markup:
    top = index * _ROW_HEIGHT
    low, high = row.interval
    return _ROW.format(
        name=row.name,
        tone=row.tone,
        value=text,
        text=top + 16,
        y=top + 34,
        low=_at(axis.percent(low)),
        high=_at(axis.percent(high)),
        point=_at(axis.percent(row.value)),
    )


def _ticks(axis: Axis, rows: int, write: Callable[[float], str]) -> Markup:
    bottom = _bottom(rows)
    return Markup("").join(
        _TICK.format(x=_at(axis.percent(tick)), bottom=bottom, text=bottom + 18, value=write(tick))
        for tick in axis.ticks
    )


def _bottom(rows: int) -> int:
    return rows * _ROW_HEIGHT + 4


def _at(percent: float) -> str:
    return f"{percent:.2f}%"
