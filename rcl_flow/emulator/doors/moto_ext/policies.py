"""What a bucket's policy denies, as far as the emulator evaluates it.

moto answers no question about a principal, so this reads the policy itself: statements that deny
without a condition, to everybody, to the account or to Rekognition. Permissions that are merely
not granted deny nothing here.
"""

import json

from rcl_flow.emulator.statements import listed, matches, principals

REKOGNITION = "rekognition.amazonaws.com"


def is_denied(policy: bytes | None, action: str, resource: str, *, account: str) -> bool:
    """Say whether a bucket's policy denies `account` an action such as `s3:GetObject`.

    Args:
        policy: The policy's JSON text, or None if the bucket has none.
        action: One action.
        resource: The ARN of the bucket or the object.
        account: Who asks.
    """
    statements = json.loads(policy)["Statement"] if policy else []
    return any(
        each.get("Effect") == "Deny"
        and "Condition" not in each
        and matches(each.get("Action"), action.lower(), lower=True)
        and matches(each.get("Resource"), resource)
        and _concerns(each.get("Principal"), account)
        for each in listed(statements)
    )


def _concerns(principal: object, account: str) -> bool:
    named = principals(principal)
    return bool(named & {"*", account, REKOGNITION}) or any(
        text.startswith("arn:") and text.endswith(f":iam::{account}:root") for text in named
    )
