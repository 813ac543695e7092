"""How many of a training label's images are different pictures at all (practice D3)."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.audit.factor_table import FactorTable, table_of
from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.audit.stating import Scope, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.statistics import Indices

_MOST_IMAGES: Final = 2000
"""Of a larger label only the first by digest are compared, which is as good as a random draw."""
_CHUNK: Final = 256
_SHOWN: Final = 6


def check(subject: Subject) -> Iterator[Finding]:
    """Check whether a label's images mostly repeat one another, by their perceptual hashes."""
    train, rules = subject.datasets.train, subject.rules.factors
    if train is None:
        return
    table = table_of(train, subject.evidence.measures, factors=())
    hashed = np.array([bool(measures.hashes) for measures in table.measures], dtype=np.bool_)
    hashes = np.array(
        [measures.hashes[0] if measures.hashes else 0 for measures in table.measures],
        dtype=np.uint64,
    )
    for label, rows in table.rows.items():
        members = rows[hashed[rows]][:_MOST_IMAGES]
        if len(members) >= rules.min_images:
            earlier = earlier_alike(hashes[members], rules.alike_bits)
            yield from _narrow(table, label, members, earlier, rules=rules)


def earlier_alike(hashes: NDArray[np.uint64], bits: int) -> Indices:
    """Return for each hash the place of the first one before it within `bits` bits, or -1."""
    first = np.full(len(hashes), -1, dtype=np.intp)
    for start in range(0, len(hashes), _CHUNK):
        here = hashes[start : start + _CHUNK]
        before = hashes[: start + len(here)]
        alike = np.bitwise_count(here[:, None] ^ before[None, :]) <= bits
        alike &= np.arange(len(before)) < np.arange(start, start + len(here))[:, None]
        first[start : start + len(here)] = np.where(alike.any(axis=1), alike.argmax(axis=1), -1)
    return first


def _narrow(
    table: FactorTable, label: str, members: Indices, earlier: Indices, *, rules: FactorRules
) -> Iterator[Finding]:
    repeats = np.flatnonzero(earlier >= 0)
    share = len(repeats) / len(members)
    if share <= rules.max_alike_share:
        return
    places = tuple(
        place_of(
            table.images[members[earlier[place]]],
            table.split,
            twin=(table.images[members[place]], table.split),
        )
        for place in repeats[:_SHOWN].tolist()
    )
    different = len(members) - len(repeats)
    yield found(
        "narrow-variety",
        f"{table.split}: the {len(members)} images of {label} show about {different} different "
        f"pictures; {share:.0%} of them are like another one.",
        f"Add images of {label} that look different: more variation helps more than more of the "
        "same.",
        scope=Scope(
            table.split,
            label=label,
            figures={"images": len(members), "different": different, "alike_share": share},
            places=places,
        ),
    )
