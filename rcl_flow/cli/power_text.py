"""Tell what a holdout of some size can tell: lines for a person, an object for a machine."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from rcl_flow.cli.console import FORMAT_VERSION
from rcl_flow.cli.table import table
from rcl_flow.core.scoring.power import (
    FEWEST_IMAGES,
    FEWEST_OF_LABEL,
    MOST_IMAGES,
    Expected,
    ImagesNeeded,
    Power,
    holdout_power,
    images_needed,
)
from rcl_flow.report.figures import format_count, format_ratio

SHOWN_IMAGES: Final = (100, 200, 500, 1000, 2000)
_WIDTH: Final = 80
_OFTEN: Final = "four times in five"
"""`Expected.power` in words."""
_NEVER: Final = "-"
_FEW: Final = "*"
_FLOOR: Final = (
    "With very many images the fall that is found comes near the margin itself, since one within "
    "it is called `generalises`."
)
_HEADS: Final = (
    ("holdout", "F1 known", "a label's", "fall", "without a fall", "two models"),
    ("images", "to", "F1 to", "found", "`generalises`", "told apart"),
)


@dataclass(frozen=True, slots=True)
class PowerAsked:
    """What was asked; None for sizes that were not given."""

    images: int | None
    test_images: int | None
    labels: int
    f1: float
    wanted_gap: float

    @property
    def expected(self) -> Expected:
        """What is expected of the model; the margin is the fall that begins to matter."""
        return Expected(labels=self.labels, f1=self.f1, margin=self.wanted_gap)

    @property
    def powers(self) -> tuple[Power, ...]:
        """What each holdout can tell."""
        sizes = SHOWN_IMAGES if self.images is None else (self.images,)
        return tuple(holdout_power(size, self.expected, self.test_images) for size in sizes)

    @property
    def needed(self) -> ImagesNeeded:
        """How large the holdout has to be for the wanted gap."""
        return images_needed(
            self.expected,
            half_width=self.wanted_gap,
            gap=self.wanted_gap,
            test_images=self.test_images,
        )


def power_lines(asked: PowerAsked) -> Iterator[str]:
    """Yield what a person reads, at most 80 columns wide."""
    expected = asked.expected
    yield from _wrapped(
        f"Reckoned for images of one label each, {format_count(asked.labels, 'label')}, an F1 of "
        f"{asked.f1:g} and intervals of {expected.confidence_level:.0%}, beside {_test(asked)}."
    )
    yield ""
    if asked.images is None:
        yield from _table(asked).splitlines()
        yield ""
        yield from _wrapped(
            f"`fall found`: from test to holdout, called `drops` {_OFTEN}. `two models`: the share "
            f"of right images by which they differ, found {_OFTEN} when they disagree on "
            f"{expected.disagreement:.0%} of the images. {_FLOOR}"
        )
        yield from _notes(asked.powers)
    else:
        for power in asked.powers:
            yield from _wrapped(_told(power, expected))
        yield from _notes(asked.powers)
    yield ""
    yield from _wrapped(_needed(asked))


def power_document(asked: PowerAsked) -> dict[str, object]:
    """Return the same for a machine."""
    return {
        "format_version": FORMAT_VERSION,
        "expected": asked.expected.model_dump(mode="json"),
        "wanted_gap": asked.wanted_gap,
        "holdouts": [power.model_dump(mode="json") for power in asked.powers],
        "images_needed": asked.needed.model_dump(mode="json"),
    }


def _notes(powers: tuple[Power, ...]) -> Iterator[str]:
    """Yield what the signs in the figures mean, where there are any."""
    if any(power.too_few for power in powers):
        yield from _wrapped(
            f"{_FEW} Too few for these figures to be relied on: fewer than {FEWEST_IMAGES} images "
            f"in the holdout or the test set, or fewer than {FEWEST_OF_LABEL} of a label."
        )
    falls = (power.detectable_fall for power in powers)
    if len(powers) > 1 and None in (*falls, *(power.detectable_difference for power in powers)):
        yield from _wrapped(f"{_NEVER} No fall, or no difference, is so large that it is found.")


def _test(asked: PowerAsked) -> str:
    if asked.test_images is None:
        return "a test set as large as the holdout"
    return f"a test set of {format_count(asked.test_images, 'image')}"


def _table(asked: PowerAsked) -> str:
    rows = [
        (
            f"{power.images:,}{_FEW if power.too_few else ''}",
            f"+-{format_ratio(power.half_width)}",
            f"+-{format_ratio(power.labels[0].half_width)}",
            _or_never(power.detectable_fall),
            f"{power.generalises_chance:.0%}",
            _or_never(power.detectable_difference),
        )
        for power in asked.powers
    ]
    return table([*_HEADS, *rows])


def _or_never(ratio: float | None) -> str:
    return _NEVER if ratio is None else format_ratio(ratio)


def _told(power: Power, expected: Expected) -> str:
    told = [
        f"{_FEW + ' ' if power.too_few else ''}"
        f"A holdout of {format_count(power.images, 'image')} measures an F1 of {power.f1:g} to "
        f"+-{format_ratio(power.half_width)}",
    ]
    if power.detectable_fall is None:
        told.append("; no fall is so large that it finds it.")
    else:
        told.append(f"; a fall of {format_ratio(power.detectable_fall)} is found {_OFTEN}.")
    if len(power.labels) > 1:
        label = power.labels[0]
        told.append(
            f" A label has about {format_count(ceil(label.images), 'image')}: its own F1 is known "
            f"to +-{format_ratio(label.half_width)}."
        )
    told.append(
        f" A model that does not fall is called `generalises` in {power.generalises_chance:.0%} of "
        "cases."
    )
    if power.detectable_difference is not None:
        told.append(
            f" Two models that disagree on {expected.disagreement:.0%} of the images are told "
            f"apart {_OFTEN} when their shares of right images differ by "
            f"{format_ratio(power.detectable_difference)}."
        )
    return "".join(told)


def _needed(asked: PowerAsked) -> str:
    needed, gap = asked.needed, f"{asked.wanted_gap:g}"
    if needed.half_width is None:
        first = f"Not even {MOST_IMAGES:,} images give F1 to +-{gap}."
    else:
        first = f"F1 to +-{gap} takes {format_count(needed.half_width, 'image')}."
    if needed.gap is not None:
        beside = " and as many in the test set" if asked.test_images is None else ""
        count = format_count(needed.gap, "image")
        return f"{first} To find a fall of {gap} {_OFTEN} takes {count}{beside}."
    if asked.test_images is None:
        return f"{first} Not even {MOST_IMAGES:,} images find a fall of {gap} {_OFTEN}."
    return (
        f"{first} Beside {_test(asked)}, no holdout finds a fall of {gap} {_OFTEN}: "
        "enlarge the test set."
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH)
