"""Tests of the YAML reader that remembers lines."""

import pytest
import yaml

from rcl_flow.config.located import locate_yaml, parse_value
from rcl_flow.errors import ConfigError

TEXT = """\
# a comment
project: p
data:
  train: {folder: a}
  list:
    - one
    - two: 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("project",), 2),
        (("data",), 3),
        (("data", "train", "folder"), 4),
        (("data", "list", 0), 6),
        (("data", "list", 1, "two"), 7),
    ],
)
def test_yaml_remembers_the_line_of_every_key(path: tuple[str | int, ...], line: int) -> None:
    """Lines count from 1, comments and list entries included."""
    assert locate_yaml(TEXT, file_name="f").line_of(path) == line


def test_yaml_gives_the_line_of_the_nearest_parent_when_a_key_is_missing() -> None:
    """What is not there is missing from the section that is."""
    located = locate_yaml(TEXT, file_name="f")
    assert located.line_of(("data", "train", "manifest", "x")) == 4
    assert located.line_of(("nowhere",)) == 1


def test_yaml_gives_plain_values() -> None:
    """Numbers, texts, lists and mappings are those of any YAML reader."""
    assert locate_yaml(TEXT, file_name="f").value == yaml.safe_load(TEXT)


def test_yaml_reads_every_key_as_the_text_that_is_written() -> None:
    """Labels may be digits, or words that YAML takes for something else; so does `--set`."""
    located = locate_yaml("a: 1\n07: x\non: yes\n~: 2001-01-01\n", file_name="f")
    assert list(located.value if isinstance(located.value, dict) else ()) == ["a", "07", "on", "~"]
    assert located.line_of(("07",)) == 2
    assert parse_value("{7: 7, on: on}") == {"7": 7, "on": True}


def test_yaml_reads_a_file_with_a_byte_order_mark() -> None:
    """Editors on Windows put one in front."""
    assert locate_yaml("\ufeffa: 1\r\nb: 2\r\n", file_name="f").value == {"a": 1, "b": 2}


MERGING = """\
one: &one {a: 1, b: 2}
two:
  <<: *one
  a: 3
three:
  <<: [*one, {c: 4}]
"""


def test_yaml_lets_a_key_win_over_what_is_merged_in() -> None:
    """`<<` says what a map begins with; a key of its own is not given twice."""
    located = locate_yaml(MERGING, file_name="f")
    assert located.value == yaml.safe_load(MERGING)
    assert located.line_of(("two", "a")) == 4


def test_yaml_gives_what_is_merged_in_the_line_of_its_map() -> None:
    """There the map is wrong, whatever else is merged from the same place."""
    located = locate_yaml(MERGING, file_name="f")
    assert (located.line_of(("two", "b")), located.line_of(("three", "c"))) == (2, 5)


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", "a: 1\nb: 2\n'a': 3\n"])
def test_yaml_refuses_a_key_that_occurs_twice(text: str) -> None:
    """The second would silently win; both lines are named."""
    with pytest.raises(ConfigError, match=r"^f:3: the key 'a' occurs twice \(first at line 1\)"):
        locate_yaml(text, file_name="f")


def test_yaml_refuses_a_nested_key_that_occurs_twice() -> None:
    """The same key in two sections is fine, twice in one is not."""
    locate_yaml("a: {x: 1}\nb: {x: 1}\n", file_name="f")
    with pytest.raises(ConfigError, match=r"^f:2: the key 'x' occurs twice"):
        locate_yaml("a: {x: 1,\n  x: 2}\n", file_name="f")


def test_yaml_reads_aliases() -> None:
    """One mapping in two places is read in both, and is no double key."""
    located = locate_yaml("a: &x {k: 1}\nb: *x\n", file_name="f")
    assert located.value == {"a": {"k": 1}, "b": {"k": 1}}
    assert located.line_of(("b", "k")) == 2


def test_yaml_takes_a_document_that_contains_itself() -> None:
    """A loop of aliases ends the reader's walk and does not hang it."""
    located = locate_yaml("a: &x\n  b: *x\n", file_name="f")
    assert located.lines == {("a",): 1, ("a", "b"): 2}


def test_yaml_takes_aliases_of_aliases_in_no_time() -> None:
    """Ten levels of ten aliases, ten thousand million values, are ten levels to read."""
    rows = ["a0: &a0 {k: 1}"]
    for n in range(1, 11):
        below = ", ".join(f"k{m}: *a{n - 1}" for m in range(10))
        rows.append(f"a{n}: &a{n} {{{below}}}")
    assert len(locate_yaml("\n".join(rows), file_name="f").lines) == 112


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\nb: [1, 2\n", 3),
        ("a: 1\nb: 'x\n", 3),
        ("a: 1\nb: : c\n", 2),
        ("a: 1\nb: *nobody\n", 2),
        ("a: 1\nb: \x00\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: 1\nb: !!python/object:os.system {}\n", 2),
        ("a: 1\nb: 2001-99-99\n", 2),
        ("a: 1\nb: !!int abc\n", 2),
        ("a: 1\nb: !!bool maybe\n", 2),
        ("a: 1\nb: !!timestamp soon\n", 2),
        ("a: 1\nb: !!float ''\n", 2),
        ("a: 1\nb: 0b_\n", 2),
        ('a: 1\nb: "\\UFFFFFFFF"\n', 2),
        ('a: 1\nb: "\\U00110000"\n', 2),
        ("a: 1\n? [b]\n: 2\n", 2),
        (f"a: 1\nb: {'9' * 5000}\n", 2),
    ],
)
def test_yaml_names_the_line_when_it_is_not_valid(text: str, line: int) -> None:
    """Whatever is wrong with the YAML is our error, in one line, at the right line."""
    with pytest.raises(ConfigError, match=rf"^f:{line}: not valid YAML: ") as caught:
        locate_yaml(text, file_name="f")
    assert len(caught.value.message.splitlines()) == 1
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_yaml_refuses_what_is_nested_too_deeply(opening: str) -> None:
    """Thousands of levels are refused as a mistake and end no program."""
    with pytest.raises(ConfigError, match="nested too deeply"):
        locate_yaml(opening * 5000, file_name="f")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("true", True), ("[a, 2]", ["a", 2]), ("", None), ("0.5", 0.5), ("'1'", "1")],
)
def test_value_is_read_as_yaml(text: str, value: object) -> None:
    """A value on the command line has the types that it would have in the file."""
    assert parse_value(text) == value


@pytest.mark.parametrize("text", ["[", "\x00", "2001-99-99", "!!int x", "[" * 5000])
def test_value_that_is_no_yaml_is_a_yaml_error(text: str) -> None:
    """There is one kind of error to catch."""
    with pytest.raises(yaml.YAMLError):
        parse_value(text)
