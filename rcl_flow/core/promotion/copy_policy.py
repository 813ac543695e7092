"""The statement of a project policy that lets one principal copy one version, put in and taken out.

Source: developer guide, "Creating a project policy document" (read 2026-11-23): the only action is
`rekognition:CopyProjectVersion`; the destination cannot be named.
"""

import json
from typing import Any, Final

from rcl_flow.core.naming import digest_of

ACTION: Final = "rekognition:CopyProjectVersion"
_SID: Final = "RclFlowCopy"
_VERSION: Final = "2012-10-17"


def copy_policy_name(version_arn: str, principal: str, destination_arn: str) -> str:
    """Return the name of the policy for one copy: the same copy finds its own again."""
    return f"rcl-flow-copy-{digest_of([version_arn, principal, destination_arn])[:16]}"


def account_principal(account: str, partition: str) -> str:
    """Return the principal that stands for all of an account whose own policies permit it."""
    return f"arn:{partition}:iam::{account}:root"


def with_copy_statement(document: str | None, version_arn: str, principal: str) -> str:
    """Return a policy that permits the copy, and keeps what others have put into it.

    Args:
        document: of the policy of that name; None when there is none.
        version_arn: of the version that may be copied.
        principal: who may, as IAM names it.
    """
    ours = {
        "Sid": _SID,
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": ACTION,
        "Resource": version_arn,
    }
    others = _others(document) if document is not None else []
    return _dump([*others, ours])


def without_copy_statement(document: str) -> str | None:
    """Return the policy without our statement; None when nothing is left of it."""
    others = _others(document)
    return _dump(others) if others else None


def _others(document: str) -> list[dict[str, Any]]:
    statements = json.loads(document)["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return [each for each in listed if each.get("Sid") != _SID]


def _dump(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": _VERSION, "Statement": statements}, separators=(",", ":"))
