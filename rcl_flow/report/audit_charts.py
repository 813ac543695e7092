"""Distributions of image factors as overlaid outlines, one for each split, as inline SVG.

The splits differ by fill and by dashes, not by colour alone, so that they are told apart in gray.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from rcl_flow.core.audit.summary import FactorSummary
from rcl_flow.core.datasets.dataset import Split
from rcl_flow.report.audit_wording import format_factor, format_figure
from rcl_flow.report.charts import Axis

_MOST_TICKS: Final = 5
_HEIGHT: Final = 100
_SLACK: Final = 1e-9
_MANTISSAS: Final = ((1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
"""The digits that are marked in every power of ten, the most marks first."""
_HUES: Final = {0.0: "red", 120.0: "green", 240.0: "blue", 360.0: "red"}
_HUE: Final = "hue"

_SVG = Markup(
    '<svg class="chart spread" width="100%" height="132" role="img" aria-label="{spoken}">{ticks}'
    '<svg x="4%" y="4" width="92%" height="100" viewBox="0 0 {bins} 100" '
    'preserveAspectRatio="none">{shapes}</svg></svg>'
)
_SHAPE = Markup('<path class="shape {split}" d="{path}"/>')
_TICK = Markup(
    '<line class="tick" x1="{x}" x2="{x}" y1="4" y2="106"/>'
    '<text class="tick-text" x="{x}" y="122" text-anchor="middle">{value}</text>'
)


@dataclass(frozen=True, slots=True)
class FactorFigure:
    """One factor's distribution, drawn, with its words."""

    title: str
    chart: Markup
    typical: tuple[tuple[Split, str], ...]
    """The median of each split."""


def factor_figure(factor: FactorSummary) -> FactorFigure:
    """Draw a factor's distribution in every split, as shares of the split's images."""
    title = factor.factor.capitalize()
    typical = tuple(
        (split, format_factor(value, factor.factor)) for split, value in factor.typical.items()
    )
    spoken = f"{title} by split. Typical: " + ", ".join(
        f"{split} {value}" for split, value in typical
    )
    shares = {split: _shares(counts) for split, counts in factor.counts.items() if sum(counts)}
    highest = max(max(each) for each in shares.values())
    chart = _SVG.format(
        spoken=spoken,
        ticks=_ticks(factor),
        bins=len(next(iter(shares.values()))),
        shapes=Markup("").join(
            _SHAPE.format(split=split, path=_outline(each, highest))
            for split, each in shares.items()
        ),
    )
    return FactorFigure(title, chart, typical)


def axis_marks(factor: FactorSummary) -> tuple[float, ...]:
    """Return the round values to mark on a factor's axis, at most five."""
    if factor.factor == _HUE:
        return tuple(_HUES)
    if factor.logarithmic:
        return _logarithmic_marks(factor.low, factor.high)
    return _even_marks(factor.low, factor.high)


def _even_marks(low: float, high: float) -> tuple[float, ...]:
    power = 10.0 ** math.floor(math.log10(high - low))
    steps = (power * share for share in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5))
    step = next(each for each in steps if (high - low) / each < _MOST_TICKS)
    return tuple(low + step * n for n in range(int((high - low) / step + _SLACK) + 1))


def _logarithmic_marks(low: float, high: float) -> tuple[float, ...]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for mantissas in _MANTISSAS:
        every = (mantissa * 10.0**decade for decade in decades for mantissa in mantissas)
        marks = tuple(mark for mark in every if low <= mark <= high)
        if len(marks) <= _MOST_TICKS:
            return marks
    return marks[:: math.ceil(len(marks) / _MOST_TICKS)]


def _ticks(factor: FactorSummary) -> Markup:
    change = math.log10 if factor.logarithmic else float
    axis = Axis(change(factor.low), change(factor.high), step=1.0)
    return Markup("").join(
        _TICK.format(x=f"{axis.percent(change(mark)):.2f}%", value=_written(mark, factor))
        for mark in axis_marks(factor)
    )


def _written(mark: float, factor: FactorSummary) -> str:
    if factor.factor == _HUE:
        return _HUES[mark]
    return format_figure(mark)


def _shares(counts: Sequence[int]) -> list[float]:
    every = sum(counts)
    return [count / every for count in counts]


def _outline(shares: Sequence[float], highest: float) -> str:
    steps = (f"V{_HEIGHT * (1 - share / highest):.1f}H{n}" for n, share in enumerate(shares, 1))
    return f"M0 {_HEIGHT}{''.join(steps)}V{_HEIGHT}"
