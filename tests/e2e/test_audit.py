"""`rcl-flow audit` as a user types it: what it prints, leaves and refuses."""

import json
from pathlib import Path
from typing import Any

from tests.e2e.bench import Bench

SPLITS = ("train", "test", "holdout")
WAIVER = "The same scan is in both on purpose."


def leak(bench: Bench, source: str = "train", target: str = "holdout") -> Path:
    """Put a training image into another set under another name, and return it."""
    path = next((bench.folder / "data" / source / "one").iterdir())
    bench.put_image(target, "one", "leaked.png", path.read_bytes())
    return path


def audit_section(**changes: object) -> dict[str, Any]:
    """Return a config's section for small scans that collide at the usual radius."""
    return {"audit": {"duplicates": {"near_duplicate_bits": 1}, **changes}}


def test_audit_of_clean_data_opens_the_gate(bench: Bench) -> None:
    """Nothing is created, no emulator is started, and the files are there."""
    ended = bench.run("audit", "config.yaml", "--json")
    assert (ended.code, ended.document["status"]) == (0, "passed")
    assert ended.document["certificate"]["overlaps"] == dict.fromkeys(
        ("split-overlap", "near-overlap", "turned-overlap", "augmented-image"), 0
    )
    for path in ended.document["artifacts"].values():
        assert (bench.folder / path).is_file()
    assert not (bench.workspace / "emulator").exists()
    assert not (bench.workspace / "runs").exists()


def test_second_audit_decodes_nothing_again(bench: Bench) -> None:
    """What was measured is kept by content: no line is added, and nothing is lost."""
    first = bench.run("audit", "config.yaml", "--json").document
    (cache,) = (bench.workspace / "measures").iterdir()
    measured = cache.read_bytes()
    second = bench.run_anew("audit", "config.yaml", "--json").document
    assert cache.read_bytes() == measured
    assert second["findings"] == first["findings"]


def test_leak_closes_the_gate_and_is_shown(bench: Bench) -> None:
    """Exit 3; terminal, page and SARIF name the same pair of images."""
    path = leak(bench)
    ended = bench.run("audit", "config.yaml", "--out", "found")
    assert ended.code == 3
    assert "split-overlap" in ended.stdout
    assert path.name in ended.stdout
    assert "Gate closed: 1 error." in ended.stdout
    page = (bench.folder / "found" / "audit.html").read_text()
    assert path.name in page
    assert "leaked.png" in page
    sarif = json.loads((bench.folder / "found" / "audit.sarif").read_text())
    assert "split-overlap" in {result["ruleId"] for result in sarif["runs"][0]["results"]}


def test_run_refuses_what_the_audit_refuses(bench: Bench) -> None:
    """Before anything is created, with the page that shows the images."""
    leak(bench)
    ended = bench.run("run", "config.yaml", "--json")
    assert (ended.code, ended.document["error"]["slug"]) == (3, "dataset-gate")
    assert "audit.html" in ended.document["error"]["hint"]
    assert (bench.workspace / "audit" / "audit.html").is_file()


def test_waived_leak_is_printed_with_its_reason(bench: Bench) -> None:
    """The gate opens, the certificate does not call the sets disjoint."""
    bench.write_config(audit_section(waivers=[{"rule": "split-overlap", "reason": WAIVER}]))
    leak(bench)
    ended = bench.run("audit", "config.yaml")
    assert ended.code == 0
    assert WAIVER in " ".join(ended.stdout.split())
    assert "shares images with other splits (split-overlap: 1)" in ended.stdout


def test_unknown_rule_is_an_error(bench: Bench) -> None:
    """A misspelt rule would silently change nothing."""
    bench.write_config(audit_section(severities={"split-overlaps": "off"}))
    ended = bench.run("audit", "config.yaml", "--json")
    assert (ended.code, ended.document["error"]["slug"]) == (2, "config-invalid")
    assert "did you mean split-overlap" in ended.stderr


def test_run_trains_on_annotations_of_another_format(bench: Bench) -> None:
    """A CSV file beside the images is a source like a folder; certificate and audit are left."""
    data = {}
    for split in SPLITS:
        folder = bench.folder / "data" / split
        rows = [f"{p.relative_to(folder)},{p.parent.name}" for p in sorted(folder.rglob("*.png"))]
        (folder / "images.csv").write_text("\n".join(["image,label", *rows]) + "\n")
        data[split] = {"csv": f"data/{split}/images.csv"}
    bench.write_config({"data": data})
    ended = bench.run("run", "config.yaml", "--json")
    assert ended.code == 0, ended.stderr
    artifacts = ended.document["artifacts"]
    for name in ("audit", "audit_html", "audit_sarif", "certificate"):
        assert (bench.folder / artifacts[name]).is_file()
    certificate = json.loads((bench.folder / artifacts["certificate"]).read_text())
    assert certificate["splits"]["holdout"]["images"] == ended.document["holdout"]["images"]


def test_annotations_that_cannot_be_read_are_named(bench: Bench) -> None:
    """One clear error with file and format, and no traceback."""
    (bench.folder / "broken.json").write_text('{"images": [')
    data = {split: {"folder": f"data/{split}"} for split in SPLITS} | {
        "train": {"coco": "broken.json"}
    }
    bench.write_config({"data": data})
    ended = bench.run("audit", "config.yaml", "--json")
    assert (ended.code, ended.document["error"]["slug"]) == (2, "annotations-unreadable")
    assert "broken.json" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_run_leaves_unlabelled_images_to_the_service(bench: Bench) -> None:
    """An image without a label is a warning of the audit; the run goes on without it."""
    folder = bench.folder / "data" / "train"
    rows = [f"{p.relative_to(folder)},{p.parent.name}" for p in sorted(folder.rglob("*.png"))]
    rows[0] = rows[0].partition(",")[0] + ","
    (folder / "images.csv").write_text("\n".join(["image,label", *rows]) + "\n")
    data = {split: {"folder": f"data/{split}"} for split in SPLITS}
    bench.write_config(
        {"data": {**data, "train": {"csv": "data/train/images.csv"}}, **audit_section()}
    )
    ended = bench.run("run", "config.yaml", "--json")
    assert ended.code == 0, ended.stderr
    assert "The audit warns of unlabelled-image (1)" in ended.stderr
