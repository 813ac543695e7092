"""Tests of the Markdown report, read back by a CommonMark parser with tables."""

from dataclasses import replace

from markdown_it import MarkdownIt

from rcl_flow.core.promotion.decision import Keep, Reason
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.report.markdown import MOST_LABELS, render_markdown
from rcl_flow.report.page import ReportPage
from rcl_flow.report.wording import cost_sentence, decision_sentence, verdict_sentence
from tests.unit.report.documents import Document
from tests.unit.report.full_pages import full_page
from tests.unit.report.pages import Scenario, build_page, on_emulator, with_status


def read(page: ReportPage) -> Document:
    """Render Markdown to HTML as a forge does, and read it."""
    return Document(MarkdownIt("commonmark").enable("table").render(render_markdown(page)))


def test_markdown_opens_with_decision_and_verdict() -> None:
    """The first two lines are the answer."""
    page = build_page()
    document = read(page)
    assert document.text_of("h2") == decision_sentence(page.decision)
    assert document.text_of("p") == verdict_sentence(page.comparison)
    cost = cost_sentence(page.cost, page.prices, page.provenance)
    assert f"Cost. {cost}" in [paragraph.text for paragraph in document.all("p")]


def test_markdown_shows_input_scores() -> None:
    """The score table holds what was computed."""
    page = build_page()
    rows = [row.text for row in read(page).all("tr")]
    holdout = page.comparison.holdout
    low, high = holdout.f1_interval
    assert (
        f"Holdout, unseen images {holdout.images} {holdout.precision:.3f} {holdout.recall:.3f} "
        f"{holdout.f1:.3f} [{low:.3f}, {high:.3f}]"
    ) in rows


def test_markdown_lists_reasons() -> None:
    """Keep comes with its reasons, the first ten in words."""
    reasons = tuple(Reason(gate="min_label_f1", message=f"Label 'l{n}' is low.") for n in range(12))
    items = [
        item.text for item in read(replace(build_page(), decision=Keep(reasons=reasons))).all("li")
    ]
    assert items[0] == "Label 'l0' is low."
    assert items[10:] == ["and 2 more reasons"]


def test_markdown_shows_ten_worst_labels() -> None:
    """A pull request gets the labels that fell furthest."""
    labels = tuple(f"label-{index:02}" for index in range(30))
    page = build_page(Scenario(labels=labels, holdout_accuracy=0.85, unjudged=("label-03",)))
    gaps = sorted((e.gap.f1, e.label) for e in page.comparison.labels if e.gap is not None)
    codes = [code.text for code in read(page).all("code")]
    assert codes[:MOST_LABELS] == [label for _, label in gaps[:MOST_LABELS]]
    assert codes[MOST_LABELS] == "label-03"


def test_markdown_escapes_hostile_labels() -> None:
    """Pipes, HTML, code marks and mentions in a label stay text."""
    labels = ("<script>alert(1)</script>", "a|b", "`x` **y** [z](http://e.x)", "@team", "a\nb")
    page = build_page(Scenario(labels=labels, holdout_accuracy=0.7), gates=Gates(min_label_f1=1.0))
    document = read(page)
    assert document.all("script") == []
    assert document.all("a") == []
    assert {code.text for code in document.all("code")} >= {*labels[:4], "a b"}
    assert len(document.all("td")) == 3 * 5 + len(labels) * 6
    reasons = [item.text for item in document.all("li")]
    assert any("<script>alert(1)</script>" in reason for reason in reasons)
    assert "<script>" not in render_markdown(page)


def test_markdown_breaks_mentions_in_sentences() -> None:
    """A label in a reason cannot call people."""
    reason = Reason(gate="min_label_f1", message="Label '@team' is low.")
    assert "@team" not in render_markdown(replace(build_page(), decision=Keep(reasons=(reason,))))


def test_markdown_warns_when_model_is_not_stopped() -> None:
    """The warning and the emulator's note are quoted blocks; neither is there without cause."""
    assert read(build_page()).all("blockquote") == []
    page = on_emulator(with_status(build_page(), "RUNNING"))
    warning, note = (quote.text for quote in read(page).all("blockquote"))
    assert warning.startswith("Warning. The model was last seen as RUNNING")
    assert note.startswith("Note. Emulator run")


def test_markdown_tells_why_and_what_to_do() -> None:
    """The reasons in a sentence, then the first advice with what it may bring."""
    page = full_page()
    assert page.analysis is not None
    document = read(page)
    paragraphs = [paragraph.text for paragraph in document.all("p")]
    assert f"Why. {page.analysis.reasons.sentences[0]}" in paragraphs
    first, second = page.analysis.advice
    assert [item.text for item in document.all("ol")] == [
        f"{first.told} (about +0.031 F1) {second.told}"
    ]


def test_markdown_counts_further_advice() -> None:
    """A pull request gets three pieces of advice; none of them is Markdown or a mention."""
    page = full_page()
    assert page.analysis is not None
    told = "Collect <b>@cat</b> [x](y)."
    advice = page.analysis.advice[0].model_copy(update={"told": told})
    analysis = page.analysis.model_copy(update={"advice": (advice,) * 5})
    document = read(replace(page, analysis=analysis))
    assert document.all("ol")[0].text.count(told) == 3
    assert "and 2 further pieces of advice." in [p.text for p in document.all("p")]
    assert document.all("b") == []
    assert document.all("a") == []


def test_markdown_without_analysis_gives_no_advice() -> None:
    """A page of an earlier version is complete."""
    assert read(build_page()).all("ol") == []
