"""The doctor's look at S3: the config's bucket, a probe object in it, and data that lies in S3."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from rcl_flow.aws.probing import Probes, probe_location
from rcl_flow.aws.s3 import S3, S3Location, parse_s3_uri
from rcl_flow.config import FlowConfig, ImageSource
from rcl_flow.core.doctor.diagnosis import (
    BucketFacts,
    Check,
    bucket_check,
    ok,
    owner_check,
    privacy_checks,
    problem,
    skipped,
)
from rcl_flow.core.doctor.permissions import (
    S3_BUCKET_ACTIONS,
    S3_OBJECT_ACTIONS,
    Caller,
    permission_check,
    statement,
)
from rcl_flow.errors import AwsRefusedError

_CONTENT: Final = b"written and deleted by rcl-flow doctor\n"
_LINE_BYTES: Final = 100_000
"""The longest line of a manifest. Source: developer guide, manifest errors (read 2026-11-23)."""
_WILDCARD: Final = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Storage:
    """The bucket of a config and the gateways to look at it."""

    config: FlowConfig
    bucket: str
    probes: Probes
    s3: S3
    caller: Caller

    def arn(self, path: str) -> str:
        """Return the ARN of a bucket or of objects in it."""
        return f"arn:{self.caller.partition}:s3:::{path}"


def bucket_checks(storage: Storage) -> Iterator[Check]:
    """Yield what is found of the config's bucket; a missing one ends it."""
    config = storage.config
    facts = storage.probes.bucket(storage.bucket)
    will_be_made = config.storage.makes_bucket(config.backend == "emulator")
    found = bucket_check(facts, region=storage.caller.region, will_be_made=will_be_made)
    yield found
    if facts.is_missing and will_be_made and config.backend == "aws":
        yield from _untold_checks(storage)
    if facts.is_missing or found.status == "problem":
        return
    data = tuple(storage.probes.bucket(name) for name in _data_buckets(config, storage))
    yield owner_check(facts, data)
    yield from privacy_checks(facts)
    for action in S3_BUCKET_ACTIONS:
        reply = storage.probes.bucket_action(
            action, storage.bucket, config.storage.prefix.strip("/")
        )
        yield permission_check(action, reply, storage.arn(storage.bucket), storage.caller)
    shared = config.state.store == "s3"
    yield from _object_checks(storage, config.storage.prefix, deletes=shared)
    if shared:
        yield from _object_checks(storage, config.state.prefix, deletes=True)
    yield from _region_checks(data, storage.caller.region)


def _untold_checks(storage: Storage) -> Iterator[Check]:
    """Name what cannot be asked while there is no bucket."""
    yield skipped(
        "s3:CreateBucket",
        "It cannot be told without making a bucket.",
        f"If it is missing: {statement('s3:CreateBucket', storage.arn(storage.bucket))}",
    )
    for action in (*S3_BUCKET_ACTIONS, *S3_OBJECT_ACTIONS):
        yield skipped(action, "It cannot be asked for before there is a bucket.")


def _object_checks(storage: Storage, prefix: str, *, deletes: bool) -> Iterator[Check]:
    """Write, read and delete one object; a part that is refused is told of the others apart.

    Args:
        storage: the bucket.
        prefix: the folder in it.
        deletes: whether a run deletes objects, or only `rcl-flow gc` would.
    """
    location, probes = probe_location(storage.bucket, prefix), storage.probes
    kms_key_id = storage.config.storage.kms_key_id
    replies = (
        probes.put_object(location, _CONTENT, kms_key_id),
        probes.get_object(location),
        probes.delete_object(location),
    )
    path = "/".join(filter(None, (storage.bucket, prefix.strip("/"), "*")))
    for action, reply in zip(S3_OBJECT_ACTIONS, replies, strict=True):
        check = permission_check(action, reply, storage.arn(path), storage.caller)
        unneeded = action == "s3:DeleteObject" and not deletes and check.status == "problem"
        yield _unneeded(check, location) if unneeded else check


def _unneeded(check: Check, location: S3Location) -> Check:
    what = f"{check.what} A run does without; `rcl-flow gc` needs it, and {location.uri} stays."
    return ok(check.name, what, check.cure)


def _region_checks(data: Sequence[BucketFacts], region: str) -> Iterator[Check]:
    for facts in data:
        if facts.region not in {None, region}:
            yield problem(
                "data bucket",
                f"The bucket {facts.name} of the data is in {facts.region}, and the config's "
                f"region is {region}; Custom Labels reads only in its own region.",
                f"Set `aws.region: {facts.region}`, or copy the images to a bucket in {region}.",
            )


def data_checks(storage: Storage) -> Iterator[Check]:
    """Yield for each set of the data that lies in S3 whether its first object can be read."""
    for split, source in _sources(storage.config):
        location = parse_s3_uri(source.uri)
        if location is not None:
            yield _read_check(f"data.{split}", location, storage)
        image = _first_image(source, storage.s3)
        if image is not None:
            yield _image_check(f"data.{split} image", image, storage)


def _read_check(name: str, location: S3Location, storage: Storage) -> Check:
    prefix = _WILDCARD.split(location.key)[0]
    reply, key = storage.probes.first_key(location.bucket, prefix)
    uri = f"s3://{location.bucket}/{prefix}"
    if reply.kind == "denied":
        arn = storage.arn(location.bucket)
        return _named(name, permission_check("s3:ListBucket", reply, arn, storage.caller))
    if reply.kind == "silent":
        return skipped(name, f"{uri}: {reply.code} came back, which tells nothing.")
    if key is None:
        return problem(name, f"There is nothing at {uri}.", f"Correct `{name}`.")
    return _image_check(name, S3Location(location.bucket, key), storage)


def _image_check(name: str, location: S3Location, storage: Storage) -> Check:
    reply = storage.probes.get_object(location)
    if reply.kind == "not_found":
        return problem(name, f"There is no object {location.uri}.", "Correct the manifest.")
    if reply.kind != "denied":
        return ok(name, f"{location.uri} can be read.")
    arn = storage.arn(f"{location.bucket}/*")
    return _named(name, permission_check("s3:GetObject", reply, arn, storage.caller))


def _named(name: str, check: Check) -> Check:
    return check.model_copy(update={"name": f"{check.name} ({name})"})


def _sources(config: FlowConfig) -> Iterator[tuple[str, ImageSource]]:
    for split in ("train", "test", "holdout"):
        source = getattr(config.data, split)
        if source is not None:
            yield split, source


def _data_buckets(config: FlowConfig, storage: Storage) -> list[str]:
    """Return the buckets of the data other than the config's own."""
    found: dict[str, None] = {}
    for _, source in _sources(config):
        for location in (parse_s3_uri(source.uri), _first_image(source, storage.s3)):
            if location is not None and location.bucket != storage.bucket:
                found[location.bucket] = None
    return list(found)


def _first_image(source: ImageSource, s3: S3) -> S3Location | None:
    """Return the image that a manifest's first line names, when it lies in S3."""
    if source.kind != "manifest":
        return None
    try:
        entry = orjson.loads(_first_line(source.uri, s3))
    except (orjson.JSONDecodeError, AwsRefusedError, OSError):
        return None  # the audit tells what is wrong with it
    named = entry.get("source-ref") if isinstance(entry, dict) else None
    return parse_s3_uri(named) if isinstance(named, str) else None


def _first_line(uri: str, s3: S3) -> bytes:
    location = parse_s3_uri(uri)
    if location is not None:
        return s3.get(location, first_bytes=_LINE_BYTES).split(b"\n")[0]
    with Path(uri).open("rb") as file:
        return file.readline(_LINE_BYTES)
