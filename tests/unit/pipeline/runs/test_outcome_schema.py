"""Tests of the published schema of run.json."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from rcl_flow.config.published import DIALECT
from rcl_flow.core.costs.cost import Cost
from rcl_flow.core.promotion.decision import Keep, Promote, Reason
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.pipeline.runs.outcome import Artifacts, RunOutcome, TestScore, label_outcomes
from rcl_flow.pipeline.runs.outcome_schema import outcome_schema
from tests.builders import comparison, score

PUBLISHED = Path(__file__).parents[4] / "config" / "run.schema.json"
SCHEMA: dict[str, Any] = json.loads(outcome_schema())
KNOWN_KEYWORDS = {
    *("$schema", "$defs", "$ref", "title", "description", "default", "format"),
    *("type", "const", "enum", "anyOf", "oneOf", "properties", "required"),
    *("additionalProperties", "items", "prefixItems", "minItems", "maxItems"),
}
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def outcome_of(found: Comparison) -> RunOutcome:
    """Return the outcome of a run that found this, with a gate that was not passed."""
    return RunOutcome(
        run_id="20261124T110000Z-01234567",
        status="completed",
        decision=Keep(reasons=(Reason(gate="min_holdout_f1", message="Too low."),)),
        project_version_arn="arn:aws:rekognition:eu-west-1:123456789012:project/p/version/v/1",
        model_status="STOPPED",
        test=TestScore(**found.test.model_dump()),
        holdout=found.holdout,
        gap=found.gap,
        labels=label_outcomes(found),
        cost=Cost(training_seconds_billed=60, inference_unit_seconds=5, estimated_usd=0.1),
        warnings=("train: few images.",),
        artifacts=Artifacts(
            report_html="report.html",
            report_markdown="report.md",
            predictions="predictions.jsonl",
            comparison="comparison.json",
            audit="audit.json",
            thresholds="thresholds.json",
        ),
    )


OUTCOME = outcome_of(comparison(score(0.9), label_f1={"one": 0.9, "two": None}))
DOCUMENT: dict[str, Any] = json.loads(OUTCOME.model_dump_json())


def broken_rules(value: object, rule: dict[str, Any], at: str = "$") -> Iterator[str]:
    """Yield the places of a document that break the schema, by the keywords that it uses."""
    if "$ref" in rule:
        yield from broken_rules(value, SCHEMA["$defs"][rule["$ref"].rpartition("/")[2]], at)
    for several in ("anyOf", "oneOf"):
        if several in rule and all(any(broken_rules(value, one, at)) for one in rule[several]):
            yield f"{at}: none of {several}"
    if "type" in rule and not has_type(value, rule["type"]):
        yield f"{at}: no {rule['type']}"
    if ("const" in rule and value != rule["const"]) or value not in rule.get("enum", [value]):
        yield f"{at}: another value"
    if isinstance(value, dict):
        yield from broken_object(value, rule, at)
    if isinstance(value, list):
        yield from broken_array(value, rule, at)


def has_type(value: object, name: str) -> bool:
    """Say whether a JSON value is of that type; true and false are no numbers."""
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


def broken_object(value: dict[str, Any], rule: dict[str, Any], at: str) -> Iterator[str]:
    """Yield what breaks an object's rules."""
    yield from (f"{at}.{name}: missing" for name in rule.get("required", []) if name not in value)
    rules = rule.get("properties", {})
    others = rule.get("additionalProperties", True)
    for name, inner in value.items():
        if name in rules:
            yield from broken_rules(inner, rules[name], f"{at}.{name}")
        elif others is False:
            yield f"{at}.{name}: unknown"
        elif isinstance(others, dict):
            yield from broken_rules(inner, others, f"{at}.{name}")


def broken_array(value: list[Any], rule: dict[str, Any], at: str) -> Iterator[str]:
    """Yield what breaks an array's rules."""
    if not rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)):
        yield f"{at}: {len(value)} items"
    first = rule.get("prefixItems", [])
    rest = [rule.get("items", {})] * len(value)
    for number, (inner, one) in enumerate(zip(value, [*first, *rest], strict=False)):
        yield from broken_rules(inner, one, f"{at}[{number}]")


def keywords_of(rule: object) -> Iterator[str]:
    """Yield every keyword that a schema uses, wherever it stands."""
    if isinstance(rule, list):
        for one in rule:
            yield from keywords_of(one)
    if isinstance(rule, dict):
        yield from rule
        for name, inner in rule.items():
            if name in ("properties", "$defs"):
                for one in inner.values():
                    yield from keywords_of(one)
            elif name not in ("default", "const", "enum", "required"):
                yield from keywords_of(inner)


def without(*path: str) -> dict[str, Any]:
    """Return the document without one of its fields."""
    changed = deepcopy(DOCUMENT)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return changed


def test_published_outcome_schema_is_current() -> None:
    """config/run.schema.json is what `outcome_schema` returns."""
    assert json.loads(PUBLISHED.read_text()) == SCHEMA
    assert SCHEMA["$schema"] == DIALECT


def test_tests_know_every_keyword_of_the_schema() -> None:
    """What these tests do not check is not left unsaid."""
    assert set(keywords_of(SCHEMA)) <= KNOWN_KEYWORDS


@pytest.mark.parametrize("decision", [Promote(), OUTCOME.decision])
def test_schema_accepts_what_a_run_leaves(decision: Promote | Keep) -> None:
    """Both decisions, with a label that the holdout lacks."""
    outcome = OUTCOME.model_copy(update={"decision": decision})
    assert list(broken_rules(json.loads(outcome.model_dump_json()), SCHEMA)) == []


def test_schema_accepts_an_outcome_of_the_first_version() -> None:
    """Fields that were added later may be missing."""
    for path in (("task",), ("artifacts", "audit_html"), ("test", "average_recall")):
        assert list(broken_rules(without(*path), SCHEMA)) == []


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        (without("decision"), "$.decision: missing"),
        (without("holdout", "f1"), "$.holdout.f1: missing"),
        ({**DOCUMENT, "status": "done"}, "$.status: another value"),
        ({**DOCUMENT, "extra": 1}, "$.extra: unknown"),
        ({**DOCUMENT, "warnings": [1]}, "$.warnings[0]: no string"),
        ({**DOCUMENT, "decision": {"action": "maybe"}}, "$.decision: none of anyOf"),
        ({**DOCUMENT, "gap": {**DOCUMENT["gap"], "interval": [0.1]}}, "$.gap.interval: 1 items"),
        ({**DOCUMENT, "gap": {**DOCUMENT["gap"], "f1": True}}, "$.gap.f1: no number"),
    ],
)
def test_schema_refuses_what_is_no_outcome(changed: dict[str, Any], broken: str) -> None:
    """A document that a run cannot leave breaks the schema at a place."""
    assert broken in list(broken_rules(changed, SCHEMA))
