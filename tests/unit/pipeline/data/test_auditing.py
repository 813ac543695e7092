"""Auditing a config's datasets, and the holdout's certificate through a run."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from rcl_flow.config import DataConfig, FlowConfig
from rcl_flow.core.augmenting.lineage import Descent, Lineage
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.errors import BucketNotFoundError, DataNotFoundError, RclFlowError
from rcl_flow.pipeline.data.auditing import (
    AuditedData,
    audit_config,
    write_audit,
)
from rcl_flow.pipeline.data.certificates import read_certificate
from rcl_flow.pipeline.data.holdout_uses import record_use
from rcl_flow.pipeline.runs.steplog import StepLog
from tests.digits import demo_digits
from tests.unit.pipeline.bench import Bench

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> FlowConfig:
    """Return a config of three folders with two digits of each kind."""
    wanted = {(s, label): 2 for s in ("train", "test", "holdout") for label in ("one", "zero")}
    for image in demo_digits():
        if wanted.get((image.split, image.label)):
            wanted[image.split, image.label] -= 1
            path = tmp_path / image.split / image.label / image.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(image.png)
    return FlowConfig.model_validate(
        {
            "project": "digits",
            "workspace": str(tmp_path / "workspace"),
            "data": {s: {"folder": str(tmp_path / s)} for s in ("train", "test", "holdout")},
        }
    )


def audit(config: FlowConfig, bench: Bench) -> AuditedData:
    """Audit a config with a bench's services."""
    services = bench.services()
    log = StepLog(lambda _: None, services.clock)
    return audit_config(config, services.s3, services.store, log)


@pytest.mark.parametrize(
    ("backend", "error"), [("emulator", DataNotFoundError), ("aws", BucketNotFoundError)]
)
def test_data_in_the_s3_of_an_emulator_is_told_as_such(
    config: FlowConfig, bench: Bench, backend: str, error: type[RclFlowError]
) -> None:
    """A config means the emulator where it names no backend: its buckets are none of AWS."""
    places = {split: {"folder": f"s3://nowhere/{split}"} for split in ("train", "test", "holdout")}
    given = config.model_dump() | {"data": places, "backend": backend}
    given["storage"] = {"bucket": "nowhere"}
    with pytest.raises(error, match="nowhere") as caught:
        audit(FlowConfig.model_validate(given), bench)
    assert ("--set backend=aws" in caught.value.hint) == (backend == "emulator")


def test_audit_leaves_page_findings_sarif_and_certificate(
    config: FlowConfig, bench: Bench, tmp_path: Path
) -> None:
    """Each file is whole, and the page shows pictures."""
    found = audit(config, bench)
    files = write_audit(found, tmp_path / "out", config, bench.services().s3)
    assert "data:image/jpeg;base64," in Path(files.html).read_text()
    findings = orjson.loads(Path(files.json_file).read_bytes())["findings"]
    assert {finding["rule"] for finding in findings} >= {"few-images", "holdout-size"}
    sarif = orjson.loads(Path(files.sarif).read_bytes())
    assert {result["ruleId"] for result in sarif["runs"][0]["results"]} >= {"few-images"}
    assert read_certificate(Path(files.certificate)) == found.certificate


def test_audit_knows_how_many_models_the_holdout_has_judged(
    config: FlowConfig, bench: Bench
) -> None:
    """Each project version counts once."""
    holdout = audit(config, bench).datasets.holdout
    for number in range(21):
        record_use(bench.services().store, holdout, f"version-{number}")
    again = audit(config, bench)
    assert again.certificate.uses == 21
    assert "holdout-worn" in {finding.rule for finding in again.report.findings}


def test_audit_reads_the_lineage_of_augmented_images(
    config: FlowConfig, bench: Bench, tmp_path: Path
) -> None:
    """A copy that lost its mark is known by the lineage that the config names."""
    datasets = audit(config, bench).datasets
    assert datasets.train is not None
    descent = Descent(
        child_sha256=datasets.holdout.images[0].sha256,
        parent_sha256=datasets.train.images[0].sha256,
        operation="brightness",
        parameters={},
    )
    path = tmp_path / "lineage.json"
    path.write_text(Lineage(images=(descent,)).model_dump_json())
    data = config.data.model_copy(update={"lineage": str(path)})
    report = audit(config.model_copy(update={"data": data}), bench).report
    assert "augmented-image" in {finding.rule for finding in report.errors}
    path.write_text("[]")
    with pytest.raises(DataNotFoundError, match="Cannot read the lineage"):
        audit(config.model_copy(update={"data": data}), bench)


def test_audit_of_pinned_data_is_what_it_was(config: FlowConfig, bench: Bench) -> None:
    """What arrives, changes or goes meanwhile is not looked at; the certificate is the same."""
    before = audit(config, bench)
    gone = {split: {"folder": "nowhere"} for split in ("train", "test", "holdout")}
    changed = config.model_copy(update={"data": DataConfig.model_validate(gone)})
    services = bench.services()
    log = StepLog(lambda _: None, services.clock)
    pinned = audit_config(changed, services.s3, services.store, log, pin=before.pin)
    assert pinned.datasets == before.datasets
    assert pinned.report == before.report
    assert pinned.certificate == before.certificate
    assert pinned.pin == before.pin


def test_findings_in_manifests_stay_with_the_pin(
    config: FlowConfig, bench: Bench, tmp_path: Path
) -> None:
    """A manifest that was replaced meanwhile is not linted in place of the one that was read."""
    manifest = tmp_path / "train.manifest"
    paths = sorted((tmp_path / "train").rglob("*.png"))
    lines = [
        format_manifest([ManifestLine(str(path), (path.parent.name,))]).decode().strip()
        for path in paths
    ]
    manifest.write_text("\n".join([*lines, "torn"]))
    data = {**config.data.model_dump(), "train": {"manifest": str(manifest)}}
    given = config.model_copy(update={"data": DataConfig.model_validate(data)})
    before = audit(given, bench)
    assert before.manifest_findings
    manifest.unlink()
    services = bench.services()
    log = StepLog(lambda _: None, services.clock)
    pinned = audit_config(given, services.s3, services.store, log, pin=before.pin)
    assert pinned.report.findings == before.report.findings
