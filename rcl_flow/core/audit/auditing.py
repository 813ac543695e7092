"""Run every rule over the datasets, and apply what the config says of severities and waivers."""

from collections.abc import Callable, Iterator
from typing import Final

from rcl_flow.core.audit import (
    boxes,
    counts,
    looks,
    oddities,
    origins,
    relations,
    shares,
    shift,
    similar,
    spread,
    structure,
    taxonomy,
    variety,
)
from rcl_flow.core.audit.findings import AuditReport, Finding, sort_key
from rcl_flow.core.audit.rules import AuditRules, Waiver
from rcl_flow.core.audit.subject import Evidence, Subject
from rcl_flow.core.datasets.dataset import Datasets

_CHECKS: Final[tuple[Callable[[Subject], Iterator[Finding]], ...]] = (
    structure.check,
    relations.check,
    counts.check,
    boxes.check,
    origins.check,
    similar.check,
    oddities.check,
    variety.check,
    spread.check,
    shift.check,
    shares.check,
    taxonomy.check,
    looks.check,
)


def audit_datasets(
    datasets: Datasets,
    rules: AuditRules,
    evidence: Evidence = Evidence(),  # noqa: B008  # frozen
) -> AuditReport:
    """Check the splits one by one and against each other.

    Args:
        datasets: the splits, at least a holdout.
        rules: thresholds, severities and waivers.
        evidence: what the images' pixels, lineage and manifests say; rules without their evidence
            are silent.
    """
    subject = Subject(datasets, rules, evidence)
    every = [finding for check in _CHECKS for finding in check(subject)]
    every += evidence.manifest_findings
    judged = (_judged(finding, rules) for finding in every)
    return AuditReport(findings=tuple(sorted(filter(None, judged), key=sort_key)))


def _judged(finding: Finding, rules: AuditRules) -> Finding | None:
    severity = rules.severities.get(finding.rule, finding.severity)
    if severity == "off":
        return None
    reasons = [waiver.reason for waiver in rules.waivers if _covers(waiver, finding)]
    return finding.model_copy(
        update={"severity": severity, "waived": reasons[0] if reasons else ""}
    )


def _covers(waiver: Waiver, finding: Finding) -> bool:
    return (
        waiver.rule == finding.rule
        and (waiver.split is None or waiver.split in finding.split.split("+"))
        and (waiver.label is None or waiver.label == finding.label)
    )
