"""The manifests in tests/data/manifests, the images they name, and what a training says of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.emulator.builders import BUCKET, COLOURS, Aws, png

FOLDER = Path(__file__).parents[2] / "data" / "manifests"
LISTS = ("errors", "warnings", "cl-errors")
IMAGES = {
    f"{colour}-{number}.png": png(colour, number, (96, 96))
    for colour in COLOURS
    for number in range(3)
}


@dataclass(frozen=True, order=True)
class Finding:
    """One code, the line it is on, counted from 1, and the keys that lead to its place."""

    line: int
    code: str
    place: tuple[str | int, ...] = ()


def put_images(aws: Aws, bucket: str = BUCKET) -> None:
    """Upload the images that the manifests name."""
    for key, body in IMAGES.items():
        aws.s3.put_object(Bucket=bucket, Key=key, Body=body)


def put(aws: Aws, name: str) -> dict[str, Any]:
    """Upload a manifest of the corpus and return the member that names it."""
    path = FOLDER / f"{name}.manifest"
    return aws.put_object(path.name, path.read_bytes())


def make_bucket(aws: Aws, name: str) -> None:
    """Make a bucket with the manifests' images."""
    aws.s3.create_bucket(Bucket=name)
    put_images(aws, name)


def deny(aws: Aws, bucket: str, action: str, key: str = "*") -> None:
    """Let a bucket's policy deny everybody one action, and nothing else."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/{key}"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resources}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def train_on_files(aws: Aws, training: str, testing: str | None) -> dict[str, Any]:
    """Train a new project on two manifests; without the second, the service splits the first."""
    test: dict[str, Any] = {"AutoCreate": True}
    if testing is not None:
        test = {"Assets": [put(aws, testing)]}
    return aws.train(aws.project(), TrainingData={"Assets": [put(aws, training)]}, TestingData=test)


def findings(lines: Sequence[dict[str, Any]]) -> list[Finding]:
    """Return all codes that are noted in lines, in order."""
    return sorted(
        Finding(number, code, place)
        for number, line in enumerate(lines, start=1)
        for code, place in _noted(line, ())
    )


def findings_of(aws: Aws, version: dict[str, Any]) -> dict[str, list[Finding]]:
    """Return what a training's validation manifests note, for each side that has something."""
    noted = {
        side: findings(aws.read_lines(version[f"{side}DataResult"]["Validation"]))
        for side in ("Training", "Testing")
    }
    return {side: found for side, found in noted.items() if found}


def summary_of(aws: Aws, version: dict[str, Any]) -> dict[str, Any]:
    """Return a training's manifest summary."""
    return aws.read_json(version["ManifestSummary"]["S3Object"])


def terminal_codes(summary: dict[str, Any]) -> dict[str, list[str]]:
    """Return the terminal codes of a manifest summary, for each part that has one."""
    parts = {"both": summary, **summary["statistics"]}
    codes = {part: [error["code"] for error in found["errors"]] for part, found in parts.items()}
    return {part: found for part, found in codes.items() if found}


def _noted(
    value: object, place: tuple[str | int, ...]
) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _noted(item, (*place, number))
    if not isinstance(value, dict):
        return
    for key, member in value.items():
        if key in LISTS:
            yield from ((issue["code"], place) for issue in member)
        else:
            yield from _noted(member, (*place, key))
