"""The gateway to copies of models and the project policies that let other accounts make them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3Location

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_rekognition.type_defs import (
        CopyProjectVersionRequestTypeDef,
        ListProjectPoliciesRequestTypeDef,
        PutProjectPolicyRequestTypeDef,
    )


@dataclass(frozen=True, slots=True)
class ProjectPolicy:
    """A policy of a project."""

    name: str
    revision_id: str
    """Changes with every change of the policy."""
    document: str
    """JSON."""


class ModelCopies:
    """Copies of project versions; raises `AwsRefusedError` kinds."""

    def __init__(self, client: "RekognitionClient", caller: Caller) -> None:
        """Send calls through `client`."""
        self._client = client
        self._caller = caller

    def policies(self, project_arn: str) -> Iterator[ProjectPolicy]:
        """Yield the project's policies; the service lists five at once."""
        request: ListProjectPoliciesRequestTypeDef = {"ProjectArn": project_arn}
        while True:
            page = self._caller.call(self._client.list_project_policies, **request)
            for policy in page["ProjectPolicies"]:
                yield ProjectPolicy(
                    policy["PolicyName"], policy["PolicyRevisionId"], policy["PolicyDocument"]
                )
            token = page.get("NextToken")
            if not token:
                return
            request["NextToken"] = token

    def put_policy(
        self, project_arn: str, name: str, document: str, *, revision_id: str | None
    ) -> None:
        """Attach a policy to the project, or replace the revision of it that was read.

        Args:
            project_arn: of the project whose versions may be copied.
            name: of the policy.
            document: JSON.
            revision_id: of the policy that is there; None when there is none of that name.

        Raises:
            AwsRefusedError: it was changed meanwhile, among others.
        """
        request: PutProjectPolicyRequestTypeDef = {
            "ProjectArn": project_arn,
            "PolicyName": name,
            "PolicyDocument": document,
        }
        if revision_id is not None:
            request["PolicyRevisionId"] = revision_id
        self._caller.call_once(self._client.put_project_policy, **request)

    def delete_policy(self, project_arn: str, name: str, *, revision_id: str) -> None:
        """Remove the revision of a policy that was read.

        Raises:
            AwsRefusedError: it was changed meanwhile, or is gone, among others.
        """
        self._caller.call_once(
            self._client.delete_project_policy,
            ProjectArn=project_arn,
            PolicyName=name,
            PolicyRevisionId=revision_id,
        )

    def copy_version(
        self,
        source: tuple[str, str],
        project_arn: str,
        name: str,
        output: S3Location,
        *,
        kms_key_id: str | None,
        tags: Mapping[str, str],
    ) -> str:
        """Ask for a copy of a version and return the copy's ARN; it is made asynchronously.

        Args:
            source: the ARNs of the source project and of its version.
            project_arn: where the copy goes.
            name: of the copy.
            output: bucket and prefix for the copied results.
            kms_key_id: a key that encrypts the copy; None for the service's own.
            tags: of the copy.
        """
        request: CopyProjectVersionRequestTypeDef = {
            "SourceProjectArn": source[0],
            "SourceProjectVersionArn": source[1],
            "DestinationProjectArn": project_arn,
            "VersionName": name,
            "OutputConfig": {"S3Bucket": output.bucket, "S3KeyPrefix": output.key},
            "Tags": dict(tags),
        }
        if kms_key_id is not None:
            request["KmsKeyId"] = kms_key_id
        answer = self._caller.call_once(self._client.copy_project_version, **request)
        return answer["ProjectVersionArn"]
