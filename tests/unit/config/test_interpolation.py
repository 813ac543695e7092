"""Tests of variables in a config's texts."""

import pytest

from rcl_flow.config import FlowConfig, parse_config
from rcl_flow.config.interpolation import interpolate, variables_in
from rcl_flow.core.variables import escaped
from rcl_flow.errors import ConfigError

CONFIG = """\
project: parts
workspace: ${WORK:-.rcl-flow}
data:
  train: {folder: "in/${STAGE}/train"}
  test: {folder: test}
  holdout: {folder: holdout}
inference:
  concurrency: ${CALLS}
"""
GIVEN = {"STAGE": "dev", "CALLS": "4"}


def parse(text: str = CONFIG, *overrides: str, **environment: str) -> FlowConfig:
    """Parse a config with variables."""
    return parse_config(text, file_name="c.yaml", overrides=overrides, environment=environment)


def refusal(text: str = CONFIG, *overrides: str, **environment: str) -> ConfigError:
    """Return what a config is refused with."""
    with pytest.raises(ConfigError) as caught:
        parse(text, *overrides, **environment)
    return caught.value


def put(text: str, **environment: str) -> object:
    """Return what a text becomes."""
    tree, problems = interpolate({"key": text}, environment)
    assert problems == ()
    return tree.get("key")


def problem(text: str, **environment: str) -> str:
    """Return what is wrong with a text."""
    tree, (found,) = interpolate({"key": text}, environment)
    assert tree == {"key": text}
    assert found.path == ("key",)
    return found.message


def test_a_variable_takes_its_place_in_a_text() -> None:
    """Alone, inside a text, twice, and as a number where a number belongs."""
    config = parse(**GIVEN)
    assert config.data.train is not None
    assert config.data.train.folder == "in/dev/train"
    assert (config.workspace, config.inference.concurrency) == (".rcl-flow", 4)
    assert put("${A}-${B}-${A}", A="1", B="2") == "1-2-1"


def test_a_run_is_known_by_what_the_variables_say() -> None:
    """The config with variables and the one with their values are one config."""
    written = CONFIG.replace("${WORK:-.rcl-flow}", ".rcl-flow")
    written = written.replace("${STAGE}", "dev").replace("${CALLS}", "4")
    assert parse(**GIVEN) == parse_config(written)
    assert parse(**GIVEN) != parse(**GIVEN | {"STAGE": "prod"})


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("${A:-b}", "a"),
        ("${NO:-b}", "b"),
        ("${EMPTY:-b}", "b"),
        ("x${NO:-}y", "xy"),
        ("${NO:-a:-b}", "a:-b"),
        ("$${A}", "${A}"),
        ("$$${A}", "$${A}"),
        ("$A", "$A"),
        ("cost: 5$", "cost: 5$"),
        ("}{", "}{"),
    ],
)
def test_expression_becomes_its_value(text: str, becomes: str) -> None:
    """Defaults, signs that are meant as they stand, and texts without an expression."""
    assert put(text, A="a", EMPTY="") == becomes


def test_a_value_is_not_looked_through_again() -> None:
    """What a variable holds is a text, whatever is in it."""
    assert put("${A}", A="${B}", B="b") == "${B}"


@pytest.mark.parametrize("text", ["${", "${}", "${A", "${1}", "${A-b}", "${A:b}", "${ A }"])
def test_expression_of_another_form_is_refused(text: str) -> None:
    """A slip of the pen does not become a name of a bucket."""
    assert "is not of the form ${NAME} or ${NAME:-default}" in problem(text, A="a")


def test_a_default_holds_no_other_expression() -> None:
    """It would end at the first brace."""
    assert "is not of the form" in problem("${A:-${B}}", B="b")


@pytest.mark.parametrize("environment", [{}, {"STAGE": ""}])
def test_a_variable_that_is_not_set_is_named_with_its_line(environment: dict[str, str]) -> None:
    """Place, name and cure; CI sets what it does not know to nothing."""
    error = refusal(**environment, CALLS="4")
    assert error.message == (
        "c.yaml:4: data.train.folder: the environment variable STAGE is not set, or empty."
    )
    assert "${NAME:-default}" in error.hint


def test_every_variable_that_is_not_set_is_named() -> None:
    """One look is enough."""
    lines = refusal().message.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["c.yaml:4", "c.yaml:8"]


def test_an_override_needs_no_variable() -> None:
    """What `--set` replaces is not asked for, and its own value is the shell's business."""
    config = parse(CONFIG, "inference.concurrency=7", "data.train.folder=a${b", WORK="w")
    assert config.inference.concurrency == 7
    assert config.data.train is not None
    assert config.data.train.folder == "a${b"


@pytest.mark.parametrize("value", ["hunter2", "-3"])
def test_no_message_shows_what_a_variable_holds(value: str) -> None:
    """Logs of CI are read by many."""
    error = refusal(STAGE="dev", CALLS=value)
    assert error.message.startswith("c.yaml:8: inference.concurrency: input should be ")
    assert "(given by ${CALLS})" in error.message
    assert value not in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    "name",
    [
        *("SLACK_TOKEN", "PASSWORD", "AWS_SECRET_ACCESS_KEY", "db_passwd", "API_KEY"),
        *("PGPASSWORD", "MYSQL_PWD", "KEY_PASSPHRASE", "authToken"),
    ],
)
def test_a_variable_with_the_name_of_a_secret_is_refused(name: str) -> None:
    """A run keeps its config, and its report shows it."""
    told = problem(f"${{{name}}}", **{name: "hunter2"})
    assert told.startswith(f"${{{name}}} has the name of a secret")
    assert "hunter2" not in told


@pytest.mark.parametrize("name", ["KMS_KEY_ID", "BUCKET", "TOKENIZER", "KEYS_FOLDER", "PWD"])
def test_other_names_are_no_secrets(name: str) -> None:
    """A key's id, a bucket."""
    assert put(f"${{{name}}}", **{name: "x"}) == "x"


def test_a_field_that_comes_out_empty_has_its_default() -> None:
    """As if it had not been written."""
    text = CONFIG + "aws: {profile: '${PROFILE:-}', region: '${REGION:-}'}\n"
    aws = parse(text, **GIVEN).aws
    assert (aws.profile, aws.region) == (None, "us-east-1")
    assert parse(text, **GIVEN, PROFILE="work").aws.profile == "work"


def test_without_an_environment_nothing_is_put_in() -> None:
    """The config that a run has kept is read as it is."""
    text = CONFIG.replace("${CALLS}", "4")
    assert parse_config(text).workspace == "${WORK:-.rcl-flow}"


def test_lists_are_looked_through_and_keys_are_not() -> None:
    """Texts in lists are values too."""
    tree, problems = interpolate({"${A}": [{"b": "${A}"}, 1, None, "${NO}"]}, {"A": "a"})
    assert tree == {"${A}": [{"b": "a"}, 1, None, "${NO}"]}
    assert [one.path for one in problems] == [("${A}", "3")]
    assert list(variables_in(tree)) == ["A"]


def test_a_tree_that_contains_itself_is_walked_once() -> None:
    """YAML's aliases can make one."""
    tree: dict[str, object] = {"a": "${A}"}
    tree["self"] = tree
    made, _ = interpolate(tree, {"A": "a"})
    assert made["a"] == "a"
    assert made["self"] is made


def test_a_variable_within_braces_wants_quotes() -> None:
    """YAML reads the brace otherwise; the hint says so."""
    error = refusal("project: p\ndata: {train: {folder: ${A}}}\n")
    assert error.message.startswith("c.yaml:2: not valid YAML")
    assert 'stands in quotes: {bucket: "${BUCKET}"}' in error.hint


@pytest.mark.parametrize("text", ["", "a", "${A}", "$${A}", "${", "$", "$$", "${${", "a$${b}$c"])
def test_what_is_escaped_comes_back(text: str) -> None:
    """Any text can stand in a config."""
    assert put(escaped(text), A="a") == text
