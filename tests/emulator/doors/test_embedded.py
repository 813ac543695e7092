"""Tests of the session whose clients never leave the process."""

import os
import subprocess
import sys
from collections.abc import Iterator

import boto3
import pytest
from moto.core.models import botocore_stubber
from moto.moto_api._internal.models import moto_api_backend

from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.moto_ext import uninstall
from rcl_flow.emulator.embedded import local_session
from tests.emulator.builders import refused


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """Return a local session, and empty moto's memory afterwards."""
    yield local_session(World())
    moto_api_backend.reset()
    uninstall()


def test_local_session_answers_rekognition_and_s3(session: boto3.Session) -> None:
    """Both services work, with objects in bytes and as files."""
    s3 = session.client("s3")
    s3.create_bucket(Bucket="abc")
    s3.put_object(Bucket="abc", Key="k", Body=b"body")
    assert s3.get_object(Bucket="abc", Key="k")["Body"].read() == b"body"
    rekognition = session.client("rekognition")
    arn = rekognition.create_project(ProjectName="p")["ProjectArn"]
    assert rekognition.describe_projects()["ProjectDescriptions"][0]["ProjectArn"] == arn


def test_local_session_raises_the_errors_of_the_service(session: boto3.Session) -> None:
    """Refusals arrive as botocore's errors."""
    rekognition = session.client("rekognition")
    rekognition.create_project(ProjectName="p")
    code, _ = refused(rekognition.create_project, ProjectName="p")
    assert code == "ResourceInUseException"


def test_local_session_patches_nothing(session: boto3.Session) -> None:
    """The process-wide hook of moto stays off, and the environment is as it was."""
    before = dict(os.environ)
    session.client("rekognition").create_project(ProjectName="p")
    assert botocore_stubber.enabled is False
    assert dict(os.environ) == before


def test_regions_are_separate_worlds(session: boto3.Session) -> None:
    """A project of one region is not seen in another, and some regions do not exist."""
    session.client("rekognition", region_name="us-east-1").create_project(ProjectName="p")
    other = session.client("rekognition", region_name="eu-west-1")
    assert other.describe_projects()["ProjectDescriptions"] == []
    nowhere = session.client("rekognition", region_name="eu-north-1")
    code, message = refused(nowhere.describe_projects)
    assert (code, "eu-north-1" in message) == ("UnknownOperationException", True)


def test_accounts_are_separate_worlds(session: boto3.Session) -> None:
    """An assumed role of another account sees its own projects only."""
    session.client("rekognition").create_project(ProjectName="p")
    role = session.client("sts").assume_role(
        RoleArn="arn:aws:iam::222222222222:role/x", RoleSessionName="session"
    )["Credentials"]
    other = session.client(
        "rekognition",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    assert other.describe_projects()["ProjectDescriptions"] == []
    arn = other.create_project(ProjectName="p")["ProjectArn"]
    assert ":222222222222:" in arn


def test_profile_that_there_is_not_is_told_by_its_name() -> None:
    """The user's profile is read by moto, and a failure is an answer, not a broken connection."""
    script = (
        "from rcl_flow.emulator.embedded import local_session;"
        "local_session().client('rekognition').describe_projects()"
    )
    environment = {**os.environ, "AWS_PROFILE": "nobody", "AWS_MAX_ATTEMPTS": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert "(InternalServerError)" in ended.stderr
    assert "The config profile (nobody) could not be found" in ended.stderr
