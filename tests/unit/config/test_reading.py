"""Tests of the config's messages: each names file, line, field and cure."""

import pytest

from rcl_flow.config import FlowConfig, ImageSource, parse_config
from rcl_flow.core.source_kinds import SOURCE_KINDS
from rcl_flow.errors import ConfigError

VALID = """\
project: digits
data:
  train: {folder: train}
  test: {folder: test}
  holdout: {manifest: holdout.manifest}
inference:
  concurrency: 4
"""


def message_of(text: str, *overrides: str) -> str:
    """Return what a config that is wrong is told."""
    with pytest.raises(ConfigError) as caught:
        parse_config(text, file_name="c.yaml", overrides=overrides)
    assert caught.value.hint
    return caught.value.message


def parse(*overrides: str) -> FlowConfig:
    """Parse the valid config with overrides."""
    return parse_config(VALID, file_name="c.yaml", overrides=overrides)


def test_config_is_read() -> None:
    """What is written is what comes out; the rest has its default."""
    config = parse()
    assert (config.project, config.backend, config.workspace) == ("digits", "emulator", ".rcl-flow")
    assert config.data.holdout.manifest == "holdout.manifest"
    assert (config.inference.concurrency, config.inference.inference_units) == (4, 1)


def test_config_names_an_unknown_section_with_the_nearest_name() -> None:
    """A misspelt section at the top is named with its line."""
    assert message_of(VALID.replace("inference:", "infrence:")) == (
        "c.yaml:6: infrence: unknown key; did you mean 'inference'?"
    )


def test_config_names_an_unknown_field_with_the_nearest_name() -> None:
    """A misspelt field in a section is compared with that section's fields."""
    assert message_of(VALID.replace("concurrency", "concurency")) == (
        "c.yaml:7: inference.concurency: unknown key; did you mean 'concurrency'?"
    )


def test_config_names_a_misspelt_set() -> None:
    """A set of images under another name is one mistake, at its line."""
    told = message_of(VALID.replace("  train:", "  trian:")).splitlines()
    assert told == ["c.yaml:3: data.trian: unknown key; did you mean 'train'?"]


def test_config_looks_into_optional_sections_for_the_nearest_name() -> None:
    """The fields of `data.train`, which may be left out, are known too."""
    assert message_of(VALID.replace("{folder: train}", "{foldr: train}")).startswith(
        "c.yaml:3: data.train.foldr: unknown key; did you mean 'folder'?"
    )


def test_config_lists_what_is_known_when_nothing_is_near() -> None:
    """A wholly unknown key is answered with all that could stand there."""
    told = message_of(VALID.replace("{folder: train}", "{zzz: train}")).splitlines()
    known = ", ".join(sorted(ImageSource.model_fields))
    assert told[0] == f"c.yaml:3: data.train.zzz: unknown key; known here: {known}."


def test_config_names_every_mistake() -> None:
    """One line for each mistake, so that one look at the file is enough."""
    text = VALID.replace("concurrency: 4", "concurrency: many\n  unit: 2") + "prject: x\n"
    told = message_of(text).splitlines()
    assert [line.split(":")[1] for line in told] == ["7", "8", "9"]


def test_config_names_a_value_of_the_wrong_type() -> None:
    """The value that was given is shown."""
    told = message_of(VALID.replace("concurrency: 4", "concurrency: many"))
    assert told.startswith("c.yaml:7: inference.concurrency: input should be a valid integer")
    assert "(given: 'many')" in told


@pytest.mark.parametrize("value", ["0", "-1", "257", "1.5", "[]", "{}", "null", ".inf"])
def test_config_refuses_a_value_out_of_range(value: str) -> None:
    """A number of calls at once is a whole number from 1 to 256."""
    told = message_of(VALID.replace("concurrency: 4", f"concurrency: {value}"))
    assert told.startswith("c.yaml:7: inference.concurrency: input should be ")


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1.0e300"])
@pytest.mark.parametrize(
    "field",
    [
        "training.timeout_hours",
        "inference.poll_seconds",
        "emulator.training_seconds",
        "prices.training_usd_per_hour",
        "evaluation.gap_margin",
    ],
)
def test_config_refuses_a_number_that_no_clock_can_count(field: str, value: str) -> None:
    """Infinite, undefined and endless numbers are refused here and crash nothing later."""
    with pytest.raises(ConfigError, match=field):
        parse(f"{field}={value}")


def test_config_does_not_repeat_a_long_value() -> None:
    """A pasted file in place of a name does not fill the screen."""
    assert len(message_of(VALID.replace("digits", "x" * 5000))) < 400
    assert len(message_of(VALID.replace(" 4", f" -0x{'f' * 5000}"))) < 400


@pytest.mark.parametrize("field", ["project", "data"])
def test_config_names_a_missing_field(field: str) -> None:
    """A field without default that is not there is named."""
    lines = {"project": VALID.partition("\n")[2], "data": "project: digits\n"}
    assert message_of(lines[field]) == f"c.yaml:1: {field}: this field is needed."


def test_config_names_a_missing_field_at_the_line_of_its_section() -> None:
    """The section in which something is missing is where to look."""
    told = message_of("project: p\ndata:\n  train: {folder: a}\n")
    assert told == "c.yaml:2: data.holdout: this field is needed."


@pytest.mark.parametrize("source", ["{}", "{folder: a, manifest: b}"])
def test_config_wants_exactly_one_format(source: str) -> None:
    """Neither and both are refused at the line of the set."""
    told = message_of(VALID.replace("{folder: test}", source))
    fields = ", ".join(kind.replace("-", "_") for kind in SOURCE_KINDS)
    assert told == f"c.yaml:4: data.test: give exactly one of {fields}."


def test_config_wants_a_bucket_with_aws() -> None:
    """The emulator has a bucket of its own; AWS needs one to be named."""
    assert "'storage.bucket' is needed with 'backend: aws'" in message_of(VALID + "backend: aws\n")
    config = parse("backend=aws", "storage.bucket=my-bucket")
    assert (config.backend, config.storage.bucket) == ("aws", "my-bucket")


@pytest.mark.parametrize("missing", ["  train: {folder: train}\n", "  test: {folder: test}\n"])
def test_config_wants_train_and_test_unless_a_model_is_given(missing: str) -> None:
    """Only a model that exists can be judged by its holdout alone."""
    text = VALID.replace(missing, "")
    assert "'data.train' and 'data.test' are needed unless" in message_of(text)
    arn = "arn:aws:rekognition:eu-west-1:123456789012:project/p/version/v/1700000000123"
    overrides = [f"model.project_version_arn={arn}", "project=p"]
    assert parse_config(text, overrides=overrides).model.project_version_arn == arn


def test_config_refuses_a_model_of_another_project() -> None:
    """Lease and ledger are a project's, so a model is judged under its own project's name."""
    arn = "arn:aws:rekognition:eu-west-1:123456789012:project/other/version/v/1700000000123"
    text = message_of(VALID, f"model.project_version_arn={arn}")
    assert "'project' must be the one of 'model.project_version_arn'" in text


@pytest.mark.parametrize("arn", ["p", "arn:aws:rekognition:eu-west-1:1:project/p/version/v/1"])
def test_config_refuses_what_is_no_version_arn(arn: str) -> None:
    """The ARN of a model is checked before anything is called."""
    assert "model.project_version_arn" in message_of(VALID, f"model.project_version_arn={arn}")


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "- a\n- b\n", "digits", "7", "null"])
def test_config_refuses_what_is_no_mapping(text: str) -> None:
    """An empty file, a list and a word are no config."""
    assert message_of(text).startswith("c.yaml:1: a config is a mapping of sections, not ")


def test_config_refuses_a_section_that_is_no_mapping() -> None:
    """A section with a plain value is named."""
    told = message_of(VALID.replace("inference:\n  concurrency: 4", "inference: 4"))
    assert told == "c.yaml:6: inference: input should be a section of fields (given: 4)."


def test_config_refuses_tabs() -> None:
    """YAML does not indent with tabs; the line is named."""
    told = message_of(VALID.replace("  concurrency", "\tconcurrency"))
    assert told.startswith("c.yaml:7: not valid YAML: ")


def test_config_refuses_a_key_that_occurs_twice() -> None:
    """The two lines of a repeated section are named."""
    assert message_of(VALID + "project: other\n") == (
        "c.yaml:8: the key 'project' occurs twice (first at line 1)."
    )


def test_override_wins_over_the_file() -> None:
    """A value on the command line replaces the file's and leaves its neighbours."""
    config = parse("inference.concurrency=9", "project=other")
    assert (config.inference.concurrency, config.project) == (9, "other")
    assert config.data == parse().data


def test_override_makes_a_section_that_the_file_lacks() -> None:
    """A section with defaults need not be in the file."""
    assert parse("gates.min_holdout_f1=0.5").gates.min_holdout_f1 == 0.5


def test_override_is_read_as_yaml() -> None:
    """Lists, mappings and nothing at all can be given."""
    config = parse("audit.recommended_holdout_images=[1, 2]", "tags={team: a}", "aws.profile=")
    assert config.audit.recommended_holdout_images == (1, 2)
    assert (config.tags, config.aws.profile) == ({"team": "a"}, None)


def test_override_keeps_equals_signs_in_the_value() -> None:
    """Only the first equals sign parts field and value."""
    assert parse("tags.query=a=b").tags == {"query": "a=b"}


def test_override_of_several_is_done_in_order() -> None:
    """The last word counts."""
    assert parse("project=a", "project=b").project == "b"


def test_override_changes_one_of_two_that_share_an_alias() -> None:
    """A YAML alias puts one mapping in two places; only the named place changes."""
    text = "project: p\ndata:\n  train: &x {folder: a}\n  test: *x\n  holdout: *x\n"
    data = parse_config(text, overrides=["data.train.folder=b"]).data
    assert [source.folder for source in (data.train, data.test, data.holdout) if source] == [
        "b",
        "a",
        "a",
    ]


@pytest.mark.parametrize(
    "override", ["", "project", "=x", "a..b=1", ".a=1", "a.=1", "inference.concurrency 4"]
)
def test_override_of_another_form_is_refused(override: str) -> None:
    """The message shows what was given; the hint shows the form."""
    assert message_of(VALID, override) == (
        f"--set {override!r} is not of the form section.field=value."
    )
    with pytest.raises(ConfigError) as caught:
        parse_config(VALID, overrides=[override])
    # also `evaluate` takes it, which sets gates and evaluation alone
    assert caught.value.hint == "For example: --set gates.min_holdout_f1=0.9"


@pytest.mark.parametrize("value", ["[", "'", "2001-99-99", "!!int x", "\x00", "{a: b: c}"])
def test_override_with_a_value_that_is_no_yaml_is_refused(value: str) -> None:
    """The field is named, and that the value is at fault."""
    assert message_of(VALID, f"project={value}") == f"--set project: {value!r} is not a YAML value."


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("audit.waivers.0.rule=x", "audit.waivers: input should be a list, and is set as a whole."),
        ("gates=5", "gates: input should be a section of fields (given: 5)."),
        ("tags=[a]", "tags: input should be a mapping of names to values."),
    ],
)
def test_override_of_the_wrong_shape_is_told_in_words_of_yaml(override: str, told: str) -> None:
    """A person who writes YAML knows lists and sections."""
    assert message_of(VALID, override) == f"--set {override.partition('=')[0]}: {told}"


def test_override_of_an_unknown_key_names_the_command_line() -> None:
    """The mistake is in what was typed, not in some line of the file."""
    assert message_of(VALID, "data.trian.folder=x") == (
        "--set data.trian.folder: data.trian: unknown key; did you mean 'train'?"
    )


def test_override_of_a_wrong_type_names_the_command_line() -> None:
    """The field and the value are shown."""
    told = message_of(VALID, "inference.concurrency=many")
    assert told.startswith("--set inference.concurrency: inference.concurrency: input should be")


def test_override_leaves_other_mistakes_at_their_lines() -> None:
    """A mistake of the file keeps its line although something is overridden."""
    told = message_of(VALID.replace("project:", "prject:"), "inference.concurrency=2")
    assert told.splitlines() == [
        "c.yaml:1: project: this field is needed.",
        "c.yaml:1: prject: unknown key; did you mean 'project'?",
    ]


@pytest.mark.parametrize(
    ("text", "cure"), [("${SOME_TOKEN:-x}", "Leave the secret out"), ("${NAME}", "write a default")]
)
def test_cure_of_an_expression_is_its_own(text: str, cure: str) -> None:
    """A default is none for a secret's name."""
    with pytest.raises(ConfigError) as refused:
        parse_config(f'project: "{text}"\n', environment={})
    assert cure in refused.value.hint
