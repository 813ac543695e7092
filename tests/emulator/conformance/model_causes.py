"""What makes the operations on versions, models and policies fail: one small function per error.

Each sets the scene and returns the request that is then refused.
"""

from tests.emulator.builders import BUCKET, Aws, flat
from tests.emulator.conformance.asking import POLICY, Request
from tests.emulator.conformance.data_causes import NONSENSE, Cause

OUTPUT = {"OutputConfig": {"S3Bucket": BUCKET}}


def _training_request(project: str, name: str = "new") -> Request:
    return {"ProjectArn": project, "VersionName": name, **OUTPUT}


def _training_without_data(aws: Aws) -> Request:
    return _training_request(aws.project())


def _training_beside_another(aws: Aws) -> Request:
    project, _ = aws.trained()
    aws.begin_training(project, "v2")
    return _training_request(project)


def _version_name_taken(aws: Aws) -> Request:
    return _training_request(aws.trained()[0], "v1")


def _training_in_a_full_project(aws: Aws) -> Request:
    return _training_request(aws.trained()[0])


def _copy_request(aws: Aws) -> Request:
    project, version = aws.trained()
    source = {"SourceProjectArn": project, "SourceProjectVersionArn": version}
    return {**source, "DestinationProjectArn": project, "VersionName": "new", **OUTPUT}


def _copy_from_another_region(aws: Aws) -> Request:
    request = _copy_request(aws)
    source = request["SourceProjectArn"].replace("us-east-1", "eu-west-1")
    return {**request, "SourceProjectArn": source}


def _copy_to_a_name_taken(aws: Aws) -> Request:
    return {**_copy_request(aws), "VersionName": "v1"}


def _versions_token(aws: Aws) -> Request:
    return {"ProjectArn": aws.project(), **NONSENSE}


def _version_in_training(aws: Aws) -> Request:
    project, _ = aws.trained()
    return {"ProjectVersionArn": aws.begin_training(project, "v2")}


def _start_in_training(aws: Aws) -> Request:
    return {**_version_in_training(aws), "MinInferenceUnits": 1}


def _start_with_too_many_units(aws: Aws) -> Request:
    return {"ProjectVersionArn": aws.trained()[1], "MinInferenceUnits": 6}


def _start_with_an_empty_range(aws: Aws) -> Request:
    units = {"MinInferenceUnits": 2, "MaxInferenceUnits": 1}
    return {"ProjectVersionArn": aws.trained()[1], **units}


def _detection(version: str, body: bytes) -> Request:
    return {"ProjectVersionArn": version, "Image": {"Bytes": body}}


def _detection_at_rest(aws: Aws) -> Request:
    return _detection(aws.trained()[1], flat(64, 64))


def _large_image(aws: Aws) -> Request:
    return _detection(aws.running()[1], flat(4097, 64))


def _small_image(aws: Aws) -> Request:
    return _detection(aws.running()[1], flat(63, 64))


def _text_for_an_image(aws: Aws) -> Request:
    return _detection(aws.running()[1], b"no image")


def _missing_image(aws: Aws) -> Request:
    image = {"S3Object": {"Bucket": BUCKET, "Name": "none.png"}}
    return {"ProjectVersionArn": aws.running()[1], "Image": image}


def _policy_request(project: str) -> Request:
    return {"ProjectArn": project, "PolicyName": "new", "PolicyDocument": POLICY}


def _moderation_project(aws: Aws) -> Request:
    made = aws.rekognition.create_project(ProjectName="m", Feature="CONTENT_MODERATION")
    return {"ProjectArn": made["ProjectArn"]}


def _policy_for_moderation(aws: Aws) -> Request:
    return _policy_request(_moderation_project(aws)["ProjectArn"])


def _policy_of_another_revision(aws: Aws) -> Request:
    return {**_policy_request(aws.project()), "PolicyRevisionId": "ab" * 16}


def _policy_of_text(aws: Aws) -> Request:
    return {**_policy_request(aws.project()), "PolicyDocument": "anybody may"}


def _policy_name_taken(aws: Aws) -> Request:
    request = _policy_request(aws.project())
    aws.unchecked.put_project_policy(**request)
    return request


def _one_policy_too_many(aws: Aws) -> Request:
    return {**_policy_name_taken(aws), "PolicyName": "another"}


def _policy_deletion_for_moderation(aws: Aws) -> Request:
    return {**_moderation_project(aws), "PolicyName": "new"}


def _policy_deletion_of_another_revision(aws: Aws) -> Request:
    request = _policy_name_taken(aws)
    del request["PolicyDocument"]
    return {**request, "PolicyRevisionId": "ab" * 16}


MODEL_CAUSES: dict[tuple[str, str], Cause] = {
    ("CreateProjectVersion", "InvalidParameterException"): _training_without_data,
    ("CreateProjectVersion", "LimitExceededException"): _training_beside_another,
    ("CreateProjectVersion", "ResourceInUseException"): _version_name_taken,
    ("CreateProjectVersion", "ServiceQuotaExceededException"): _training_in_a_full_project,
    ("CopyProjectVersion", "InvalidParameterException"): _copy_from_another_region,
    ("CopyProjectVersion", "ResourceInUseException"): _copy_to_a_name_taken,
    ("CopyProjectVersion", "ServiceQuotaExceededException"): _copy_request,
    ("DescribeProjectVersions", "InvalidPaginationTokenException"): _versions_token,
    ("DeleteProjectVersion", "ResourceInUseException"): _version_in_training,
    ("StartProjectVersion", "InvalidParameterException"): _start_with_an_empty_range,
    ("StartProjectVersion", "LimitExceededException"): _start_with_too_many_units,
    ("StartProjectVersion", "ResourceInUseException"): _start_in_training,
    ("StopProjectVersion", "ResourceInUseException"): _version_in_training,
    ("DetectCustomLabels", "ImageTooLargeException"): _large_image,
    ("DetectCustomLabels", "InvalidImageFormatException"): _text_for_an_image,
    ("DetectCustomLabels", "InvalidParameterException"): _small_image,
    ("DetectCustomLabels", "InvalidS3ObjectException"): _missing_image,
    ("DetectCustomLabels", "ResourceNotReadyException"): _detection_at_rest,
    ("PutProjectPolicy", "InvalidParameterException"): _policy_for_moderation,
    ("PutProjectPolicy", "InvalidPolicyRevisionIdException"): _policy_of_another_revision,
    ("PutProjectPolicy", "MalformedPolicyDocumentException"): _policy_of_text,
    ("PutProjectPolicy", "ResourceAlreadyExistsException"): _policy_name_taken,
    ("PutProjectPolicy", "ServiceQuotaExceededException"): _one_policy_too_many,
    ("ListProjectPolicies", "InvalidParameterException"): _moderation_project,
    ("ListProjectPolicies", "InvalidPaginationTokenException"): _versions_token,
    ("DeleteProjectPolicy", "InvalidParameterException"): _policy_deletion_for_moderation,
    ("DeleteProjectPolicy", "InvalidPolicyRevisionIdException"): (
        _policy_deletion_of_another_revision
    ),
}
