"""Tests of the only writer, on a real file system."""

import os
import threading
from pathlib import Path

import pytest

from rcl_flow.errors import LocalFilesError
from rcl_flow.files import (
    append_lines,
    make_folder,
    read_lines,
    remove_file,
    remove_tree,
    write_bytes,
    write_text,
)


def names_in(folder: Path) -> list[str]:
    """Return the names of everything in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    """The folder is there and is returned, the second time too."""
    folder = tmp_path / "a" / "b"
    assert make_folder(folder) == make_folder(folder) == folder
    assert folder.is_dir()


def test_folder_that_cannot_be_made_is_a_local_error(tmp_path: Path) -> None:
    """A file in the way is named, with exit code 12."""
    (tmp_path / "a").write_text("")
    with pytest.raises(LocalFilesError, match=str(tmp_path / "a" / "b")) as caught:
        make_folder(tmp_path / "a" / "b")
    assert caught.value.exit_code == 12


def test_written_file_holds_the_content(tmp_path: Path) -> None:
    """Bytes are written as they are, text in UTF-8, in folders that are made."""
    write_bytes(tmp_path / "x" / "a", b"\r\n\xff")
    write_text(tmp_path / "x" / "b", "ä\n")
    assert (tmp_path / "x" / "a").read_bytes() == b"\r\n\xff"
    assert (tmp_path / "x" / "b").read_bytes() == b"\xc3\xa4\n"


def test_written_file_replaces_the_old_one(tmp_path: Path) -> None:
    """Nothing of a longer old file is left, and no temporary file either."""
    write_text(tmp_path / "a", "a long old content")
    write_text(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "new"
    assert names_in(tmp_path) == ["a"]


def test_written_file_does_not_touch_the_old_ones_bytes(tmp_path: Path) -> None:
    """Whoever has the old file open reads it to its end: it is replaced and not overwritten."""
    write_text(tmp_path / "a", "old")
    with (tmp_path / "a").open() as reader:
        write_text(tmp_path / "a", "new")
        assert reader.read() == "old"


def test_written_file_is_old_or_new_for_every_reader(tmp_path: Path) -> None:
    """A reader at any moment sees a whole file."""
    path = tmp_path / "a"
    contents = [bytes([n]) * 200_000 for n in b"xy"]
    write_bytes(path, contents[0])
    seen: set[bytes] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(60):
        write_bytes(path, contents[n % 2])
    done.set()
    reader.join()
    assert seen <= set(contents)


def test_written_file_survives_a_failed_write(tmp_path: Path) -> None:
    """When the write fails the old content stays and nothing is left behind."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "inside").write_text("kept")
    with pytest.raises(LocalFilesError, match=r"Cannot use .*/a: "):
        write_text(tmp_path / "a", "new")
    assert names_in(tmp_path) == ["a"]
    assert names_in(tmp_path / "a") == ["inside"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_appended_line_on_a_full_disk_is_a_local_error() -> None:
    """A full disk is told as one, in the system's words."""
    with pytest.raises(LocalFilesError, match="No space left on device"):
        append_lines(Path("/dev/full"), ["x"])


def test_appended_lines_are_read_in_order(tmp_path: Path) -> None:
    """Several batches are one file of lines."""
    path = tmp_path / "x" / "log"
    append_lines(path, ["one", "two"])
    append_lines(path, [])
    append_lines(path, ["", "drei ä"])
    assert list(read_lines(path)) == ["one", "two", "", "drei ä"]
    assert path.read_bytes() == "one\ntwo\n\ndrei ä\n".encode()


def test_appended_line_cuts_a_torn_one_off(tmp_path: Path) -> None:
    """Half a line that a crash left does not spoil the next one."""
    path = tmp_path / "log"
    path.write_bytes(b"whole\ntor")
    append_lines(path, ["next"])
    assert path.read_bytes() == b"whole\nnext\n"


def test_appended_line_cuts_a_long_torn_one_off(tmp_path: Path) -> None:
    """However long the torn line is, all of it goes."""
    path = tmp_path / "log"
    path.write_bytes(b"x" * 100_000)
    append_lines(path, ["next"])
    assert path.read_bytes() == b"next\n"


def test_read_lines_leave_a_torn_one_out(tmp_path: Path) -> None:
    """Reading changes nothing in the file."""
    path = tmp_path / "log"
    path.write_bytes(b"whole\ntor")
    assert list(read_lines(path)) == ["whole"]
    assert path.read_bytes() == b"whole\ntor"


def test_read_lines_keep_what_is_no_newline(tmp_path: Path) -> None:
    """Carriage returns and separators of Unicode are part of a line."""
    append_lines(tmp_path / "log", ["a\rb\u2028c\x85d\x0ce"])
    assert list(read_lines(tmp_path / "log")) == ["a\rb\u2028c\x85d\x0ce"]


def test_read_lines_of_no_file_are_none(tmp_path: Path) -> None:
    """A log that nobody has begun is an empty one."""
    assert list(read_lines(tmp_path / "nowhere")) == []


def test_read_lines_of_a_folder_is_a_local_error(tmp_path: Path) -> None:
    """What cannot be read is named."""
    with pytest.raises(LocalFilesError, match="Is a directory"):
        list(read_lines(tmp_path))


def test_appended_lines_of_several_writers_stay_whole(tmp_path: Path) -> None:
    """Batches of several threads interleave as batches and are not mixed."""
    path = tmp_path / "log"
    append_lines(path, ["begin"])

    def write(name: str) -> None:
        for _ in range(20):
            append_lines(path, [f"{name}{n}" for n in range(3)])

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = list(read_lines(path))[1:]
    batches = ["".join(lines[n : n + 3]) for n in range(0, len(lines), 3)]
    assert sorted(set(batches)) == ["a0a1a2", "b0b1b2", "c0c1c2"]
    assert len(batches) == 60


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_written_file_in_a_read_only_folder_is_a_local_error(tmp_path: Path) -> None:
    """Missing permission is told in the system's words."""
    tmp_path.chmod(0o500)
    with pytest.raises(LocalFilesError, match="Permission denied"):
        write_text(tmp_path / "a", "x")


def test_remove_tree_removes_a_folder_with_its_content(tmp_path: Path) -> None:
    """It is gone with all that was in it, and the second time there is nothing to do."""
    write_text(tmp_path / "a" / "b" / "c.txt", "x")
    remove_tree(tmp_path / "a")
    remove_tree(tmp_path / "a")
    assert names_in(tmp_path) == []


def test_remove_file_removes_one_file(tmp_path: Path) -> None:
    """It is gone, and the second time there is nothing to do."""
    write_text(tmp_path / "a", "x")
    write_text(tmp_path / "b", "x")
    remove_file(tmp_path / "a")
    remove_file(tmp_path / "a")
    assert names_in(tmp_path) == ["b"]
