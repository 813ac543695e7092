"""Tests of the statement that lets one principal copy one version."""

import json

from rcl_flow.core.promotion.copy_policy import (
    account_principal,
    copy_policy_name,
    with_copy_statement,
    without_copy_statement,
)

VERSION = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/v1/1600000000001"
THEM = account_principal("222222222222", "aws")
OTHERS = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "x", "Resource": "*"}


def test_policy_permits_one_action_on_one_version_to_one_principal() -> None:
    """Nothing wider is put into a project's policy."""
    (statement,) = json.loads(with_copy_statement(None, VERSION, THEM))["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}
    assert statement["Action"] == "rekognition:CopyProjectVersion"
    assert statement["Resource"] == VERSION


def test_statement_is_put_in_once_and_taken_out_alone() -> None:
    """What others have put into the policy stays before and after."""
    before = json.dumps({"Statement": OTHERS})
    twice = with_copy_statement(with_copy_statement(before, VERSION, THEM), VERSION, THEM)
    assert [each["Sid"] for each in json.loads(twice)["Statement"]] == ["Theirs", "RclFlowCopy"]
    left = without_copy_statement(twice)
    assert left is not None
    assert json.loads(left)["Statement"] == [OTHERS]
    assert without_copy_statement(with_copy_statement(None, VERSION, THEM)) is None


def test_each_destination_has_a_policy_of_its_own() -> None:
    """One copy that ends takes nothing from another that is under way."""
    names = {copy_policy_name(VERSION, THEM, destination) for destination in ("a", "b", "a")}
    assert len(names) == 2
    assert all(name.startswith("rcl-flow-copy-") for name in names)
