"""Laws of the config's reader: whatever it is given, it answers with a config or a ConfigError."""

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from rcl_flow.config import FlowConfig, parse_config
from rcl_flow.config.overlays import ConfigText
from rcl_flow.config.reading import read_config_texts
from rcl_flow.core.naming import digest_of
from rcl_flow.errors import ConfigError

VALID = """\
project: digits
backend: emulator
data:
  train: &set {folder: train}
  test: *set
  holdout: {manifest: "holdout.manifest"}
inference:
  concurrency: 4
  poll_seconds: 0.5
audit: {recommended_holdout_images: [100, 200]}
gates:
  accept_verdicts:
    - generalises
tags: {team: a}
"""
TOKENS = (
    *("&a", "*a", "*set", "!!int", "!!bool x", "!!timestamp", "!!float", "!!binary", "!!set"),
    *("!!omap", "!!pairs", "<<:", "? ", "- ", ": ", "{", "}", "[", "]", "|", ">", "'", '"', "#"),
    *("---", "...", "%YAML 1.1", "2001-99-99", "0x", "0b_", "._", ".nan", "-.inf", "1e999", "1:99"),
    *(
        "${A}",
        "${",
        "$${A}",
        "${B:-2}",
        "9" * 30,
        "null",
        "~",
        "yes",
        '"\\UFFFFFFFF"',
        '"\\ud800"',
        '"\\x"',
        "\t",
        "\n",
        "\n  ",
    ),
    *("\0", "\ufeff", "\x85", "=", "project", "data", "storage", "model", "aws", "prices", "train"),
)
tokens = st.sampled_from(TOKENS) | st.text(max_size=3)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=4)
    | st.dates()
    | st.datetimes()
)
keys = st.sampled_from(
    [*FlowConfig.model_fields, "train", "test", "holdout", "folder", "manifest", "bucket", "region"]
) | st.text(max_size=5)
trees = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(keys | scalars, below, max_size=4),
    max_leaves=20,
)


def parses_or_says_why(text: str, *overrides: str, base: str | None = None) -> None:
    """Check that the answer is a usable config or an error that names the place."""
    texts = [ConfigText(text, "c.yaml")]
    if base is not None:
        texts.insert(0, ConfigText(base, "c.yaml"))
    try:
        config = read_config_texts(texts, overrides=overrides, environment={"A": "1"}).config
    except ConfigError as error:
        lines = error.message.splitlines()
        assert error.hint
        assert lines[0].startswith(("c.yaml:", "--set "))
    else:
        assert FlowConfig.model_validate_json(config.model_dump_json()) == config
        assert digest_of(config.model_dump(mode="json"))


@given(st.text(max_size=80))
@example("[" * 5000)
@example("a: &a [*a]")
@example("&a {*a : *a}")
@example("a: &a [*a, '${A}']")
@example("[" * 480 + "'${A}'" + "]" * 480)
@example("a: " + "[" * 300 + "'${A}'" + "]" * 300)
def test_config_of_any_text_is_refused_with_a_reason(text: str) -> None:
    """Text that is no config ends in no traceback."""
    parses_or_says_why(text)


@given(st.lists(tokens, max_size=25).map("".join))
def test_config_of_yaml_tokens_is_refused_with_a_reason(text: str) -> None:
    """Anchors, tags, escapes and indicators in any order end in no traceback."""
    parses_or_says_why(text)


@given(trees)
def test_config_of_any_tree_is_read_or_refused_with_a_reason(tree: object) -> None:
    """Valid YAML of any shape and types ends in no traceback."""
    parses_or_says_why(yaml.safe_dump(tree))


@given(trees)
def test_overlay_of_any_tree_is_read_or_refused_with_a_reason(tree: object) -> None:
    """Whatever is laid over a valid config ends in no traceback."""
    parses_or_says_why(yaml.safe_dump(tree), base=VALID)


@given(st.dictionaries(st.sampled_from(sorted(FlowConfig.model_fields)), trees, max_size=4))
def test_config_with_sections_of_any_shape_is_read_or_refused(sections: dict[str, object]) -> None:
    """A valid config whose sections are replaced by anything ends in no traceback."""
    parses_or_says_why(yaml.safe_dump({**yaml.safe_load(VALID), **sections}))


@given(
    st.lists(
        st.tuples(st.integers(0, len(VALID)), st.integers(0, 12), tokens), min_size=1, max_size=4
    )
)
def test_config_with_damage_is_read_or_refused(edits: list[tuple[int, int, str]]) -> None:
    """A valid config with pieces cut out and others put in ends in no traceback."""
    text = VALID
    for start, length, piece in edits:
        text = text[:start] + piece + text[start + length :]
    parses_or_says_why(text)


@given(
    st.lists(keys | st.text(max_size=3), max_size=3).map(".".join),
    trees.map(lambda tree: yaml.safe_dump(tree, default_flow_style=True)) | tokens,
    st.sampled_from(["=", "", "=="]),
)
def test_override_of_any_form_is_done_or_refused(path: str, value: str, sign: str) -> None:
    """Whatever is typed after --set ends in no traceback."""
    parses_or_says_why(VALID, f"{path}{sign}{value}")


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=12))
def test_unknown_key_is_named_with_its_line(key: str) -> None:
    """A key that is not in the schema is told with its line, wherever it stands."""
    if key in FlowConfig.model_fields or yaml.safe_load(key) != key:
        return
    try:
        parse_config(f"{VALID}{key}: 1\n", file_name="c.yaml")
    except ConfigError as error:
        assert error.message.startswith(f"c.yaml:15: {key}: unknown key")
    else:
        raise AssertionError(key)
