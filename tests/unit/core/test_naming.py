"""Tests of the names that are derived from content."""

import hashlib
import re
from datetime import UTC, datetime

import pytest

from rcl_flow.core import naming

DIGEST = "0123456789abcdef" * 4


def test_digest_is_that_of_the_canonical_json() -> None:
    """Any program can compute it: SHA-256 of JSON without spaces and with sorted keys."""
    expected = hashlib.sha256(b'{"a":[1,"x"],"b":null}').hexdigest()
    assert naming.digest_of({"b": None, "a": [1, "x"]}) == expected


@pytest.mark.parametrize("prefix", ["team/a", "/team/a", "team/a/", "/team/a/"])
def test_image_key_stands_below_the_prefix(prefix: str) -> None:
    """Slashes around the prefix make no difference and no empty folder."""
    assert naming.image_key(prefix, DIGEST, "PNG") == f"team/a/images/01/{DIGEST}.png"


@pytest.mark.parametrize("prefix", ["", "/"])
def test_keys_start_at_the_root_when_there_is_no_prefix(prefix: str) -> None:
    """An empty prefix makes no leading slash."""
    assert naming.image_key(prefix, DIGEST, "JPEG") == f"images/01/{DIGEST}.jpg"
    assert naming.output_prefix(prefix, "p") == "output/p"


def test_image_key_stands_below_the_images_prefix() -> None:
    """Listing the images' prefix finds every image."""
    assert naming.image_key("x", DIGEST, "PNG").startswith(naming.images_prefix("x"))


def test_manifest_key_has_an_extension() -> None:
    """The service refuses a manifest whose key has none."""
    key = naming.manifest_key("x", "digits", "train", DIGEST)
    assert key == "x/manifests/digits/train-0123456789abcdef.manifest"


def test_holdout_key_lies_outside_of_images_and_output() -> None:
    """Holdout images are never where training data are."""
    assert naming.holdout_key("x", DIGEST, "JPEG") == f"x/holdout/{DIGEST}.jpg"


def test_version_name_counts_attempts_from_the_second_on() -> None:
    """The first training has the plain name; a repeat on purpose has a number."""
    assert naming.version_name(DIGEST) == "rf-0123456789abcdef"
    assert naming.version_name(DIGEST, attempt=3) == "rf-0123456789abcdef-3"


def test_version_name_is_one_that_the_service_takes() -> None:
    """The name has only the characters of the service's pattern."""
    assert re.fullmatch(r"[a-zA-Z0-9_.\-]{1,255}", naming.version_name(DIGEST, attempt=12))


def test_run_id_sorts_by_start() -> None:
    """A run's id begins with its start in UTC and ends with its inputs."""
    first = naming.run_id(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), DIGEST)
    second = naming.run_id(datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC), "f" * 64)
    assert first == "20260102T030405Z-01234567"
    assert first < second
