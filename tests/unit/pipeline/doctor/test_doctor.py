"""Tests of the doctor: credentials, places, data, quotas and running models."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from rcl_flow.aws.descriptions import TRAINED
from rcl_flow.aws.errors import aws_errors
from rcl_flow.clock import SystemClock
from rcl_flow.config import FlowConfig
from rcl_flow.core.naming import MANAGED_TAG, STOP_AFTER_TAG
from rcl_flow.errors import AwsUnreachableError, CredentialsError
from rcl_flow.pipeline.doctor.doctor import unidentified
from rcl_flow.pipeline.serving.watchdog import format_moment
from tests.emulator.builders import png
from tests.unit.pipeline.bench import BUCKET, REGION, Bench
from tests.unit.pipeline.doctor_bench import ROLE, DoctorBench, admin, problems

ELSEWHERE = "eu-west-1"


class WrongClock(SystemClock):
    """Ten minutes ahead."""

    def now(self) -> datetime:
        """Return a time that is wrong."""
        return super().now() + timedelta(minutes=10)


def make_bucket(name: str, region: str = REGION) -> None:
    """Make a bucket in a region."""
    if region == REGION:
        admin("s3").create_bucket(Bucket=name)
    else:
        place = {"LocationConstraint": region}
        admin("s3", region).create_bucket(Bucket=name, CreateBucketConfiguration=place)


def test_without_credentials_is_one_problem() -> None:
    """One cause is told once: what needs credentials is skipped."""
    config = FlowConfig.model_validate(
        {
            "project": "shades",
            "data": {name: {"folder": name} for name in ("train", "test", "holdout")},
        }
    )
    error = CredentialsError("none", hint="log in", operation="x", code="NoCredentials")
    first, *others = unidentified(config, error)
    assert (first.name, first.status, first.cure) == ("credentials", "problem", "log in")
    assert {check.status for check in others} == {"skipped"}


def test_without_credentials_still_tells_a_wrong_region() -> None:
    """A region without Custom Labels is known from the list."""
    config = FlowConfig.model_validate(
        {
            "project": "shades",
            "aws": {"region": "us-west-1"},
            "data": {name: {"folder": name} for name in ("train", "test", "holdout")},
        }
    )
    error = CredentialsError("none", hint="log in", operation="x", code="NoCredentials")
    found = {check.name: check for check in unidentified(config, error)}
    assert problems(found) == ["credentials", "region"]


@pytest.mark.parametrize(
    ("aws", "cure"),
    [({}, "HTTPS_PROXY"), ({"endpoint_url": "http://127.0.0.1:9"}, "http://127.0.0.1:9")],
)
def test_a_dead_network_is_no_problem_of_the_credentials(aws: dict[str, str], cure: str) -> None:
    """Who gets no answer need not log in, but look at network or endpoint."""
    config = FlowConfig.model_validate(
        {"project": "shades", "aws": aws, "data": data_of()},
    )
    with pytest.raises(AwsUnreachableError) as caught, aws_errors("GetCallerIdentity"):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")
    first, *others = unidentified(config, caught.value)
    assert (first.name, first.status) == ("network", "problem")
    assert cure in first.cure
    assert {check.status for check in others} == {"skipped"}
    assert not [check for check in others if "credentials" in check.what]


@pytest.mark.usefixtures("bench")
def test_doctor_tells_a_wrong_clock() -> None:
    """The local clock is held against AWS's own."""
    checks = DoctorBench(WrongClock()).named()
    assert problems(checks) == ["clock"]
    assert "ahead of AWS's" in checks["clock"].what


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize("region", ["us-west-1", "eu-north-9"])
def test_doctor_tells_a_wrong_region(region: str) -> None:
    """Known to AWS or not: Custom Labels is not there, and nothing more is asked there."""
    make_bucket("far-images", "us-west-1")
    checks = DoctorBench().named(
        aws={"region": region}, storage={"bucket": "far-images"}, safety={"watchdog": "tag"}
    )
    assert "region" in problems(checks)
    assert region in checks["region"].what
    assert checks["permissions"].status == "skipped"


@pytest.mark.usefixtures("bench")
def test_doctor_tells_a_bucket_in_another_region() -> None:
    """Both regions are named, and nothing else of the bucket is looked at."""
    make_bucket("far-images", ELSEWHERE)
    checks = DoctorBench().named(storage={"bucket": "far-images"})
    assert problems(checks) == ["bucket"]
    assert ELSEWHERE in checks["bucket"].what
    assert REGION in checks["bucket"].what
    assert "s3:PutObject" not in checks


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize(("made", "wrong"), [(True, []), (False, ["bucket"])])
def test_doctor_tells_a_missing_bucket(made: bool, wrong: list[str]) -> None:
    """A bucket that a run may make is no problem."""
    checks = DoctorBench().named(storage={"bucket": "no-such-bucket", "create_bucket": made})
    assert problems(checks) == wrong


@pytest.mark.usefixtures("bench")
def test_doctor_tells_a_public_bucket() -> None:
    """A policy that lets everybody in shows the training images to everybody."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
    admin("s3").put_bucket_policy(
        Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    checks = DoctorBench().named()
    assert checks["bucket public access"].status == "problem"


def data_of(**sources: object) -> dict[str, object]:
    """Return a data section in which `sources` replace the folders."""
    return {**{split: {"folder": split} for split in ("train", "test", "holdout")}, **sources}


@pytest.mark.usefixtures("bench")
def test_doctor_reads_one_object_of_data_in_s3() -> None:
    """What is there is read; what is not there is a problem of that set."""
    admin("s3").put_object(Bucket=BUCKET, Key="set/red/1.png", Body=png("red"))
    data = data_of(train={"folder": f"s3://{BUCKET}/set"}, test={"folder": f"s3://{BUCKET}/none"})
    checks = DoctorBench().named(data=data)
    assert problems(checks) == ["data.test"]
    assert checks["data.train"].what.startswith(f"s3://{BUCKET}/set/red/1.png")


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize(
    ("bucket", "key", "wrong"),
    [
        (BUCKET, "there.png", []),
        (BUCKET, "gone.png", ["data.train image"]),
        ("far-images", "there.png", ["data bucket"]),
    ],
)
def test_doctor_reads_the_image_that_a_manifest_names(
    tmp_path: Path, bucket: str, key: str, wrong: list[str]
) -> None:
    """The first image of a local manifest is looked for, in a bucket of the config's region."""
    make_bucket("far-images", ELSEWHERE)
    admin("s3").put_object(Bucket=bucket, Key="there.png", Body=png("red"))
    manifest = tmp_path / "train.manifest"
    manifest.write_text(json.dumps({"source-ref": f"s3://{bucket}/{key}"}) + "\n")
    checks = DoctorBench().named(data=data_of(train={"manifest": str(manifest)}))
    assert problems(checks) == wrong


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize("text", ["", "no json\n", "[]\n", '{"source-ref": 3}\n'])
def test_doctor_leaves_a_broken_manifest_to_the_audit(tmp_path: Path, text: str) -> None:
    """Bad data ends no examination."""
    manifest = tmp_path / "train.manifest"
    manifest.write_text(text)
    checks = DoctorBench().named(data=data_of(train={"manifest": str(manifest)}))
    assert problems(checks) == []


def start(bench: Bench, tags: dict[str, str], units: int = 2) -> str:
    """Train a version, tag it, start it and return its ARN."""
    version = bench.trained(bench.run())
    bench.client.untag_resource(ResourceArn=version.version_arn, TagKeys=[MANAGED_TAG])
    if tags:
        bench.client.tag_resource(ResourceArn=version.version_arn, Tags=tags)
    bench.client.start_project_version(
        ProjectVersionArn=version.version_arn, MinInferenceUnits=units
    )
    assert bench.status(version) in TRAINED
    return version.version_arn


@pytest.mark.parametrize(
    ("hours", "managed", "wrong"),
    [
        (-1, True, ["running model"]),
        (1, True, []),
        (None, True, ["running model"]),
        (None, False, []),
    ],
)
def test_doctor_shows_every_running_model(
    bench: Bench, hours: int | None, managed: bool, wrong: list[str]
) -> None:
    """Each is named with its cost; one past its lease, or held by no run, is a problem."""
    tags = {MANAGED_TAG: "true"} if managed else {}
    if hours is not None:
        tags[STOP_AFTER_TAG] = format_moment(SystemClock().now() + timedelta(hours=hours))
    arn = start(bench, tags)
    checks = DoctorBench().named()
    assert problems(checks) == wrong
    assert arn in checks["running model"].what
    assert "8.00 USD an hour" in checks["running model"].what


def test_doctor_tells_units_beyond_the_quota(bench: Bench) -> None:
    """Units are held against the quota that the config names."""
    checks = DoctorBench().named(inference={"inference_units": 6})
    assert problems(checks) == ["quota: inference units"]


def test_doctor_tells_a_model_that_is_not_there(bench: Bench) -> None:
    """A version that was deleted, or is of another account or region, cannot be judged."""
    arn = "arn:aws:rekognition:us-east-1:{}:project/shades/version/rf-1/1"
    for account in ("123456789012", "210987654321"):
        checks = DoctorBench().named(model={"project_version_arn": arn.format(account)})
        assert problems(checks) == ["model"]


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize("watchdog", ["tag", "off"])
def test_doctor_asks_the_scheduler_only_where_it_is_wanted(watchdog: str) -> None:
    """Without a schedule there is nothing to be permitted."""
    checks = DoctorBench().named(safety={"watchdog": watchdog, "watchdog_role_arn": ROLE})
    assert problems(checks) == []
    assert "scheduler:CreateSchedule" not in checks
    assert checks["watchdog"].status == "skipped"


def test_silence_of_an_address_that_is_not_of_aws_is_not_blamed_on_the_network() -> None:
    """Whoever rehearses on an emulator that has ended learns where the calls went."""
    config = FlowConfig.model_validate(
        {"project": "p", "data": {name: {"folder": name} for name in ("train", "test", "holdout")}}
    )
    cause = EndpointConnectionError(endpoint_url="http://127.0.0.1:9")
    with pytest.raises(AwsUnreachableError) as caught, aws_errors("GetCallerIdentity"):
        raise cause
    first, *_ = unidentified(config, caught.value, None, ("http://127.0.0.1:9",))
    assert (
        first.cure == "See that http://127.0.0.1:9 answers, or unset AWS_ENDPOINT_URL to ask AWS."
    )
