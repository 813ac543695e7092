"""Findings as a SARIF 2.1.0 document, for code scanning and editors.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson

from rcl_flow.core.audit.catalogue import RULES, docs_of
from rcl_flow.core.audit.findings import Finding, Place

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
DOCS_BASE: Final = "rcl-flow:"
"""Makes a page of the documentation an absolute URI where nobody says where it is published."""


def render_sarif(
    findings: Sequence[Finding], *, version: str = "", docs_base: str = DOCS_BASE
) -> str:
    """Return a document with one result for each place of each finding.

    Args:
        findings: what was found, of one or several inputs.
        version: rcl-flow's own, where it is to be told.
        docs_base: what comes before `docs/…` in the rules' help URIs.
    """
    used = sorted({finding.rule for finding in findings})
    driver: dict[str, Any] = {
        "name": "rcl-flow",
        "rules": [_rule(rule, docs_base) for rule in used],
    }
    if version:
        driver["version"] = version
    index = {rule: number for number, rule in enumerate(used)}
    results = [
        _result(finding, place, index[finding.rule], docs_base)
        for finding in findings
        for place in finding.places or (None,)
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def _rule(rule: str, docs_base: str) -> dict[str, Any]:
    entry = RULES.get(rule)
    title = entry.title if entry else rule
    level = entry.severity if entry else "warning"
    described: dict[str, Any] = {
        "id": rule,
        "shortDescription": {"text": title},
        "helpUri": docs_base + docs_of(rule),
        "help": {"text": f"{title}: see {docs_of(rule)}."},
        "defaultConfiguration": {"level": level},
    }
    if entry and entry.practice:
        described["properties"] = {"tags": [entry.practice]}
    return described


def _result(
    finding: Finding, place: Place | None, rule_index: int, docs_base: str
) -> dict[str, Any]:
    told = f"{place.note}. " if place and place.note else ""
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.severity,
        "message": {"text": f"{told}{finding.message} {finding.hint}"},
        "properties": dict(_properties(finding, docs_base)),
    }
    if place is not None:
        result["locations"] = [{"physicalLocation": _location(place.uri, place.line_number)}]
        if place.twin_uri:
            result["relatedLocations"] = [{"physicalLocation": _location(place.twin_uri, 0)}]
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "justification": finding.waived}]
    return result


def _properties(finding: Finding, docs_base: str) -> Iterator[tuple[str, object]]:
    if finding.docs:
        yield "docs", docs_base + finding.docs
    for name in ("split", "label", "practice"):
        value = getattr(finding, name)
        if value:
            yield name, value
    if finding.figures:
        yield "figures", dict(finding.figures)


def _location(uri: str, line_number: int) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _as_uri(uri)}}
    if line_number:
        location["region"] = {"startLine": line_number}
    return location


def _as_uri(path: str) -> str:
    """Return a path as a URI reference: what a URI cannot hold is percent-encoded."""
    safe = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:@!$&'()*+,;=")
    encoded = path.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in safe else f"%{byte:02X}" for byte in encoded)
