"""Let another account copy one version while a block lasts, by a policy of the source project."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from rcl_flow.aws.errors import Failure, classify, is_lost
from rcl_flow.aws.model_copies import ModelCopies, ProjectPolicy
from rcl_flow.core.promotion.copy_policy import (
    copy_policy_name,
    with_copy_statement,
    without_copy_statement,
)
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.runs.steplog import StepLog

_ATTEMPTS: Final = 4
_CHANGED_MEANWHILE: Final = frozenset(
    {"InvalidPolicyRevisionIdException", "ResourceAlreadyExistsException"}
)


@dataclass(frozen=True, slots=True)
class CopyPermit:
    """Who may copy what to where; the service knows no way to name the destination."""

    project_arn: str
    """Of the source."""
    version_arn: str
    principal: str
    destination_arn: str
    """The project that the copy goes to: each destination has a policy of its own."""

    @property
    def policy_name(self) -> str:
        """The name of the policy that holds it."""
        return copy_policy_name(self.version_arn, self.principal, self.destination_arn)


@contextmanager
def permitted(permit: CopyPermit, copies: ModelCopies, log: StepLog) -> Iterator[None]:
    """Permit the copy in this block, and take the permission back at its end.

    Args:
        permit: who may copy what.
        copies: the gateway of the source account.
        log: told of what could not be taken back.

    Raises:
        AwsRefusedError: the policy cannot be put, or not be taken back after a block that ended
            well.
    """
    try:
        grant(permit, copies)
        log.notice(f"{permit.principal} may copy {permit.version_arn} now.")
        yield
    except BaseException:
        try:
            withdraw(permit, copies)
        except AwsRefusedError as error:
            log.notice(f"The policy {permit.policy_name} could not be removed: {error.message}")
        raise
    withdraw(permit, copies)


def grant(permit: CopyPermit, copies: ModelCopies) -> None:
    """Put the statement into the project's policy of that name; what is there is kept.

    Raises:
        AwsRefusedError: it cannot be put.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        before = _find(permit, copies)
        document = with_copy_statement(
            before.document if before else None, permit.version_arn, permit.principal
        )
        revision_id = before.revision_id if before else None
        try:
            copies.put_policy(
                permit.project_arn, permit.policy_name, document, revision_id=revision_id
            )
        except AwsRefusedError as error:
            if attempt == _ATTEMPTS or not _was_changed(error):
                raise
        else:
            return


def withdraw(permit: CopyPermit, copies: ModelCopies) -> None:
    """Take the statement out again, and the policy away when nothing is left of it.

    Raises:
        AwsRefusedError: it cannot be taken out.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        before = _find(permit, copies)
        if before is None:
            return
        try:
            _take_out(before, permit, copies)
        except AwsRefusedError as error:
            gone = classify(error) is Failure.NOT_FOUND
            if attempt == _ATTEMPTS or not (gone or _was_changed(error)):
                raise
        else:
            return


def _take_out(before: ProjectPolicy, permit: CopyPermit, copies: ModelCopies) -> None:
    left = without_copy_statement(before.document)
    name, revision_id = permit.policy_name, before.revision_id
    if left is None:
        copies.delete_policy(permit.project_arn, name, revision_id=revision_id)
    else:
        copies.put_policy(permit.project_arn, name, left, revision_id=revision_id)


def _find(permit: CopyPermit, copies: ModelCopies) -> ProjectPolicy | None:
    policies = copies.policies(permit.project_arn)
    return next((policy for policy in policies if policy.name == permit.policy_name), None)


def _was_changed(error: AwsRefusedError) -> bool:
    """Say whether to read again: somebody else's change, or our own whose answer was lost."""
    return error.code in _CHANGED_MEANWHILE or is_lost(error)
