"""The threshold slider of the report: its figures are those that Python computes."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.metrics import label_ratios
from rcl_flow.report.html import render_html
from rcl_flow.report.page import ReportPage
from tests.browser.visits import NEEDS_CHROMIUM, visit
from tests.unit.report.analyses import SUGGESTED
from tests.unit.report.full_pages import full_page, with_everything
from tests.unit.report.pages import Scenario, build_material, build_page

SCENARIO = Scenario(labels=("cat", "dog", "</script>", "a|b", "kön\u2028ig"), holdout_accuracy=0.8)
TOLERANCE = 1e-9
READ = """
  const byId = (id) => page.getElementById(`threshold-${id}`);
  const number = byId("number");
  const picker = byId("label");
  const event = (name) => new page.defaultView.Event(name, { bubbles: true });
  const type = (value) => { number.value = value; number.dispatchEvent(event("input")); };
  const pick = (index) => { picker.value = index; picker.dispatchEvent(event("change")); };
  const figures = () => Object.fromEntries(Array.from(
    page.querySelectorAll("#threshold-tool [data-figure]"),
    (place) => [place.dataset.figure, Number(place.dataset.value)]));
"""
TYPE_ALL = """
  const asked = ASKED;
  return { answers: asked.map(([label, threshold]) => {
    pick(label);
    type(threshold);
    return figures();
  }) };
"""
USE = """
  const range = byId("range");
  pick(1);
  const buttons = () => Array.from(byId("marks").children,
    (button) => [button.textContent, button.getAttribute("aria-pressed")]);
  const before = { value: number.value, buttons: buttons() };
  byId("marks").children[1].click();
  const pressed = { value: number.value, range: range.value, buttons: buttons() };
  range.value = "0.9";
  range.dispatchEvent(event("input"));
  const slid = { value: number.value, f1: figures().f1, mean: Number(byId("mean").dataset.value) };
  await new Promise((resolve) => setTimeout(resolve, 600));
  const spoken = byId("status").textContent;
  type("7");
  const refused = figures().f1;
  pick(0);
  pick(1);
  const kept = number.value;
  const config = byId("changes").textContent;
  byId("reset").click();
  return { before, pressed, slid, spoken, refused, kept, config,
    reset: [number.value, byId("changes").textContent],
    named: Array.from(byId("charts").querySelectorAll("svg"),
      (svg) => svg.getAttribute("aria-label")) };
"""
REACH = """
  const wanted = [picker, byId("range"), number, ...byId("marks").children];
  const reached = wanted.filter((one) => {
    one.focus();
    return page.activeElement === one;
  });
  return { reached: reached.length, wanted: wanted.length, role: byId("status").role,
    labelled: [picker, byId("range"), number].map((one) => one.labels[0].textContent) };
"""

pytestmark = NEEDS_CHROMIUM


def expected(material: Material, label: str, threshold: float) -> dict[str, float]:
    """Judge the holdout anew at a threshold of one label, from the answers themselves."""
    answers = material.labels_answered
    at = answers.at({**material.thresholds, label: threshold})
    column = answers.labels.index(label)
    ratios = label_ratios(at)
    return {
        "hits": int(at.hits[:, column].sum()),
        "alarms": int(at.false_alarms[:, column].sum()),
        "misses": int(at.misses[:, column].sum()),
        "precision": float(ratios.precision[column]),
        "recall": float(ratios.recall[column]),
        "f1": float(ratios.f1[column]),
    }


def thresholds_of(material: Material) -> list[float]:
    """Return round thresholds, and those of confidences that occur: at, just above, just below."""
    some = material.labels_answered.confidences_percent[:25].ravel()
    exact = [float(value) / 100 for value in some if value >= 0]
    near = [float(np.nextafter(t, side)) for t in exact for side in (0.0, 1.0)]
    return [0.0, 1.0, *np.linspace(0, 1, 41).tolist(), *exact, *near]


def ask(folder: Path, page: ReportPage, asked: list[tuple[int, float]]) -> list[dict[str, float]]:
    """Type thresholds into the page's field; labels are chosen by number."""
    script = READ + TYPE_ALL.replace("ASKED", orjson.dumps(asked).decode())
    done = visit(folder, render_html(page), script)
    assert done.console == ()
    answers: list[dict[str, float]] = done.seen["answers"]
    return answers


def test_slider_gives_pythons_figures(tmp_path: Path) -> None:
    """Every figure at very many thresholds is what judging the answers again gives."""
    material = build_material(SCENARIO)
    page = with_everything(build_page(SCENARIO), material)
    asked = [
        (number, threshold)
        for number in range(len(page.curves))
        for threshold in thresholds_of(material)
    ]
    answers = ask(tmp_path, page, asked)
    assert len(answers) > 500
    for (number, threshold), answer in zip(asked, answers, strict=True):
        wanted = expected(material, page.curves[number].label, threshold)
        assert answer == pytest.approx(wanted, abs=TOLERANCE), threshold


def test_slider_of_thinned_curves_is_exact_where_it_matters(tmp_path: Path) -> None:
    """With 250 labels the named thresholds still have their exact figures."""
    labels = tuple(f"label {number:03}" for number in range(250))
    scenario = Scenario(labels=labels, holdout_images=1000, test_images=500, holdout_accuracy=0.8)
    material = dense_answers(build_material(scenario))
    page = with_everything(build_page(scenario), material)
    numbers = range(0, 250, 10)
    named = {entry.label: entry.assumed_threshold for entry in page.comparison.labels}
    asked = [
        (number, named[page.curves[number].label] + more)
        for number in numbers
        for more in (0.0, SUGGESTED)
    ]
    html = render_html(page)
    assert html.count('"exact":false') == 250
    for (number, threshold), answer in zip(asked, ask(tmp_path, page, asked), strict=True):
        wanted = expected(material, page.curves[number].label, threshold)
        assert answer == pytest.approx(wanted, abs=TOLERANCE)


def dense_answers(material: Material) -> Material:
    """Return the material with a confidence for every label on every image, as AWS gives them."""
    rng = np.random.default_rng(3)
    predictions = {}
    for digest, prediction in material.judged.predictions.items():
        others = rng.uniform(0, 20, len(material.labels)).astype(np.float32)
        every = dict(zip(material.labels, map(float, others), strict=True))
        predictions[digest] = prediction.model_copy(
            update={"confidences_percent": {**every, **prediction.confidences_percent}}
        )
    judged = type(material.judged)(material.judged.images, predictions)
    return Material(material.evaluation, judged, material.thresholds)


def f1_of_dog_and_mean(page: ReportPage, threshold: float) -> tuple[float, float]:
    """Judge dogs at a threshold, and average over all labels, the others at the assumed ones."""
    material = build_material(SCENARIO)
    f1s = {
        curve.label: expected(material, curve.label, material.thresholds[curve.label])["f1"]
        for curve in page.curves
    }
    f1s["dog"] = expected(material, "dog", threshold)["f1"]
    return f1s["dog"], sum(f1s.values()) / len(f1s)


def test_slider_is_used(tmp_path: Path) -> None:
    """Buttons set named thresholds, the range moves, the result is spoken, all can be put back."""
    page = full_page(SCENARIO)
    seen: dict[str, Any] = visit(tmp_path, render_html(page), READ + USE).seen
    assumed = page.comparison.labels[1].assumed_threshold
    suggested = assumed + SUGGESTED
    f1, mean = f1_of_dog_and_mean(page, 0.9)
    names = [f"Assumed {assumed:.3f}", f"Suggested {suggested:.3f}"]
    assert float(seen["before"]["value"]) == assumed
    assert seen["before"]["buttons"] == [[names[0], "true"], [names[1], "false"]]
    assert float(seen["pressed"]["value"]) == suggested
    assert float(seen["pressed"]["range"]) == pytest.approx(suggested, abs=0.0005)
    assert seen["pressed"]["buttons"] == [[names[0], "false"], [names[1], "true"]]
    assert seen["slid"]["value"] == "0.9"
    assert seen["slid"]["f1"] == pytest.approx(f1, abs=TOLERANCE)
    assert seen["slid"]["mean"] == pytest.approx(mean, abs=TOLERANCE)
    assert seen["spoken"].startswith(f"dog at 0.9: F1 {f1:.3f}, precision ")
    assert seen["refused"] == seen["slid"]["f1"]
    assert seen["kept"] == "0.9"
    assert '"dog": {objective: fixed, fixed: 0.9}' in seen["config"]
    assert seen["reset"] == [str(assumed), "# No threshold was moved."]
    assert seen["named"] == [
        "Precision over recall of dog",
        "Precision, recall and F1 of dog by threshold",
    ]


def test_first_figures_are_the_reports(tmp_path: Path) -> None:
    """Before anything is moved, the mean is the holdout's F1."""
    page = full_page(SCENARIO)
    script = READ + 'return { mean: Number(byId("mean").dataset.value) };'
    done = visit(tmp_path, render_html(page), script)
    assert done.seen["mean"] == pytest.approx(page.comparison.holdout.f1, abs=TOLERANCE)


def test_slider_is_reached_by_keyboard(tmp_path: Path) -> None:
    """Every control takes the focus and has a name."""
    done = visit(tmp_path, render_html(full_page(SCENARIO)), READ + REACH)
    assert done.seen == {
        "reached": 5,
        "wanted": 5,
        "role": "status",
        "labelled": ["Label", "Threshold", "Exactly"],
    }
