"""Tests of the cache of measures: each content is decoded once, whatever happens to the file."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rcl_flow.core.measures import ImageMeasures
from rcl_flow.errors import (
    AwsRefusedError,
    AwsUnreachableError,
    CredentialsError,
    DataNotFoundError,
)
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from rcl_flow.pipeline.images.measuring import MeasureCache, MeasuredContent, measure_all
from tests.builders import picture

GOOD = {name: picture(64 + 8 * n, 80) for n, name in enumerate("abcdef")}
BROKEN = b"<html>"


def read(name: str) -> bytes:
    """Return the bytes of that name.

    Raises:
        DataNotFoundError: there are none.
    """
    if name == "missing":
        raise DataNotFoundError("Cannot read missing.", hint="Correct the path.")
    return GOOD.get(name, BROKEN)


def passed(cache: MeasureCache, *names: str) -> dict[str, MeasuredContent]:
    """Measure these."""
    return dict(measure_all(names, read, cache))


def lines(folder: Path) -> list[str]:
    """Return the cache's lines."""
    return [line for path in folder.iterdir() for line in path.read_text().splitlines()]


def changed(folder: Path, old: str, new: str) -> None:
    """Replace a text in the cache's file."""
    for path in folder.iterdir():
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


def test_every_item_comes_back_with_its_content(tmp_path: Path) -> None:
    """Digest, size and measures are those of the item's bytes."""
    found = passed(MeasureCache(tmp_path), "a", "b")
    assert set(found) == {"a", "b"}
    for name, measured in found.items():
        assert measured.sha256 == hashlib.sha256(GOOD[name]).hexdigest()
        assert measured.size_bytes == len(GOOD[name])
        assert measured.found == measure_image(GOOD[name])


def test_what_cannot_be_read_or_used_is_told_with_its_reason(tmp_path: Path) -> None:
    """One bad file is one finding, and the others are measured."""
    cache = MeasureCache(tmp_path)
    found = passed(cache, "missing", "broken", "a")
    assert found["missing"] == MeasuredContent("", 0, UnusableContent("Cannot read missing."))
    assert found["broken"].found == UnusableContent("it is neither PNG nor JPEG")
    assert list(cache.known) == [found["a"].sha256]


@pytest.mark.parametrize("error", [CredentialsError, AwsUnreachableError])
def test_what_is_no_images_fault_ends_the_reading(
    tmp_path: Path, error: type[CredentialsError | AwsUnreachableError]
) -> None:
    """Without an answer of AWS no image is unusable; half of the data would go unnoticed."""

    def ask(name: str) -> bytes:
        if name == "b":
            raise error("no answer", hint="log in", operation="GetObject", code="")
        return GOOD[name]

    cache = MeasureCache(tmp_path)
    with pytest.raises(error):
        dict(measure_all("ab", ask, cache))
    assert hashlib.sha256(GOOD["b"]).hexdigest() not in cache.known


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "RequestTimeout"])
def test_a_service_that_is_too_busy_makes_no_image_unusable(tmp_path: Path, code: str) -> None:
    """After minutes of tries the data is not known; what is denied, or gone, is one image's."""

    def ask(name: str) -> bytes:
        raise AwsRefusedError(name, hint="", operation="GetObject", code=code)

    with pytest.raises(AwsRefusedError):
        dict(measure_all("ab", ask, MeasureCache(tmp_path)))
    code = "AccessDenied"
    found = dict(measure_all("ab", ask, MeasureCache(tmp_path)))
    assert found["a"] == MeasuredContent("", 0, UnusableContent("a"))


def test_a_second_pass_decodes_nothing(tmp_path: Path) -> None:
    """What the file says of a content is taken, and no line is added."""
    passed(MeasureCache(tmp_path), *GOOD, "broken")
    changed(tmp_path, '"width_pixels":64', '"width_pixels":65')
    changed(tmp_path, "it is neither", "it is surely neither")
    before, cache = lines(tmp_path), MeasureCache(tmp_path)
    found = passed(cache, *GOOD, "broken")
    assert isinstance(found["a"].found, ImageMeasures)
    assert found["a"].found.width_pixels == 65
    assert found["broken"].found == UnusableContent("it is surely neither PNG nor JPEG")
    assert set(cache.known) == {found[name].sha256 for name in GOOD}
    assert lines(tmp_path) == before


def test_measures_are_the_same_after_a_round_through_the_file(tmp_path: Path) -> None:
    """Every field, and hashes of 64 bits, come back as they were."""
    first = passed(MeasureCache(tmp_path), *GOOD, "broken")
    assert passed(MeasureCache(tmp_path), *GOOD, "broken") == first


def test_equal_contents_are_measured_and_stored_once(tmp_path: Path) -> None:
    """Copies of a file are one content."""
    cache = MeasureCache(tmp_path)
    passed(cache, "a")
    assert len(list(measure_all(["a"] * 20, read, cache))) == 20
    assert len(lines(tmp_path)) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"version":', '"version":7'),
        ('"width_pixels":64', '"width_pixels":"wide"'),
        ('"measures":{', '"measures":{"x":{}},"y":{'),
        ('"hashes":[', '"hashes":[null,'),
        ("}\n", "\n"),
        ('{"sha256":', "[] "),
    ],
)
def test_foreign_lines_are_ignored(tmp_path: Path, old: str, new: str) -> None:
    """A line of another version, of another shape or no JSON counts as absent."""
    passed(MeasureCache(tmp_path), "a")
    changed(tmp_path, old, new)
    assert passed(MeasureCache(tmp_path), "a")["a"].found == measure_image(GOOD["a"])
    assert len(lines(tmp_path)) == 2


def test_a_torn_line_is_ignored_and_replaced(tmp_path: Path) -> None:
    """A crash while writing costs one image."""
    passed(MeasureCache(tmp_path), "a", "b")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-40])
    passed(MeasureCache(tmp_path), "a", "b")
    assert len(lines(tmp_path)) == 2
    assert set(passed(MeasureCache(tmp_path), "a", "b")) == {"a", "b"}


def test_what_was_measured_is_kept_when_the_consumer_stops(tmp_path: Path) -> None:
    """An interrupted audit goes on where it was."""
    for _ in measure_all(GOOD, read, MeasureCache(tmp_path)):
        break
    assert lines(tmp_path)


class Content(bytes):
    """Bytes that know how many of their kind are in memory."""

    lock = threading.RLock()
    alive = most = 0

    def __init__(self, _: bytes) -> None:
        """Count it."""
        with self.lock:
            Content.alive += 1
            Content.most = max(Content.most, Content.alive)

    def __del__(self) -> None:
        """Count it no longer."""
        with self.lock:
            Content.alive -= 1


def test_contents_are_read_as_they_are_needed(tmp_path: Path) -> None:
    """Few names are taken ahead, and each thread has the bytes of one image in memory."""
    begun = []

    def names() -> Iterator[str]:
        for number in range(1000):
            begun.append(number)
            yield "abcdef"[number % 6]

    def read_counted(name: str) -> bytes:
        return Content(picture(64 + 8 * "abcdef".index(name), 80 + len(begun) % 50))

    found = measure_all(names(), read_counted, MeasureCache(tmp_path), concurrency=4)
    for done, _ in enumerate(found):
        assert len(begun) - done <= 4 * 2 * 8 + 8
    assert len(begun) == 1000
    assert 0 < Content.most <= 4


def test_images_are_measured_in_groups_that_grow(tmp_path: Path) -> None:
    """The first ones go to a thread each; every one comes back once, with its own measures."""
    names = [f"{name}{number}" for number in range(60) for name in "abcdef"]
    found = list(measure_all(names, lambda name: read(name[0]), MeasureCache(tmp_path)))
    assert sorted(name for name, _ in found) == sorted(names)
    assert all(of.sha256 == hashlib.sha256(GOOD[name[0]]).hexdigest() for name, of in found)
    assert len(lines(tmp_path)) == len(GOOD)


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    """A cache in memory serves one pass."""
    cache = MeasureCache()
    assert isinstance(passed(cache, "a")["a"].found, ImageMeasures)
    assert len(cache.known) == 1
    assert list(tmp_path.iterdir()) == []
