"""A finished run as JUnit XML, so that a pipeline shows its gates as tests.

It fails where the decision is to keep what is in production, or the model is not stopped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Final, Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rcl_flow.core.promotion.decision import Decision
from rcl_flow.report.figures import format_count, format_ratio
from rcl_flow.report.gate_rows import GateRow, gate_rows
from rcl_flow.report.judged_wording import evaluation_sentence
from rcl_flow.report.page import ReportPage
from rcl_flow.report.wording import STOPPED, status_sentence, verdict_sentence

_VERDICT_GATE: Final = "accept_verdicts"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a character reference."""

_Outcome = Literal["passed", "failure", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case; `message` says why it did not pass, `told` is the text under it."""

    group: str
    name: str
    outcome: _Outcome
    message: str = ""
    told: str = ""


def render_junit(page: ReportPage) -> str:
    """Render the run's gates, verdict and model state as one JUnit XML document.

    A gate that is not passed is a failure, and so is every label below `min_label_f1`. A model
    that is not confirmed stopped is an error. An inconclusive verdict that the gates accept is
    skipped: nothing was shown. So is one that they do not accept: its gate's failure is counted.
    """
    cases = tuple(_cases(page))
    root = Element("testsuites", {"name": "rcl-flow", **_totals(page, cases)})
    suite = SubElement(
        root, "testsuite", {"name": _text(_suite_name(page)), **_totals(page, cases)}
    )
    suite.set("skipped", str(_count(cases, "skipped")))
    began = page.evaluation.judged_at if page.evaluation else page.provenance.started_at
    suite.set("timestamp", f"{began.astimezone(UTC):%Y-%m-%dT%H:%M:%S}")
    properties = SubElement(suite, "properties")
    for name, value in _properties(page):
        SubElement(properties, "property", {"name": name, "value": _text(value)})
    for case in cases:
        _append(suite, case, page)
    indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _cases(page: ReportPage) -> Iterator[_Case]:
    rows = gate_rows(page.comparison, page.decision, page.gates)
    for row in rows:
        yield _gate_case(row, page.decision)
    yield from _other_gates(page.decision, {row.gate for row in rows})
    yield from _label_cases(page)
    yield _verdict_case(page)
    yield _model_case(page)


def _gate_case(row: GateRow, decision: Decision) -> _Case:
    figures = f"{row.meaning}: {row.reached} reached, {row.needed} needed."
    if row.passed:
        return _Case("gates", row.gate, "passed", told=figures)
    reasons = "\n".join(each.message for each in decision.reasons if each.gate == row.gate)
    return _Case("gates", row.gate, "failure", figures, reasons)


def _other_gates(decision: Decision, shown: set[str]) -> Iterator[_Case]:
    """Yield a failure for every gate that only the decision names: none may go unseen."""
    others = dict.fromkeys(each.gate for each in decision.reasons if each.gate not in shown)
    for gate in others:
        told = "\n".join(each.message for each in decision.reasons if each.gate == gate)
        yield _Case("gates", gate, "failure", "Not passed.", told)


def _label_cases(page: ReportPage) -> Iterator[_Case]:
    needed = page.gates.min_label_f1
    for entry in page.comparison.labels:
        if entry.holdout is not None and entry.holdout.f1 < needed:
            message = f"F1 {format_ratio(entry.holdout.f1)}, {format_ratio(needed)} needed."
            told = (
                f"On {format_count(entry.holdout.images, 'holdout image')} the precision is "
                f"{format_ratio(entry.holdout.precision)} and the recall "
                f"{format_ratio(entry.holdout.recall)}."
            )
            yield _Case("labels", entry.label, "failure", message, told)


def _verdict_case(page: ReportPage) -> _Case:
    verdict = page.comparison.gap.verdict
    sentence = verdict_sentence(page.comparison)
    name = "test and holdout agree"
    if any(reason.gate == _VERDICT_GATE for reason in page.decision.reasons):
        return _Case("verdict", name, "skipped", f"See the gate {_VERDICT_GATE}. {sentence}")
    if verdict == "inconclusive":
        return _Case("verdict", name, "skipped", sentence)
    return _Case("verdict", name, "passed", told=sentence)


def _model_case(page: ReportPage) -> _Case:
    status, sentence = page.provenance.model_status, status_sentence(page.provenance)
    if status == STOPPED:
        return _Case("model", "model stopped", "passed", told=sentence)
    message = f"The model is {status}, not {STOPPED}."
    return _Case("model", "model stopped", "error", message, sentence)


def _append(suite: Element, case: _Case, page: ReportPage) -> None:
    element = SubElement(
        suite,
        "testcase",
        {
            "classname": _text(f"{_suite_name(page)}.{case.group}"),
            "name": _text(case.name),
            "time": "0.000",
        },
    )
    if case.outcome == "passed":
        SubElement(element, "system-out").text = _text(case.told)
        return
    how = SubElement(element, case.outcome, {"message": _text(case.message)})
    if case.outcome != "skipped":
        how.set("type", case.group)
        how.text = _text(case.told or case.message)


def _totals(page: ReportPage, cases: tuple[_Case, ...]) -> dict[str, str]:
    provenance = page.provenance
    seconds = (provenance.finished_at - provenance.started_at).total_seconds()
    if page.evaluation is not None:
        seconds = 0.0  # the run's time was not spent again
    return {
        "tests": str(len(cases)),
        "failures": str(_count(cases, "failure")),
        "errors": str(_count(cases, "error")),
        "time": f"{max(seconds, 0.0):.3f}",
    }


def _count(cases: tuple[_Case, ...], outcome: _Outcome) -> int:
    return sum(case.outcome == outcome for case in cases)


def _suite_name(page: ReportPage) -> str:
    kind = ".evaluation" if page.evaluation else ""
    return f"rcl-flow.{page.provenance.project}{kind}"


def _properties(page: ReportPage) -> Iterator[tuple[str, str]]:
    provenance = page.provenance
    if page.evaluation is not None:
        yield "evaluation", evaluation_sentence(page.evaluation, provenance.run_id)
    yield "run_id", provenance.run_id
    yield "project_version_arn", provenance.project_version_arn
    yield "backend", provenance.backend
    yield "decision", page.decision.action
    yield "holdout_f1", format_ratio(page.comparison.holdout.f1)
    for dataset in provenance.datasets:
        yield f"{dataset.split}_digest", dataset.digest


def _text(text: str) -> str:
    """Return text that XML can hold; what it cannot is shown as the replacement character."""
    return _NOT_XML.sub("\ufffd", text)
