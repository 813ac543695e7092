"""The annotations that docs/08-formats.md converts, each as its tool leaves it."""

import json
from pathlib import Path

from rcl_flow.emulator.box import CustomLabels
from tests.docs.desks import put_tasks, upload
from tests.docs.fences import Block
from tests.docs.shell import Shell
from tests.unit.cli.labelled import LABELS, put, put_coco

_IMAGES = 6
_MADE = """\
rcl-flow convert annotations.json exports/a.csv --to csv
rcl-flow convert annotations.json exports/b.csv --to csv --images more
rcl-flow convert annotations.json voc --to voc
rcl-flow convert annotations.json annotations.xml --to cvat
rcl-flow convert annotations.json yolo --to yolo
"""


def prepare_formats(folder: Path, box: CustomLabels) -> None:
    """Put one set of images in each form that the page names, and two of them into a bucket."""
    put_coco(folder, _IMAGES, pictures="")
    put_coco(folder / "set", _IMAGES, pictures="images")
    put_coco(folder, _IMAGES, pictures="train", file="annotations/instances_train.json")
    for seed in range(_IMAGES):
        name = f"{seed:04}.png"
        for place in ("more", "media", "VOC2012/JPEGImages", "dataset/images/val"):
            put(folder / place / name, seed)
        for place in ("data/train", "media/upload"):
            put(folder / place / LABELS[seed % len(LABELS)] / name, seed)
    (folder / "exports").mkdir()
    Shell(folder, box.environment).run(Block("what is prepared", "sh", 1, _MADE))
    _put_voc(folder)
    _put_yolo(folder)
    uploads = sorted((folder / "media" / "upload").rglob("*.png"))
    put_tasks(folder / "tasks.json", uploads, "/data/upload/", folder / "media" / "upload")
    put_tasks(folder / "export.json", uploads, "/data/", folder / "media")
    _put_labels(folder / "labels.csv")
    upload(folder / "dataset", box, "my-bucket", "set/")
    _put_job(folder, box)
    (folder / ".aws").mkdir()
    (folder / ".aws" / "config").write_text("[profile work]\nregion = us-east-1\n")
    keys = box.environment
    (folder / ".aws" / "credentials").write_text(
        f"[work]\naws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n"
    )


def _put_voc(folder: Path) -> None:
    (folder / "voc" / "Annotations").rename(folder / "VOC2012" / "Annotations")
    names = sorted(path.stem for path in (folder / "VOC2012" / "Annotations").glob("*.xml"))
    lists = folder / "VOC2012" / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("\n".join(names[:4]) + "\n")


def _put_yolo(folder: Path) -> None:
    dataset = folder / "dataset"
    labels = dataset / "labels" / "val"
    labels.mkdir(parents=True)
    for path in (folder / "yolo" / "labels").rglob("*.txt"):
        path.rename(labels / path.name)
    names = "".join(f"  {number}: {name}\n" for number, name in enumerate(LABELS))
    (dataset / "data.yaml").write_text(f"val: images/val\nnames:\n{names}")


def _put_labels(path: Path) -> None:
    rows = [f"{seed:04}.png,{LABELS[seed % 3]};{LABELS[(seed + 1) % 3]}" for seed in range(_IMAGES)]
    path.write_text("\n".join(["file,defects", *rows]) + "\n")


def _put_job(folder: Path, box: CustomLabels) -> None:
    """Put the output of a labelling job into the bucket, as Ground Truth writes it."""
    about = {
        "class-name": "blue",
        "confidence": 0.94,
        "type": "groundtruth/image-classification",
        "job-name": "labeling-job/parts",
        "human-annotated": "yes",
        "creation-date": "2026-11-30T00:12:10.000000",
    }
    line = {
        "source-ref": "s3://my-bucket/set/images/val/0000.png",
        "parts": 0,
        "parts-metadata": about,
    }
    box.client("s3").put_object(
        Bucket="my-bucket", Key="job/output.manifest", Body=json.dumps(line) + "\n"
    )
