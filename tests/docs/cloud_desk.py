"""The config of infra/ and the data that it names, in an account that the emulator plays."""

import json
from pathlib import Path

import yaml

from rcl_flow.emulator.box import CustomLabels
from tests.docs.desks import IMAGES, put_digits, upload
from tests.docs.fences import ROOT

_FROM_1970 = "2026-11-30T00:12:10.000000"


def prepare_cloud(folder: Path, box: CustomLabels) -> None:
    """Put the example's config, its bucket, images, manifests, topic and secret."""
    text = (ROOT / "infra" / "flow.example.yaml").read_text()
    (folder / "flow.yaml").write_text(text)
    config = yaml.safe_load(text)
    bucket = config["storage"]["bucket"]
    for split, images in IMAGES.items():
        put_digits(folder / "set" / split, split=split, images=images)
        _put_manifest(folder / "set" / f"{split}.manifest", bucket, split)
    put_digits(folder / "set" / "arrivals", split="train", images=2, first=IMAGES["train"])
    _put_manifest(folder / "set" / "arrivals" / "2026-11.manifest", bucket, "arrivals")
    region = {"LocationConstraint": config["aws"]["region"]}
    box.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=region)
    upload(folder / "set", box, bucket, "data/")
    upload(folder / "set" / "holdout", box, bucket, "production/")


def _put_manifest(path: Path, bucket: str, split: str) -> None:
    folder = path.parent / split if path.stem == split else path.parent
    lines = []
    for image in sorted(folder.rglob("*.png")):
        key = f"data/{image.relative_to(folder.parent).as_posix()}"
        about = {
            "class-name": image.parent.name,
            "confidence": 1,
            "type": "groundtruth/image-classification",
            "human-annotated": "yes",
            "creation-date": _FROM_1970,
        }
        line = {"source-ref": f"s3://{bucket}/{key}", "part": 0, "part-metadata": about}
        lines.append(json.dumps(line))
    path.write_text("\n".join(lines) + "\n")
