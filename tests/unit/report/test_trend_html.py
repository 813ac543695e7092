"""Tests of the page that shows a project's history."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from rcl_flow.core.history.history import trend_of
from rcl_flow.core.history.past_runs import PastRun, RunScore
from rcl_flow.core.promotion.champions import ChampionEvent, EventKind
from rcl_flow.core.promotion.decision import Reason
from rcl_flow.core.promotion.promotion import PairedFigures
from rcl_flow.core.promotion.training_noise import TrainingNoise
from rcl_flow.report.trend_html import MOST_DRAWN, render_trend_html
from rcl_flow.report.trend_page import TrendPage
from tests.unit.report.documents import Document, Element

START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
A, B = "a" * 64, "b" * 64
HOSTILE = '<script>alert(1)</script>"onload="x'


def past(number: int, f1: float | None = 0.9, holdout: str = A, **changes: object) -> PastRun:
    """Return the run that began `number` days after the first moment; with an F1 it finished."""
    score = None
    if f1 is not None:
        score = RunScore(
            decision="promote" if f1 >= 0.9 else "keep",
            verdict="generalises" if f1 >= 0.85 else "drops",
            test_f1=0.96,
            test_interval=(0.93, 0.99),
            holdout_f1=f1,
            holdout_interval=(f1 - 0.03, min(1.0, f1 + 0.02)),
            judged_labels=("one", "two"),
            judged_images=988,
        )
    known = {
        "run_id": f"202611{number:02}T110000Z-0123456{number % 10}",
        "project": "parts",
        "backend": "aws",
        "state": "completed" if score else "failed",
        "started_at": START + timedelta(days=number),
        "updated_at": START + timedelta(days=number, hours=2),
        "holdout_digest": holdout,
        "holdout_images": 988,
        "test_digest": "7" * 64,
        "training_images": 600 + 40 * number,
        "spent_usd": 1.25 + number / 4,
        "score": score,
    }
    return PastRun.model_validate(known | changes)


FAILED = past(3, None, error="[training-failed] The training failed: too few images of scratch.")
RUNS = (past(1, 0.81), past(2, 0.88), FAILED, past(4, 0.93), past(5, 0.86, B), past(6, 0.91, B))


def of_model(arn: str) -> dict[str, Any]:
    """Return what names a run's model."""
    return {"project_version_arn": arn}


def judged_otherwise(run: PastRun, **changes: object) -> PastRun:
    """Return a finished run whose score was taken on something else."""
    assert run.score is not None
    return run.model_copy(update={"score": run.score.model_copy(update=changes)})


TUNED = judged_otherwise(
    past(5, 0.95, **of_model("arn:one")),
    judged_images=692,
    thresholds="tuned",
    assumed_f1=0.91,
    assumed_interval=(0.9, 0.92),
)


def page_of(*runs: PastRun, **changes: object) -> TrendPage:
    """Return the page of these runs; each finished one has a report."""
    page = TrendPage(
        project="parts",
        trend=trend_of(runs),
        program_version="0.1.0",
        created_at=START + timedelta(days=9),
        links={r.run_id: f"./runs/{r.run_id}/report.html" for r in runs if r.score},
    )
    return replace(page, **changes)  # type: ignore[arg-type]  # the test names the fields


def document_of(*runs: PastRun) -> Document:
    """Render and read a page."""
    return Document(render_trend_html(page_of(*runs)))


def charts_of(document: Document) -> list[Element]:
    """Return the charts that are images to a screen reader."""
    return document.all("svg", role="img")


def rows_of(document: Document) -> list[str]:
    """Return the text of the table's rows after its head."""
    return [row.text for row in document.all("tr")][1:]


def test_page_opens_with_the_latest_score_and_its_change() -> None:
    """What a manager asks first: how good, and better than before?"""
    document = document_of(*RUNS)
    assert document.text_of("h1") == (
        "Holdout F1 0.910, +0.050 since the run before on this holdout."
    )
    assert document.all("p", **{"class": "verdict"})[0].text == (
        "Their intervals overlap. It is the highest on this holdout so far."
    )
    assert document.text_of("title") == "History: parts - rcl-flow"
    facts = [element.text for element in document.all("dd")]
    assert facts[0] == ("0.910 [0.880, 0.930] run 6, promote 988 images judged, assumed thresholds")
    assert facts[2] == "6 5 with a score"
    assert facts[3] == "$12.75 by the ledger"


def test_page_sells_no_tuned_thresholds_as_progress() -> None:
    """Other images at other thresholds: neither a change, a line nor a record."""
    document = document_of(past(1, 0.9, **of_model("arn:one")), TUNED)
    assert document.text_of("h1") == (
        "Holdout F1 0.950, not comparable with the scores before on this holdout."
    )
    assert document.all("p", **{"class": "verdict"})[0].text == (
        f"It is the same model as that of run {past(1).run_id}. Other images judged (692, before "
        "988)."
    )
    assert document.all("line", **{"class": "course holdout"}) == []
    assert "Highest on this holdout" not in [element.text for element in document.all("dt")]
    row = rows_of(document)[2]
    assert "same model as run 1" in row
    assert "692 images judged, tuned thresholds" in row
    assert "not comparable: other images judged (692, before 988)" in row
    assert "so far" not in row


def test_page_compares_like_with_like() -> None:
    """Over scores that cannot be compared, and else at the assumed thresholds."""
    document = document_of(past(1, 0.8), TUNED, past(6, 0.92))
    assert document.text_of("h1") == f"Holdout F1 0.920, +0.120 since run {past(1).run_id}."
    assert "since run 1" in rows_of(document)[3]
    assert document.all("p", **{"class": "verdict"})[0].text.endswith(
        "It is the highest on this holdout so far (988 images judged, assumed thresholds)."
    )
    given = judged_otherwise(
        past(6, 0.95), thresholds="fixed", assumed_f1=0.82, assumed_interval=(0.8, 0.84)
    )
    document = document_of(past(1, 0.8), given)
    assert document.text_of("h1") == (
        "Holdout F1 0.950, +0.020 since the run before on this holdout at the assumed thresholds."
    )
    assert "+0.020 at the assumed thresholds intervals overlap" in rows_of(document)[2]
    unknown = judged_otherwise(given, assumed_f1=None)
    row = rows_of(document_of(past(1, 0.8), unknown))[2]
    assert "not comparable: other thresholds (fixed, before assumed)" in row


def test_page_names_the_best_when_the_latest_is_worse() -> None:
    """A fall is told with the run that was better."""
    document = document_of(past(1, 0.95), past(2, 0.80))
    assert document.text_of("h1").startswith("Holdout F1 0.800, -0.150 since")
    assert document.all("p", **{"class": "verdict"})[0].text == (
        f"Their intervals do not overlap. The highest on this holdout is 0.950, of run "
        f"{past(1).run_id}."
    )


def test_page_tells_of_newer_runs_without_a_score() -> None:
    """The latest score is not the latest news."""
    document = document_of(past(1), past(2, None), past(3, None))
    assert document.all("p", **{"class": "verdict"})[0].text == "2 newer runs have no score."


def test_page_of_a_first_score_compares_nothing() -> None:
    """One run is no trend, and says so."""
    document = document_of(past(1))
    assert document.text_of("h1") == "Holdout F1 0.900, the first score on this holdout."
    assert document.all("p", **{"class": "verdict"}) == []
    assert len(document.all("circle", **{"class": "point holdout"})) == 1 + 1
    assert document.all("line", **{"class": "course holdout"}) == []


def test_page_without_a_score_draws_only_costs() -> None:
    """Runs that failed have cost something all the same."""
    document = document_of(FAILED)
    assert document.text_of("h1") == "No run has a score yet."
    assert [chart.attributes["aria-label"] for chart in charts_of(document)] == [
        "US dollars by run, oldest first: run 1 $2.00"
    ]
    assert "[training-failed] The training failed" in rows_of(document)[1]


def test_chart_says_its_figures_to_those_who_do_not_see_it() -> None:
    """The label holds every score and every cost, oldest first."""
    scores, costs = charts_of(document_of(*RUNS))
    assert scores.attributes["aria-label"] == (
        "Holdout F1 by run, oldest first: run 1 0.810, run 2 0.880, run 4 0.930, run 5 0.860, "
        "run 6 0.910"
    )
    assert costs.attributes["aria-label"].endswith("run 5 $2.50, run 6 $2.75")


def test_lines_join_only_what_can_be_compared() -> None:
    """The holdout's line breaks where the holdout changes; the test's where the test does."""
    document = document_of(*RUNS)
    drawn = document.all("line", **{"class": "course holdout"})
    assert len(drawn) == 3
    assert len(document.all("line", **{"class": "break"})) == 1 + 1  # one is the legend's
    legend = 1
    assert len(document.all("line", **{"class": "course test"})) == 4 + legend
    other_test = past(6, 0.91, B, test_digest="8" * 64)
    assert (
        len(document_of(*RUNS[:5], other_test).all("line", **{"class": "course test"}))
        == 3 + legend
    )


def test_points_stand_where_their_values_are() -> None:
    """A higher score is drawn higher, an interval reaches from its low to its high end."""
    document = document_of(*RUNS)
    points = document.all("circle", **{"class": "point holdout"})[1:]
    heights = [float(point.attributes["cy"]) for point in points]
    assert sorted(range(5), key=lambda n: -heights[n]) == [0, 3, 1, 4, 2]
    places = [float(point.attributes["cx"].rstrip("%")) for point in points]
    assert places == pytest.approx([100 / 6 * (n + 0.5) for n in (0, 1, 3, 4, 5)], abs=0.01)
    for line, point in zip(
        document.all("line", **{"class": "interval holdout"})[1:], heights, strict=True
    ):
        assert float(line.attributes["y1"]) < point < float(line.attributes["y2"])


@pytest.mark.parametrize(("count", "apart"), [(2, True), (20, False)])
def test_scores_of_a_run_stand_beside_each_other_where_there_is_room(
    count: int, *, apart: bool
) -> None:
    """Equal scores of a run are both seen; among many runs every point stays in its place."""
    html = render_trend_html(page_of(*(past(n % 9, run_id=f"{n}") for n in range(count))))
    assert ('<g transform="translate(-4 0)"><title>Run 1: holdout' in html) is apart
    assert ('<g transform="translate(0 -4)"><title>Run 1: test' in html) is apart


def test_bars_are_as_high_as_their_cost() -> None:
    """Twice the cost is twice the bar; nothing spent is no bar."""
    runs = [past(n, spent_usd=usd) for n, usd in ((1, 1.0), (2, 2.0), (3, 0.0))]
    bars = document_of(*runs).all("rect", **{"class": "usd"})
    one, two, none = (float(bar.attributes["height"]) for bar in bars)
    assert two == pytest.approx(2 * one, abs=0.2)
    assert none == 0.0


@pytest.mark.parametrize("usd", [0.0, 0.0004, 0.37, 4.0, 18.6, 99_999.0])
def test_cost_axis_has_few_round_marks(usd: float) -> None:
    """Whatever a run costs, the axis begins at 0 and reaches above it in at most five steps."""
    html = render_trend_html(page_of(past(1, None, spent_usd=usd)))
    marks = [
        float(mark.replace(",", ""))
        for mark in re.findall(r'text-anchor="end">\$([\d.,]+)</text>', html)
    ]
    assert marks[0] == 0.0
    assert marks[-1] >= usd
    assert 2 <= len(marks) <= 6


def test_table_has_every_run_in_stretches_of_one_holdout() -> None:
    """Each stretch is headed by its holdout; the second says that it is not comparable."""
    rows = rows_of(document_of(*RUNS))
    assert rows[0] == "Holdout 1 988 images, digest aaaaaaaa"
    assert rows[5] == "Holdout 2 988 images, digest bbbbbbbb; not comparable with the run above"
    assert len(rows) == len(RUNS) + 2
    assert (
        "promote generalises 0.960 0.930 [0.900, 0.950] 988 images judged, assumed thresholds "
        "+0.050 intervals overlap"
    ) in rows[4]
    assert "highest so far" in rows[4]
    assert "failed [training-failed] The training failed: too few images of scratch. 720" in rows[3]
    assert rows[1].endswith("640 $1.50 report")


def test_table_links_reports_that_there_are() -> None:
    """A finished run is one click from its report; a failed one has none."""
    document = document_of(*RUNS)
    links = {a.attributes["aria-label"]: a.attributes["href"] for a in document.all("a")[1:]}
    assert len(links) == 5
    assert links["Report of run 1"] == f"./runs/{RUNS[0].run_id}/report.html"


def test_page_tells_emulator_costs_from_real_ones() -> None:
    """Nothing was paid on the emulator, and its scores stand on another ground."""
    html = render_trend_html(page_of(past(1, backend="emulator"), past(2)))
    document = Document(html)
    assert "$1.75 spent on AWS." in html
    assert "Nothing was paid for runs on the emulator; on AWS: $1.50." in html
    assert rows_of(document)[0].startswith("Holdout 1 on the emulator")
    assert rows_of(document)[2].startswith("Holdout 2 988 images")


def test_page_tells_when_labels_differ() -> None:
    """A mean over other labels is another mean."""
    first = past(1)
    assert first.score is not None
    other = first.score.model_copy(update={"judged_labels": ("one",)})
    document = document_of(first.model_copy(update={"score": other}), past(2))
    assert document.text_of("h1") == (
        "Holdout F1 0.900, no change since the run before on this holdout."
    )
    assert "means over different labels" in document.all("p", **{"class": "verdict"})[0].text
    assert "other labels" in rows_of(document)[2]


def test_page_lists_what_cannot_be_read() -> None:
    """A finished run whose files are torn is there, with the reason."""
    torn = past(1, None, "", state="completed", unreadable=("The outcome x cannot be read: form.",))
    document = document_of(torn, past(2))
    assert document.all("ul", **{"class": "places"})[0].text == (
        "Run 1: The outcome x cannot be read: form."
    )


def test_charts_show_the_newest_of_many_runs() -> None:
    """Hundreds of runs stay readable: the charts say what they leave out, the table has all."""
    runs = [
        past(1, run_id=f"run-{n:03}", started_at=START + timedelta(hours=n)) for n in range(100)
    ]
    document = document_of(*runs)
    assert len(document.all("rect", **{"class": "usd"})) == MOST_DRAWN
    assert len(rows_of(document)) == len(runs) + 1
    notes = " ".join(element.text for element in document.all("p", **{"class": "note"}))
    assert "The charts show the newest 30 runs; the table has all 100." in notes


def test_page_escapes_every_text() -> None:
    """Projects, ids, errors and paths are text, in HTML, attributes and SVG."""
    bad = past(
        1, None, run_id=HOSTILE, project=HOSTILE, error=HOSTILE, unreadable=(HOSTILE, HOSTILE)
    )
    page = page_of(bad, past(2), project=HOSTILE, program_version=HOSTILE)
    html = render_trend_html(replace(page, links={HOSTILE: HOSTILE}))
    document = Document(html)
    assert "<script" not in html
    assert not any("onload" in element.attributes for element in document.elements)


def test_page_loads_nothing_and_its_policy_admits_its_style() -> None:
    """The page works from a disk without a network, under its own policy."""
    html = render_trend_html(page_of(*RUNS))
    assert not re.search(r'(?:src|href)="(?!#|\./)', html)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert len(styles) == 2
    for style in styles:
        digest = b64encode(sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy.replace("&#39;", "'")
    assert "style=" not in html


def decided(
    number: int, run: PastRun, kind: EventKind = "promoted", **changes: object
) -> ChampionEvent:
    """Return a decision about a run's model."""
    event = ChampionEvent(
        number=number,
        kind=kind,
        at=START + timedelta(days=number),
        by="build-7",
        run_id=run.run_id,
        project_version_arn="arn:model",
    )
    return event.model_copy(update=changes)


def test_page_without_decisions_has_no_section_of_champions() -> None:
    """Whoever promotes nothing reads nothing of it."""
    assert not document_of(*RUNS).all("section", id="champions")


def test_page_shows_who_is_champion_and_every_decision_with_its_reasons() -> None:
    """What was kept out stands there as well, and why; what holds the place is marked."""
    refused = Reason(gate="max_loss", message="It may lose more than 0.020.")
    noise = TrainingNoise(
        f1=(0.91, 0.93), champion_f1=(0.9,), spread=0.014, change=0.02, interval=(-0.01, 0.05)
    )
    figures = PairedFigures(
        images=988,
        champion_f1=0.9,
        challenger_f1=0.86,
        f1=-0.04,
        interval=(-0.06, -0.02),
        confidence_level=0.95,
        max_loss=0.02,
    )
    events = (
        decided(1, RUNS[3], noise=noise),
        decided(2, RUNS[4], "kept", reasons=(refused,), paired=figures),
        decided(3, RUNS[5], reasons=(refused,), forced=True, by_hand=True),
    )
    page = page_of(*RUNS, events=events, champions=frozenset({RUNS[5].run_id}))
    document = Document(render_trend_html(page))
    (section,) = document.all("section", id="champions")
    assert "kept 2026-11-26 11:00:00 UTC, build-7 champion stays" in section.text
    assert "-0.040 [-0.060, -0.020] 988 images" in section.text
    assert "promoted, by force" in section.text
    assert "Although: It may lose more than 0.020." in section.text
    assert "The data's effect is +0.020 [-0.010, +0.050]: no more than the chance" in section.text
    marked = [row for row in rows_of(document) if RUNS[5].run_id in row and "Ended" not in row]
    assert any("champion" in row for row in marked)
    assert len(document.all("span", **{"class": "tag good"})) >= 2
