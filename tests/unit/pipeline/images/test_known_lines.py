"""Tests of lines that are known by their digests and stay in their file."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rcl_flow.errors import LocalFilesError
from rcl_flow.pipeline.images.known_lines import KnownLines

DIGESTS = [hashlib.sha256(bytes([number])).hexdigest() for number in range(40)]


def line_of(digest: str, told: str = "") -> str:
    """Return a line of the cache, without its end."""
    return f'{{"sha256":"{digest}","version":1,"reason":"{told}"}}'


def written(path: Path, *lines: str, end: str = "\n") -> Path:
    """Append lines to a file."""
    with path.open("a") as file:
        file.write("\n".join(lines) + end)
    return path


def test_lines_are_found_by_their_digest_wherever_they_are(tmp_path: Path) -> None:
    """Short and long ones, of letters of one byte and of more, each as it was written."""
    lines = {one: line_of(one, "ä" * (300 * number)) for number, one in enumerate(DIGESTS)}
    known = KnownLines(written(tmp_path / "cache", *lines.values()))
    assert {one: known.get(one) for one in DIGESTS} == lines
    assert known.get("f" * 64) is None
    assert DIGESTS[0] in known
    assert "f" * 64 not in known


def test_of_two_lines_for_one_digest_the_later_one_counts(tmp_path: Path) -> None:
    """What was measured again replaces what was there."""
    path = written(tmp_path / "cache", line_of(DIGESTS[0], "old"), line_of(DIGESTS[0], "new"))
    assert KnownLines(path).get(DIGESTS[0]) == line_of(DIGESTS[0], "new")


def test_a_torn_line_is_known_once_it_is_whole(tmp_path: Path) -> None:
    """A process that writes at the moment is not disturbed and not misread."""
    whole = line_of(DIGESTS[0], "a long reason")
    path = written(tmp_path / "cache", line_of(DIGESTS[1]) + "\n" + whole[:-9], end="")
    known = KnownLines(path)
    assert known.get(DIGESTS[0]) is None
    written(path, whole[-9:])
    known.look_again()
    assert known.get(DIGESTS[0]) == whole
    assert known.get(DIGESTS[1]) == line_of(DIGESTS[1])


def test_lines_that_are_added_are_found_in_the_file(tmp_path: Path) -> None:
    """Of what was appended the place is kept, and of what was not the line."""
    path = tmp_path / "cache"
    known = KnownLines(path)
    lines = {one: line_of(one) for one in DIGESTS[:2]}
    written(path, lines[DIGESTS[0]])
    known.add(lines)
    assert [known.get(one) for one in DIGESTS[:3]] == [*lines.values(), None]
    path.write_text(line_of(DIGESTS[0], "x" * 50))
    assert known.get(DIGESTS[0]) == line_of(DIGESTS[0], "x" * 50)


def test_lines_without_a_file_are_kept_in_memory() -> None:
    """A cache of one process serves it."""
    known = KnownLines()
    known.add({DIGESTS[0]: line_of(DIGESTS[0])})
    assert known.get(DIGESTS[0]) == line_of(DIGESTS[0])
    assert known.get(DIGESTS[1]) is None


@pytest.mark.parametrize("foreign", ["", "[]", '{"sha256":"short"}', '{"sha256":"' + "g" * 64])
def test_foreign_lines_and_digests_are_not_known(tmp_path: Path, foreign: str) -> None:
    """A line that is none of the cache's does not stop it, and neither does such a question."""
    known = KnownLines(written(tmp_path / "cache", foreign, line_of(DIGESTS[0])))
    assert known.get(DIGESTS[0]) == line_of(DIGESTS[0])
    assert known.get("g" * 64) is None
    assert known.get("") is None


def test_a_line_that_is_no_longer_there_is_not_known(tmp_path: Path) -> None:
    """Whoever changes the file beneath costs a measurement, and never gives a wrong one."""
    path = written(tmp_path / "cache", line_of(DIGESTS[0]), line_of(DIGESTS[1]))
    known = KnownLines(path)
    path.write_text("\n".join([line_of(DIGESTS[1], "x"), line_of(DIGESTS[0])]))
    assert known.get(DIGESTS[0]) is None
    path.write_text("")
    assert known.get(DIGESTS[1]) is None


def test_threads_read_lines_at_the_same_time(tmp_path: Path) -> None:
    """Each gets the line that it asks for."""
    lines = {one: line_of(one, one * 200) for one in DIGESTS}
    known = KnownLines(written(tmp_path / "cache", *lines.values()))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(known.get, DIGESTS * 20)) == [*lines.values()] * 20


def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    """A folder in its place is told as such."""
    with pytest.raises(LocalFilesError, match="Cannot read"):
        KnownLines(tmp_path)
