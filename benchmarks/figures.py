"""What a benchmark finds: figures, each beside its goal, and who measures them."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Form = Literal["full", "short"]
"""`short` runs with every change: few, small, and only what loaded machines do not blur."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure has to reach."""

    limit: float
    is_floor: bool
    """True: at least the limit; False: at most."""

    def is_met(self, measured: float) -> bool:
        """Say whether the figure reaches it; what is not a number never does."""
        return measured >= self.limit if self.is_floor else measured <= self.limit

    @property
    def told(self) -> str:
        """The goal in a few signs, such as `>= 12`."""
        return f"{'>=' if self.is_floor else '<='} {self.limit:g}"


def at_least(limit: float) -> Goal:
    """Return the goal of a figure that should be high."""
    return Goal(limit, is_floor=True)


def at_most(limit: float) -> Goal:
    """Return the goal of a figure that should be low."""
    return Goal(limit, is_floor=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured."""

    what: str
    """Such as `CPU, cleanvision against ours`."""
    measured: float
    unit: str
    """`x` for a ratio, `%`, `s`, `MB`, `n^` for a growth exponent, and so on."""
    goal: Goal | None = None
    detail: str = ""
    """Both sides of a ratio, with their units, and how many rounds."""

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        return None if self.goal is None else self.goal.is_met(self.measured)


@dataclass(frozen=True, slots=True)
class Subject:
    """A benchmark: what it is about, and what measures it."""

    name: str
    measure: Callable[[Form], Iterable[Figure]]
    """Yields each figure as soon as it is known."""
    has_short_form: bool = False


def growth(what: str, sizes: Sequence[int], costs: Sequence[float], goal: Goal) -> Figure:
    """Return the exponent of the power of the size that costs grow with, fitted by least squares.

    Args:
        what: whose cost.
        sizes: two or more, all different.
        costs: of each size, above 0.
        goal: the exponent that is allowed; a little above 1 for n log n.
    """
    x, y = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    slope = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / sum(
        (a - middle_x) ** 2 for a in x
    )
    told = ", ".join(f"{size:,}: {cost:.3g}" for size, cost in zip(sizes, costs, strict=True))
    return Figure(f"{what}, growth", round(slope, 3), "n^", goal, told)


NEARLY_LINEAR = at_most(1.15)
"""What n log n looks like between a thousand and a quarter of a million."""
