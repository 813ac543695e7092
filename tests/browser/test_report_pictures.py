"""The pictures of the report: cells open the right ones, the gallery filters, nothing is loaded."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rcl_flow.report.html import render_html
from rcl_flow.report.page import ReportPage
from tests.browser.visits import NEEDS_CHROMIUM, WIDTH, visit
from tests.unit.report.full_pages import detection_page, full_page
from tests.unit.report.pages import Scenario

SCENARIO = Scenario(labels=("cat", "dog", "</script><b>", "a|b"), holdout_accuracy=0.8)
LOOK = """
  const dialog = page.querySelector("dialog");
  const cards = (place) => Array.from(place.querySelectorAll(".card .file"), (file) => file.title);
  const event = (name) => new page.defaultView.Event(name, { bubbles: true });
  const rest = () => new Promise((resolve) => setTimeout(resolve, 50));
"""
CELLS = """
  const opened = [];
  for (const button of page.querySelectorAll("table.confusion .opener")) {
    button.focus();
    button.click();
    const more = dialog.querySelector("button.more");
    while (!more.hidden) more.click();
    opened.push({
      cell: button.closest("td").dataset.cell,
      count: Number(button.textContent),
      name: button.getAttribute("aria-label"),
      title: dialog.querySelector("h2").textContent,
      told: dialog.querySelector(".note").textContent,
      uris: cards(dialog),
      inside: dialog.contains(page.activeElement),
    });
    dialog.querySelector(".close").click();
    await rest();
    opened.at(-1).back = page.activeElement === button;
    opened.at(-1).closed = !dialog.open;
  }
  return { opened };
"""
GALLERY = """
  const kind = page.getElementById("gallery-kind");
  const label = page.getElementById("gallery-label");
  const more = page.getElementById("gallery-more");
  const gallery = page.getElementById("gallery");
  const look = () => {
    while (!more.hidden) more.click();
    return { told: page.getElementById("gallery-status").textContent, uris: cards(gallery) };
  };
  const set = (wanted, text) => {
    kind.value = wanted;
    kind.dispatchEvent(event("change"));
    label.value = text;
    label.dispatchEvent(event("input"));
    return look();
  };
  const first = cards(gallery).length;
  const all = look();
  const miss = set("miss", "");
  const named = set("", "DOG");
  const right = set("right", "");
  const nothing = set("", "no such label");
  page.querySelector("[data-kind-of-error='label suspect'] button").click();
  const focus = page.activeElement === kind;
  const suspect = { ...look(), kind: kind.value, focus };
  return { first, all, miss, named, right, nothing, suspect };
"""
SOURCES = """
  const images = Array.from(page.querySelectorAll("#gallery img"));
  await Promise.all(images.map((image) => image.decode()));
  const entries = page.defaultView.performance.getEntriesByType("resource");
  return { images: images.length, shown: images.filter((image) => image.naturalWidth > 0).length,
    asked: entries.filter((entry) => !entry.name.startsWith("data:")).map((entry) => entry.name) };
"""
STRIPS = """
  return { strips: Array.from(page.querySelectorAll("[data-images]"), (strip) => {
    if (strip.hidden) return null;
    strip.querySelector("button").click();
    const seen = [strip.querySelectorAll(".thumbs img").length,
      dialog.querySelector("h2").textContent, cards(dialog)];
    dialog.close();
    return seen;
  }) };
"""
BOXES = """
  const card = page.querySelector("#gallery .card[data-number='0']");
  return { boxes: Array.from(card.querySelectorAll("rect"), (box) => [box.getAttribute("class"),
    ...["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)))]),
    size: card.querySelector("svg").getAttribute("viewBox"),
    kinds: Array.from(card.querySelectorAll(".kinds .tag"), (tag) => tag.textContent) };
"""

pytestmark = NEEDS_CHROMIUM


def look(folder: Path, page: ReportPage, script: str) -> dict[str, Any]:
    """Return what the script sees of the page, whose console is silent."""
    done = visit(folder, render_html(page), LOOK + script)
    assert done.console == ()
    return done.seen


def test_cells_open_their_pictures(tmp_path: Path) -> None:
    """Each cell opens the images that count in it, and focus comes back when it is closed."""
    page = full_page(SCENARIO)
    counts = {(c.truth, c.predicted): c.count for c in page.comparison.confusion}
    labels = [entry.label for entry in page.comparison.labels] + [""]
    opened = look(tmp_path, page, CELLS)["opened"]
    assert len(opened) == len(counts) > 10
    for cell in opened:
        truth, predicted = (labels[int(number)] for number in cell["cell"].split())
        pair = (truth, predicted)
        uris = [image.uri for image in page.images if pair in image.cells]
        assert cell["uris"] == uris
        assert cell["count"] == counts[pair]
        assert cell["told"] == f"{pictures(len(uris))} of {images(counts[pair])}"
        assert cell["name"] == f"{images(counts[pair])}: {cell['title']}. Show pictures"
        assert (cell["inside"], cell["back"], cell["closed"]) == (True, True, True)


def pictures(count: int) -> str:
    """Count pictures in words."""
    return f"{count} picture" if count == 1 else f"{count} pictures"


def images(count: int) -> str:
    """Count images in words."""
    return f"{count} image" if count == 1 else f"{count} images"


def test_gallery_filters_by_kind_and_label(tmp_path: Path) -> None:
    """What is left is exactly the mistakes of that kind, or of labels so named."""
    page = full_page(SCENARIO)
    assert page.analysis is not None
    wrong = [image for image in page.images if image.severity_percent > 0]
    of_kind = {
        kind: {e.sha256 for e in page.analysis.errors.errors if e.kind == kind}
        for kind in ("miss", "label suspect")
    }
    seen = look(tmp_path, page, GALLERY)
    assert seen["first"] == 48
    assert seen["all"] == {"told": f"{len(wrong)} images", "uris": [i.uri for i in wrong]}
    assert seen["miss"]["uris"] == [i.uri for i in wrong if i.sha256 in of_kind["miss"]]
    dogs = [i.uri for i in wrong if "dog" in (*i.truth, *i.predicted)]
    assert 0 < len(dogs) < len(wrong)
    assert seen["named"]["uris"] == dogs
    assert seen["right"]["uris"] == [i.uri for i in page.images if i.severity_percent == 0]
    assert seen["nothing"] == {"told": "0 images", "uris": []}
    suspects = [i.uri for i in wrong if i.sha256 in of_kind["label suspect"]]
    assert seen["suspect"]["uris"] == suspects
    assert (seen["suspect"]["kind"], seen["suspect"]["focus"]) == ("label suspect", True)


def test_page_asks_the_network_for_nothing(tmp_path: Path) -> None:
    """Every picture is shown from inside the page."""
    seen = look(tmp_path, full_page(SCENARIO), SOURCES)
    assert seen == {"images": 48, "shown": 48, "asked": []}


def test_policy_refuses_the_network(tmp_path: Path) -> None:
    """Even a picture put in by hand would not be loaded, and the console says so."""
    page = render_html(full_page(SCENARIO)).replace(
        "<footer>", '<footer><img alt="" src="http://127.0.0.1:9/x.png">'
    )
    script = "return { loaded: page.querySelector('footer img').naturalWidth };"
    done = visit(tmp_path, page, script)
    assert done.seen == {"loaded": 0}
    assert any("Content Security Policy" in line for line in done.console)


def test_slices_and_advice_show_their_pictures(tmp_path: Path) -> None:
    """A part of the holdout shows its wrong images, advice the images that it is about."""
    page = full_page(SCENARIO)
    assert page.analysis is not None
    by_digest = {image.sha256: image.uri for image in page.images}
    first, second = page.analysis.reasons.slices
    relabel = page.analysis.advice[1]
    slice_uris = [by_digest[digest] for digest in first.sha256s]
    assert second.sha256s == ()
    assert look(tmp_path, page, STRIPS)["strips"] == [
        [6, f"Wrong images of the darkest quarter, label {first.label}", slice_uris],
        None,
        [3, relabel.told, [image.uri for image in relabel.images]],
    ]


def test_cards_of_objects_draw_their_boxes(tmp_path: Path) -> None:
    """Boxes lie where they were found or missed, in the image's own pixels."""
    page = detection_page()
    worst = page.images[0]
    seen = look(tmp_path, page, BOXES)
    assert seen["size"] == "0 0 320 240"
    assert len(seen["boxes"]) == len(worst.boxes) > 0
    for drawn, box in zip(seen["boxes"], worst.boxes, strict=True):
        place = box.box
        wanted = [320 * place.left, 240 * place.top, 320 * place.width, 240 * place.height]
        assert drawn[0] == box.mark.replace(" ", "-")
        assert drawn[1:] == pytest.approx(wanted, abs=0.05)
    assert seen["kinds"] == ["confusion"]


def test_page_without_pictures_says_so(tmp_path: Path) -> None:
    """A cell whose images could not be read still tells what they are."""
    page = replace(full_page(SCENARIO), thumbnails={})
    script = 'return { images: page.querySelectorAll("img").length, ' + (
        'missing: page.querySelectorAll("#gallery .no-picture").length };'
    )
    assert look(tmp_path, page, script) == {"images": 0, "missing": 48}


@pytest.mark.parametrize("width", [320, 390])
def test_full_page_needs_no_sideways_scroll(tmp_path: Path, width: int) -> None:
    """Sliders, galleries, slices and an opened cell fit a phone, whatever labels are called."""
    labels = ("x" * 255, "</script>", "dog", "a|b " * 30)
    html = render_html(full_page(Scenario(labels=labels, holdout_accuracy=0.8)))
    script = 'page.querySelector("table.confusion .opener").click();' + WIDTH
    done = visit(tmp_path, html, script, width=width)
    assert done.console == ()
    assert done.seen["page"] == done.seen["window"]
