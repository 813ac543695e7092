"""Harmless calls, by which the doctor learns what a run will meet."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from rcl_flow.aws.bucket_answers import BUCKET_REGION_HEADER
from rcl_flow.aws.dates import answered_at
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.identity import Identity, caller_identity
from rcl_flow.aws.probes_delivery import delivery_probe
from rcl_flow.aws.probes_rekognition import PROBE_NAME, Call, rekognition_probe
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3Location
from rcl_flow.aws.session import (
    AwsAccess,
    rekognition_client,
    s3_client,
    scheduler_client,
    sts_client,
)
from rcl_flow.core.doctor.diagnosis import BucketFacts, Reply
from rcl_flow.errors import AwsRefusedError

if TYPE_CHECKING:
    from datetime import datetime

    import boto3

_SCHEDULE_NAME: Final = "rcl-stop-doctor"
"""Below the prefix that a policy for the watchdog allows."""
_NO_SCHEDULE_NAME: Final = "rcl-stop-doctor-none"
_NEVER: Final = "at(2099-01-01T00:00:00)"
_OF_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_DEFAULT_REGION: Final = "us-east-1"
_NOT_THERE: Final = frozenset({"UnknownOperationException", "NotImplementedException"})
_KINDS: Final = {
    Failure.DENIED: "denied",
    Failure.NOT_FOUND: "not_found",
    Failure.THROTTLED: "silent",
    Failure.SERVER: "silent",
    Failure.LOST: "silent",
    Failure.CREDENTIALS: "silent",
}


class Probes:
    """Asks each service what it says to this caller; nothing is made that stays or bills."""

    def __init__(self, session: "boto3.Session", access: AwsAccess, caller: Caller) -> None:
        """Ask through clients of `session`."""
        self._caller = caller
        self._session, self._access = session, access
        self._sts = sts_client(session, access)
        self._rekognition = rekognition_client(session, access)
        self._s3 = s3_client(session, access)
        self._scheduler = scheduler_client(session, access)

    def identity(self) -> Identity:
        """Return whose credentials these are, and AWS's time.

        Raises:
            AwsRefusedError: there are none, or they are not accepted.
        """
        return caller_identity(self._sts, self._caller)

    def foreign_endpoints(self) -> tuple[str, ...]:
        """Return the addresses, other than AWS's own, that calls go to; usually none."""
        clients = (self._sts, self._rekognition, self._s3, self._scheduler)
        urls = dict.fromkeys(str(client.meta.endpoint_url) for client in clients)
        return tuple(url for url in urls if not (urlsplit(url).hostname or "").endswith(_OF_AWS))

    def rekognition(self, operation: str, project_arn_stem: str, bucket: str) -> Reply:
        """Ask for an operation of Rekognition on what cannot exist."""
        method, given = rekognition_probe(self._rekognition, operation, project_arn_stem, bucket)
        return self._ask(method, given)

    def bucket(self, name: str) -> BucketFacts:
        """Return what may be learned of a bucket."""
        head, headers = self._head(name)
        if head.kind == "denied":  # a HEAD has no body that says why
            head = self.bucket_action("s3:ListBucket", name, "")
        location, found = self._fetch(self._s3.get_bucket_location, Bucket=name)
        region = headers.get(BUCKET_REGION_HEADER)
        if location.kind == "done":
            region = found["LocationConstraint"] or _DEFAULT_REGION
        _, acl = self._fetch(self._s3.get_bucket_acl, Bucket=name)
        asked, policy = self._fetch(self._s3.get_bucket_policy_status, Bucket=name)
        return BucketFacts(
            name=name,
            head=head,
            location=location,
            region=region,
            owner=acl.get("Owner", {}).get("ID"),
            encryption=self._encryption(name),
            public=False
            if asked.code == "NoSuchBucketPolicy"
            else policy.get("PolicyStatus", {}).get("IsPublic"),
        )

    def bucket_action(self, action: str, bucket: str, prefix: str) -> Reply:
        """Ask for something that is only read of a bucket, such as `s3:GetBucketAcl`."""
        calls: dict[str, Call] = {
            "s3:ListBucket": (self._s3.list_objects_v2, {"Prefix": prefix, "MaxKeys": 1}),
            "s3:GetBucketLocation": (self._s3.get_bucket_location, {}),
            "s3:GetBucketAcl": (self._s3.get_bucket_acl, {}),
        }
        method, given = calls[action]
        return self._ask(method, {"Bucket": bucket, **given})

    def put_object(self, location: S3Location, content: bytes, kms_key_id: str | None) -> Reply:
        """Write a probe object, as a run writes its own."""
        key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id} if kms_key_id else {}
        return self._ask(self._s3.put_object, {**_object(location), "Body": content, **key})

    def get_object(self, location: S3Location) -> Reply:
        """Read the first byte of an object."""
        return self._ask(self._s3.get_object, {**_object(location), "Range": "bytes=0-0"})

    def delete_object(self, location: S3Location) -> Reply:
        """Delete a probe object."""
        return self._ask(self._s3.delete_object, _object(location))

    def first_key(self, bucket: str, prefix: str) -> tuple[Reply, str | None]:
        """Return the first object whose key begins with `prefix`, if there is one."""
        reply, page = self._fetch(
            self._s3.list_objects_v2, Bucket=bucket, Prefix=prefix, MaxKeys=10
        )
        keys = [str(entry["Key"]) for entry in page.get("Contents", ())]
        return reply, next((key for key in keys if not key.endswith("/")), None)

    def schedule(self, action: str, group: str, version_arn: str, role_arn: str) -> Reply:
        """Ask for one of the Scheduler's actions on a schedule that is switched off."""
        named = {"Name": _SCHEDULE_NAME, "GroupName": group}
        partition = version_arn.split(":")[1]
        body: dict[str, object] = {
            **named,
            "ScheduleExpression": _NEVER,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "DISABLED",
            "Target": {
                "Arn": f"arn:{partition}:scheduler:::aws-sdk:rekognition:stopProjectVersion",
                "RoleArn": role_arn,
                "Input": json.dumps({"ProjectVersionArn": version_arn}),
            },
        }
        calls: dict[str, Call] = {
            "GetSchedule": (
                self._scheduler.get_schedule,
                {"Name": _NO_SCHEDULE_NAME, "GroupName": group},
            ),
            "CreateSchedule": (self._scheduler.create_schedule, body),
            "UpdateSchedule": (self._scheduler.update_schedule, body),
            "DeleteSchedule": (self._scheduler.delete_schedule, named),
        }
        return self._ask(*calls[action])

    def delivery(self, action: str, name: str) -> Reply:
        """Ask for one of the ways of telling others, such as `sns:Publish` on a topic."""
        return self._ask(*delivery_probe(self._session, self._access, action, name))

    def _ask(self, method: Callable[..., object], given: Mapping[str, object]) -> Reply:
        return self._fetch(method, **given)[0]

    def _fetch(self, method: Callable[..., Any], **given: object) -> tuple[Reply, dict[str, Any]]:
        try:
            return Reply(), self._caller.call(method, **given)
        except AwsRefusedError as error:
            return _reply(error), {}

    def _head(self, bucket: str) -> tuple[Reply, dict[str, str]]:
        """Return HeadBucket's answer with its headers, which name the region of refusals too."""
        try:
            answer = self._caller.call(self._s3.head_bucket, Bucket=bucket)
        except AwsRefusedError as error:
            return _reply(error), _headers_of(error)
        return Reply(), dict(answer["ResponseMetadata"]["HTTPHeaders"])

    def _encryption(self, bucket: str) -> str | None:
        reply, found = self._fetch(self._s3.get_bucket_encryption, Bucket=bucket)
        if reply.code == "ServerSideEncryptionConfigurationNotFoundError":
            return "S3's own keys (AES256)"
        for rule in found.get("ServerSideEncryptionConfiguration", {}).get("Rules", ()):
            given = rule.get("ApplyServerSideEncryptionByDefault", {})
            return " ".join(filter(None, (given.get("SSEAlgorithm"), given.get("KMSMasterKeyID"))))
        return None


def refused_at(error: AwsRefusedError) -> "datetime | None":
    """Return AWS's time of a refusal, or None when there was no answer."""
    return answered_at(_headers_of(error))


def _headers_of(error: AwsRefusedError) -> dict[str, str]:
    response = getattr(error.__cause__, "response", {})
    return dict(response.get("ResponseMetadata", {}).get("HTTPHeaders", {}))


def _reply(error: AwsRefusedError) -> Reply:
    kind = "silent" if error.code in _NOT_THERE else _KINDS.get(classify(error), "refused")
    return Reply(error.code, error.message, kind)  # type: ignore[arg-type]  # the table's words


def _object(location: S3Location) -> dict[str, object]:
    return {"Bucket": location.bucket, "Key": location.key}


def probe_location(bucket: str, prefix: str) -> S3Location:
    """Return where the probe object is written: always the same place."""
    return S3Location(bucket, "/".join(filter(None, (prefix.strip("/"), "doctor", PROBE_NAME))))
