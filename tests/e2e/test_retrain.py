"""`rcl-flow retrain` as a user types it: a first model, too few new images, then enough."""

from rcl_flow.imaging.digits import DemoImage
from tests.e2e.bench import Bench
from tests.e2e.conftest import IMAGES, LABELS

SECTIONS = {
    "gates": {"min_holdout_images": 40, "min_holdout_f1": 0.0},
    "evaluation": {"resamples": 300},
    "promotion": {"max_loss": 1.0, "allow_regressed_labels": True},
    "retrain": {"min_new_images_per_label": 5},
}


def test_retrain_trains_when_enough_has_arrived(bench: Bench, digits: list[DemoImage]) -> None:
    """What the policy says is what is done, and each step is one command."""
    bench.write_config(SECTIONS)
    dry = bench.run("retrain", "config.yaml", "--dry-run", "--json").document
    assert (dry["status"], dry["verdict"]["reasons"][0]["code"]) == ("would-train", "first")
    first = bench.run("retrain", "config.yaml", "--json").document
    assert (first["status"], first["promotion"]["status"]) == ("completed", "promoted")
    arrive(bench, digits, "zero", 2)
    skipped = bench.run("retrain", "config.yaml", "--images", "new", "--json").document
    assert (skipped["status"], skipped["runs"]) == ("skipped", [])
    assert skipped["verdict"]["changes"]["by_label"] == {"zero": 2}
    assert bench.calls("CreateProjectVersion") == 1
    arrive(bench, digits, "zero", 5)
    trained = bench.run("retrain", "config.yaml", "--images", "new")
    assert trained.code == 0, trained.stderr
    assert "policy    5 images of zero changed since the base was trained; 5 are" in trained.stdout
    assert "arrivals  5 joined train" in trained.stdout
    assert bench.calls("CreateProjectVersion") == 2
    assert bench.running_models() == []


def arrive(bench: Bench, digits: list[DemoImage], label: str, count: int) -> None:
    """Write images of a label that no split has into the folder `new`."""
    assert label in LABELS
    unseen = [one for one in digits if (one.split, one.label) == ("train", label)]
    for image in unseen[IMAGES["train"] :][:count]:
        path = bench.folder / "new" / label / image.file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image.png)
