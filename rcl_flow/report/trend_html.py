"""A project's history as one HTML page that loads nothing from anywhere and needs no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rcl_flow.core.history.history import Trend, TrendRun
from rcl_flow.report import promotion_wording, trend_wording
from rcl_flow.report.templating import render_template, source_hash
from rcl_flow.report.trend_charts import cost_trend, score_trend
from rcl_flow.report.trend_page import TrendPage

MOST_DRAWN: Final = 30
"""The charts show so many of the newest runs; the table has all."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive runs on one ground, as the table lists them."""

    title: str
    details: str
    runs: tuple[TrendRun, ...]


def render_trend_html(page: TrendPage) -> str:
    """Render the history as one self-contained HTML document."""
    trend = page.trend
    drawn = trend.runs[-MOST_DRAWN:]
    has_scores = any(each.run.score is not None for each in drawn)
    return render_template(
        "trend.html",
        page=page,
        style_hash=source_hash("page.css"),
        trend_style_hash=source_hash("trend.css"),
        headline=trend_wording.headline_sentence(trend),
        sentence=trend_wording.change_sentence(trend),
        spent_sentence=trend_wording.spent_sentence(trend),
        ended=trend_wording.ended_text,
        change_text=trend_wording.change_text,
        overlap_text=trend_wording.overlap_text,
        basis_text=trend_wording.basis_text,
        apart_text=trend_wording.apart_text,
        numbers={each.run.run_id: each.number for each in trend.runs},
        score_chart=score_trend(drawn) if has_scores else None,
        cost_chart=cost_trend(drawn) if drawn else None,
        left_out=len(trend.runs) - len(drawn),
        stretches=stretches_of(trend),
        latest=trend.scored[-1] if trend.scored else None,
        best=_best(trend),
        problems=[(each, each.run.unreadable) for each in trend.runs if each.run.unreadable],
        event_title=promotion_wording.event_title,
        event_reasons=promotion_wording.event_reasons,
        event_change=promotion_wording.change_text,
        noise_sentences=promotion_wording.noise_sentences,
        spent=[(backend, trend.spent_usd(backend)) for backend in trend.backends],
    )


def stretches_of(trend: Trend) -> tuple[Stretch, ...]:
    """Return the runs in stretches; one whose holdout is not known stays with those before it."""
    starts = [place for place, each in enumerate(trend.runs) if each.new_ground]
    bounds = [0, *starts, len(trend.runs)]
    return tuple(
        _stretch(trend.runs[start:end], trend) for start, end in pairwise(bounds) if end > start
    )


def _stretch(runs: Sequence[TrendRun], trend: Trend) -> Stretch:
    ground = trend.ground(next((each.ground for each in runs if each.ground), 0))
    details = trend_wording.ground_details(ground) if ground else ""
    return Stretch(trend_wording.ground_title(ground), details, tuple(runs))


def _best(trend: Trend) -> TrendRun | None:
    """Return the best run on the latest score's ground; None for a score that stands alone there.

    Beside scores that it cannot be compared with, the only one of its kind is no highest.
    """
    ground = trend.ground(trend.scored[-1].ground) if trend.scored else None
    if ground is None or (len(ground.standings) > 1 and ground.standings[-1].scores == 1):
        return None
    return next((each for each in trend.runs if each.run == ground.best), None)
