"""An audit as one HTML page that loads nothing from anywhere and needs no script."""

from collections.abc import Mapping

from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.audit.summary import AuditSummary
from rcl_flow.report import audit_wording
from rcl_flow.report.audit_charts import factor_figure
from rcl_flow.report.audit_findings import anchored_findings, severity_groups
from rcl_flow.report.audit_galleries import pictures_of, shown_places
from rcl_flow.report.audit_labels import carded_labels, label_cards, label_rows
from rcl_flow.report.audit_page import AuditPage
from rcl_flow.report.templating import render_template, source_hash


def render_audit_html(page: AuditPage) -> str:
    """Render the audit as one self-contained HTML document, below 5 MB."""
    report, summary = page.report, page.summary
    rows = label_rows(report, summary)
    return render_template(
        "audit.html",
        page=page,
        style_hash=source_hash("page.css"),
        gate_sentence=audit_wording.gate_sentence(report),
        consequence_sentence=audit_wording.consequence_sentence(report),
        groups=severity_groups(report, page.thumbnails),
        factors=[factor_figure(factor) for factor in summary.factors],
        rows=rows,
        cards=label_cards(carded_labels(rows), page.thumbnails),
        boxes=summary.task == "detection",
    )


def wanted_pictures(report: AuditReport, summary: AuditSummary) -> Mapping[str, str]:
    """Return digest and uri of every image of which the page can show a picture."""
    wanted: dict[str, str] = {}
    for each in anchored_findings(report):
        if each.in_full:
            wanted |= dict(pictures_of(shown_places(each.finding.places)))
    for row in carded_labels(label_rows(report, summary)):
        wanted |= dict(pictures_of(row.summary.samples))
    return wanted
