"""The template's functions, worked out with names in place of what AWS would give."""

import re
from collections.abc import Mapping
from typing import Any

from tests.infra.template import template

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "REGION",
    "AWS::AccountId": "ACCOUNT",
    "AWS::StackName": "STACK",
}
NAMES = {
    "ProjectName": "PROJECT",
    "BucketName": "BUCKET",
    "StoragePrefix": "PREFIX",
    "StatePrefix": "STATE",
    "ScheduleGroupName": "GROUP",
    "GitHubRepository": "OWNER/REPOSITORY",
    "GitHubEnvironment": "production",
}
_NAMED = {
    "Driver": "arn:aws:states:REGION:ACCOUNT:stateMachine:STACK-driver",
    "GitHubProvider.Arn": (
        "arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com"
    ),
}


def resolved(value: Any, given: Mapping[str, str] = NAMES) -> Any:  # noqa: ANN401  # any YAML
    """Return a value of the template; what nobody can know is its logical name."""
    if isinstance(value, list):
        return [resolved(item, given) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": name}:
            made: Any = _name(name, given)
        case {"Fn::GetAtt": [*path]}:
            made = _name(".".join(path), given)
        case {"Fn::Sub": text}:
            made = re.sub(r"\$\{([^}]+)\}", lambda found: _name(found[1], given), text)
        case {"Fn::If": [_, first, _]}:
            made = resolved(first, given)
        case _:
            made = {key: resolved(item, given) for key, item in value.items()}
    return made


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Return the template's resources of that type by their logical name."""
    found = template()["Resources"]
    return {name: each for name, each in found.items() if each["Type"] == kind}


def policy_documents() -> dict[str, dict[str, Any]]:
    """Return what each role may do: by `ROLE` for its own policy, or by a policy's name."""
    roles = resources("AWS::IAM::Role")
    inline = {
        name: resolved(role["Properties"]["Policies"][0]["PolicyDocument"])
        for name, role in roles.items()
    }
    attached = resources("AWS::IAM::Policy")
    return inline | {
        name: resolved(each["Properties"]["PolicyDocument"]) for name, each in attached.items()
    }


def as_list(value: Any) -> list[Any]:  # noqa: ANN401  # a policy's one or many
    """Return one or many as many."""
    return value if isinstance(value, list) else [value]


def _name(name: str, given: Mapping[str, str]) -> str:
    return PSEUDO.get(name) or given.get(name) or _NAMED.get(name, name)
