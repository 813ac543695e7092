"""What makes the operations on projects, datasets and tags fail: one small function per error.

Each sets the scene and returns the request that is then refused.
"""

from collections.abc import Callable

from tests.emulator.builders import Aws, line, uri
from tests.emulator.conformance.asking import Request

Cause = Callable[[Aws], Request]
CHANGES = {"Changes": {"GroundTruth": b'{"source-ref": "s3://acme-images/new.png"}'}}
NONSENSE = {"NextToken": "nonsense"}


def _too_many_projects(aws: Aws) -> Request:
    for name in ("one", "two"):
        aws.project(name)
    return {"ProjectName": "three"}


def _name_of_a_project(aws: Aws) -> Request:
    aws.project("taken")
    return {"ProjectName": "taken"}


def _adapter_setting(aws: Aws) -> Request:
    return {"ProjectName": "new", "AutoUpdate": "ENABLED"}


def _project_with_a_dataset(aws: Aws) -> Request:
    project = aws.project()
    aws.dataset_from(project, "TRAIN", {})
    return {"ProjectArn": project}


def _two_sources(aws: Aws) -> Request:
    project = aws.project()
    source = aws.put_manifest("a.manifest", [line(uri("a"), "x")])
    also = {"DatasetArn": aws.dataset_from(project, "TEST", source)}
    return {"ProjectArn": project, "DatasetType": "TRAIN", "DatasetSource": {**source, **also}}


def _missing_manifest(aws: Aws) -> Request:
    where = {"S3Object": {"Bucket": "acme-images", "Name": "none.manifest"}}
    source = {"GroundTruthManifest": where}
    return {"ProjectArn": aws.project(), "DatasetType": "TRAIN", "DatasetSource": source}


def _second_training_dataset(aws: Aws) -> Request:
    project = aws.project()
    aws.dataset_from(project, "TRAIN", {})
    return {"ProjectArn": project, "DatasetType": "TRAIN"}


def _dataset_under_way(aws: Aws) -> Request:
    asked = {"ProjectArn": aws.project(), "DatasetType": "TRAIN"}
    return {"DatasetArn": aws.unchecked.create_dataset(**asked)["DatasetArn"]}


def _dataset_under_update(aws: Aws) -> Request:
    dataset = {"DatasetArn": aws.dataset_from(aws.project(), "TRAIN", {})}
    aws.unchecked.update_dataset_entries(**dataset, **CHANGES)
    return dataset


def _update_under_update(aws: Aws) -> Request:
    return {**_dataset_under_update(aws), **CHANGES}


def _update_of_a_failed_dataset(aws: Aws) -> Request:
    return {"DatasetArn": aws.dataset(aws.project(), "TRAIN", ["no JSON"]), **CHANGES}


def _token_for_entries(aws: Aws) -> Request:
    return {"DatasetArn": aws.dataset_from(aws.project(), "TRAIN", {}), **NONSENSE}


def _pair_of_two_projects(aws: Aws) -> Request:
    training = aws.dataset_from(aws.project("one"), "TRAIN", {})
    testing = aws.dataset_from(aws.project("two"), "TEST", {})
    return {"Datasets": [{"Arn": training}, {"Arn": testing}]}


def _pair_under_way(aws: Aws) -> Request:
    training = _dataset_under_way(aws)["DatasetArn"]
    (project,) = aws.rekognition.describe_projects()["ProjectDescriptions"]
    testing = aws.unchecked.create_dataset(ProjectArn=project["ProjectArn"], DatasetType="TEST")
    return {"Datasets": [{"Arn": training}, {"Arn": testing["DatasetArn"]}]}


def _one_tag_too_many(aws: Aws) -> Request:
    project = aws.project()
    aws.rekognition.tag_resource(ResourceArn=project, Tags={f"k{n}": "" for n in range(200)})
    return {"ResourceArn": project, "Tags": {"one": "more"}}


DATA_CAUSES: dict[tuple[str, str], Cause] = {
    ("CreateProject", "LimitExceededException"): _too_many_projects,
    ("CreateProject", "ResourceInUseException"): _name_of_a_project,
    ("CreateProject", "InvalidParameterException"): _adapter_setting,
    ("DescribeProjects", "InvalidPaginationTokenException"): lambda _: NONSENSE,
    ("DeleteProject", "ResourceInUseException"): _project_with_a_dataset,
    ("CreateDataset", "InvalidParameterException"): _two_sources,
    ("CreateDataset", "InvalidS3ObjectException"): _missing_manifest,
    ("CreateDataset", "ResourceAlreadyExistsException"): _second_training_dataset,
    ("ListDatasetEntries", "InvalidPaginationTokenException"): _token_for_entries,
    ("ListDatasetEntries", "ResourceInUseException"): _dataset_under_update,
    ("ListDatasetEntries", "ResourceNotReadyException"): _dataset_under_way,
    ("ListDatasetLabels", "InvalidPaginationTokenException"): _token_for_entries,
    ("ListDatasetLabels", "ResourceInUseException"): _dataset_under_update,
    ("ListDatasetLabels", "ResourceNotReadyException"): _dataset_under_way,
    ("UpdateDatasetEntries", "InvalidParameterException"): _update_of_a_failed_dataset,
    ("UpdateDatasetEntries", "ResourceInUseException"): _update_under_update,
    ("DistributeDatasetEntries", "InvalidParameterException"): _pair_of_two_projects,
    ("DistributeDatasetEntries", "ResourceNotReadyException"): _pair_under_way,
    ("DeleteDataset", "ResourceInUseException"): _dataset_under_way,
    ("TagResource", "ServiceQuotaExceededException"): _one_tag_too_many,
}
