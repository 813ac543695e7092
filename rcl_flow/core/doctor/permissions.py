"""The permissions that a config needs, and what the answer to a harmless call says of one."""

import json
import re
from dataclasses import dataclass
from typing import Final, Literal

from rcl_flow.core.doctor.diagnosis import Check, Reply, ok, problem, skipped

WatchdogKind = Literal["scheduler", "tag", "off"]

_JUDGING: Final = (
    "DescribeProjects",
    "DescribeProjectVersions",
    "StartProjectVersion",
    "StopProjectVersion",
    "DetectCustomLabels",
)
_TRAINING: Final = (
    "CreateProject",
    "CreateDataset",
    "DescribeDataset",
    "DeleteDataset",
    "ListDatasetEntries",
    "UpdateDatasetEntries",
    "ListTagsForResource",
    "TagResource",
    "CreateProjectVersion",
)
_TAGGING: Final = ("TagResource", "UntagResource")
_UNSCOPED: Final = frozenset({"CreateProject", "DescribeProjects"})
"""Source: Service Authorization Reference, Amazon Rekognition: these take no resource."""
S3_BUCKET_ACTIONS: Final = ("s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketAcl")
S3_OBJECT_ACTIONS: Final = ("s3:PutObject", "s3:GetObject", "s3:DeleteObject")
SCHEDULER_ACTIONS: Final = ("GetSchedule", "CreateSchedule", "UpdateSchedule", "DeleteSchedule")
_NAMED_ACTION: Final = re.compile(
    r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)(?: on resource: (\S+))?"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose permissions are looked at, and where."""

    arn: str
    account: str
    region: str

    @property
    def partition(self) -> str:
        """Such as `aws` or `aws-cn`."""
        return self.arn.split(":")[1]

    def rekognition_arn(self, path: str) -> str:
        """Return the ARN of a resource of Rekognition."""
        return _arn("rekognition", path, self)


def rekognition_actions(
    *, trains: bool, project_exists: bool, watchdog: WatchdogKind
) -> tuple[str, ...]:
    """Return the operations of Rekognition that a run calls, each once.

    Args:
        trains: whether it trains, or judges an existing model.
        project_exists: whether the project need not be made.
        watchdog: what is to stop the model when the machine is gone.
    """
    wanted = (
        *_JUDGING,
        *(_TRAINING if trains else ()),
        *(_TAGGING if watchdog != "off" else ()),
    )
    return tuple(
        action
        for action in dict.fromkeys(wanted)
        if not (action == "CreateProject" and project_exists)
    )


def watchdog_resource(group: str, caller: Caller) -> str:
    """Return the resource that a policy has to name for the watchdog's schedules."""
    place = f"{caller.partition}:scheduler:{caller.region}:{caller.account}"
    return f"arn:{place}:schedule/{group}/rcl-stop-*"


def rekognition_resource(action: str, project: str, caller: Caller) -> str:
    """Return the resource that a policy has to name for an operation."""
    return "*" if action in _UNSCOPED else caller.rekognition_arn(f"project/{project}/*")


def permission_check(action: str, reply: Reply, resource: str, caller: Caller) -> Check:
    """Judge a permission such as `s3:GetObject` by the answer to a call that can do no harm.

    Anything but "access denied" means that AWS looked at the request, and so permitted it.
    """
    if reply.kind == "denied":
        return _denied(action, reply, resource, caller)
    if reply.kind == "silent":
        return skipped(action, f"{reply.code} came back, which tells nothing.", "Try again later.")
    if action == "rekognition:CreateProject" and reply.kind != "done":
        return skipped(action, "It cannot be told without making a project.")
    return ok(action, "permitted")


def _denied(action: str, reply: Reply, resource: str, caller: Caller) -> Check:
    named = _NAMED_ACTION.search(reply.message)
    missing = named[1] if named else action
    # a call can be refused for a second action, such as that of a key or a role
    target = resource if missing == action or not named else named[2] or "*"
    if "explicit deny" in reply.message:
        cure = f"A policy denies it explicitly: take {missing} out of that Deny statement."
    else:
        cure = f"Add to its policy: {statement(missing, target)}"
    return problem(action, f"{caller.arn} may not do {missing} on {target}.", cure)


def statement(action: str, resource: str) -> str:
    """Return a policy statement that allows one action, as JSON."""
    return json.dumps({"Effect": "Allow", "Action": action, "Resource": resource})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing beyond Rekognition and S3 that a config names, and what it has to be allowed."""

    action: str
    """Such as `sns:Publish`."""
    name: str
    """As a call names it."""
    resource: str
    """As a policy names it."""
    field: str
    """Of the config."""


def topic_delivery(topic_arn: str, field: str) -> Delivery:
    """Return what telling a topic of SNS needs."""
    return Delivery("sns:Publish", topic_arn, topic_arn, field)


def bus_delivery(name: str, field: str, caller: Caller) -> Delivery:
    """Return what telling a bus of EventBridge needs."""
    return Delivery("events:PutEvents", name, _arn("events", f"event-bus/{name}", caller), field)


def secret_delivery(reference: str, field: str, caller: Caller) -> Delivery | None:
    """Return what reading a secret by its reference needs; None for one of the environment."""
    kind, _, name = reference.partition(":")
    if kind == "ssm":
        return parameter_delivery("ssm:GetParameter", name, field, caller)
    if kind != "secretsmanager":
        return None
    # the service ends a secret's ARN with six characters of its own
    named = _arn("secretsmanager", f"secret:{name}-??????", caller)
    resource = name if name.startswith("arn:") else named
    return Delivery("secretsmanager:GetSecretValue", name, resource, field)


def parameter_delivery(action: str, name: str, field: str, caller: Caller) -> Delivery:
    """Return what an action on a parameter of Systems Manager needs."""
    resource = _arn("ssm", f"parameter/{name.lstrip('/')}", caller)
    return Delivery(action, name, resource, field)


def _arn(service: str, rest: str, caller: Caller) -> str:
    return f"arn:{caller.partition}:{service}:{caller.region}:{caller.account}:{rest}"
