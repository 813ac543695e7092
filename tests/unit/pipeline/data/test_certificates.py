"""A run's certificate is kept once, and held against the data before scores are compared."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rcl_flow.core.audit.certificate import HoldoutCertificate, certify
from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.errors import DatasetGateError, StoreError
from rcl_flow.pipeline.data.certificates import (
    check_certificate,
    keep_certificate,
    read_certificate,
)
from tests.builders import labelled

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def datasets(**images: int) -> Datasets:
    """Return two splits; `images` says how many holdout images a label has."""
    return Datasets(train=labelled("train", {"a": 3, "b": 3}), holdout=labelled("holdout", images))


def issued(**images: int) -> HoldoutCertificate:
    """Return the certificate of the two splits, which are clean."""
    report = AuditReport(findings=())
    return certify(datasets(**images), report, {}, AuditRules(), issued_at=NOW, uses=0)


def test_certificate_of_a_run_is_checked_before_scores_are_compared(tmp_path: Path) -> None:
    """What the run began with is what is judged, or nothing is."""
    keep_certificate(issued(a=2, b=2), tmp_path)
    check_certificate(datasets(a=2, b=2), tmp_path)
    with pytest.raises(DatasetGateError, match="holdout changed since the certificate"):
        check_certificate(datasets(a=3, b=2), tmp_path)


def test_certificate_of_a_run_is_not_replaced(tmp_path: Path) -> None:
    """A later tick finds what the run began with."""
    keep_certificate(issued(a=2, b=2), tmp_path)
    keep_certificate(issued(a=3, b=2), tmp_path)
    kept = read_certificate(tmp_path / "certificate.json")
    assert kept.holdout_digest == issued(a=2, b=2).holdout_digest


@pytest.mark.parametrize("content", [b"", b"{}", b"[1"])
def test_certificate_that_is_torn_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    """Empty or of another form: a finished run is certified anew when run.json goes, too."""
    path = tmp_path / "certificate.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"certificate\.json cannot be read: it is torn") as caught:
        read_certificate(path)
    assert caught.value.hint.startswith("Remove it, and run.json if that is beside it, and run")


def test_certificate_that_is_gone_need_not_be_removed(tmp_path: Path) -> None:
    """The hint names only what is there to be removed."""
    with pytest.raises(StoreError, match="cannot be read: it is not there") as caught:
        read_certificate(tmp_path / "certificate.json")
    assert caught.value.hint.startswith("Remove run.json from the run's folder and run its config")


def test_certificate_that_is_refused_by_the_disk_says_why(tmp_path: Path) -> None:
    """Nothing is to be removed for it."""
    (tmp_path / "certificate.json").mkdir()
    with pytest.raises(StoreError, match="cannot be read: Is a directory") as caught:
        read_certificate(tmp_path / "certificate.json")
    assert "run.json" not in caught.value.hint
