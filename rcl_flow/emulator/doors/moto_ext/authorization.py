"""Whether IAM lets a caller do what it asks: moto's evaluation, with the right resources.

moto judges S3, STS, IAM and others by itself. It knows nothing of Custom Labels, judges
EventBridge Scheduler on `*` alone, and answers both in XML.
"""

from typing import NoReturn

from botocore.awsrequest import AWSRequest
from moto import settings
from moto.core.exceptions import JsonRESTError
from moto.iam.access_control import IAMPolicy, IAMRequest, PermissionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, iam_backends
from moto.s3.responses import ACTION_MAP
from moto.scheduler.responses import EventBridgeSchedulerResponse

from rcl_flow.emulator.doors.moto_ext.resources import (
    custom_labels_resources,
    parse_members,
    schedule_resource,
)
from rcl_flow.emulator.shapes import JsonObject
from rcl_flow.emulator.statements import listed, principals

SCHEDULER = "scheduler.amazonaws.com"
PASSING_OPERATIONS = frozenset({"scheduler:CreateSchedule", "scheduler:UpdateSchedule"})


def policies_are_enforced() -> bool:
    """Say whether callers need permissions; by default everybody may do everything."""
    return float("inf") != settings.INITIAL_NO_AUTH_ACTION_COUNT


class JsonCaller(IAMRequest):
    """The caller of a request of a JSON protocol, and what its policies say."""

    refusal_status = 400
    _judged_on = "*"

    def check_action_permitted(self, resource: str) -> None:
        """Accept what the caller may do with `resource`.

        Raises:
            JsonRESTError: It may not.
        """
        self._judged_on = resource
        super().check_action_permitted(resource)

    def _raise_access_denied(self) -> NoReturn:
        self._refuse(
            "AccessDeniedException",
            f"User: {self._access_key.arn} is not authorized to perform: {self._action} "
            f"on resource: {self._judged_on}",
        )

    def _raise_invalid_access_key(self, _: str) -> NoReturn:
        self._refuse(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )

    def _raise_signature_does_not_match(self) -> NoReturn:
        self._refuse(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.",
        )

    def _refuse(self, code: str, message: str) -> NoReturn:
        error = JsonRESTError(code, message)
        error.code = self.refusal_status
        raise error

    def _create_aws_request(self) -> AWSRequest:
        request = super()._create_aws_request()
        # for a request without a body moto would sign its query, or its headers, as one
        request.data = self._body
        return request

    def _members(self) -> JsonObject:
        return parse_members(self._body)


class CustomLabelsCaller(JsonCaller):
    """The caller of an operation of Custom Labels."""

    def check_action_permitted(self, resource: str) -> None:
        """Accept a request whose resources the caller may all use; `resource` is not needed.

        Raises:
            JsonRESTError: It may not use one of them.
        """
        operation = self._action.partition(":")[2]
        for each in custom_labels_resources(operation, self._members()):
            super().check_action_permitted(each)


class SchedulerCaller(JsonCaller):
    """The caller of EventBridge Scheduler, who also hands a role over to it."""

    refusal_status = 403

    def check_action_permitted(self, resource: str) -> None:
        """Accept what the caller may do with a schedule, and with the role that it names.

        Raises:
            JsonRESTError: It may not.
        """
        super().check_action_permitted(resource)
        if self._action in PASSING_OPERATIONS:
            self._action = "iam:PassRole"
            super().check_action_permitted(str(self._members().get("Target", {}).get("RoleArn")))


def _authorize_schedule(response: EventBridgeSchedulerResponse, resource: str = "*") -> None:
    resource = schedule_resource(
        response.uri,
        parse_members(response.raw_body),
        account=response.current_account,
        region=response.region,
    )
    response._authenticate_and_authorize_action(SchedulerCaller, resource)


def judge_schedules() -> None:
    """Let moto judge EventBridge Scheduler on the schedule that a request is about."""
    hooked: type = EventBridgeSchedulerResponse
    hooked._authenticate_and_authorize_normal_action = _authorize_schedule  # type: ignore[attr-defined]  # moto has no other place for it


def forget_schedules() -> None:
    """Give EventBridge Scheduler's permissions back to moto."""
    hooked: type = EventBridgeSchedulerResponse
    if "_authenticate_and_authorize_normal_action" in vars(hooked):
        del hooked._authenticate_and_authorize_normal_action  # type: ignore[attr-defined]  # set above


def name_s3_actions() -> None:
    """Let moto judge HeadBucket by the action that decides about it; there is none of its name.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html, permissions.
    """
    ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "ListBucket"


def forget_s3_actions() -> None:
    """Give the names of S3's actions back to moto."""
    ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "HeadBucket"


def role_permits(account: str, role_arn: str, operation: str, request: JsonObject) -> bool:
    """Say whether a role lets EventBridge Scheduler carry out an operation of Custom Labels.

    Args:
        account: The schedule's.
        role_arn: The target's role.
        operation: Such as `StopProjectVersion`.
        request: The target's input.
    """
    backend = iam_backends[account]["aws"]
    try:
        role = backend.get_role_by_arn(role_arn)
    except NotFoundException:
        return False
    trust = parse_members(role.assume_role_policy_document)
    trusted = [principals(each.get("Principal")) for each in listed(trust.get("Statement"))]
    if not any(SCHEDULER in each for each in trusted):
        return False
    policies = _policies_of_role(backend, role.name)
    action = f"rekognition:{operation}"
    return all(
        _permit(policies, action, resource)
        for resource in custom_labels_resources(operation, request)
    )


def _policies_of_role(backend: IAMBackend, name: str) -> list[IAMPolicy]:
    inline = [backend.get_role_policy(name, each)[1] for each in backend.list_role_policies(name)]
    attached, _ = backend.list_attached_role_policies(name)
    return [IAMPolicy(each) for each in [*inline, *attached]]


def _permit(policies: list[IAMPolicy], action: str, resource: str) -> bool:
    results = [policy.is_action_permitted(action, resource) for policy in policies]
    return PermissionResult.DENIED not in results and PermissionResult.PERMITTED in results
