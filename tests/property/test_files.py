"""Laws of the only writer: a crash at any byte loses at most the line that was being written."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.files import append_lines, read_lines, write_bytes

line_texts = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=8)
line_lists = st.lists(line_texts, max_size=6)


@contextmanager
def fresh_path() -> Iterator[Path]:
    """Give the path of a file that is not there yet, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "file"


def whole_lines(content: bytes) -> list[str]:
    """Return the lines that end in a newline."""
    return [line.decode() for line in content.split(b"\n")[:-1]]


@given(st.lists(line_lists, max_size=4))
def test_lines_are_read_as_they_were_appended(batches: list[list[str]]) -> None:
    """Batches of lines of any characters are one list of lines."""
    with fresh_path() as path:
        for batch in batches:
            append_lines(path, batch)
        assert list(read_lines(path)) == [line for batch in batches for line in batch]


@given(line_lists, line_lists, st.data())
def test_lines_survive_a_crash_at_any_byte(
    before: list[str], after: list[str], data: st.DataObject
) -> None:
    """Whole lines stay, the torn one goes, and what is appended later is intact."""
    with fresh_path() as path:
        append_lines(path, before)
        content = path.read_bytes()
        cut = content[: data.draw(st.integers(0, len(content)))]
        path.write_bytes(cut)
        assert list(read_lines(path)) == whole_lines(cut)
        append_lines(path, after)
        assert list(read_lines(path)) == whole_lines(cut) + after


def test_lines_survive_a_crash_at_every_byte() -> None:
    """Every single place to break a file with letters of several bytes is tried."""
    content = "eins\n\nzwei ä\ndrei 猫🐈\n".encode()
    for length in range(len(content) + 1):
        with fresh_path() as path:
            path.write_bytes(content[:length])
            append_lines(path, ["next"])
            assert path.read_bytes().decode().splitlines() == [
                *whole_lines(content[:length]),
                "next",
            ]


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=4))
def test_written_file_is_the_last_content_and_alone(contents: list[bytes]) -> None:
    """Each write replaces the whole, and no temporary file is left behind."""
    with fresh_path() as path:
        for content in contents:
            write_bytes(path, content)
            assert path.read_bytes() == content
        assert list(path.parent.iterdir()) == [path]
