"""Names and keys derived from content, so that a rerun finds its own work."""

import hashlib
from datetime import datetime
from typing import Final

import orjson

MANAGED_TAG: Final = "rcl-flow:managed"
CONTENT_TAG: Final = "rcl-flow:content"
RUN_TAG: Final = "rcl-flow:run"
STOP_AFTER_TAG: Final = "rcl-flow:stop-after"

_EXTENSIONS = {"JPEG": "jpg", "PNG": "png"}


def digest_of(value: object) -> str:
    """Return the SHA-256, 64 hexadecimal digits, of a JSON value in canonical form."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def seed_of(digest: str) -> int:
    """Return the seed for what is drawn of some content: the same data, the same intervals."""
    return int(digest[:16], 16)


def images_prefix(prefix: str) -> str:
    """Return the S3 prefix of every image that is uploaded."""
    return _join(prefix, "images/")


def image_key(prefix: str, sha256: str, image_format: str) -> str:
    """Return the S3 key of an image's bytes: the same bytes always get the same key."""
    extension = _EXTENSIONS[image_format]
    return f"{images_prefix(prefix)}{sha256[:2]}/{sha256}.{extension}"


def manifest_key(prefix: str, project: str, split: str, digest: str) -> str:
    """Return the S3 key of a manifest.

    The extension is needed: a key without one is refused as an invalid manifest.
    Source: developer guide, "Terminal manifest file errors" (read 2026-11-23).
    """
    return f"{manifests_prefix(prefix)}{project}/{split}-{digest[:16]}.manifest"


def manifests_prefix(prefix: str) -> str:
    """Return the S3 prefix of the manifests of all projects."""
    return _join(prefix, "manifests/")


def output_prefix(prefix: str, project: str) -> str:
    """Return the S3 prefix that the service writes a project's training results under."""
    return _join(prefix, f"output/{project}")


def holdout_key(prefix: str, sha256: str, image_format: str) -> str:
    """Return the S3 key of a holdout image that is too large to be sent in a request."""
    return f"{holdout_prefix(prefix)}{sha256}.{_EXTENSIONS[image_format]}"


def holdout_prefix(prefix: str) -> str:
    """Return the S3 prefix of the holdout images that are too large to be sent in a request."""
    return _join(prefix, "holdout/")


def version_name(content_digest: str, *, attempt: int = 1) -> str:
    """Return the name of the project version that is trained on that content.

    Args:
        content_digest: of manifests and training settings, 64 hexadecimal digits.
        attempt: 1, or more when a failed training is repeated on purpose.
    """
    name = f"rf-{content_digest[:16]}"
    return name if attempt == 1 else f"{name}-{attempt}"


def stop_schedule_name(version_arn: str) -> str:
    """Return the name of the schedule that stops a version's model: one a version."""
    return f"rcl-stop-{digest_of([version_arn])[:16]}"


def run_id(started_at: datetime, input_digest: str) -> str:
    """Return the id of a run: its start in UTC and 8 digits of its inputs' digest."""
    return f"{started_at:%Y%m%dT%H%M%SZ}-{input_digest[:8]}"


def _join(prefix: str, rest: str) -> str:
    return f"{prefix.strip('/')}/{rest}" if prefix.strip("/") else rest
