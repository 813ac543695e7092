"""Tests of how a config's mistakes are told: in words, once each, and without secrets."""

import pytest

from rcl_flow.config import parse_config
from rcl_flow.errors import ConfigError

VALID = "project: p\ndata:\n  train: {folder: a}\n  test: {folder: b}\n  holdout: {folder: c}\n"
ADDRESS = "https://hooks.slack.com/services/T0/B0/xyzzy"


def told(override: str) -> str:
    """Return what is said of a value, after its place."""
    with pytest.raises(ConfigError) as caught:
        parse_config(VALID, overrides=[override])
    path = override.partition("=")[0]
    return caught.value.message.removeprefix(f"--set {path}: {path}: ")


@pytest.mark.parametrize("field", ["notifications.slack", "notifications.webhook", "notifications"])
def test_pasted_address_is_not_repeated(field: str) -> None:
    """Whoever has it can post, and the log of a CI job is read by many."""
    assert "xyzzy" not in told(f"{field}={ADDRESS}")


def test_address_with_a_password_is_not_repeated() -> None:
    """It was meant for a proxy or a registry, and belongs into the environment."""
    assert "pass" not in told("aws.endpoint_url=https://me:pass@10.0.0.1/")
    assert "(given: 'ftp://10.0.0.1/')" in told("aws.endpoint_url=ftp://10.0.0.1/")


def test_address_without_its_beginning_is_not_repeated() -> None:
    """It is as secret, and that it lacks `https://` is the likely mistake."""
    assert "xyzzy" not in told(f"notifications.slack={ADDRESS.removeprefix('https://')}")
    assert "pass" not in told("aws.endpoint_url=me:pass@10.0.0.1:80")


def test_place_of_a_secret_is_described() -> None:
    """The cure stands in the message, in place of a pattern."""
    assert told(f"notifications.slack={ADDRESS}") == (
        "input should be the place where the address is found, never the address itself: "
        "env:NAME, secretsmanager:ID or ssm:NAME."
    )
    assert "(given: 'SLACK')" in told("notifications.slack=SLACK")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("project=two words", "a name: 1 to 255 letters, digits and . _ -"),
        ("storage.bucket=My_Bucket", "a bucket's name: 3 to 63 small letters"),
        ("aws.region=europe", "a region, such as eu-west-1"),
        ("aws.endpoint_url=ftp://x", "an address that begins with http:// or https://"),
        ("model.project_version_arn=v1", "a project version's ARN: arn:aws:rekognition:"),
        ("tags.stage=a*b", "a text of letters, digits, spaces and"),
        ("safety.watchdog_role_arn=watchdog", "a role's ARN: arn:aws:iam::"),
        ("safety.schedule_group=a b", "the name of a schedule group"),
        ("notifications.sns_topic_arn=topic", "a topic's ARN: arn:aws:sns:"),
        ("notifications.event_bus=a b", "the name of an event bus"),
        ("promotion.ssm_parameter=a b", "a parameter's name"),
    ],
)
def test_form_of_a_text_is_told_in_words(override: str, words: str) -> None:
    """Nobody has to read a regular expression."""
    message = told(override)
    assert message.startswith(f"input should be {words}")
    assert "^" not in message


@pytest.mark.parametrize("value", ["5", "yes", "2026-01-01"])
def test_text_without_its_quotes_is_told_so(value: str) -> None:
    """YAML reads a number, a truth or a date where a tag was meant."""
    assert told(f"tags.stage={value}").startswith("input should be a text: 5, yes and 2026-01-01 ")
    quoted = parse_config(VALID, overrides=[f"tags.stage='{value}'"])
    assert quoted.tags == {"stage": value}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "inference.inference_units=0",
            "input should be greater than or equal to 1, or 'auto' (given: 0).",
        ),
        (
            "executor.workers=x",
            "input should be a valid integer, unable to parse string as an integer, or 'auto' "
            "(given: 'x').",
        ),
    ],
)
def test_value_of_several_kinds_has_one_line(override: str, message: str) -> None:
    """A field is one mistake, whatever was tried on it."""
    assert told(override) == message


@pytest.mark.parametrize(
    "uri",
    [
        "https://me:SECRET@mlflow.example.com",
        "https://SECRET@mlflow.example.com:5000/a",
        "postgresql+psycopg2://u:SECRET@db/x",
        "postgresql://u:SEC/RET@db/x",
        "https://[SECRET@",
        "//me:SECRET@host",
    ],
)
def test_tracking_address_with_a_password_is_refused_and_not_repeated(uri: str) -> None:
    """Every report prints the config; the config is wrong before anything is done with it."""
    message = told(f"tracking.mlflow_uri={uri}")
    assert message.startswith("it holds a user or a password, which every report would show")
    assert message.endswith("MLFLOW_TRACKING_TOKEN, in the environment.")
    assert "SEC" not in message


@pytest.mark.parametrize(
    "uri",
    [
        "https://mlflow.example.com:5000/users/me@example.com",
        "http://[::1]:5000",
        "http://[fd00::5]:5000/users/me@example.com",
        "sqlite:////home/me@work/mlflow.db",
        "file:///tmp/a@b:c",
        "databricks://profile",
        "runs@home",
    ],
)
def test_tracking_address_without_a_password_is_taken(uri: str) -> None:
    """An @ behind the host is part of a path."""
    config = parse_config(VALID, overrides=[f"tracking.mlflow_uri={uri}"])
    assert config.tracking.mlflow_uri == uri
