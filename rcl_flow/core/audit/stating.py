"""How a rule states what it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rcl_flow.core.audit.catalogue import RULES, Severity, docs_of
from rcl_flow.core.audit.findings import Finding, Place

if TYPE_CHECKING:  # what only lints manifests has no images
    from rcl_flow.core.datasets.dataset import DatasetImage


@dataclass(frozen=True, slots=True)
class Scope:
    """What a finding is about."""

    split: str = ""
    label: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    places: tuple[Place, ...] = ()


def found(
    rule: str,
    message: str,
    hint: str,
    *,
    scope: Scope = Scope(),  # frozen
    severity: Severity | None = None,
) -> Finding:
    """Return a finding of `rule`, with the severity of the catalogue unless another is given."""
    entry = RULES[rule]
    return Finding(
        rule=rule,
        severity=severity or entry.severity,
        message=message,
        hint=hint,
        practice=entry.practice,
        docs=docs_of(rule),
        split=scope.split,
        label=scope.label,
        figures=scope.figures,
        places=scope.places,
    )


def place_of(
    image: "DatasetImage",
    split: str,
    *,
    note: str = "",
    twin: "tuple[DatasetImage, str] | None" = None,
) -> Place:
    """Return an image of a split as the place of a finding; `twin` is another image and split."""
    other, other_split = twin or (None, "")
    return Place(
        uri=image.uri,
        split=split,
        sha256=image.sha256,
        note=note,
        twin_uri=other.uri if other else "",
        twin_split=other_split,
        twin_sha256=other.sha256 if other else "",
    )


def count(things: Sequence[object], noun: str, plural: str = "") -> str:
    """Return how many things there are, in words: `1 image`, `3 images`."""
    return f"{len(things)} {noun if len(things) == 1 else plural or noun + 's'}"
