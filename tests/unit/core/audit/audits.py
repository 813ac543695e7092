"""Audits of splits that are clean unless a test says otherwise."""

from collections.abc import Sequence

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import Dataset, Datasets
from tests.builders import labelled

RULES = AuditRules(
    recommended_train_images_per_label=3,
    recommended_holdout_images=(4, 10),
    severities={"no-negative-label": "off"},
)
TRAIN = labelled("train", {"a": 3, "b": 3})
TEST = labelled("test", {"a": 1, "b": 1})
HOLDOUT = labelled("holdout", {"a": 2, "b": 2})


def audit(
    *, train: Dataset | None = TRAIN, test: Dataset | None = TEST, holdout: Dataset = HOLDOUT
) -> AuditReport:
    """Audit three splits that are clean unless a test says otherwise."""
    return audit_datasets(Datasets(train=train, test=test, holdout=holdout), RULES)


def rules_of(findings: Sequence[Finding]) -> list[str]:
    """Return which rules were broken."""
    return [finding.rule for finding in findings]


def only(report: AuditReport) -> Finding:
    """Return the one finding that there must be."""
    (finding,) = report.findings
    return finding
