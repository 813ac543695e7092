"""What an audit looks at, and how its rules state what they find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rcl_flow.core.audit.catalogue import RULES, docs_of
from rcl_flow.core.audit.findings import Finding, Place, Severity
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the images besides their labels; a rule without its evidence is silent."""

    measures: Mapping[str, ImageMeasures] = field(default_factory=dict)
    """By the digest of the image's bytes."""
    bucket: str = ""
    """Where local images are to be uploaded; an empty text where nobody knows."""
    region: str = "us-east-1"
    """Where the datasets are to be made: two regions have smaller limits."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """The digest of an augmented image to that of the image it was made of."""
    holdout_uses: int = 0
    """How many models this holdout has judged before."""
    manifest_findings: tuple[Finding, ...] = ()
    """What the lint of the manifests found that the datasets came from."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The datasets, what is known of them, and the config's rules."""

    datasets: Datasets
    rules: AuditRules = field(default_factory=AuditRules)
    evidence: Evidence = field(default_factory=Evidence)


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
    image: DatasetImage, split: str, *, note: str = "", twin: tuple[DatasetImage, str] | None = None
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
