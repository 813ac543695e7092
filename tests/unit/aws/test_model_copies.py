"""Tests of the gateway to project policies, against the emulator."""

import pytest

from rcl_flow.core.promotion.copy_policy import account_principal, with_copy_statement
from rcl_flow.errors import AwsRefusedError
from tests.unit.aws.conftest import Gateways

DOCUMENT = with_copy_statement(
    None,
    "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/v1/1600000000001",
    account_principal("222222222222", "aws"),
)


def test_policies_yields_those_of_every_page(gateways: Gateways) -> None:
    """The service lists five at once."""
    project = gateways.rekognition.create_project("shades", {})
    copies = gateways.rekognition.copies
    for number in range(7):
        copies.put_policy(project, f"p{number}", DOCUMENT, revision_id=None)
    assert [policy.name for policy in copies.policies(project)] == [f"p{n}" for n in range(7)]
    assert gateways.calls("ListProjectPolicies") == 2


def test_put_and_delete_concern_the_revision_that_was_read(gateways: Gateways) -> None:
    """What somebody has changed meanwhile is neither overwritten nor removed."""
    project = gateways.rekognition.create_project("shades", {})
    copies = gateways.rekognition.copies
    copies.put_policy(project, "p", DOCUMENT, revision_id=None)
    (first,) = copies.policies(project)
    copies.put_policy(project, "p", DOCUMENT, revision_id=first.revision_id)
    stale = "InvalidPolicyRevisionIdException"
    with pytest.raises(AwsRefusedError, match=stale):
        copies.put_policy(project, "p", DOCUMENT, revision_id=first.revision_id)
    with pytest.raises(AwsRefusedError, match=stale):
        copies.delete_policy(project, "p", revision_id=first.revision_id)
    (second,) = copies.policies(project)
    copies.delete_policy(project, "p", revision_id=second.revision_id)
    assert list(copies.policies(project)) == []
