"""Testing aids for permissions: let IAM policies count, and make users who may do only so much.

By default everybody may do everything, as in moto.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rcl_flow.emulator.doors.moto_ext.enforcement import (
    EVERYTHING,
    POLICY_NAME,
    enforced_policies,
    policy_of,
    statement,
)

__all__ = [
    "UserKeys",
    "enforced_policies",
    "make_user",
    "set_permissions",
]


@dataclass(frozen=True, slots=True)
class UserKeys:
    """A user's access key."""

    user_name: str
    access_key_id: str
    secret_access_key: str

    @property
    def client_options(self) -> dict[str, str]:
        """The options of `boto3.Session.client` with which a client acts as the user."""
        return {
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
        }


def make_user(
    iam: Any,  # noqa: ANN401  # its types are no dependency
    name: str,
    *,
    allow: Iterable[str] = (),
    deny: Iterable[str] = (),
    resources: Iterable[str] = EVERYTHING,
) -> UserKeys:
    """Make a user with a policy, and return the user's key.

    Args:
        iam: A client of the emulator that may do so, such as one of the emulator's own session.
        name: The user's; there is none of it yet.
        allow: Actions that the user may do, such as `rekognition:DetectCustomLabels` or `s3:*`.
        deny: Actions that the user may not do, whatever `allow` says.
        resources: The ARNs that `allow` is about; `deny` is about all.
    """
    iam.create_user(UserName=name)
    set_permissions(iam, name, allow=allow, deny=deny, resources=resources)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return UserKeys(name, key["AccessKeyId"], key["SecretAccessKey"])


def set_permissions(
    iam: Any,  # noqa: ANN401  # its types are no dependency
    name: str,
    *,
    allow: Iterable[str] = (),
    deny: Iterable[str] = (),
    resources: Iterable[str] = EVERYTHING,
) -> None:
    """Replace what a user of `make_user` may do; the arguments are the same."""
    for former in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=former)
    statements = [statement("Allow", allow, resources), statement("Deny", deny, EVERYTHING)]
    if given := [each for each in statements if each["Action"]]:
        iam.put_user_policy(UserName=name, PolicyName=POLICY_NAME, PolicyDocument=policy_of(given))
