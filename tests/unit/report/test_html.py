"""Tests of the HTML report."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from pydantic import TypeAdapter

from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.core.promotion.decision import Keep, Reason
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.core.scoring.gap_reasons import GapReasons
from rcl_flow.report.figures import format_interval
from rcl_flow.report.html import MOST_LISTED, render_html
from rcl_flow.report.mistake_cards import MOST_CARDS
from rcl_flow.report.page import ReportPage
from rcl_flow.report.wording import verdict_sentence
from tests.unit.report.documents import Document
from tests.unit.report.full_pages import detection_page, full_page
from tests.unit.report.pages import (
    PROVENANCE,
    THUMBNAIL,
    Scenario,
    build_page,
    on_emulator,
    with_status,
)

SCRIPTS = ["report-data", "report-pictures", None, None]
"""The ids of a page's script blocks: two of data, then the two that run."""
HOSTILE = ("<script>alert(1)</script>", "a|b", '"onload="x', "x" * 255)


def with_comparison(page: ReportPage, **changes: object) -> ReportPage:
    """Return the page with some fields of its comparison changed."""
    comparison: Comparison = page.comparison.model_copy(update=changes)
    return replace(page, comparison=comparison)


def document_of(page: ReportPage) -> Document:
    """Render and read a page."""
    return Document(render_html(page))


def test_page_of_promoted_model_opens_with_decision_and_verdict() -> None:
    """The first things in the page are what a manager needs."""
    page = build_page()
    document = document_of(page)
    assert document.text_of("h1") == "Promote: every gate was passed."
    assert document.text_of("title") == "Promote: digits-demo - rcl-flow report"
    assert document.all("p", **{"class": "verdict"})[0].text == verdict_sentence(page.comparison)
    assert document.all("html", lang="en") != []


def test_page_of_kept_model_lists_reasons() -> None:
    """Keep comes with every reason, in words."""
    page = build_page(Scenario(holdout_images=120), gates=Gates(min_label_f1=1.0))
    document = document_of(page)
    listed = document.all("ul", **{"class": "reasons"})[0].text
    assert document.text_of("h1").startswith("Keep what is in production")
    assert all(reason.message in listed for reason in page.decision.reasons)


def test_page_counts_reasons_beyond_the_list() -> None:
    """Hundreds of labels below a gate do not bury the report."""
    reasons = tuple(Reason(gate="min_label_f1", message=f"Reason {n}.") for n in range(80))
    document = document_of(replace(build_page(), decision=Keep(reasons=reasons)))
    listed = document.all("ul", **{"class": "reasons"})[0].text
    assert f"Reason {MOST_LISTED - 1}." in listed
    assert f"Reason {MOST_LISTED}." not in listed
    assert listed.endswith("and 30 more reasons")


def test_page_warns_loudly_when_model_is_not_stopped() -> None:
    """A model that may be billing is an alert before the decision."""
    html = render_html(with_status(build_page(), "RUNNING"))
    (alert,) = Document(html).all("p", role="alert")
    assert "RUNNING, not STOPPED" in alert.text
    assert f"rcl-flow stop {PROVENANCE.project_version_arn}" in alert.text
    assert html.index('role="alert"') < html.index("<h1>")


def test_page_is_calm_when_model_is_stopped() -> None:
    """No alert without a cause."""
    document = document_of(build_page())
    assert document.all("p", role="alert") == []
    assert "STOPPED confirmed" in [fact.text for fact in document.all("dd", **{"class": "good"})]


def test_page_says_that_emulator_is_not_aws() -> None:
    """The note stands in the headline, and only for the emulator."""
    note = "Nothing was paid. The same seconds would cost $2.00 on AWS at the config's prices"
    (banner,) = document_of(on_emulator(build_page())).all("p", **{"class": "banner"})
    assert note in banner.text
    assert "not of a model that AWS trained" in banner.text
    assert document_of(build_page()).all("p", **{"class": "banner"}) == []


def test_page_escapes_hostile_labels_everywhere() -> None:
    """Labels are text in HTML, in attributes and in SVG."""
    page = build_page(Scenario(labels=HOSTILE, holdout_accuracy=0.8, unjudged=("a|b",)))
    html = render_html(page)
    document = Document(html)
    assert "<script>alert" not in html
    assert [script.attributes.get("id") for script in document.all("script")] == SCRIPTS
    assert not any("onload" in element.attributes for element in document.elements)
    shown = {element.text for element in document.all("span", **{"class": "label"})}
    assert set(HOSTILE) <= shown


def test_full_page_escapes_hostile_labels_everywhere() -> None:
    """In the blocks of data too, nothing that a label contains ends or opens anything."""
    labels = (*HOSTILE, "</script><!--", "<!--<script>", "\u2028\u2029", "&amp;", "\\")
    page = full_page(Scenario(labels=labels, holdout_accuracy=0.8))
    html = render_html(page)
    document = Document(html)
    data = orjson.loads(document.all("script", id="report-data")[0].texts[0])
    assert [script.attributes.get("id") for script in document.all("script")] == SCRIPTS
    assert data["labels"] == [entry.label for entry in page.comparison.labels]
    assert "<!--" not in html
    assert not any("onload" in element.attributes for element in document.elements)


def test_page_escapes_every_other_text() -> None:
    """Findings, file names, details and the config are text too."""
    bad = "</code><img src=x onerror=alert(1)>"
    finding = Finding(rule=bad, severity="error", message=bad, hint=bad, practice=bad)
    page = build_page(Scenario(refused=1))
    worst = page.comparison.mistakes[0].model_copy(update={"uri": f"a/{bad}"})
    refused = page.comparison.refused[0].model_copy(update={"code": bad, "message": bad})
    page = with_comparison(page, mistakes=(worst,), refused=(refused,))
    steps = (replace(PROVENANCE.steps[0], name=bad, detail=bad),)
    provenance = replace(PROVENANCE, project=bad, config_text=bad, steps=steps, region=bad)
    decision = Keep(reasons=(Reason(gate=bad, message=bad),))
    audit = AuditReport(findings=(finding,))
    html = render_html(replace(page, audit=audit, provenance=provenance, decision=decision))
    assert "<img src=x" not in html
    assert all("onerror" not in element.attributes for element in Document(html).elements)


def test_page_loads_nothing_from_network() -> None:
    """Every address is inside the page."""
    html = render_html(build_page())
    addresses = [
        value
        for element in Document(html).elements
        for name, value in element.attributes.items()
        if name in {"src", "href", "srcset", "action", "data", "poster", "xlink:href"}
    ]
    assert addresses != []
    assert all(address.startswith(("#", "data:image/")) for address in addresses)
    assert not re.search(r"https?://|@import|url\(", html)


def test_policy_admits_only_the_pages_own_script_and_style() -> None:
    """The hashes in the policy are those of the inline blocks, and nothing else is admitted."""
    html = render_html(full_page())
    policy = Document(html).all("meta", **{"http-equiv": "Content-Security-Policy"})[0]
    expected = ["default-src 'none'", "img-src data:"]
    for tag in ("style", "script"):
        blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert len(blocks) == 2
        digests = [b64encode(sha256(block.encode()).digest()).decode() for block in blocks]
        expected.append(" ".join([f"{tag}-src", *(f"'sha256-{digest}'" for digest in digests)]))
    expected += ["base-uri 'none'", "form-action 'none'"]
    assert policy.attributes["content"].split("; ") == expected
    assert all("style" not in element.attributes for element in Document(html).elements)


@pytest.mark.parametrize(
    "page",
    [
        build_page(),
        with_status(build_page(Scenario(refused=2, unjudged=("7",), holdout_images=90)), "FAILED"),
        full_page(),
        detection_page(),
    ],
    ids=["promote", "keep", "full", "objects"],
)
def test_headings_go_down_one_level_at_a_time(page: ReportPage) -> None:
    """One h1, and no level is left out."""
    levels = [int(e.tag[1]) for e in document_of(page).elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in pairwise(levels))


def test_page_has_landmarks_captions_and_scopes() -> None:
    """Tables name themselves and their heads, and references lead somewhere."""
    document = document_of(full_page(Scenario(refused=2, holdout_accuracy=0.9)))
    ids = [element.attributes["id"] for element in document.elements if "id" in element.attributes]
    targets = [
        element.attributes["aria-labelledby"]
        for element in document.elements
        if "aria-labelledby" in element.attributes
    ] + [element.attributes["href"].removeprefix("#") for element in document.all("a")]
    assert len(ids) == len(set(ids))
    assert set(targets) <= set(ids)
    assert [len(document.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert len(document.all("caption")) == len(document.all("table"))
    assert all(head.attributes["scope"] in {"col", "row"} for head in document.all("th"))
    assert all(image.attributes["alt"] for image in document.all("img"))


def test_docs_name_the_sections_as_the_page_does() -> None:
    """In the same order, by their headings."""
    docs = (Path(__file__).parents[3] / "docs" / "20-report.md").read_text()
    table = docs.partition("## The sections")[2].partition("## ")[0]
    rows = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
    heads = [head.text for head in document_of(full_page()).all("h2")]
    assert [row for row in rows if row not in {"Section", "---"}] == heads


def test_counts_at_the_thresholds_stand_apart_from_what_is_over_all() -> None:
    """Micro F1 is at the thresholds in use; calibration is over all of them."""
    page = full_page()
    assert page.analysis is not None
    quality = page.analysis.quality
    text = document_of(page).text_of("main")
    over, _, counted = text.partition("All answers counted together")
    over = over.partition("Over all thresholds")[2]
    assert f"Mean average precision{quality.mean_average_precision:.3f}" in over
    assert f"Expected calibration error{quality.calibration.expected_error:.3f}" in over
    assert "where most answers have a confidence near zero" in over
    assert "F1" not in over
    assert counted.strip().startswith("At the assumed thresholds")
    assert f"F1{quality.micro_f1:.3f} Precision{quality.micro_precision:.3f}" in counted


def test_label_table_holds_the_input_figures() -> None:
    """Every figure of every label is the comparison's, unrounded for sorting."""
    page = build_page(Scenario(holdout_accuracy=0.9))
    row_of_label = r"<tr data-tags[^>]*>\s*<th scope=\"row\" data-value.*?</tr>"
    rows = re.findall(row_of_label, render_html(page), re.DOTALL)
    shown = {}
    for row in rows:
        label, *values = re.findall(r'data-value="([^"]*)"', row)
        shown[label] = values
    for entry in page.comparison.labels:
        assert entry.holdout is not None
        assert entry.gap is not None
        figures = (entry.test.f1, entry.holdout.f1, entry.gap.f1)
        ratios = (entry.holdout.precision, entry.holdout.recall, entry.assumed_threshold)
        values = shown[entry.label]
        assert tuple(map(float, values[:3])) == figures
        assert values[3] == entry.gap.verdict
        assert tuple(map(float, values[4:7])) == ratios
        assert values[7:] == [str(entry.test.images), str(entry.holdout.images)]


def test_score_table_holds_the_input_figures() -> None:
    """Test and holdout stand side by side with what was computed."""
    page = build_page()
    rows = [row.text for row in document_of(page).all("tr")]
    for name, score in (("Test", page.comparison.test), ("Holdout", page.comparison.holdout)):
        f1, precision, recall = (
            "" if interval is None else format_interval(interval)
            for interval in (score.f1_interval, score.precision_interval, score.recall_interval)
        )
        assert (
            f"{name}{score.f1:.3f}{f1}{score.precision:.3f}{precision}"
            f"{score.recall:.3f}{recall}{score.images}"
        ) in rows


def test_page_flags_unjudged_labels() -> None:
    """A label that the holdout lacks has no invented figures."""
    document = document_of(build_page(Scenario(unjudged=("7",))))
    (row,) = [row.text for row in document.all("tr") if "not in the holdout" in row.text]
    assert row.split()[:4] == ["7", "1.000", "unknown", "unknown"]


def test_page_shows_labels_that_the_test_lacks() -> None:
    """A label that only the holdout has was judged, and has no gap."""
    page = build_page()
    first, *others = page.comparison.labels
    alone = first.model_copy(update={"gap": None})
    document = document_of(with_comparison(page, labels=(alone, *others)))
    (row,) = [row.text for row in document.all("tr") if "not in the test" in row.text]
    assert row.split()[0] == first.label


def test_page_without_mistakes_says_so() -> None:
    """A perfect model has an honest empty section."""
    document = document_of(build_page(Scenario(holdout_accuracy=1.0, test_accuracy=1.0)))
    assert "No holdout image was judged wrongly." in document.text_of("main")
    assert document.all("img") == []


def test_page_shows_placeholder_without_thumbnail() -> None:
    """A mistake without a picture is still told."""
    page = build_page()
    document = document_of(replace(page, thumbnails={}))
    placeholders = document.all("div", **{"class": "no-picture"})
    assert len(placeholders) == min(MOST_CARDS, len(page.comparison.mistakes))


def test_page_without_findings_says_so() -> None:
    """A clean audit is a fact worth telling."""
    page = replace(build_page(), audit=AuditReport(findings=()))
    assert "The audit found nothing." in document_of(page).text_of("main")


def test_page_tells_where_figures_come_from() -> None:
    """Digests, version, run and config are all there."""
    html = render_html(build_page())
    document = Document(html)
    codes = [code.text for code in document.all("code")]
    assert {split.digest for split in PROVENANCE.datasets} <= set(codes)
    assert {PROVENANCE.project_version_arn, PROVENANCE.run_id} <= set(codes)
    assert "min_holdout_f1: 0.8" in document.text_of("details")


@pytest.mark.parametrize("count", [2, 25, 26, 300])
def test_page_takes_any_number_of_labels(count: int) -> None:
    """A few labels have a table, very many a list of pairs, and the page stays small."""
    labels = tuple(f"label number {index} of many" for index in range(count))
    page = build_page(
        Scenario(labels=labels, test_images=600, holdout_images=900, holdout_accuracy=0.9)
    )
    html = render_html(page)
    assert (' class="confusion"' in html) == (count <= 25)
    assert ('class="pairs"' in html) == (count > 25)
    assert f"{count} labels, test against holdout" in html
    assert len(html.encode()) < 1_500_000


@pytest.mark.parametrize("picture_characters", [60_000, 400_000])
def test_page_stays_below_5_megabytes_with_pictures(picture_characters: int) -> None:
    """Thumbnails of any size cannot make the file too large to send."""
    page = full_page(Scenario(holdout_accuracy=0.9))
    large = THUMBNAIL + "A" * picture_characters
    html = render_html(replace(page, thumbnails=dict.fromkeys(page.thumbnails, large)))
    assert len(page.images) > 500
    assert 4_400_000 < len(html.encode()) < 5_000_000


def test_page_of_1000_images_shows_every_picture() -> None:
    """A holdout of 1,000 images fits with a picture of each at the galleries' size."""
    page = full_page(Scenario(holdout_images=1000, holdout_accuracy=0.3))
    typical = THUMBNAIL + "A" * (3_340 - len(THUMBNAIL))
    html = render_html(replace(page, thumbnails=dict.fromkeys(page.thumbnails, typical)))
    assert len(page.images) == 1000
    assert html.count(typical) == 1001
    assert len(html.encode()) < 5_000_000


def test_page_embeds_each_picture_once() -> None:
    """The worst mistakes stand in their cards, all others in the data."""
    page = full_page()
    pictures = {digest: f"data:image/png;base64,{digest}" for digest in page.thumbnails}
    html = render_html(replace(page, thumbnails=pictures))
    assert {html.count(uri) for uri in pictures.values()} == {1}
    cards = Document(html).all("ul", id="gallery")[0]
    worst = page.comparison.mistakes[:MOST_CARDS]
    shown = [image.attributes["src"] for image in Document(html).all("img")]
    assert shown == [pictures[mistake.sha256] for mistake in worst]
    assert cards.text.count("Model said") == MOST_CARDS


def test_page_tells_reasons_and_advice() -> None:
    """The first advice is in the headline, everything else in its section."""
    page = full_page()
    document = document_of(page)
    assert page.analysis is not None
    first = page.analysis.advice[0]
    assert document.all("p", **{"class": "next"})[0].text == (
        f"Next: {first.told} about +0.031 F1 All advice"
    )
    sections = {section.attributes["id"]: section.text for section in document.all("section")}
    assert page.analysis.reasons.sentences[0] in sections["reasons"]
    assert "0.610 recall there, 0.930 elsewhere" in sections["reasons"]
    assert all(advice.told in sections["advice"] for advice in page.analysis.advice)
    assert page.analysis.past_advice[0].told in sections["advice"]
    assert "a change of +0.020 [+0.004, +0.035]" in sections["thresholds"]
    assert "F10.9850.975" in sections["run"]
    assert page.certificate in sections["run"]
    assert "20261101T090000-11112222" in sections["scores"]


def test_page_of_earlier_version_has_no_empty_sections() -> None:
    """Without an analysis there are no reasons, no advice and no thresholds."""
    document = document_of(build_page())
    sections = [section.attributes["id"] for section in document.all("section")]
    assert sections == ["scores", "gates", "labels", "confusion", "mistakes", "data", "run"]


def test_page_says_when_nothing_was_found_out() -> None:
    """No reason and no advice are answers too; an untuned run has no table of thresholds."""
    page = full_page()
    assert page.analysis is not None
    nothing = page.analysis.model_copy(
        update={
            "reasons": GapReasons(),
            "advice": (),
            "parity": page.analysis.parity.model_copy(update={"differences": (), "note": ""}),
            "thresholds": page.analysis.thresholds.model_copy(update={"calibration_images": 0}),
        }
    )
    text = document_of(replace(page, analysis=nothing, curves=())).text_of("main")
    assert "The data show no certain reason" in text
    assert "Nothing that the data show would be worth doing first." in text
    assert "and agrees: F1" in text
    assert "Suggested thresholds" not in text


def test_page_shows_chosen_thresholds_and_intervals() -> None:
    """Scores at chosen thresholds say so, with the assumed ones beside them."""
    page = build_page()
    scored = page.comparison.holdout.model_copy(
        update={"precision_interval": (0.91, 0.99), "recall_interval": (0.9, 0.98)}
    )
    first, *others = page.comparison.labels
    assert first.gap is not None
    chosen = first.model_copy(
        update={
            "chosen_threshold": 0.77,
            "gap": first.gap.model_copy(update={"corrected_interval": (-0.33, 0.22)}),
            "holdout": scored.model_copy(update={"note": "3 images: nothing certain."}),
        }
    )
    page = with_comparison(
        page, labels=(chosen, *others), holdout=scored, holdout_at_assumed=page.comparison.holdout
    )
    text = document_of(page).text_of("main")
    assert "[0.910, 0.990]" in text
    assert "Holdout, at the assumed thresholds" in text
    assert "chosen 0.770" in text
    assert "[-0.330, +0.220]" in text
    assert "3 images: nothing certain." in text
    assert "at the chosen threshold where there is one" in text
    assert "those of all labels hold together" in text


def test_page_is_the_same_for_the_same_input() -> None:
    """Rendering again changes nothing."""
    assert render_html(build_page()) == render_html(build_page())


def test_page_is_the_same_after_being_stored() -> None:
    """A report is rendered again from what the run has left."""
    stored = TypeAdapter(ReportPage)
    page = full_page()
    assert render_html(stored.validate_json(stored.dump_json(page))) == render_html(page)
