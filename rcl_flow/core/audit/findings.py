"""What an audit finds: findings with their evidence, and the report of all of them."""

from collections.abc import Mapping

from rcl_flow.core.audit.catalogue import Severity
from rcl_flow.core.values import Frozen

_RANK = {"error": 0, "warning": 1, "note": 2}


class Place(Frozen):
    """One image, or one line of a manifest, that a finding is about."""

    uri: str
    split: str = ""
    """`train`, `test` or `holdout`."""
    sha256: str = ""
    """The digest of the image's bytes, where they were read."""
    line_number: int = 0
    """1-based line of the manifest `uri`; 0 for an image."""
    note: str = ""
    """What is to be seen here, such as the measured figure."""
    twin_uri: str = ""
    """The other image, in findings about pairs."""
    twin_split: str = ""
    twin_sha256: str = ""


class Finding(Frozen):
    """One thing that the audit found."""

    rule: str
    """Its id in the catalogue."""
    severity: Severity
    message: str
    """What is wrong, and where."""
    hint: str
    """What to do about it."""
    practice: str = ""
    """The id of the practice behind the rule, where there is one."""
    docs: str = ""
    """The documentation's section that says what to do, as page#anchor."""
    split: str = ""
    """The split that it is about, or several, joined by `+`."""
    label: str = ""
    """The label that it is about, where it is about one."""
    figures: Mapping[str, float] = {}
    """What was measured, by name."""
    places: tuple[Place, ...] = ()
    """The images or lines that show it."""
    waived: str = ""
    """The config's reason for living with it; such a finding does not close the gate."""


class AuditReport(Frozen):
    """All findings, errors first, waived ones last."""

    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that close the gate."""
        return self._open("error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not, and deserve work."""
        return self._open("warning")

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is worth knowing."""
        return self._open("note")

    @property
    def waived(self) -> tuple[Finding, ...]:
        """What the config accepts, each with its reason."""
        return tuple(finding for finding in self.findings if finding.waived)

    def _open(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity == severity and not f.waived)


def sort_key(finding: Finding) -> tuple[bool, int]:
    """Return what findings are ordered by: errors first, waived ones last."""
    return bool(finding.waived), _RANK[finding.severity]
