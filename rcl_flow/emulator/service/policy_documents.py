"""What a project policy may say, and whom it lets copy a model.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-create-project-policy-sdk.html
"""

import json
from collections.abc import Iterable
from typing import Any

from rcl_flow.emulator.errors import ApiError
from rcl_flow.emulator.shapes import JsonObject
from rcl_flow.emulator.statements import listed, matches, principals

DOCUMENT_MEMBERS = frozenset({"Version", "Id", "Statement"})
REQUIRED_MEMBERS = frozenset({"Effect", "Principal", "Action", "Resource"})
STATEMENT_MEMBERS = REQUIRED_MEMBERS | {"Sid", "Condition"}
EFFECTS = frozenset({"allow", "deny"})
ACTION = "rekognition:copyprojectversion"


def check_document(text: str) -> None:
    """Accept a policy document.

    Raises:
        ApiError: It is no policy, or it says what a project policy may not say.
    """
    document = _parsed(text)
    if not isinstance(document, dict) or not DOCUMENT_MEMBERS.issuperset(document):
        raise _malformed("it is no object of Version, Id and Statement")
    statements = listed(document.get("Statement"))
    if not statements:
        raise _malformed("it has no statement")
    for statement in statements:
        _check_statement(statement)


def permits_copy(documents: Iterable[str], *, account: str, version_arn: str) -> bool:
    """Say whether accepted documents let `account` copy a version; a denial outweighs the rest."""
    statements = (each for text in documents for each in listed(json.loads(text)["Statement"]))
    effects = {
        str(each["Effect"]).lower()
        for each in statements
        if _names(each["Principal"], account) and matches(each["Resource"], version_arn)
    }
    return effects == {"allow"}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _malformed("it is not JSON") from error


def _check_statement(statement: Any) -> None:  # noqa: ANN401  # JSON
    if not isinstance(statement, dict):
        raise _malformed("a statement is no object")
    if missing := sorted(REQUIRED_MEMBERS - statement.keys()):
        raise _malformed(f"a statement has no {missing[0]}")
    if unknown := sorted(statement.keys() - STATEMENT_MEMBERS):
        raise _malformed(f"a statement cannot have {unknown[0]}")
    if str(statement["Effect"]).lower() not in EFFECTS:
        raise _malformed("an Effect is neither Allow nor Deny")
    if {str(action).lower() for action in listed(statement["Action"])} != {ACTION}:
        raise _malformed("the only action is rekognition:CopyProjectVersion")
    _check_names(statement)


def _check_names(statement: JsonObject) -> None:
    principal = statement["Principal"]
    if principal != "*" and not (isinstance(principal, dict) and set(principal) == {"AWS"}):
        raise _malformed('a Principal is neither "*" nor an object with the member AWS')
    named = principal["AWS"] if isinstance(principal, dict) else principal
    for member, value in (("Principal", named), ("Resource", statement["Resource"])):
        if not listed(value) or not all(isinstance(each, str) and each for each in listed(value)):
            raise _malformed(f"a {member} names nothing")


def _malformed(reason: str) -> ApiError:
    return ApiError(
        "MalformedPolicyDocumentException", f"The policy document is malformed: {reason}."
    )


def _names(principal: object, account: str) -> bool:
    # who of the account is calling is not known here, so any of its users and roles stands for it
    return any(
        text in ("*", account) or text.split(":")[4:5] == [account]
        for text in principals(principal)
    )
