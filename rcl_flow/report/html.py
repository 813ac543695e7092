"""A finished run as one HTML page that loads nothing from anywhere."""

from markupsafe import Markup

from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.report import wording
from rcl_flow.report.charts import ChartRow, gap_chart, score_chart
from rcl_flow.report.confusion import MOST_PAIRS, confused_pairs, confusion_table
from rcl_flow.report.cost_rows import cost_rows
from rcl_flow.report.gate_rows import gate_rows
from rcl_flow.report.label_rows import label_axis, label_rows
from rcl_flow.report.mistake_cards import mistake_cards
from rcl_flow.report.page import ReportPage
from rcl_flow.report.templating import render_template, source_hash

MOST_LISTED = 50
"""Reasons and refused images beyond this are counted, not listed."""


def render_html(page: ReportPage) -> str:
    """Render the report as one self-contained HTML document, below 5 MB."""
    return render_template(
        "page.html",
        page=page,
        most_listed=MOST_LISTED,
        style_hash=source_hash("page.css"),
        script_hash=source_hash("page.js"),
        **_sentences(page),
        **_views(page),
    )


def _sentences(page: ReportPage) -> dict[str, str]:
    return {
        "decision_sentence": wording.decision_sentence(page.decision),
        "verdict_sentence": wording.verdict_sentence(page.comparison),
        "task_sentence": wording.task_sentence(page.comparison),
        "status_sentence": wording.status_sentence(page.provenance),
        "backend_sentence": wording.backend_sentence(page.provenance),
        "cost_sentence": wording.cost_sentence(page.cost, page.prices, page.provenance),
    }


def _views(page: ReportPage) -> dict[str, object]:
    comparison = page.comparison
    axis = label_axis(comparison.labels)
    return {
        "stopped": page.provenance.model_status == wording.STOPPED,
        "score_chart": _score_chart(comparison),
        "gap_chart": gap_chart(comparison.gap, page.rules.gap_margin),
        "gates": gate_rows(comparison, page.decision, page.gates),
        "label_axis": axis,
        "labels": label_rows(comparison.labels, axis),
        "confusion": confusion_table(comparison),
        "pairs": confused_pairs(comparison),
        "most_pairs": MOST_PAIRS,
        "mistakes": mistake_cards(comparison, page.thumbnails),
        "thing": "object" if comparison.task == "detection" else "image",
        "costs": cost_rows(page.cost, page.prices),
    }


def _score_chart(comparison: Comparison) -> Markup:
    test, holdout = comparison.test, comparison.holdout
    return score_chart(
        (
            ChartRow("Test", "test", test.f1, test.f1_interval),
            ChartRow("Holdout", "holdout", holdout.f1, holdout.f1_interval),
        )
    )
