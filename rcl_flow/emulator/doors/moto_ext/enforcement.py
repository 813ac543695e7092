"""Letting IAM policies count: moto's switch, and who may do everything all the same."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.models import get_account_id_from, iam_backends

from rcl_flow.emulator.sessions import ACCESS_KEY_ID, SECRET_ACCESS_KEY

ADMINISTRATOR = "emulator-administrator"
POLICY_NAME = "permissions"
EVERYTHING = ("*",)
VERSION = "2012-10-17"


@contextmanager
def enforced_policies() -> Iterator[None]:
    """Let IAM policies and signatures count for as long as the block lasts.

    The emulator's own key, that of its sessions, is then an administrator's; any other key must be
    that of a user or of an assumed role. Inside moto's mock, enter this after `emulated_aws`.
    """
    before = settings.INITIAL_NO_AUTH_ACTION_COUNT, ActionAuthenticatorMixin.request_count
    admit_administrator()
    settings.INITIAL_NO_AUTH_ACTION_COUNT, ActionAuthenticatorMixin.request_count = 0, 0
    try:
        yield
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT, ActionAuthenticatorMixin.request_count = before


def admit_administrator() -> None:
    """Make the user whom the emulator's own key belongs to."""
    backend = iam_backends[get_account_id_from(ACCESS_KEY_ID)]["aws"]
    if ADMINISTRATOR in backend.users:
        return
    user = backend.create_user("us-east-1", ADMINISTRATOR)
    user.policies[POLICY_NAME] = policy_of([statement("Allow", EVERYTHING, EVERYTHING)])
    key = user.create_access_key("AKIA")
    key.access_key_id, key.secret_access_key = ACCESS_KEY_ID, SECRET_ACCESS_KEY


def statement(
    effect: str, actions: Iterable[str], resources: Iterable[str]
) -> dict[str, str | list[str]]:
    """Return a statement of a policy: `Allow` or `Deny`."""
    return {"Effect": effect, "Action": list(actions), "Resource": list(resources)}


def policy_of(statements: Iterable[dict[str, str | list[str]]]) -> str:
    """Return a policy document of statements."""
    return json.dumps({"Version": VERSION, "Statement": list(statements)})
