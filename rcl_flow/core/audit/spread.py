"""How varied the training images of each label are (practices D3 to D7).

A label is narrow in a factor when four fifths of its images lie in a range that few of the other
images share, and when chance does not explain it: a label drawn at random from all images would
have such a range somewhere with a probability below the false alarm rate, over all labels and
factors together. The bound counts the images themselves and takes no shape of their distribution
for granted, so that rare values and equal ones raise no alarm.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

from rcl_flow.core.audit.factor_table import FactorTable, table_of
from rcl_flow.core.audit.factors import FACTORS, Factor, object_shape
from rcl_flow.core.audit.findings import Finding, Place
from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.audit.stating import Scope, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.statistics import (
    Draws,
    Indices,
    Numbers,
    Window,
    average_ranks,
    holm,
    separation,
    shortest_window,
)

_MOST: Final = 0.8
"""The share of a label's images that its range holds."""
_STEPS: Final = 4
"""Into how many steps a range is divided: more give a closer bound for wide ranges, and a looser
one for ranges that are narrow."""
_SHOWN: Final = 6
_PAIR: Final = 2
_HINTS: Final = {
    "narrow-light": "in other light: with and without flash, at other times of the day, in front "
    "of other things",
    "narrow-background": "in front of other backgrounds, such as those of production",
    "narrow-angle": "from other angles, and of the object turned",
    "narrow-shape": "by other cameras, in other resolutions and formats, if production has such",
}


@dataclass(frozen=True, slots=True)
class Spread:
    """A factor's values over all images or objects, and the places of each label in them."""

    factor: Factor
    values: Numbers
    """Without NaN."""
    rows: Mapping[str, Indices]
    """Where in the values each label is."""
    images: Indices
    """The table's row of each value."""


@dataclass(frozen=True, slots=True)
class Narrowness:
    """How one label lies in one factor."""

    label: str
    spread: Spread
    window: Window
    members: Indices
    """The places of the label's values that are in the window."""
    images: int
    """How many values the label has."""
    others_share: float
    """The share of the others' values that are in the window, 0 to 1."""
    p_value: float
    """A bound of the chance that so many values of a random label lie in so small a range."""


def check(subject: Subject) -> Iterator[Finding]:
    """Check the spread of the factors within each training label."""
    train, rules = subject.datasets.train, subject.rules.factors
    if train is None:
        return
    table = table_of(train, subject.evidence.measures)
    spreads = [_spread(table, factor) for factor in FACTORS]
    spreads = [each for each in spreads if len(each.values) >= rules.min_images]
    still = {each.factor.name: each for each in spreads if _is_still(each)}
    yield from _still(table, list(still.values()))
    moving = [each for each in spreads if each.factor.name not in still]
    yield from _narrow(table, moving, rules)
    yield from _given_away(table, spreads, rules)


def _spread(table: FactorTable, factor: Factor) -> Spread:
    """An object's shape belongs to its label; all else belongs to the image."""
    if factor.name == "object shape":
        return _shapes(table, factor)
    return _known(factor, table.columns[factor.name], table.rows, np.arange(len(table.images)))


def _shapes(table: FactorTable, factor: Factor) -> Spread:
    images = np.concatenate([*table.rows.values(), np.empty(0, np.intp)])
    ends = np.cumsum([0, *map(len, table.rows.values())])
    rows = {
        label: np.arange(start, end)
        for label, start, end in zip(table.rows, ends[:-1], ends[1:], strict=True)
    }
    shapes = [
        object_shape(table.images[image], label)
        for label, members in table.rows.items()
        for image in members.tolist()
    ]
    return _known(factor, np.array(shapes, dtype=np.float64), rows, images)


def _known(factor: Factor, values: Numbers, rows: Mapping[str, Indices], images: Indices) -> Spread:
    known = ~np.isnan(values)
    place = np.cumsum(known) - 1
    inside = {label: place[places[known[places]]] for label, places in rows.items()}
    return Spread(factor, values[known], inside, images[known])


def _is_still(spread: Spread) -> bool:
    factor = spread.factor
    return bool(factor.narrow_rule) and _window(spread).width(factor.period) <= factor.still


def _still(table: FactorTable, still: list[Spread]) -> Iterator[Finding]:
    """What varies in no label is told once: it may be production's nature, which we cannot see."""
    by_rule: dict[str, list[Spread]] = defaultdict(list)
    for spread in still:
        by_rule[spread.factor.narrow_rule].append(spread)
    for rule, spreads in by_rule.items():
        told = [f"{each.factor.name} ({_range(each.factor, _window(each))})" for each in spreads]
        yield found(
            rule,
            f"{table.split}: hardly any image differs from the others in {' and '.join(told)}.",
            f"Fine if production never differs either; else add images {_HINTS[rule]}.",
            scope=Scope(table.split, figures={"images": len(table.images)}),
            severity="note",
        )


def _narrow(table: FactorTable, spreads: list[Spread], rules: FactorRules) -> Iterator[Finding]:
    draws = Draws.up_to(max((len(each.values) for each in spreads), default=0))
    wanted = [each for each in spreads if each.factor.narrow_rule]
    judged = [each for spread in wanted for each in _narrownesses(spread, draws, rules)]
    sure = holm([each.p_value for each in judged], rules.false_alarm_rate)
    by_rule: dict[tuple[str, str], list[Narrowness]] = defaultdict(list)
    for each, certain in zip(judged, sure, strict=True):
        if certain and each.others_share <= rules.min_spread * _MOST:
            by_rule[each.label, each.spread.factor.narrow_rule].append(each)
    for (_, rule), narrow in sorted(by_rule.items(), key=lambda item: item[0]):
        yield _narrow_finding(table, rule, narrow)


def _narrownesses(spread: Spread, draws: Draws, rules: FactorRules) -> Iterator[Narrowness]:
    ordered = np.sort(spread.values)
    for label, rows in spread.rows.items():
        own, others = len(rows), len(ordered) - len(rows)
        if min(own, others) < rules.min_images:
            continue
        values = spread.values[rows]
        window = shortest_window(values, _MOST, period=spread.factor.period)
        members = rows[window.holds(values)]
        inside = window.count(ordered)
        yield Narrowness(
            label,
            spread,
            window,
            members,
            images=own,
            others_share=(inside - len(members)) / others,
            p_value=_chance(spread, rows, ordered, draws),
        )


def _chance(spread: Spread, rows: Indices, ordered: Numbers, draws: Draws) -> float:
    """Bound the chance that as small a range holds four fifths, or all, of a random label.

    All are looked at as well, since many equal values fill a range with more than is asked of it.
    """
    bounds = []
    for share in (_MOST, 1.0):
        window = shortest_window(spread.values[rows], share, period=spread.factor.period)
        inside = window.count(ordered)
        # Every range of `inside` neighbours lies in one of these, which begin a step apart.
        step = ceil(inside / _STEPS)
        wide = min(inside + step - 1, len(ordered))
        ranges = ceil(len(ordered) / step)
        least = ceil(share * len(rows) - 1e-9)
        tail = draws.at_least(least, things=len(ordered), marked=len(rows), drawn=wide)
        bounds.append(ranges * tail)
    return min(1.0, len(bounds) * min(bounds))


def _narrow_finding(table: FactorTable, rule: str, narrow: list[Narrowness]) -> Finding:
    first = narrow[0]
    told = "; ".join(
        f"{each.spread.factor.name} {_range(each.spread.factor, each.window)}, where "
        f"{each.others_share:.0%} of the others are"
        for each in narrow
    )
    figures: dict[str, float] = {"images": first.images}
    for each in narrow:
        name = each.spread.factor.name
        figures[f"{name}, low"] = each.window.low
        figures[f"{name}, high"] = each.window.high
        figures[f"{name}, share of the others"] = each.others_share
    return found(
        rule,
        f"{table.split}: four fifths of the {first.images} images of {first.label} have {told}.",
        f"Add images of {first.label} {_HINTS[rule]}: what all of them share is learnt as part of "
        "the label.",
        scope=Scope(table.split, label=first.label, figures=figures, places=_places(table, first)),
    )


def _places(table: FactorTable, narrow: Narrowness) -> tuple[Place, ...]:
    factor = narrow.spread.factor
    shown = narrow.members[:_SHOWN]
    return tuple(
        place_of(table.images[image], table.split, note=f"{factor.name} {factor.told(value)}")
        for image, value in zip(
            narrow.spread.images[shown].tolist(), narrow.spread.values[shown].tolist(), strict=True
        )
    )


def _given_away(table: FactorTable, spreads: list[Spread], rules: FactorRules) -> Iterator[Finding]:
    """Check whether one factor ranks a label's images apart; values on a circle have no ranks."""
    for spread in spreads:
        if spread.factor.period:
            continue
        ranks = average_ranks(spread.values)
        for label in _one_of_two(table):
            members = spread.rows[label]
            if min(len(members), len(ranks) - len(members)) < rules.min_images:
                continue
            area = separation(ranks, members)
            if max(area, 1 - area) >= rules.max_separation:
                yield _gift(table, spread, label, area)


def _one_of_two(table: FactorTable) -> list[str]:
    """Return the labels; of two that exclude each other the first, which says all of both."""
    labels = list(table.rows)
    single = sum(map(len, table.rows.values())) == len(table.images)
    return labels[:1] if single and len(labels) == _PAIR else labels


def _gift(table: FactorTable, spread: Spread, label: str, area: float) -> Finding:
    factor, members = spread.factor, spread.rows[label]
    others = np.delete(spread.values, members)
    own_median, other_median = np.median(spread.values[members]), np.median(others)
    certainty = max(area, 1 - area)
    return found(
        "factor-gives-label",
        f"{table.split}: {factor.name} alone tells {label} from the others (area under the curve "
        f"{certainty:.3f}): median {factor.told(float(own_median))} against "
        f"{factor.told(float(other_median))}.",
        f"Fine if it is what makes a {label}. Else add images of {label} and of the others that "
        "differ in it: a model takes the easiest way, and it may not be there in production.",
        scope=Scope(
            table.split,
            label=label,
            figures={
                "area_under_curve": certainty,
                "median": float(own_median),
                "median_of_others": float(other_median),
            },
        ),
    )


def _window(spread: Spread) -> Window:
    return shortest_window(spread.values, _MOST, period=spread.factor.period)


def _range(factor: Factor, window: Window) -> str:
    low, high = factor.told(window.low), factor.told(window.high)
    return low if low == high else f"{low} to {high}"
