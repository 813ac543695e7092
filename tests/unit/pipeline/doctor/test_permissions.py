"""Tests of the doctor under policies that the emulator enforces: what is denied is named."""

import json
from pathlib import Path

import pytest

from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.doctor_bench import (
    NEEDED,
    PASSING,
    ROLE,
    DoctorBench,
    admin,
    problems,
)

POLICY = Path(__file__).parents[4] / "infra" / "policies" / "run.json"
USER = "arn:aws:iam::123456789012:user/trainer"
DELETING = "s3:DeleteObject"


@pytest.mark.usefixtures("bench")
def test_doctor_finds_nothing_when_the_policy_is_just_enough() -> None:
    """A user with only the permissions that are needed gets a clean bill."""
    checks = DoctorBench().named((*NEEDED, PASSING))
    assert problems(checks) == []
    untold = [action for action in NEEDED if checks[action].status != "ok"]
    assert untold == ["rekognition:CreateProject"]
    assert USER in checks["credentials"].what


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize("denied", [action for action in NEEDED if action != DELETING])
def test_doctor_names_the_one_permission_that_is_denied(denied: str) -> None:
    """Each action that a run needs is missed when it is missing, and nothing else is."""
    granted = [action for action in (*NEEDED, PASSING) if action != denied]
    checks = DoctorBench().named(granted)
    assert problems(checks) == [denied]
    assert f"{USER} may not do {denied}" in checks[denied].what
    assert f'"Action": "{denied}"' in checks[denied].cure


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize(("store", "wrong"), [("local", []), ("s3", [DELETING])])
def test_doctor_wants_deleting_only_where_a_run_deletes(store: str, wrong: list[str]) -> None:
    """Shared state is deleted by a run; uploads are by `gc` alone, so it is advised then."""
    granted = [action for action in (*NEEDED, PASSING) if action != DELETING]
    checks = DoctorBench().named(granted, state={"store": store})
    assert problems(checks) == wrong
    assert f"{USER} may not do {DELETING}" in checks[DELETING].what
    assert f'"Action": "{DELETING}"' in checks[DELETING].cure
    assert ("rcl-flow gc" in checks[DELETING].what) == (store == "local")


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize(("prefix", "folder"), [("/", ""), ("/a/b/", "a/b/")])
def test_doctor_names_the_objects_that_a_policy_can_name(prefix: str, folder: str) -> None:
    """Slashes around the prefix are none of a key, and so of no resource."""
    granted = [action for action in (*NEEDED, PASSING) if action != "s3:PutObject"]
    checks = DoctorBench().named(granted, storage={"bucket": BUCKET, "prefix": prefix})
    assert f'"Resource": "arn:aws:s3:::{BUCKET}/{folder}*"' in checks["s3:PutObject"].cure


@pytest.mark.usefixtures("bench")
def test_doctor_says_what_it_cannot_ask_before_there_is_a_bucket() -> None:
    """Whoever lets a run make the bucket is told which permissions nobody has looked at."""
    checks = DoctorBench().named(storage={"bucket": "no-such-bucket", "create_bucket": True})
    untold = [name for name in checks if name.startswith("s3:")]
    assert set(untold) == {"s3:CreateBucket", *(a for a in NEEDED if a.startswith("s3:"))}
    assert {checks[name].status for name in untold} == {"skipped"}
    assert "arn:aws:s3:::no-such-bucket" in checks["s3:CreateBucket"].cure


@pytest.mark.usefixtures("bench")
def test_doctor_names_the_role_that_may_not_be_passed() -> None:
    """The Scheduler's calls are allowed, and yet no schedule could be made."""
    checks = DoctorBench().named(NEEDED)
    assert problems(checks) == ["scheduler:CreateSchedule"]
    assert checks["scheduler:UpdateSchedule"].status == "skipped"
    assert f"{PASSING} on {ROLE}" in checks["scheduler:CreateSchedule"].what


def test_doctor_asks_only_for_what_a_config_needs(bench: Bench) -> None:
    """Who judges an existing model without a schedule needs no permission to train."""
    version = bench.trained(bench.run())
    granted = [
        action
        for action in NEEDED
        if not action.startswith(("rekognition:Create", "rekognition:Delete", "scheduler:"))
    ]
    checks = DoctorBench().named(
        granted,
        model={"project_version_arn": version.version_arn},
        safety={"watchdog": "tag"},
    )
    assert problems(checks) == []
    assert checks["model"].status == "ok"


TOPIC = "arn:aws:sns:us-east-1:123456789012:rcl-flow-alerts"
DELIVERIES = {
    "sns:Publish (notifications.sns_topic_arn)": TOPIC,
    "events:PutEvents (notifications.event_bus)": "event-bus/factory",
    "secretsmanager:GetSecretValue (notifications.slack)": "secret:slack-??????",
    "ssm:GetParameter (notifications.webhook)": "parameter/hooks/factory",
    "ssm:PutParameter (promotion.ssm_parameter)": "parameter/shades/champion",
}
TELLING = {
    "notifications": {
        "sns_topic_arn": TOPIC,
        "event_bus": "factory",
        "slack": "secretsmanager:slack",
        "webhook": "ssm:/hooks/factory",
    },
    "promotion": {"ssm_parameter": "/shades/champion"},
}


def tell_somebody() -> None:
    """Make all that `TELLING` names, but for the parameter that a promotion makes."""
    admin("sns").create_topic(Name="rcl-flow-alerts")
    admin("events").create_event_bus(Name="factory")
    admin("secretsmanager").create_secret(Name="slack", SecretString="https://hooks.test/1")
    admin("ssm").put_parameter(Name="/hooks/factory", Value="https://x.test", Type="String")


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize("denied", ["", *DELIVERIES])
def test_doctor_asks_for_what_telling_others_needs(denied: str) -> None:
    """Each is missed when it is missing; nothing is told, put or written by asking."""
    tell_somebody()
    actions = {name: name.partition(" ")[0] for name in DELIVERIES}
    granted = [action for name, action in actions.items() if name != denied]
    checks = DoctorBench().named((*NEEDED, PASSING, *granted), **TELLING)
    assert problems(checks) == ([denied] if denied else [])
    assert {checks[name].status for name in DELIVERIES if name != denied} == {"ok"}
    if denied:
        assert f'"Action": "{actions[denied]}"' in checks[denied].cure
        assert f'{DELIVERIES[denied]}"' in checks[denied].cure
    found = admin("ssm").describe_parameters()["Parameters"]
    assert [each["Name"] for each in found] == ["/hooks/factory"]


@pytest.mark.usefixtures("bench")
def test_doctor_does_not_overwrite_the_parameter() -> None:
    """It holds the champion, which programs read."""
    admin("ssm").put_parameter(Name="/shades/champion", Value="arn", Type="String")
    checks = DoctorBench().named(promotion=TELLING["promotion"])
    assert checks["ssm:PutParameter (promotion.ssm_parameter)"].status == "ok"
    held = admin("ssm").get_parameter(Name="/shades/champion")["Parameter"]
    assert (held["Value"], held["Version"]) == ("arn", 1)


@pytest.mark.usefixtures("bench")
def test_doctor_tells_a_secret_that_is_not_there_and_asks_nothing_of_the_environment() -> None:
    """The run would go on, and nobody would hear of it."""
    told = {"slack": "secretsmanager:none", "webhook": "env:HOOK"}
    checks = DoctorBench().named(notifications=told)
    name = "secretsmanager:GetSecretValue (notifications.slack)"
    assert problems(checks) == [name]
    assert "`notifications.slack`" in checks[name].cure
    assert not any("webhook" in other for other in checks)


def test_doctor_tells_which_projects_it_cannot_see(bench: Bench) -> None:
    """A policy for one project hides the models of all others, which is not "none runs"."""
    bench.client.create_project(ProjectName="other")
    granted = [action for action in NEEDED if action != "rekognition:DescribeProjectVersions"]
    checks = DoctorBench().named((*granted, PASSING))
    assert checks["running models"].status == "skipped"
    assert "1 other project" in checks["running models"].what


@pytest.mark.usefixtures("bench")
def test_doctor_leaves_nothing_behind() -> None:
    """Neither schedule nor object nor project is there afterwards."""
    DoctorBench().look()
    assert admin("scheduler").list_schedules()["Schedules"] == []
    assert "Contents" not in admin("s3").list_objects_v2(Bucket=BUCKET)
    assert admin("rekognition").describe_projects()["ProjectDescriptions"] == []


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize(("project", "content"), [("shades", True), ("another", False)])
def test_doctor_is_content_with_the_policy_that_is_shipped(project: str, content: bool) -> None:
    """infra/policies/run.json allows what a run needs, for one project only."""
    text = POLICY.read_text().replace("WATCHDOG_ROLE", ROLE.rpartition("/")[2])
    for word, value in (("PROJECT", "shades"), ("BUCKET", BUCKET), ("PREFIX", "rcl-flow")):
        text = text.replace(word, value)
    policy = json.loads(text)
    for statement in policy["Statement"]:
        # the emulator's IAM does not know whom a role is passed to
        statement.pop("Condition", None)
    checks = DoctorBench(policy=json.dumps(policy)).named((), project=project)
    assert (problems(checks) == []) == content
    assert (checks["rekognition:StartProjectVersion"].status == "ok") == content


@pytest.mark.usefixtures("bench")
def test_doctor_tells_state_that_may_not_be_written() -> None:
    """State in S3 lies in a folder of its own, which the policy may have forgotten."""
    arn = f"arn:aws:s3:::{BUCKET}"
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": f"{arn}/rcl-flow/state/*"},
    ]
    doctor = DoctorBench(policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    found = doctor.look((), state={"store": "s3"})
    wrong = [check for check in found if check.status == "problem"]
    assert [check.name for check in wrong] == ["s3:PutObject"]
    assert f"{arn}/rcl-flow/state/*" in wrong[0].what


@pytest.mark.usefixtures("bench")
def test_doctor_tells_data_that_may_not_be_read() -> None:
    """A bucket of the data may have another policy than the config's own."""
    admin("s3").create_bucket(Bucket="data-images")
    admin("s3").put_object(Bucket="data-images", Key="red/1.png", Body=b"x")
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data-images/*"},
    ]
    doctor = DoctorBench(policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    data = {name: {"folder": "s3://data-images/red"} for name in ("train", "test", "holdout")}
    assert "s3:GetObject (data.train)" in problems(doctor.named((), data=data))


@pytest.mark.usefixtures("bench")
def test_doctor_tells_keys_that_are_not_accepted() -> None:
    """A key that AWS does not know is the one problem, and the clock is still compared."""
    checks = DoctorBench(secret="wrong").named(NEEDED)  # noqa: S106  # wrong on purpose
    assert problems(checks) == ["credentials"]
    assert "SignatureDoesNotMatch" in checks["credentials"].what
    assert checks["clock"].status == "ok"
    assert checks["permissions"].status == "skipped"
