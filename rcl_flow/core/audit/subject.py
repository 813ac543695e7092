"""What an audit looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import Datasets
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
