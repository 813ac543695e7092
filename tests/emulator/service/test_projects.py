"""Tests of the operations on projects."""

import re

from tests.emulator.builders import Aws, refusal_code, refused


def test_create_project_answers_an_arn_with_its_own_number(aws: Aws) -> None:
    """Two projects created in the same millisecond have ascending 13-digit numbers."""
    arns = [aws.project("a"), aws.project("b")]
    pattern = r"arn:aws:rekognition:us-east-1:123456789012:project/[ab]/(\d{13})"
    numbers = [int(match[1]) for arn in arns if (match := re.fullmatch(pattern, arn))]
    assert numbers[1] == numbers[0] + 1


def test_create_project_refuses_a_name_in_use(aws: Aws) -> None:
    """A name belongs to one project at a time."""
    aws.project("a")
    assert refusal_code(aws.rekognition.create_project, ProjectName="a") == "ResourceInUseException"


def test_create_project_refuses_auto_update_for_custom_labels(aws: Aws) -> None:
    """AutoUpdate is for adapters only."""
    code = refusal_code(aws.rekognition.create_project, ProjectName="a", AutoUpdate="ENABLED")
    assert code == "InvalidParameterException"


def test_describe_projects_lists_oldest_first_and_by_name(aws: Aws) -> None:
    """Projects come in order of creation; unknown names do not appear."""
    arns = [aws.project("b"), aws.project("a")]
    found = aws.rekognition.describe_projects()["ProjectDescriptions"]
    assert [project["ProjectArn"] for project in found] == arns
    named = aws.rekognition.describe_projects(ProjectNames=["a", "zzz"])["ProjectDescriptions"]
    assert [project["ProjectArn"] for project in named] == arns[1:]


def test_describe_projects_shows_only_custom_labels_unless_asked(aws: Aws) -> None:
    """Adapter projects appear when their feature is named."""
    aws.rekognition.create_project(ProjectName="m", Feature="CONTENT_MODERATION")
    assert aws.rekognition.describe_projects()["ProjectDescriptions"] == []
    found = aws.rekognition.describe_projects(Features=["CONTENT_MODERATION"])
    assert [p["Feature"] for p in found["ProjectDescriptions"]] == ["CONTENT_MODERATION"]


def test_describe_projects_pages_without_a_token_on_the_last(aws: Aws) -> None:
    """The last page has no NextToken, and a paginator sees every project once."""
    for number in range(5):
        aws.project(f"p{number}")
    pages = list(
        aws.rekognition.get_paginator("describe_projects").paginate(
            PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["ProjectDescriptions"]) for page in pages] == [2, 2, 1]
    assert "NextToken" not in pages[-1]


def test_describe_projects_takes_an_empty_token_for_the_first_page(aws: Aws) -> None:
    """AWS's own scripts send an empty token first."""
    aws.project()
    assert len(aws.rekognition.describe_projects(NextToken="")["ProjectDescriptions"]) == 1


def test_describe_projects_refuses_a_foreign_token(aws: Aws) -> None:
    """A token is bound to its operation and filters."""
    aws.project("a")
    aws.project("b")
    token = aws.rekognition.describe_projects(MaxResults=1)["NextToken"]
    describe = aws.rekognition.describe_projects
    refusals = [
        refused(describe, NextToken=token, ProjectNames=["a"]),
        refused(describe, NextToken="bm8="),
        refused(describe, NextToken="é"),
    ]
    assert set(refusals) == {("InvalidPaginationTokenException", "Invalid Pagination Token")}


def test_describe_projects_shows_datasets(aws: Aws) -> None:
    """A project's datasets are listed in order of creation, with their state."""
    project = aws.project()
    test = aws.dataset(project, "TEST", aws.put_images("test", 1))
    train = aws.dataset_from(project, "TRAIN", {})
    (found,) = aws.rekognition.describe_projects()["ProjectDescriptions"]
    assert [dataset["DatasetArn"] for dataset in found["Datasets"]] == [test, train]
    assert found["Datasets"][0]["Status"] == "CREATE_COMPLETE"


def test_delete_project_shows_deleting_and_then_nothing(aws: Aws) -> None:
    """A deletion can be watched, and frees the name."""
    arn = aws.project("a")
    assert aws.rekognition.delete_project(ProjectArn=arn)["Status"] == "DELETING"
    (found,) = aws.rekognition.describe_projects()["ProjectDescriptions"]
    assert found["Status"] == "DELETING"
    assert aws.rekognition.describe_projects()["ProjectDescriptions"] == []
    assert aws.project("a") != arn


def test_delete_project_refuses_one_with_datasets_or_versions(aws: Aws) -> None:
    """Versions and datasets have to go first."""
    project, version = aws.trained()
    delete = aws.rekognition.delete_project
    assert refusal_code(delete, ProjectArn=project) == "ResourceInUseException"
    aws.rekognition.delete_project_version(ProjectVersionArn=version)
    aws.versions(project)
    assert refusal_code(delete, ProjectArn=project) == "ResourceInUseException"


def test_delete_project_refuses_an_unknown_arn(aws: Aws) -> None:
    """An ARN that names nothing is not found."""
    arn = aws.project().replace("/shades/", "/other/")
    assert refusal_code(aws.rekognition.delete_project, ProjectArn=arn) == (
        "ResourceNotFoundException"
    )
