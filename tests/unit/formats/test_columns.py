"""Tests of what columns mean."""

import pytest

from rcl_flow.formats.columns import ColumnMapping, mapping_of_header, parse_mapping
from rcl_flow.formats.problems import AnnotationProblemError


def test_mapping_is_told_by_keys() -> None:
    """Each key names a column, or a sign."""
    assert parse_mapping("image=f,label=a,label=b,separator=comma,delimiter=tab") == ColumnMapping(
        "f", ("a", "b"), separator=",", delimiter="\t"
    )


def test_mapping_by_numbers_has_no_header() -> None:
    """As soon as one column has a name, the first row names them."""
    assert not parse_mapping("image=1,label=2").has_header
    assert parse_mapping("image=1,label=kind").has_header


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("image=a", "it needs image=COLUMN and label=COLUMN"),
        ("label=a", "it needs image=COLUMN and label=COLUMN"),
        ("image", "'image' is not of the form key=column"),
        ("image=", "'image=' is not of the form key=column"),
        ("img=a", "unknown key 'img'; known: image, label"),
        ("image=a,label=b,left=c", "a box needs left, top, width, height or xmin"),
        ("image=a,label=b,delimiter=xy", "the delimiter is one character"),
    ],
)
def test_mapping_that_is_wrong_is_told(text: str, says: str) -> None:
    """A user sees which part."""
    with pytest.raises(AnnotationProblemError) as raised:
        parse_mapping(text)
    assert str(raised.value).startswith(says)


@pytest.mark.parametrize("header", [["a.jpg", "cat"], ["image"], ["label", "kind"], []])
def test_header_of_unknown_names_is_a_row(header: list[str]) -> None:
    """AWS's layout has no header, so only well-known names make one."""
    assert mapping_of_header(header) is None
