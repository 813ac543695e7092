"""What the emulator's tests build: images, manifest lines, and trained projects."""

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from rcl_flow.emulator.conditions.world import World

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client

BUCKET = "acme-images"
ACCOUNT = "123456789012"
OTHER_ACCOUNT = "222222222222"
OTHER_BUCKET = "other-images"
COLOURS = {"red": 0, "green": 1, "blue": 2}
Line = Mapping[str, object]


@cache
def png(colour: str, seed: int = 0, size: tuple[int, int] = (64, 64)) -> bytes:
    """Return a noisy picture in which one colour prevails."""
    pixels = np.random.default_rng(seed).integers(0, 90, (size[1], size[0], 3), dtype=np.uint8)
    pixels[..., COLOURS[colour]] += 120
    return encode(Image.fromarray(pixels))


def encode(image: Image.Image, kind: str = "PNG") -> bytes:
    """Return `image` as a file."""
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def flat(width: int, height: int, kind: str = "PNG") -> bytes:
    """Return a picture of one colour."""
    return encode(Image.new("RGB", (width, height), (10, 20, 30)), kind)


def uri(key: str, bucket: str = BUCKET) -> str:
    """Return the S3 URI of a key."""
    return f"s3://{bucket}/{key}"


def metadata(label: str, **changes: object) -> dict[str, object]:
    """Return the metadata of an image-level label."""
    return {
        "confidence": 1,
        "job-name": f"labeling-job/{label}",
        "class-name": label,
        "human-annotated": "yes",
        "creation-date": "2024-02-03T04:05:06.789",
        "type": "groundtruth/image-classification",
        **changes,
    }


def line(source_ref: str, *labels: str) -> dict[str, object]:
    """Return a manifest line with image-level labels."""
    pairs: dict[str, object] = {"source-ref": source_ref}
    for label in labels:
        pairs |= {label: 1, f"{label}-metadata": metadata(label)}
    return pairs


@dataclass(frozen=True)
class Aws:
    """Clients of an emulator, and what a test does with them over and over."""

    s3: "S3Client"
    rekognition: "RekognitionClient"
    unchecked: Any
    world: World

    def put_images(self, folder: str, count: int, labels: Iterable[str] = COLOURS) -> list[Line]:
        """Upload `count` images per label and return their manifest lines."""
        lines: list[Line] = []
        for label in labels:
            for number in range(count):
                key = f"{folder}/{label}-{number}.png"
                self.s3.put_object(Bucket=BUCKET, Key=key, Body=png(label, number))
                lines.append(line(uri(key), label))
        return lines

    def put_manifest(self, key: str, lines: Sequence[Line | str]) -> dict[str, Any]:
        """Upload a manifest and return the member that names it."""
        texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
        return self.put_object(key, "".join(f"{text}\n" for text in texts).encode())

    def put_object(self, key: str, body: bytes) -> dict[str, Any]:
        """Upload a file and return the member that names it as a manifest."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return {"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": key}}}

    def project(self, name: str = "shades") -> str:
        """Create a project and return its ARN."""
        return self.rekognition.create_project(ProjectName=name)["ProjectArn"]

    def dataset(self, project: str, kind: str, lines: Sequence[Line | str]) -> str:
        """Create a dataset from manifest lines, wait for it, and return its ARN."""
        return self.dataset_from(project, kind, self.put_manifest(f"{kind}.manifest", lines))

    def dataset_from(self, project: str, kind: str, source: dict[str, Any]) -> str:
        """Create a dataset from a source, wait for it, and return its ARN."""
        made: str = self.unchecked.create_dataset(
            ProjectArn=project, DatasetType=kind, DatasetSource=source
        )["DatasetArn"]
        self.describe_dataset(made)
        return made

    def describe_dataset(self, arn: str) -> dict[str, Any]:
        """Return a dataset's description."""
        found: dict[str, Any] = self.unchecked.describe_dataset(DatasetArn=arn)
        described: dict[str, Any] = found["DatasetDescription"]
        return described

    def update(self, arn: str, lines: Sequence[Line | str]) -> dict[str, Any]:
        """Update a dataset, wait for it, and return its description."""
        texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
        self.unchecked.update_dataset_entries(
            DatasetArn=arn, Changes={"GroundTruth": "\n".join(texts).encode()}
        )
        self.describe_dataset(arn)
        return self.describe_dataset(arn)

    def entries(self, arn: str) -> list[dict[str, Any]]:
        """Return a dataset's entries, read as JSON."""
        listed = self.rekognition.list_dataset_entries(DatasetArn=arn)["DatasetEntries"]
        return [json.loads(each) for each in listed]

    def versions(self, project: str, **filters: object) -> list[dict[str, Any]]:
        """Return the descriptions of a project's versions."""
        found = self.unchecked.describe_project_versions(ProjectArn=project, **filters)
        described: list[dict[str, Any]] = found["ProjectVersionDescriptions"]
        return described

    def begin_training(self, project: str, name: str = "v1", **more: object) -> str:
        """Create a version and return its ARN."""
        created = self.unchecked.create_project_version(
            ProjectArn=project,
            VersionName=name,
            OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": "out"},
            **more,
        )
        arn: str = created["ProjectVersionArn"]
        return arn

    def train(self, project: str, name: str = "v1", **more: object) -> dict[str, Any]:
        """Create a version, wait for it and return its description."""
        self.begin_training(project, name, **more)
        self.versions(project)
        return self.versions(project, VersionNames=[name])[0]

    def train_on(
        self, training: Sequence[Line | str], testing: Sequence[Line | str]
    ) -> dict[str, Any]:
        """Train a new project on two external manifests and return the version's description."""
        train, test = self.put_manifest("a.json", training), self.put_manifest("b.json", testing)
        return self.train(
            self.project(), TrainingData={"Assets": [train]}, TestingData={"Assets": [test]}
        )

    def trained(self, name: str = "shades") -> tuple[str, str]:
        """Return the ARNs of a project with datasets and of its trained version."""
        project = self.project(name)
        self.dataset(project, "TRAIN", self.put_images("train", 4))
        self.dataset(project, "TEST", self.put_images("test", 2))
        return project, str(self.train(project)["ProjectVersionArn"])

    def running(self, **units: int) -> tuple[str, str]:
        """Return the ARNs of a project and of its running version."""
        project, version = self.trained()
        self.unchecked.start_project_version(
            ProjectVersionArn=version, **(units or {"MinInferenceUnits": 1})
        )
        self.status_of(project)
        return project, version

    def status_of(self, project: str) -> str:
        """Return the status of a project's newest version, after showing it once."""
        self.versions(project)
        return str(self.versions(project)[0]["Status"])

    def read_json(self, s3_object: Mapping[str, str]) -> dict[str, Any]:
        """Return the JSON document that an `S3Object` member names."""
        found: dict[str, Any] = json.loads(self.read(s3_object))
        return found

    def read_lines(self, result: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the lines of the one manifest that a result names."""
        (asset,) = result["Assets"]
        text = self.read(asset["GroundTruthManifest"]["S3Object"])
        return [json.loads(each) for each in text.splitlines()]

    def read(self, s3_object: Mapping[str, str]) -> str:
        """Return the text that an `S3Object` member names."""
        found = self.s3.get_object(Bucket=s3_object["Bucket"], Key=s3_object["Name"])
        return found["Body"].read().decode()


def refused(call: Callable[..., object], **arguments: object) -> tuple[str, str]:
    """Return the code and the message of the error that a call ends in."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def refusal_code(call: Callable[..., object], **arguments: object) -> str:
    """Return the code of the error that a call ends in."""
    return refused(call, **arguments)[0]
