"""`rcl-flow convert` as a user types it, and a training on what it wrote."""

import json
from pathlib import Path

import yaml

from tests.e2e.bench import Bench
from tests.e2e.test_bad_input import assert_refused


def test_convert_tells_what_it_did_and_what_was_lost(bench: Bench) -> None:
    """A person reads it, and a machine."""
    (bench.folder / "a.json").write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "a.jpg", "width": 640, "height": 480}],
                "annotations": [
                    {
                        "image_id": 1,
                        "category_id": 1,
                        "bbox": [1, 2, 30, 40],
                        "segmentation": [[1, 2, 31, 2, 31, 42]],
                        "iscrowd": 1,
                    }
                ],
                "categories": [{"id": 1, "name": "bolt"}],
            }
        )
    )
    arguments = ("--to", "manifest", "--images-prefix", "s3://my-bucket/img")
    ended = bench.run("convert", "a.json", "a.manifest", *arguments)
    assert ended.code == 0, ended.stderr
    assert "1 image, 1 box, 1 label: coco -> manifest, 1 file in" in ended.stdout
    assert "a.jpg is written as s3://my-bucket/img/a.jpg" in ended.stdout
    assert "lost  polygons (1): outlines became the upright boxes around them" in ended.stdout
    ended = bench.run_anew("convert", "a.json", "b.manifest", *arguments, "--json")
    assert ended.document["status"] == "converted"
    assert (ended.document["from"], ended.document["to"]) == ("coco", "manifest")
    assert [loss["kind"] for loss in ended.document["losses"]] == ["polygons", "crowds"]
    written = (bench.folder / "a.manifest").read_bytes()
    assert written == (bench.folder / "b.manifest").read_bytes()


def test_convert_refuses_with_one_clear_error(bench: Bench) -> None:
    """Each mistake has its message and its hint, and no traceback."""
    (bench.folder / "broken.json").write_text('{"images": [')
    (bench.folder / "x.csv").write_text("a,b\n")
    for arguments, slug, says in [
        (("none", "out", "--to", "csv"), "data-not-found", "There is nothing at none"),
        (
            ("broken.json", "out", "--to", "csv"),
            "annotations-unreadable",
            "broken.json: it is not JSON",
        ),
        (("data/train", "data", "--to", "csv"), "config-invalid", "exists and is not empty"),
        (("data/train", "out", "--to", "manifest"), "config-invalid", "is a local file"),
        (
            ("x.csv", "out", "--to", "cvat", "--mapping", "img=a"),
            "config-invalid",
            "unknown key 'img'",
        ),
    ]:
        ended = bench.run("convert", *arguments, "--json")
        assert_refused(ended, slug=slug, code=2, says=says)
        assert not (bench.folder / "out").exists()


def test_convert_makes_a_folder_that_a_run_trains_on(bench: Bench) -> None:
    """Labels go through a CSV file and Label Studio, and the model is as good as before."""
    for split in ("train", "test", "holdout"):
        for source, target, kind in [
            (f"data/{split}", f"{split}.csv", "csv"),
            (f"{split}.csv", f"{split}.json", "label-studio"),
            (f"{split}.json", f"converted/{split}", "folder"),
        ]:
            ended = bench.run("convert", source, target, "--to", kind)
            assert ended.code == 0, ended.stderr
            assert "Nothing was lost." in ended.stdout
        assert digests(bench.folder / "data" / split) == digests(bench.folder / "converted" / split)
    config = yaml.safe_load(bench.config_path.read_text())
    data = {split: {"folder": f"converted/{split}"} for split in config["data"]}
    bench.write_config({"data": data})
    ended = bench.run("run", "config.yaml", "--json")
    assert ended.code == 0, ended.stderr
    assert ended.document["status"] == "completed"


def digests(folder: Path) -> set[tuple[str, bytes]]:
    """Return the label and the content of every image."""
    return {
        (path.relative_to(folder).parts[0], path.read_bytes()) for path in folder.rglob("*.png")
    }
