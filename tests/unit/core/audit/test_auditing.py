"""Tests of the audit as a whole."""

import pytest
from pydantic import ValidationError

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.catalogue import Severity
from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.audit.rules import AuditRules, Waiver
from rcl_flow.core.datasets.dataset import Datasets, UnusableImage
from tests.builders import dataset, image, labelled
from tests.unit.core.audit.audits import HOLDOUT, RULES, TEST, TRAIN, audit, only, rules_of


def test_audit_finds_nothing_in_clean_datasets() -> None:
    """Clean, disjoint datasets of the recommended sizes give no finding at all."""
    assert audit().findings == ()


def test_audit_of_a_holdout_alone_finds_nothing() -> None:
    """To judge an existing model a clean holdout is enough."""
    assert audit(train=None, test=None).findings == ()


def test_audit_puts_errors_before_warnings() -> None:
    """What closes the gate is read first, whatever order the rules run in."""
    report = audit(
        train=labelled("train", {"a": 2, "b": 3, "c": 1}),
        holdout=labelled("holdout", {"a": 1, "b": 1}),
    )
    severities = [finding.severity for finding in report.findings]
    assert severities == sorted(severities)
    assert set(severities) == {"error", "warning"}
    assert report.errors + report.warnings == report.findings


def test_audit_names_five_of_many_and_counts_the_rest() -> None:
    """A long list is cut after five, and says how many more there are."""
    broken = [UnusableImage(f"{n}.png", "empty") for n in range(7)]
    message = only(audit(test=dataset("test", TEST.images, broken))).message
    assert "7 images" in message
    assert "4.png (empty) and 2 more" in message
    assert "5.png" not in message


def test_audit_of_empty_training_images_says_so_once() -> None:
    """Without training images there is no second complaint about labels."""
    assert rules_of(audit(train=dataset("train", [])).findings) == ["no-images"]


COPIED = Datasets(
    train=dataset("train", [*TRAIN.images, image("train-a-0", "a", uri="copy.png")]),
    test=TEST,
    holdout=HOLDOUT,
)


def audit_with(*, severities: dict[str, str] | None = None, **changes: object) -> AuditReport:
    """Audit a training set with one copy in it under other rules."""
    changed = changes | {"severities": {**RULES.severities, **(severities or {})}}
    return audit_datasets(COPIED, AuditRules.model_validate(RULES.model_dump() | changed))


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
def test_audit_gives_findings_the_severity_of_the_config(severity: Severity) -> None:
    """A team decides what closes its gate."""
    assert only(audit_with(severities={"duplicate-image": severity})).severity == severity


def test_audit_leaves_out_rules_that_are_off() -> None:
    """What a config turns off is not even listed."""
    assert audit_with(severities={"duplicate-image": "off"}).findings == ()


def test_audit_refuses_a_rule_that_it_does_not_know() -> None:
    """A misspelt rule would silently change nothing, so it is an error that names the nearest."""
    with pytest.raises(ValidationError, match="did you mean duplicate-image"):
        audit_with(severities={"duplicate-images": "off"})
    with pytest.raises(ValidationError, match="there is no audit rule 'x'"):
        Waiver(rule="x", reason="because it must")


@pytest.mark.parametrize(
    ("place", "covered"),
    [({}, True), ({"split": "train"}, True), ({"split": "test"}, False), ({"label": "a"}, False)],
)
def test_audit_waives_what_the_config_accepts(place: dict[str, str], covered: bool) -> None:
    """A waived finding stays in the report with its reason, and closes no gate."""
    waiver = {"rule": "duplicate-image", "reason": "copies are wanted here"} | place
    report = audit_with(waivers=[waiver], severities={"duplicate-image": "error"})
    finding = only(report)
    assert finding.waived == ("copies are wanted here" if covered else "")
    assert (report.errors == ()) is covered
    assert (report.waived != ()) is covered


def test_every_finding_names_its_practice_and_its_documentation() -> None:
    """From a finding one gets to what to do."""
    finding = only(audit_with())
    assert finding.practice == "D1"
    assert finding.docs == "docs/06-your-data.md#duplicate-image"
    (place,) = finding.places
    assert (place.twin_uri, place.split, place.twin_split) == ("copy.png", "train", "train")


def test_audit_takes_a_bare_off_as_yaml_reads_it() -> None:
    """YAML 1.1 reads `off` without quotes as false."""
    rules = AuditRules.model_validate({"severities": {"duplicate-image": False}})
    assert rules.severities == {"duplicate-image": "off"}
