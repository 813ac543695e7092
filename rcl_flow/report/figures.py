"""Numbers as text, each kind written one way everywhere."""

from datetime import UTC, datetime

from rcl_flow.core.percentages import threshold_decimals

_MINUTE = 60
_HOUR = 3600
_CENT = 0.01
_LEAST_CHANCE = 0.001

Interval = tuple[float, float]


def format_ratio(ratio: float) -> str:
    """Write a score, 0 to 1, with three decimals."""
    return f"{ratio:.3f}"


def format_threshold(ratio: float) -> str:
    """Write a threshold, 0 to 1, in so many decimals that it is not taken for 0 or 1."""
    return f"{ratio:.{threshold_decimals(ratio)}f}"


def format_interval(interval: Interval) -> str:
    """Write the interval of a score: `[0.978, 0.992]`."""
    low, high = interval
    return f"[{format_ratio(low)}, {format_ratio(high)}]"


def format_change(change: float) -> str:
    """Write a difference of scores with its sign; what rounds to zero has none."""
    text = f"{change:+.3f}"
    return text[1:] if float(text) == 0 else text


def format_change_interval(interval: Interval) -> str:
    """Write the interval of a difference: `[-0.010, +0.004]`."""
    low, high = interval
    return f"[{format_change(low)}, {format_change(high)}]"


def format_chance(p_value: float) -> str:
    """Write a p-value, 0 to 1, with three decimals; what would be 0 as `< 0.001`."""
    return f"{p_value:.3f}" if p_value >= _LEAST_CHANCE else f"< {_LEAST_CHANCE:g}"


def format_percent(percent: float) -> str:
    """Write a percentage, 0 to 100, with one decimal."""
    return f"{percent:.1f} %"


def format_count(count: int, noun: str, *, ending: str = "s") -> str:
    """Write how many there are of something: `1 image`, `1,024 images`; `es` makes boxes."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}{ending}"


def format_seconds(seconds: float) -> str:
    """Write a duration in its two largest units: `0.4 s`, `1 min 15 s`, `2 h 5 min`."""
    if round(seconds, 1) < 10:  # noqa: PLR2004  # one digit before the point has one behind it
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes // _MINUTE} h {minutes % _MINUTE} min"


def format_usd(dollars: float) -> str:
    """Write US dollars with cents, or with four decimals below one cent."""
    return f"${dollars:.4f}" if 0 < dollars < _CENT else f"${dollars:,.2f}"


def format_time(moment: datetime) -> str:
    """Write an aware time in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
