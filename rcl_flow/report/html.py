"""A finished run as one HTML page that loads nothing from anywhere."""

from collections.abc import Iterator, Mapping
from typing import Final

from markupsafe import Markup

from rcl_flow.core.scoring.comparison import Comparison, Score
from rcl_flow.core.scoring.error_types import ErrorKind
from rcl_flow.core.scoring.thresholds import ThresholdTuning
from rcl_flow.report import judged_wording, wording
from rcl_flow.report.charts import ChartRow, gap_chart, score_chart
from rcl_flow.report.confusion import MOST_PAIRS, confused_pairs, confusion_table
from rcl_flow.report.cost_rows import cost_rows
from rcl_flow.report.curve_charts import calibration_chart
from rcl_flow.report.embedding import json_block
from rcl_flow.report.gate_rows import gate_rows
from rcl_flow.report.label_curves import average_precisions, drawn_curves
from rcl_flow.report.label_rows import label_axis, label_rows
from rcl_flow.report.mistake_cards import MOST_CARDS, mistake_cards
from rcl_flow.report.numbering import Numbered
from rcl_flow.report.page import ReportPage
from rcl_flow.report.page_data import page_data, pictures_by_number
from rcl_flow.report.templating import render_template, source_hash
from rcl_flow.report.thumbnails import affordable_thumbnails

MOST_LISTED: Final = 50
"""Reasons and refused images beyond this are counted, not listed."""
MOST_SLICES: Final = 12
FIRST_CURVES: Final = 24
"""Curves beyond this are folded away."""
VERDICT_TONES: Final = {"generalises": "good", "drops": "bad", "inconclusive": "unsure"}
KIND_MEANINGS: Final[Mapping[ErrorKind, str]] = {
    "confusion": "another label was predicted",
    "localisation": "the right label, in the wrong place",
    "duplicate": "an object was found twice",
    "miss": "nothing was predicted for it",
    "background": "something was predicted where nothing is",
    "label suspect": "the model disagrees so surely that the annotation may be wrong",
}

Views = dict[str, object]


def render_html(page: ReportPage) -> str:
    """Render the report as one self-contained HTML document, below 5 MB."""
    numbered = Numbered(page)
    views: Views = {
        "page": page,
        "numbered": numbered,
        "data": json_block(page_data(page, numbered)),
        "most_listed": MOST_LISTED,
        "style_hashes": [source_hash("page.css"), source_hash("report.css")],
        "script_hashes": [source_hash("page.js"), source_hash("report.js")],
        **_sentences(page),
        **_judged_sentences(page),
        **_comparison_views(page),
        **_analysis_views(page),
    }
    bare = _with_pictures(views, page, numbered, {})
    thumbnails = affordable_thumbnails(page, len(bare.encode()))
    return _with_pictures(views, page, numbered, thumbnails) if thumbnails else bare


def _with_pictures(
    views: Views, page: ReportPage, numbered: Numbered, thumbnails: Mapping[str, str]
) -> str:
    in_cards = [mistake.sha256 for mistake in page.comparison.mistakes[:MOST_CARDS]]
    pictures = pictures_by_number(thumbnails, numbered, without=in_cards)
    return render_template(
        "page.html",
        **views,
        mistakes=mistake_cards(page.comparison, thumbnails),
        pictures=json_block(pictures),
    )


def _sentences(page: ReportPage) -> Views:
    return {
        "decision_sentence": wording.decision_sentence(page.decision),
        "verdict_sentence": wording.verdict_sentence(page.comparison),
        "task_sentence": wording.task_sentence(page.comparison),
        "status_sentence": wording.status_sentence(page.provenance),
        "backend_sentence": wording.backend_sentence(page.provenance),
        "cost_sentence": wording.cost_sentence(page.cost, page.prices, page.provenance),
    }


def _judged_sentences(page: ReportPage) -> Views:
    comparison, evaluation = page.comparison, page.evaluation
    return {
        "evaluation_sentence": judged_wording.evaluation_sentence(
            evaluation, page.provenance.run_id
        )
        if evaluation
        else "",
        "cautions": judged_wording.cautions(page),
        "holdout_place": judged_wording.holdout_place(comparison),
        "gap_place": judged_wording.gap_place(comparison),
        "gap_rule": judged_wording.gap_rule(comparison.gap, page.rules),
        "measured_from": judged_wording.measured_from(comparison),
        "allowance_sentence": judged_wording.allowance_sentence(comparison, page.rules),
    }


def _comparison_views(page: ReportPage) -> Views:
    comparison = page.comparison
    axis = label_axis(comparison.labels)
    precision = average_precisions(page)
    labels = label_rows(
        comparison.labels,
        axis,
        least_f1=page.gates.min_label_f1,
        average_precision=precision,
    )
    return {
        "stopped": page.provenance.model_status == wording.STOPPED,
        "verdict_tones": VERDICT_TONES,
        "score_chart": _score_chart(comparison),
        "score_rows": tuple(_score_rows(comparison)),
        "gap_chart": gap_chart(
            comparison.gap, judged_wording.allowed_fall(comparison.gap, page.rules)
        ),
        "gates": gate_rows(comparison, page.decision, page.gates),
        "label_axis": axis,
        "labels": labels,
        "corrected": any(entry.gap and entry.gap.corrected_interval for entry in comparison.labels),
        "chosen_thresholds": any(e.chosen_threshold is not None for e in comparison.labels),
        "confusion": confusion_table(comparison),
        "pairs": confused_pairs(comparison),
        "most_pairs": MOST_PAIRS,
        "pictured": len(page.images),
        "thing": "object" if comparison.task == "detection" else "image",
        "costs": cost_rows(page.cost, page.prices),
        "curves": drawn_curves(page, precision),
        "first_curves": FIRST_CURVES,
    }


def _analysis_views(page: ReportPage) -> Views:
    analysis = page.analysis
    return {
        "analysis": analysis,
        "next_step": analysis.advice[0] if analysis and analysis.advice else None,
        "tuning": _shown_tuning(analysis.thresholds) if analysis else None,
        "kinds": analysis.errors.kinds if analysis else (),
        "kind_meanings": KIND_MEANINGS,
        "most_slices": MOST_SLICES,
        "calibration_chart": calibration_chart(analysis.quality.calibration) if analysis else "",
    }


def _shown_tuning(tuning: ThresholdTuning) -> ThresholdTuning | None:
    """Return the tuning, unless nothing was tuned and nothing is suggested."""
    return tuning if tuning.labels and (tuning.used or tuning.calibration_images) else None


def _score_rows(comparison: Comparison) -> Iterator[tuple[str, Score]]:
    yield "Test", comparison.test
    if comparison.holdout_at_assumed is None:
        yield "Holdout", comparison.holdout
        return
    yield f"Holdout, {judged_wording.CHOSEN}", comparison.holdout
    yield f"Holdout, {judged_wording.ASSUMED}", comparison.holdout_at_assumed


def _score_chart(comparison: Comparison) -> Markup:
    return score_chart([_chart_row(name, score) for name, score in _score_rows(comparison)])


def _chart_row(name: str, score: Score) -> ChartRow:
    """Return a row of the chart, whose name has to fit beside its figures on a telephone."""
    short = name.replace("at the ", "").replace(" thresholds", "")
    tone = "test" if name == "Test" else "holdout"
    return ChartRow(short, tone, score.f1, score.f1_interval)
