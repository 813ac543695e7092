"""Precision-recall curves and calibration as inline SVG."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from rcl_flow.core.scoring.quality import Calibration
from rcl_flow.core.scoring.ranking import LabelCurve
from rcl_flow.report.curves import counts_at, recall_precision
from rcl_flow.report.figures import format_ratio, format_threshold

_MOST_POINTS = 80
_TENTHS = 1000
_DRAWN_SHARE = 0.002

_SMALL = Markup(
    '<svg class="curve small" viewBox="-3 -3 106 106" role="img" aria-label="{spoken}">'
    '<path class="frame" d="M0 0V100H100"/><path class="line" d="{path}"/>'
    '<circle class="at" cx="{x}" cy="{y}" r="3.5"/></svg>'
)
_CALIBRATION = Markup(
    '<svg class="curve" viewBox="-30 -6 136 130" role="img" aria-label="{spoken}">'
    '<path class="frame" d="M0 0V100H100"/><path class="ideal" d="M0 100L100 0"/>'
    "{ticks}{dots}"
    '<text class="axis" x="50" y="122" text-anchor="middle">confidence, %</text></svg>'
)
_TICK = Markup(
    '<text class="axis" x="{at}" y="111" text-anchor="middle">{value}</text>'
    '<text class="axis" x="-4" y="{down}" text-anchor="end">{value}</text>'
)
_DOT = Markup('<circle class="dot" cx="{x}" cy="{y}" r="{radius}"/>')
_TICKS = (0, 50, 100)
_LEAST_RADIUS = 1.5
_MORE_RADIUS = 4.0
_TEXT_DROP = 3


def small_curve(curve: LabelCurve, threshold: float) -> Markup:
    """Draw a label's precision (upwards) over its recall, with a dot at a threshold, 0 to 1."""
    precision, recall, f1 = counts_at(curve, threshold).ratios
    return _SMALL.format(
        spoken=f"Precision over recall of {curve.label}; at threshold "
        f"{format_threshold(threshold)}: precision {format_ratio(precision)}, "
        f"recall {format_ratio(recall)}, F1 {format_ratio(f1)}",
        path=_path(recall_precision(curve)),
        x=_place(recall),
        y=_place(1 - precision),
    )


def calibration_chart(calibration: Calibration) -> Markup:
    """Draw the share of right answers over confidence; on the diagonal both agree."""
    filled = [each for each in calibration.bins if each.answers]
    most = max((each.answers for each in filled), default=1)
    dots = (
        _DOT.format(
            x=f"{each.mean_confidence_percent:.1f}",
            y=_place(1 - each.share_right),
            radius=f"{_LEAST_RADIUS + _MORE_RADIUS * (each.answers / most) ** 0.5:.1f}",
        )
        for each in filled
    )
    spoken = "; ".join(
        f"at {each.mean_confidence_percent:.0f} % confidence {each.share_right * 100:.0f} % of "
        f"{each.answers:,} answers are right"
        for each in filled
    )
    return _CALIBRATION.format(
        spoken=f"Calibration: {spoken}",
        ticks=Markup("").join(
            _TICK.format(at=tick, down=100 - tick + _TEXT_DROP, value=tick) for tick in _TICKS
        ),
        dots=Markup("").join(dots),
    )


def _path(points: Iterable[tuple[float, float]]) -> str:
    placed = _worth_drawing(list(points))
    texts = (f"{_place(recall)} {_place(1 - precision)}" for recall, precision in placed)
    return "M" + "L".join(texts)


def _worth_drawing(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave out the points that lie on the one before, and all but some of very many."""
    if not points:
        return [(0.0, 0.0)]
    kept = [points[0]]
    for recall, precision in points:
        far = max(abs(recall - kept[-1][0]), abs(precision - kept[-1][1]))
        if far > _DRAWN_SHARE:
            kept.append((recall, precision))
    if kept[-1] != points[-1]:
        kept.append(points[-1])
    if len(kept) <= _MOST_POINTS:
        return kept
    last = len(kept) - 1
    return [kept[round(index * last / (_MOST_POINTS - 1))] for index in range(_MOST_POINTS)]


def _place(ratio: float) -> str:
    return f"{round(ratio * _TENTHS) / 10:g}"
