"""Tests of blocks of data in a page."""

import orjson
import pytest

from rcl_flow.report.embedding import json_block

HOSTILE = ("</script>", "<!--", "<script>", "]]>", "&lt;", "\u2028", "\u2029", '"\\', "\x00")


@pytest.mark.parametrize("text", HOSTILE)
def test_block_keeps_what_it_says(text: str) -> None:
    """Whatever a text contains comes back as it was, as key and as value."""
    assert orjson.loads(json_block({text: [text]}).encode()) == {text: [text]}


def test_block_has_nothing_that_ends_it() -> None:
    """No character that means something in HTML, and no line separator of JavaScript, is left."""
    block = json_block(HOSTILE)
    assert set("<>&\u2028\u2029").isdisjoint(block)


def test_block_keeps_numbers_exactly() -> None:
    """A confidence is read back as the very same number."""
    numbers = [98.21234893798828, 0.1 + 0.2, 5e-324, 1 / 3]
    assert orjson.loads(json_block(numbers).encode()) == numbers
