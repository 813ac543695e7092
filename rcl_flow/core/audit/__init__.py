"""Findings about the datasets, before anything is paid for.

Each module of this package looks for one kind of thing and yields findings: `structure` for what
the service refuses, `counts` for sizes, `relations` for labels and contents across splits.
`catalogue` lists every rule; `rules` holds the config's thresholds; `auditing` runs them all.
"""

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.findings import AuditReport, Finding, Place, Severity
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.audit.subject import Evidence

__all__ = [
    "AuditReport",
    "AuditRules",
    "Evidence",
    "Finding",
    "Place",
    "Severity",
    "audit_datasets",
]
