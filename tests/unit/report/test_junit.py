"""Tests of a run's gates as JUnit XML."""

from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest

from rcl_flow.core.promotion.decision import Keep, Reason, decide
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.report.junit import render_junit
from rcl_flow.report.page import ReportPage
from tests.unit.report.pages import PROVENANCE, Scenario, build_page, with_status

HOSTILE = ('<a b="c">&amp;', "bell\x07\x00 \ud800", "tab\tnew\nline", "]]>", "x" * 255)
WEAK = Scenario(test_accuracy=0.99, holdout_accuracy=0.55)


def suite_of(page: ReportPage) -> Element:
    """Render the page, read it as XML and return its only suite."""
    root = fromstring(render_junit(page))  # noqa: S314  # our own document
    (suite,) = root
    assert root.tag == "testsuites"
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "time")} == {
        name: suite.get(name) for name in ("tests", "failures", "errors", "time")
    }
    return suite


def cases_of(page: ReportPage) -> dict[str, Element]:
    """Return the test cases by name; no two have the same name and class."""
    cases = suite_of(page).findall("testcase")
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    return {case.get("name") or "": case for case in cases}


def outcome_of(case: Element) -> str:
    """Return how a case ended."""
    tags = [child.tag for child in case if child.tag != "system-out"]
    return tags[0] if tags else "passed"


def test_junit_of_promoted_run_passes_every_case() -> None:
    """Four gates, the verdict and the model's state, and nothing else."""
    page = build_page()
    cases = cases_of(page)
    assert {name: outcome_of(case) for name, case in cases.items()} == dict.fromkeys(
        (
            *("min_holdout_images", "min_holdout_f1", "min_label_f1", "accept_verdicts"),
            *("test and holdout agree", "model stopped"),
        ),
        "passed",
    )
    suite = suite_of(page)
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == [
        *("6", "0", "0", "0")
    ]


def test_junit_has_the_attributes_that_readers_look_for() -> None:
    """Time in seconds, the moment of the start, and which run it is."""
    suite = suite_of(build_page())
    assert suite.get("name") == "rcl-flow.digits-demo"
    assert suite.get("time") == "5025.000"
    assert suite.get("timestamp") == "2026-11-23T10:05:00"
    properties = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert properties["run_id"] == PROVENANCE.run_id
    assert properties["decision"] == "promote"
    assert properties["holdout_digest"] == "e1" * 32
    case = suite.findall("testcase")[0]
    assert case.get("classname") == "rcl-flow.digits-demo.gates"
    assert case.get("time") == "0.000"


def test_junit_failure_carries_the_reason() -> None:
    """Figures in the message, the decision's own sentence as the text."""
    page = build_page(Scenario(holdout_images=120))
    case = cases_of(page)["min_holdout_images"]
    (failure,) = case.findall("failure")
    assert failure.get("message") == "Judged holdout images: 120 reached, 200 needed."
    assert failure.text == "120 holdout images were judged, 200 are needed."
    assert failure.get("type") == "gates"


def test_junit_lists_only_labels_below_their_gate() -> None:
    """A label is a case when it falls short; a gate of 0 lists none."""
    page = build_page(WEAK)
    f1 = {e.label: e.holdout.f1 for e in page.comparison.labels if e.holdout is not None}
    needed = sorted(f1.values())[3]
    gates = Gates(min_label_f1=needed)
    page = replace(page, gates=gates, decision=decide(page.comparison, gates))
    cases = cases_of(page)
    short = {label for label, value in f1.items() if value < needed}
    assert {n for n, c in cases.items() if str(c.get("classname")).endswith(".labels")} == short
    label = min(f1, key=lambda one: f1[one])
    (failure,) = cases[label].findall("failure")
    assert failure.get("message") == f"F1 {f1[label]:.3f}, {needed:.3f} needed."
    failures = sum(outcome_of(case) == "failure" for case in cases.values())
    assert suite_of(page).get("failures") == str(failures)
    assert failures > len(short)


def test_junit_has_no_case_for_a_label_without_holdout_image() -> None:
    """What was not judged neither passes nor fails."""
    page = build_page(Scenario(unjudged=("9",)), gates=Gates(min_label_f1=1.0))
    assert "9" not in cases_of(page)


def test_junit_model_that_is_not_stopped_is_an_error() -> None:
    """It is no failed gate, and what to type stands under it."""
    page = with_status(build_page(), "RUNNING")
    (error,) = cases_of(page)["model stopped"].findall("error")
    assert error.get("message") == "The model is RUNNING, not STOPPED."
    assert f"rcl-flow stop {PROVENANCE.project_version_arn}" in (error.text or "")
    suite = suite_of(page)
    assert (suite.get("errors"), suite.get("failures")) == ("1", "0")


@pytest.mark.parametrize(
    ("verdict", "accepted", "outcome"),
    [
        ("generalises", ("generalises",), "passed"),
        ("drops", ("generalises", "drops"), "passed"),
        ("drops", ("generalises",), "skipped"),
        ("inconclusive", ("generalises", "inconclusive"), "skipped"),
        ("inconclusive", ("generalises",), "skipped"),
    ],
)
def test_junit_verdict_follows_the_gates(
    verdict: str, accepted: tuple[str, ...], outcome: str
) -> None:
    """What the gates do not accept is one failure, the gate's; the verdict only points there."""
    page = build_page()
    gap = page.comparison.gap.model_copy(update={"verdict": verdict})
    comparison = page.comparison.model_copy(update={"gap": gap})
    gates = Gates.model_validate({"accept_verdicts": accepted})
    page = replace(page, comparison=comparison, gates=gates, decision=decide(comparison, gates))
    case = cases_of(page)["test and holdout agree"]
    assert outcome_of(case) == outcome
    assert suite_of(page).get("skipped") == str(int(outcome == "skipped"))
    refused = verdict not in accepted
    assert suite_of(page).get("failures") == str(int(refused))
    assert outcome_of(cases_of(page)["accept_verdicts"]) == ("failure" if refused else "passed")
    if refused:
        (skipped,) = case.findall("skipped")
        assert (skipped.get("message") or "").startswith("See the gate accept_verdicts. ")


def test_junit_fails_for_a_gate_that_only_the_decision_names() -> None:
    """A decision to keep never looks green."""
    reasons = tuple(Reason(gate="later_gate", message=text) for text in ("One.", "Two."))
    page = replace(build_page(), decision=Keep(reasons=reasons))
    (failure,) = cases_of(page)["later_gate"].findall("failure")
    assert failure.text == "One.\nTwo."
    assert suite_of(page).get("failures") == "1"


def test_junit_holds_hostile_text() -> None:
    """Labels, projects and reasons are text; what XML cannot hold is replaced, not dropped."""
    page = build_page(Scenario(labels=HOSTILE, holdout_accuracy=0.3), gates=Gates(min_label_f1=1.0))
    bad = HOSTILE[0] + HOSTILE[1]
    provenance = replace(page.provenance, project=bad, project_version_arn=bad, model_status=bad)
    reasons = (*page.decision.reasons, Reason(gate="min_holdout_images", message=bad))
    page = replace(page, provenance=provenance, decision=Keep(reasons=reasons))
    cases = cases_of(page)
    safe = ["bell\ufffd\ufffd \ufffd" if "bell" in label else label for label in HOSTILE]
    assert set(safe) <= set(cases)
    assert '<a b="c">&amp;bell\ufffd\ufffd \ufffd' in (
        cases["min_holdout_images"].findall("failure")[0].text or ""
    )
    render_junit(page).encode()  # no lone surrogate is left
