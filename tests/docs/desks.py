"""The folders that readers of a page are thought to work in, on small sets of real images."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from rcl_flow.emulator.box import CustomLabels
from tests.digits import demo_digits
from tests.docs.fences import ROOT, blocks
from tests.unit.cli.labelled import put, put_folders

LABELS: Final = {"zero": "scratch", "one": "dent", "seven": "fine"}
"""Which digit stands for what the pages call their labels."""
IMAGES: Final = {"train": 12, "test": 6, "holdout": 24}
_QUICK: Final = {
    "audit": {"duplicates": {"near_duplicate_bits": 1}, "waivers": []},
    "emulator": {"training_seconds": 0.0, "starting_seconds": 0.05},
    "evaluation": {"resamples": 300},
    "gates": {"min_holdout_images": 40, "min_holdout_f1": 0.5},
    "training": {"poll_seconds": 0.1},
    "inference": {"poll_seconds": 0.1},
    "retrain": {"min_new_images_per_label": 5},
    "promotion": {"max_loss": 1.0, "allow_regressed_labels": True},
}
"""Small scans collide at the audit's usual radius, and nobody wants to wait."""


def put_digits(folder: Path, *, split: str, images: int, first: int = 0) -> None:
    """Write so many scans of each label into one sub-folder for each."""
    for digit, label in LABELS.items():
        of_label = [one for one in demo_digits() if (one.split, one.label) == (split, digit)]
        (folder / label).mkdir(parents=True, exist_ok=True)
        for image in of_label[first : first + images]:
            (folder / label / image.file_name).write_bytes(image.png)


def put_config(path: Path, config: Mapping[str, Any]) -> None:
    """Write a config that needs no more than its data and is over at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({**config, **_QUICK}))


def prepare_parts(folder: Path, box: CustomLabels) -> None:
    """Prepare the README's config on its images, and what the pages on retraining name."""
    for split, images in IMAGES.items():
        put_digits(folder / "images" / split, split=split, images=images)
        put_digits(folder / "demo-data" / split, split=split, images=images)
    (shown,) = (block for block in blocks("yaml", "README.md") if "project: parts" in block.text)
    parts = yaml.safe_load(shown.text)
    put_config(folder / "flow.yaml", parts)
    put_config(folder / "config.yaml", parts)
    demo = yaml.safe_load((ROOT / "config" / "demo.yaml").read_text())
    put_config(folder / "config" / "demo.yaml", demo)
    region = {"LocationConstraint": "eu-west-1"}
    box.client("s3").create_bucket(Bucket="my-bucket", CreateBucketConfiguration=region)
    put_digits(folder / "new-images", split="train", images=6, first=12)
    reviewed = sorted((folder / "images" / "holdout").rglob("*.png"))[:4]
    put_tasks(folder / "reviewed.json", reviewed, "", folder)
    put_tasks(folder / "label-studio-tasks.json", reviewed, "/srv/", folder)


def put_tasks(path: Path, images: Sequence[Path], start: str, root: Path) -> None:
    """Write Label Studio's export of images with the label of their folder each.

    Args:
        path: of the export.
        images: the images.
        start: what the export's addresses begin with.
        root: the folder that follows it.
    """

    def task(image: Path) -> dict[str, object]:
        told = {"choices": [image.parent.name]}
        choice = {"type": "choices", "from_name": "label", "to_name": "image", "value": told}
        data = {"image": f"{start}{image.relative_to(root).as_posix()}"}
        return {"data": data, "annotations": [{"result": [choice]}]}

    tasks = [task(image) for image in images]
    path.write_text(json.dumps(tasks, separators=(",", ":")))


def prepare_checkout(folder: Path, _: CustomLabels) -> None:
    """Let the checkout's configs be there."""
    (folder / "config").symlink_to(ROOT / "config")


def prepare_split(folder: Path, _: CustomLabels) -> None:
    """Put images of sessions that nobody has divided, and a config whose labels are few."""
    for seed in range(720):
        label = ("blue", "green")[seed % 2]
        put(folder / "images" / label / f"session-{seed // 12}-{seed:04}.png", seed)
    for split, first in (("train", 1000), ("test", 2000), ("holdout", 3000)):
        put_folders(folder / "divided" / split, 18, first=first)
    sets = {split: {"folder": f"divided/{split}"} for split in ("train", "test", "holdout")}
    put_config(folder / "flow.yaml", {"project": "parts", "data": sets})


def upload(folder: Path, box: CustomLabels, bucket: str, prefix: str) -> None:
    """Put every file below a folder into a bucket, which is made where it is not there."""
    client = box.client("s3")
    names = {one["Name"] for one in client.list_buckets()["Buckets"]}
    if bucket not in names:
        client.create_bucket(Bucket=bucket)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            key = f"{prefix}{path.relative_to(folder).as_posix()}"
            client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
