"""Everything that an audit's page shows, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.audit.summary import AuditSummary


@dataclass(frozen=True, slots=True)
class AuditPage:
    """An audit, ready to be rendered."""

    report: AuditReport
    summary: AuditSummary
    project: str
    program_version: str
    created_at: datetime
    thumbnails: Mapping[str, str]
    """Image digest to a `data:image/jpeg;base64,…` URI; `wanted_pictures` says which are used."""
    data_description: str = ""
    """What the config says of the images."""
    certificate: tuple[str, ...] = ()
    """The sentences of the holdout's certificate, when there is one."""
    docs_base: str = ""
    """Where the documentation is, ending in `/`; without it sections are named, not linked."""
