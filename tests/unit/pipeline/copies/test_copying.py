"""Tests of copying a trained version to another project and another account."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest

from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3
from rcl_flow.aws.session import AwsAccess, make_session, rekognition_client, s3_client
from rcl_flow.config import FlowConfig
from rcl_flow.core.naming import MANAGED_TAG
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.errors import AwsRefusedError, ConfigError, ForeignVersionError
from rcl_flow.pipeline.copies.copying import choose_way, copy_model, copy_name, find_source
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.backend import Backend
from tests.emulator.builders import OTHER_ACCOUNT, OTHER_BUCKET
from tests.unit.pipeline.bench import REGION, Bench

Clients = tuple[Any, Any]


@pytest.fixture(scope="session")
def their_clients() -> Clients:
    """Return clients of Rekognition and S3 that moto takes for those of another account."""

    def sign_as_them(request: AWSRequest, **_: object) -> None:
        request.headers["x-moto-account-id"] = OTHER_ACCOUNT

    access = AwsAccess(REGION, emulated=True)
    session = make_session(access)
    made = rekognition_client(session, access), s3_client(session, access)
    for client in made:
        client.meta.events.register("before-sign", sign_as_them)
    return made


@pytest.fixture
def theirs(bench: Bench, their_clients: Clients) -> Iterator[Services]:
    """Return services of another account of the bench's emulator, with a bucket."""
    rekognition, s3 = their_clients
    s3.create_bucket(Bucket=OTHER_BUCKET)
    caller = Caller(bench.clock)
    yield replace(
        bench.services(),
        rekognition=Rekognition(rekognition, caller),
        s3=S3(s3, caller, region=REGION),
        account_id=lambda: OTHER_ACCOUNT,
    )


def config_of(project: str, bucket: str = OTHER_BUCKET, **sections: object) -> FlowConfig:
    """Return a destination's config."""
    data = {split: {"folder": split} for split in ("train", "test", "holdout")}
    given = {"project": project, "data": data, "storage": {"bucket": bucket}, **sections}
    return FlowConfig.model_validate(given)


def log_of(bench: Bench) -> StepLog:
    """Return a log that the bench reads."""
    return StepLog(bench.told.append, bench.clock)


def policies(bench: Bench) -> list[Any]:
    """Return the policies of the source project."""
    found = bench.client.describe_projects(ProjectNames=["shades"])["ProjectDescriptions"]
    listed = bench.client.list_project_policies(ProjectArn=found[0]["ProjectArn"])
    return list(listed["ProjectPolicies"])


def source_arn(bench: Bench) -> str:
    """Train a version and return its ARN."""
    return bench.trained(bench.run()).version_arn


def test_copy_within_an_account_needs_no_policy(bench: Bench) -> None:
    """The copy is tagged as ours, names its source, and is made once."""
    services = bench.services()
    source = find_source(source_arn(bench), services)
    copied = copy_model(source, config_of("copies", "acme-images"), services, log_of(bench))
    assert (copied.status, copied.name) == ("COPYING_COMPLETED", copy_name(source.version.arn))
    assert copied.source_version_arn == source.version.arn
    assert services.rekognition.tags_of(copied.arn)[MANAGED_TAG] == "true"
    again = copy_model(source, config_of("copies", "acme-images"), services, log_of(bench))
    assert again.arn == copied.arn
    assert bench.calls("CopyProjectVersion") == 1
    assert bench.calls("PutProjectPolicy") == 0


def test_copy_to_another_account_is_permitted_for_as_long_as_it_lasts(
    bench: Bench, theirs: Services, their_clients: Clients
) -> None:
    """The policy names one version and one principal, and is gone afterwards."""
    source = find_source(source_arn(bench), bench.services())
    seen: list[Any] = []

    def look(**_: object) -> None:
        seen.extend(policies(bench))

    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/trainer"
    events = their_clients[0].meta.events
    events.register("before-call.rekognition.CopyProjectVersion", look)
    try:
        config = config_of("theirs", aws={"role_arn": role})
        copied = copy_model(source, config, theirs, log_of(bench))
    finally:
        events.unregister("before-call.rekognition.CopyProjectVersion", look)
    assert (copied.status, f":{OTHER_ACCOUNT}:" in copied.arn) == ("COPYING_COMPLETED", True)
    (statement,) = json.loads(seen[0]["PolicyDocument"])["Statement"]
    assert (statement["Principal"], statement["Resource"]) == ({"AWS": role}, source.version.arn)
    assert policies(bench) == []
    assert copied.summary is not None
    assert copied.summary.bucket == OTHER_BUCKET


def test_policy_keeps_what_others_have_put_into_it(bench: Bench, theirs: Services) -> None:
    """Their statement is there before, meanwhile and afterwards; so are other policies."""
    source = find_source(source_arn(bench), bench.services())
    theirs_too = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": "111111111111"},
        "Action": "rekognition:CopyProjectVersion",
        "Resource": source.version.arn,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [theirs_too]})
    bench.client.put_project_policy(
        ProjectArn=source.project_arn, PolicyName="other", PolicyDocument=document
    )

    def add(params: dict[str, Any], **_: object) -> None:
        params["PolicyDocument"] = json.dumps(
            {"Statement": [*json.loads(params["PolicyDocument"])["Statement"], theirs_too]}
        )

    name = "provide-client-params.rekognition.PutProjectPolicy"
    bench.client.meta.events.register(name, add)
    copied = copy_model(source, config_of("theirs"), theirs, log_of(bench))
    bench.client.meta.events.unregister(name, add)
    assert copied.status == "COPYING_COMPLETED"
    left = {
        policy["PolicyName"]: json.loads(policy["PolicyDocument"]) for policy in policies(bench)
    }
    assert len(left) == 2
    for found in left.values():
        assert {each["Sid"] for each in found["Statement"]} == {"Theirs"}


def test_policy_is_read_again_when_it_was_changed_meanwhile(bench: Bench, theirs: Services) -> None:
    """A lost answer, and a revision that is no longer the newest, are no end."""
    source = find_source(source_arn(bench), bench.services())
    bench.arm("PutProjectPolicy", "InternalServerError", executed=True)
    bench.arm("DeleteProjectPolicy", "InvalidPolicyRevisionIdException")
    copied = copy_model(source, config_of("theirs"), theirs, log_of(bench))
    assert copied.status == "COPYING_COMPLETED"
    assert (bench.calls("PutProjectPolicy"), bench.calls("DeleteProjectPolicy")) == (2, 2)
    assert policies(bench) == []


def test_policy_is_taken_back_when_the_copy_fails(bench: Bench, theirs: Services) -> None:
    """A failed copy is told, nothing stays permitted, and the next one has another name."""
    source = find_source(source_arn(bench), bench.services())
    bench.world.faults.add(Fault("CopyProjectVersion", fails_later=True))
    with pytest.raises(AwsRefusedError) as caught:
        copy_model(source, config_of("theirs"), theirs, log_of(bench))
    assert caught.value.code == "COPYING_FAILED"
    assert policies(bench) == []
    copied = copy_model(source, config_of("theirs"), theirs, log_of(bench))
    assert copied.name == copy_name(source.version.arn, attempt=2)


def test_policy_that_is_not_in_force_yet_is_waited_for(bench: Bench, theirs: Services) -> None:
    """Denied at first, the copy is asked for again; a real denial ends it and the permission."""
    source = find_source(source_arn(bench), bench.services())
    bench.arm("CopyProjectVersion", "AccessDeniedException", times=2)
    assert copy_model(source, config_of("theirs"), theirs, log_of(bench)).source_version_arn
    assert bench.calls("CopyProjectVersion") == 3
    bench.arm("CopyProjectVersion", "AccessDeniedException", times=None)
    with pytest.raises(AwsRefusedError) as caught:
        copy_model(source, config_of("more"), theirs, log_of(bench))
    assert caught.value.code == "AccessDeniedException"
    assert policies(bench) == []


def test_source_that_permits_nobody_to_write_its_policy_is_told(
    bench: Bench, theirs: Services
) -> None:
    """Without the permission on the source's side nothing is asked of the destination."""
    source = find_source(source_arn(bench), bench.services())
    bench.arm("PutProjectPolicy", "AccessDeniedException")
    with pytest.raises(AwsRefusedError) as caught:
        copy_model(source, config_of("theirs"), theirs, log_of(bench))
    assert caught.value.operation == "PutProjectPolicy"
    assert bench.calls("CopyProjectVersion") == 0


def test_lost_answer_makes_no_second_copy(bench: Bench) -> None:
    """The copy that was made without our being told is found."""
    services = bench.services()
    source = find_source(source_arn(bench), services)
    bench.arm("CopyProjectVersion", "InternalServerError", executed=True)
    copied = copy_model(source, config_of("copies", "acme-images"), services, log_of(bench))
    assert copied.source_version_arn == source.version.arn
    assert bench.calls("CopyProjectVersion") == 1


def test_copy_into_its_own_project_is_refused(bench: Bench) -> None:
    """The model is there already."""
    services = bench.services()
    source = find_source(source_arn(bench), services)
    with pytest.raises(ConfigError, match="already"):
        copy_model(source, config_of("shades", "acme-images"), services, log_of(bench))


def test_version_of_the_copys_name_that_is_no_copy_of_it_is_not_taken(bench: Bench) -> None:
    """What somebody else has put there under that name is left alone."""
    services = bench.services()
    version = bench.trained(bench.run())
    source = find_source(version.version_arn, services)
    project = services.rekognition.create_project("copies", {})
    other = replace(source.version, arn=f"{source.version.arn}9")
    bench.client.copy_project_version(
        SourceProjectArn=source.project_arn,
        SourceProjectVersionArn=source.version.arn,
        DestinationProjectArn=project,
        VersionName=copy_name(other.arn),
        OutputConfig={"S3Bucket": "acme-images", "S3KeyPrefix": "x"},
    )
    with pytest.raises(ForeignVersionError, match="is a copy of"):
        copy_model(
            replace(source, version=other),
            config_of("copies", "acme-images"),
            services,
            log_of(bench),
        )


def test_find_source_refuses_what_has_no_model(bench: Bench) -> None:
    """A version that is gone cannot be copied."""
    with pytest.raises(ConfigError, match="not there"):
        find_source(f"{source_arn(bench)}9", bench.services())


AWS = Backend(kind="aws", region="eu-west-1", account="1" * 12)
EMULATED = Backend(kind="emulator", region="eu-west-1", emulator_instance="one")


@pytest.mark.parametrize(
    ("source", "target", "way"),
    [
        (AWS, AWS.model_copy(update={"account": "2" * 12, "profile": "x"}), "copy"),
        (AWS, AWS.model_copy(update={"region": "us-east-1"}), "retrain"),
        (AWS, AWS.model_copy(update={"endpoint_url": "http://x"}), "retrain"),
        (EMULATED, EMULATED, "copy"),
        (EMULATED, EMULATED.model_copy(update={"emulator_instance": "two"}), "retrain"),
        (EMULATED, AWS, "retrain"),
    ],
)
def test_choose_way_copies_within_one_region_alone(
    source: Backend, target: Backend, way: str
) -> None:
    """Accounts may differ; regions, endpoints and emulators may not."""
    assert choose_way(source, target)[0] == way
