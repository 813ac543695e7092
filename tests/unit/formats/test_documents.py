"""Tests of the parsers of strangers' files."""

import pytest

from rcl_flow.formats.documents import decode_text, parse_json, parse_xml, parse_yaml
from rcl_flow.formats.problems import AnnotationProblemError


def test_yaml_keeps_every_scalar_as_the_text_that_stands_there() -> None:
    """A label `no` is no falsehood, and 007 is no 7."""
    assert parse_yaml(b"names: {0: no, 1: 007, 2: 2024-01-01, 3: ~}") == {
        "names": {"0": "no", "1": "007", "2": "2024-01-01", "3": "~"}
    }


def test_marks_of_editors_are_passed_over() -> None:
    """Some programs put one before UTF-8."""
    mark = b"\xef\xbb\xbf"
    assert parse_json(mark + b"[1]") == [1]
    assert decode_text(mark + b"a") == "a"
    assert parse_yaml(mark + b"a: b") == {"a": "b"}
    assert parse_xml(mark + b"<a/>").tag == "a"


def test_xml_gives_texts_and_attributes_in_any_encoding() -> None:
    """The file's own declaration counts."""
    text = '<?xml version="1.0" encoding="UTF-16"?><a b="é">ü&lt;</a>'
    root = parse_xml(text.encode("utf-16"))
    assert (root.get("b"), root.text) == ("é", "ü<")


@pytest.mark.parametrize(
    "content",
    [b"", b"<a>", b"<a/><b/>", b"<!DOCTYPE a><a/>", b"<?xml version='1.0' encoding='x'?><a/>"],
)
def test_xml_that_is_broken_is_a_problem(content: bytes) -> None:
    """One kind of problem for all."""
    with pytest.raises(AnnotationProblemError):
        parse_xml(content)


@pytest.mark.parametrize(
    "content", [b"a: [", b"\xe9", b"a: b: c", b"{[a]: b}", b"\0", b"names: " + b"[" * 3000]
)
def test_yaml_that_is_broken_is_a_problem(content: bytes) -> None:
    """One kind of problem for all."""
    with pytest.raises(AnnotationProblemError):
        parse_yaml(content)
