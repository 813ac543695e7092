"""Findings as a SARIF document."""

import json
from typing import Any

from rcl_flow.core.audit.findings import Finding, Place
from rcl_flow.core.audit.stating import Scope, found
from rcl_flow.report.sarif import render_sarif

LINE = Place(uri="data/a b.manifest", split="train", line_number=7, note="CODE at /bb")
PAIR = Place(uri="s3://b/x.png", twin_uri="s3://b/y.png", twin_split="test")
FINDINGS = [
    found("manifest-line", "Two lines.", "Mend.", scope=Scope("train", places=(LINE, LINE))),
    found("split-overlap", "One pair.", "Remove.", scope=Scope("train+test", places=(PAIR,))),
    found("imbalance", "Uneven.", "Add.", scope=Scope("train", "nut", {"ratio": 30.0})),
]


def run(*findings: Finding) -> dict[str, Any]:
    """Return the one run of a document."""
    document = json.loads(render_sarif(findings or FINDINGS, version="1.2.3"))
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    assert isinstance(only, dict)
    return only


def test_each_place_is_a_result_and_no_place_is_one() -> None:
    """Two lines, a pair and a finding without place are four results."""
    assert [result["ruleId"] for result in run()["results"]] == [
        "manifest-line",
        "manifest-line",
        "split-overlap",
        "imbalance",
    ]


def test_results_point_at_their_rules() -> None:
    """Each rule is described once, with a level, a title and an absolute help URI."""
    only = run()
    rules = only["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in only["results"]] == [
        result["ruleId"] for result in only["results"]
    ]
    assert len({rule["id"] for rule in rules}) == len(rules) == 3
    for rule in rules:
        assert rule["helpUri"] == f"rcl-flow:docs/06-your-data.md#{rule['id']}"
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert rules[0]["properties"] == {"tags": ["D2"]}


def test_line_is_located_and_its_path_is_a_uri() -> None:
    """A path may have a space, a URI may not."""
    location = run()["results"][0]["locations"][0]["physicalLocation"]
    assert location == {
        "artifactLocation": {"uri": "data/a%20b.manifest"},
        "region": {"startLine": 7},
    }
    assert run()["results"][0]["message"]["text"] == "CODE at /bb. Two lines. Mend."


def test_twin_is_a_related_location() -> None:
    """An image has no line."""
    result = run()["results"][2]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "s3://b/x.png"}
    }
    assert result["relatedLocations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "s3://b/y.png"}
    }


def test_figures_and_label_are_properties() -> None:
    """What was measured goes with it."""
    result = run()["results"][3]
    assert "locations" not in result
    assert result["properties"]["figures"] == {"ratio": 30.0}
    assert result["properties"]["label"] == "nut"


def test_waived_finding_is_suppressed_with_its_reason() -> None:
    """It is still in the document."""
    waived = FINDINGS[2].model_copy(update={"waived": "Known and accepted."})
    (result,) = run(waived)["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "Known and accepted."}]


def test_help_leads_to_where_the_documentation_is_published() -> None:
    """The base is up to the caller, and the version may be left out."""
    document = json.loads(render_sarif(FINDINGS, docs_base="https://example.org/"))
    driver = document["runs"][0]["tool"]["driver"]
    assert driver["rules"][0]["helpUri"].startswith("https://example.org/docs/")
    assert "version" not in driver
