"""Tests of the audit's page."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest

from rcl_flow.core.audit.findings import Place
from rcl_flow.core.audit.summary import AuditSummary, summarise
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.report.audit_html import render_audit_html, wanted_pictures
from rcl_flow.report.audit_page import AuditPage
from tests.builders import dataset, labelled, sha256_of
from tests.unit.report.audit_pages import (
    FINDINGS,
    REASON,
    finding,
    page_of,
    pair,
    single,
    summary_of,
)
from tests.unit.report.documents import Document
from tests.unit.report.pages import THUMBNAIL

HOSTILE = "</code><script>alert(1)</script><img src=x onerror=alert(1)>"
EMPTY = summarise(Datasets(holdout=dataset("holdout", [])), {})


def document_of(page: AuditPage) -> Document:
    """Render and read a page."""
    return Document(render_audit_html(page))


def test_page_with_errors_opens_with_a_closed_gate() -> None:
    """The first thing in the page is whether a training may start."""
    document = document_of(page_of())
    assert document.text_of("h1") == "Gate closed: 1 error."
    assert document.text_of("title") == "Gate closed: pets - rcl-flow audit"
    assert document.all("header", **{"class": "headline closed"}) != []
    figures = document.all("dl", **{"class": "facts"})[0].text
    assert figures.startswith("Errors1 close the gate Warnings2 ")
    assert "Notes1 " in figures
    assert "Waived1 " in figures


def test_page_with_waived_errors_only_opens_with_an_open_gate() -> None:
    """What the config accepts does not close the gate, and its reason is told."""
    document = document_of(page_of([FINDINGS[-1]]))
    assert document.text_of("h1") == "Gate open: no errors."
    assert document.all("p", **{"class": "waiver"})[0].text == f"Waived: {REASON}"


def test_page_without_findings_says_so() -> None:
    """A clean audit is a fact worth telling."""
    document = document_of(page_of([]))
    assert "The audit found nothing." in document.text_of("main")


def test_every_finding_is_told_with_practice_message_and_hint() -> None:
    """A reader learns what was found, why it matters and what to do."""
    text = document_of(page_of()).text_of("main")
    for each in FINDINGS:
        assert each.message in text
        assert each.hint in text
        assert f"{each.rule} practice {each.practice} see {each.docs}" in text
    assert "images3" in text
    assert "limit0.1" in text


def test_findings_are_linked_to_the_documentation_where_it_is_known() -> None:
    """With a base the section is a link."""
    document = document_of(page_of([finding("few-images")], docs_base="https://docs.test/"))
    (link,) = [link for link in document.all("a") if link.text == "what to do"]
    assert link.attributes["href"] == "https://docs.test/docs/06-your-data.md#few-images"


def test_pairs_stand_side_by_side_with_their_splits() -> None:
    """A leak shows both pictures, and in which split each of them is."""
    document = document_of(page_of([finding("split-overlap", places=[pair(3)])]))
    (twins,) = document.all("div", **{"class": "twins"})
    assert twins.text == "train train-3.png holdout holdout-twin3.png"
    shown = [image.attributes["alt"] for image in document.all("img")[:2]]
    assert shown == ["Train image train-3.png", "Holdout image holdout-twin3.png"]


def test_a_finding_shows_24_pictures_and_counts_the_rest() -> None:
    """Thousands of places do not bury the page: six are open, the rest folded or counted."""
    document = document_of(
        page_of([finding(places=[single(n) for n in range(5000)])], summary=EMPTY)
    )
    assert len(document.all("img")) == 24
    assert [summary.text for summary in document.all("summary")] == ["18 more images"]
    assert "4,976 more images not shown" in document.text_of("main")


def test_a_finding_about_pairs_shows_12_of_them() -> None:
    """A pair is two pictures."""
    document = document_of(page_of([finding(places=[pair(n) for n in range(30)])], summary=EMPTY))
    assert len(document.all("img")) == 24
    assert "18 more pairs not shown" in document.text_of("main")


def test_lines_of_manifests_are_listed_with_their_numbers() -> None:
    """A place without a picture is named."""
    line = Place(uri="s3://bucket/a.manifest", split="test", line_number=1204, note="no source-ref")
    document = document_of(page_of([finding("manifest-line", places=[line])]))
    listed = document.all("ul", **{"class": "places"})[0].text
    assert listed == "test s3://bucket/a.manifest line 1,204: no source-ref"


def test_a_missing_picture_has_a_placeholder() -> None:
    """One unreadable image does not hide the others."""
    page = page_of([finding(places=[single(1), single(2)])], summary=EMPTY)
    document = document_of(replace(page, thumbnails={sha256_of("train-1"): THUMBNAIL}))
    assert len(document.all("div", **{"class": "no-picture"})) == 1
    assert len(document.all("img")) == 1


def test_pictures_are_data_only() -> None:
    """A thumbnail that is not a data URI would load something, so it is not shown."""
    html = render_audit_html(page_of(picture="https://elsewhere.test/x.jpg"))
    assert "elsewhere" not in html


def test_wanted_pictures_are_those_that_the_page_shows() -> None:
    """Nobody has to make a thumbnail in vain, or leaves a gap."""
    page = page_of()
    wanted = wanted_pictures(page.report, page.summary)
    marked = {
        sha: f"data:image/png;base64,{number:08}" for number, sha in enumerate(sorted(wanted))
    }
    shown = {
        image.attributes["src"]
        for image in document_of(replace(page, thumbnails=marked)).all("img")
    }
    assert shown == set(marked.values())
    assert wanted[sha256_of("holdout-twin7")] == "images/holdout-twin7.png"


def test_page_escapes_every_text() -> None:
    """Labels, paths, notes, messages and reasons are text, whatever they hold."""
    place = pair(1).model_copy(
        update={"uri": HOSTILE, "twin_uri": HOSTILE, "note": HOSTILE, "split": HOSTILE}
    )
    texts = dict.fromkeys(("rule", "message", "hint", "practice", "docs", "waived"), HOSTILE)
    bad = finding(places=[place], label=HOSTILE).model_copy(
        update=texts | {"figures": {HOSTILE: 1.0}}
    )
    lines = finding(places=[Place(uri=HOSTILE, note=HOSTILE)])
    page = page_of(
        [bad, lines],
        summary=summary_of({HOSTILE: 3}),
        project=HOSTILE,
        data_description=HOSTILE,
        docs_base=HOSTILE,
    )
    html = render_audit_html(replace(page, certificate=(HOSTILE,)))
    assert "<script" not in html
    assert "<img src=x" not in html
    assert all("onerror" not in element.attributes for element in Document(html).elements)


def test_page_loads_nothing_and_admits_only_its_own_style() -> None:
    """Every address is inside the page, and no script may run."""
    html = render_audit_html(page_of())
    document = Document(html)
    addresses = [
        value
        for element in document.elements
        for name, value in element.attributes.items()
        if name in {"src", "href", "srcset", "xlink:href"}
    ]
    assert all(address.startswith(("#", "data:image/")) for address in addresses)
    assert not re.search(r"https?://|@import|url\(", html)
    (block,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = b64encode(sha256(block.encode()).digest()).decode()
    policy = document.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]
    assert f"style-src 'sha256-{digest}'" in policy.attributes["content"]
    assert "script-src" not in policy.attributes["content"]
    assert all("style" not in element.attributes for element in document.elements)


@pytest.mark.parametrize(
    "page", [page_of(), page_of([]), page_of([], summary=EMPTY)], ids=["full", "clean", "empty"]
)
def test_page_has_landmarks_headings_and_whole_references(page: AuditPage) -> None:
    """Headings go down one level at a time, tables are named, and links lead somewhere."""
    document = document_of(page)
    levels = [int(e.tag[1]) for e in document.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in pairwise(levels))
    ids = [element.attributes["id"] for element in document.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    targets = {link.attributes["href"].removeprefix("#") for link in document.all("a")}
    targets |= {e.attributes.get("aria-labelledby", ids[0]) for e in document.elements}
    assert targets <= set(ids)
    assert [len(document.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert len(document.all("caption")) == len(document.all("table"))
    assert all(image.attributes["alt"] for image in document.all("img"))
    assert all(chart.attributes["aria-label"] for chart in document.all("svg", role="img"))


def test_distributions_are_told_in_words_and_drawn_for_each_split() -> None:
    """Each factor has a chart with one outline a split, and its medians as text."""
    document = document_of(page_of())
    titles = [title.text for title in document.all("figcaption") if "train" in title.text]
    (brightness,) = [title for title in titles if title.startswith("Brightness")]
    assert re.fullmatch(r"Brightness train 0\.\d+ ?test 0\.\d+ ?holdout 0\.\d+", brightness)
    charts = document.all("svg", role="img")
    assert len(charts) == 9
    assert [
        len(document.all("path", **{"class": f"shape {split}"})) for split in ("train", "test")
    ] == [10, 10]


def test_label_card_leads_to_the_findings_about_it() -> None:
    """A label with findings comes first, with counts and pictures from dark to bright."""
    html = render_audit_html(page_of())
    first = html[html.index('class="cards profiles"') :]
    assert first.index("dog") < first.index("cat")
    anchor = re.search(r'<a href="#(finding-\d+)">few-images</a> <small>warning', first)
    assert anchor is not None
    assert re.search(rf'<li id="{anchor[1]}">\s*<p>What few-images says', html)


def test_few_images_are_found_in_the_cards_of_the_labels_that_they_name() -> None:
    """A finding about several labels is told with each of them."""
    many = finding("few-images").model_copy(update={"figures": {"cat": 12.0}})
    html = render_audit_html(page_of([many]))
    card = html[html.index('class="cards profiles"') :]
    assert card.index("<h3>cat") < card.index("few-images") < card.index("<h3>dog")


def test_detection_page_counts_boxes() -> None:
    """Labels of boxes are counted by image and by box."""
    boxed: AuditSummary = summary_of().model_copy(update={"task": "detection"})
    heads = [head.text for head in document_of(page_of(summary=boxed)).all("th")]
    assert {"Train images", "Train boxes", "Boxes"} <= set(heads)


def test_48_labels_have_a_card_and_all_a_row() -> None:
    """250 labels stay readable; the page says how many cards there are."""
    summary = summarise(
        Datasets(holdout=labelled("holdout", {f"label {n:03}": 1 for n in range(250)})), {}
    )
    document = document_of(page_of([], summary=summary))
    assert len([e for e in document.all("h3") if e.text.startswith("label ")]) == 48
    assert len([e for e in document.all("span", **{"class": "label"})]) == 250
    assert "48 of 250 labels have a card" in document.text_of("main")


@pytest.mark.parametrize("picture_characters", [4_000, 60_000])
def test_page_of_250_labels_and_thousands_of_findings_stays_below_5_megabytes(
    picture_characters: int,
) -> None:
    """Pictures and findings beyond the budget are counted instead of shown."""
    labels = {f"label {n:03}": 3 for n in range(250)}
    rules = ("narrow-light", "narrow-background", "narrow-angle", "look-alike", "dark-image")
    findings = [
        finding(rule, label=label, places=[pair(n) for n in range(40)])
        for rule in rules
        for label in labels
    ]
    picture = THUMBNAIL + "A" * picture_characters
    html = render_audit_html(page_of(findings, summary=summary_of(labels), picture=picture))
    assert 2_000_000 < len(html.encode()) < 5_000_000
    assert html.count("more findings of this rule") == len(rules)


def test_page_is_the_same_for_the_same_input() -> None:
    """Rendering again changes nothing."""
    assert render_audit_html(page_of()) == render_audit_html(page_of())
