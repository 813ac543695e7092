"""Tests of what the report of a run says of its audit."""

from collections.abc import Sequence
from dataclasses import replace

from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.report.html import MOST_LISTED, render_html
from tests.unit.report.audit_pages import FINDINGS, REASON, finding
from tests.unit.report.documents import Document
from tests.unit.report.pages import build_page


def document_of(findings: Sequence[Finding], *, audit_page: str = "") -> Document:
    """Render and read the report of a run with these findings."""
    page = replace(build_page(), audit=AuditReport(findings=tuple(findings)), audit_page=audit_page)
    return Document(render_html(page))


def test_report_lists_findings_of_every_severity_and_waived_ones_with_their_reason() -> None:
    """Nothing that the audit said is lost between the audit and the report."""
    document = document_of(FINDINGS)
    text = document.text_of("main")
    assert all(each.message in text for each in FINDINGS)
    heads = [head.text for head in document.all("h3") if head.text.startswith("Audit")]
    assert heads == ["Audit: 1 error", "Audit: 2 warnings", "Audit: 1 note", "Audit: 1 waived"]
    assert f"Waived: {REASON}" in text


def test_report_counts_findings_beyond_the_list() -> None:
    """Hundreds of findings do not bury the scores."""
    document = document_of([finding("narrow-light", label=str(n)) for n in range(80)])
    text = document.text_of("main")
    assert text.count("What narrow-light says.") == MOST_LISTED
    assert "and 30 more findings; audit.json lists every one." in text


def test_report_links_the_audit_page_where_there_is_one() -> None:
    """The pictures are a click away; a report without such a page has no dead link."""
    links = [link.attributes["href"] for link in document_of([], audit_page="audit.html").all("a")]
    assert links.count("audit.html") == 1
    assert all(link.attributes["href"].startswith("#") for link in document_of([]).all("a"))
