"""Split a folder, augment its training set, and run on both, as a user does."""

import json
from pathlib import Path

import pytest

from rcl_flow.imaging.digits import DemoImage
from tests.e2e.bench import Bench, Ended

LABELS = ("zero", "one", "seven")


@pytest.fixture
def pool(bench: Bench, digits: list[DemoImage]) -> list[Path]:
    """A folder `data/pool` of 120 real digits, forty of each label."""
    return [
        bench.put_image("pool", label, image.file_name, image.png)
        for label in LABELS
        for image in [each for each in digits if each.label == label][:40]
    ]


def split(bench: Bench, *options: str) -> Ended:
    """Split the pool into `splits`."""
    return bench.run("split", "data/pool", "--out", "splits", "--json", *options)


def refs(bench: Bench, name: str) -> set[str]:
    """Return the source-refs of a manifest."""
    lines = (bench.folder / "splits" / f"{name}.manifest").read_text().splitlines()
    return {json.loads(line)["source-ref"] for line in lines}


@pytest.mark.usefixtures("pool")
def test_split_divides_every_label_and_a_run_accepts_it(bench: Bench) -> None:
    """What `split` writes is what a config names, and its audit finds no leak."""
    done = split(bench)
    assert done.code == 0, done.stderr
    assert done.document["images"] == {"train": 84, "test": 18, "holdout": 18}
    assert done.document["labels"]["one"] == {"train": 28, "test": 6, "holdout": 6}
    names = ("train", "test", "holdout")
    bench.write_config(
        {
            "data": {name: {"manifest": f"splits/{name}.manifest"} for name in names},
            "gates": {"min_holdout_images": 10, "min_holdout_f1": 0.1},
        }
    )
    ran = bench.run("run", "config.yaml", "--json")
    assert ran.code == 0, ran.stderr
    assert ran.document["holdout"]["images"] == 18


def test_split_stands_when_images_are_added(
    bench: Bench, pool: list[Path], digits: list[DemoImage]
) -> None:
    """A second run draws the new images only."""
    before = split(bench).document
    old = {name: refs(bench, name) for name in ("train", "test", "holdout")}
    for image in [each for each in digits if each.label == "nine"][:20]:
        bench.put_image("pool", "nine", image.file_name, image.png)
    after = bench.run_anew("split", "data/pool", "--out", "splits", "--json").document
    assert (before["drawn"], after["drawn"]) == (120, 20)
    assert all(old[name] < refs(bench, name) for name in old)
    assert after["labels"]["nine"] == {"train": 14, "test": 3, "holdout": 3}
    assert len(pool) == 120


@pytest.mark.usefixtures("pool")
def test_split_refuses_other_rules_until_it_is_told_to_redraw(bench: Bench) -> None:
    """A test set is never silently drawn again."""
    split(bench)
    held = refs(bench, "holdout")
    refused = split(bench, "--holdout-images", "30")
    assert refused.code == 2
    assert "holdout images was None and is now 30" in refused.document["error"]["message"]
    assert refs(bench, "holdout") == held
    redrawn = split(bench, "--holdout-images", "30", "--redraw")
    assert redrawn.code == 0
    assert redrawn.document["images"]["holdout"] == 30
    assert sum(each["images"] for each in redrawn.document["moved"]) > 0


@pytest.mark.usefixtures("pool")
def test_split_refuses_manifests_without_their_plan(bench: Bench) -> None:
    """A lost plan is told before the test set changes."""
    split(bench)
    (bench.folder / "splits" / "split.json").unlink()
    refused = split(bench)
    assert refused.code == 2
    assert "but not its plan split.json" in refused.stderr


@pytest.mark.usefixtures("pool")
def test_split_keeps_groups_of_a_path_together(bench: Bench) -> None:
    """Images whose file names end in the same digit stay together."""
    done = split(bench, "--group-by", r"-\d+(\d)\.png")
    assert done.code == 0, done.stderr
    assert done.document["groups"] == 10
    ends = {name: {ref[-5] for ref in refs(bench, name)} for name in ("train", "test", "holdout")}
    assert sum(map(len, ends.values())) == 10


@pytest.mark.usefixtures("pool")
def test_split_tells_when_what_belongs_together_is_parted(bench: Bench) -> None:
    """Images of two splits that turn out to be of one session stay, are told, and exit 3."""
    options = ("--group-by", "session-[0-9]+")
    split(bench, *options)
    names = ("train", "test")
    chosen = [bench.folder / "splits" / min(refs(bench, name)) for name in names]
    for path in chosen:
        path.rename(path.with_name(f"session-1-{path.name}"))
    done = split(bench, *options)
    assert done.code == 3
    assert done.document["status"] == "conflicts"
    (conflict,) = done.document["conflicts"]
    assert sorted(conflict["splits"].values()) == ["test", "train"]
    told = bench.run("split", "data/pool", "--out", "splits", *options)
    assert told.code == 3
    assert "belong together" in told.stdout


def test_split_prints_a_table_and_what_cannot_be_used(bench: Bench, pool: list[Path]) -> None:
    """A person sees labels by splits, and every file that was left out."""
    (pool[0].parent / "broken.png").write_bytes(b"no image")
    done = bench.run("split", "data/pool", "--out", "splits")
    assert "label (images)  train  test  holdout" in done.stdout
    assert "broken.png" in done.stdout
    assert "split.json (keep it" in done.stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--train", "0.9", "--test", "0.3", "--holdout", "0.3"), "add up to 1.5"),
        (("--group-by", "("), "is not a regular expression"),
        (
            ("--near-duplicates", "99"),
            "--near-duplicates': Input should be less than or equal to 16",
        ),
        (("--holdout-images", "120"), "leaves nothing of 120 images"),
    ],
)
@pytest.mark.usefixtures("pool")
def test_split_tells_what_is_wrong_with_its_options(
    bench: Bench, options: tuple[str, ...], says: str
) -> None:
    """A mistake is one clear message, exit 2, and nothing is written."""
    refused = split(bench, *options)
    assert refused.code == 2
    assert says in refused.document["error"]["message"]
    assert not (bench.folder / "splits").exists()


def test_augmented_training_set_can_be_run_and_its_copies_must_not_judge(bench: Bench) -> None:
    """Copies fill the gap, train a model, and are refused as a holdout."""
    planned = bench.run("augment", "config.yaml", "--out", "augmented", "--dry-run", "--json")
    assert planned.code == 0, planned.stderr
    assert [gap["label"] for gap in planned.document["gaps"] if gap["gap"] == "few-images"] == [
        *sorted(LABELS)
    ]
    assert not (bench.folder / "augmented").exists()
    made = bench.run_anew("augment", "config.yaml", "--out", "augmented", "--json")
    assert made.document["made"] == len(planned.document["images"]) >= 9
    sources = {name: {"folder": f"data/{name}"} for name in ("train", "test", "holdout")}
    grown = {"manifest": "augmented/train.manifest"}
    bench.write_config({"data": {**sources, "train": grown}})
    assert bench.run("run", "config.yaml", "--json").code == 0
    copy = next((bench.folder / "augmented" / "images").rglob("*.png"))
    bench.put_image("holdout", "one", "copy.png", copy.read_bytes())
    bench.write_config({"data": sources})
    refused = bench.run("augment", "config.yaml", "--out", "again", "--json")
    assert refused.code == 3
    assert "copy.png is augmented" in refused.document["error"]["message"]


def test_augment_prints_the_plan_with_its_reasons(bench: Bench) -> None:
    """A person sees what is missing, why, and what is made of it."""
    done = bench.run("augment", "config.yaml", "--out", "augmented")
    assert done.code == 0, done.stderr
    assert "12 images, 15 wanted" in done.stdout
    assert "augmented/train.manifest" in done.stdout
    assert "augmented/lineage.json" in done.stdout


def test_augment_does_not_replace_what_the_images_are_read_from(bench: Bench) -> None:
    """The split's own folder is no place for a grown manifest of the same name."""
    done = bench.run("split", "data/train", "--out", "splits", "--json")
    assert done.code == 0, done.stderr
    before = (bench.folder / "splits" / "train.manifest").read_bytes()
    sources = {name: {"manifest": f"splits/{name}.manifest"} for name in ("train", "test")}
    bench.write_config({"data": {**sources, "holdout": {"folder": "data/holdout"}}})
    ended = bench.run("augment", "config.yaml", "--out", "splits", "--json")
    assert (ended.code, ended.document["error"]["slug"]) == (2, "config-invalid")
    assert (bench.folder / "splits" / "train.manifest").read_bytes() == before


def test_split_of_an_empty_source_is_one_clear_error(bench: Bench) -> None:
    """A file of annotations that names no image."""
    (bench.folder / "empty.csv").write_text("image,label\n")
    ended = bench.run("split", "empty.csv", "--out", "splits", "--json")
    assert (ended.code, ended.document["error"]["slug"]) == (2, "data-not-found")


def test_split_groups_by_the_path_below_the_source(bench: Bench) -> None:
    """How the source is spelled, with ./ or without, changes no group."""
    plain = bench.run("split", "data/train", "--out", "a", "--group-by", "tra.n", "--json")
    dotted = bench.run("split", "./data/train", "--out", "b", "--group-by", "tra.n", "--json")
    assert plain.document["groups"] == dotted.document["groups"] == 36
