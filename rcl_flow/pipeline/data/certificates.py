"""Keep the holdout's certificate in a run's folder, and hold the data against it."""

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from rcl_flow.core.audit.certificate import HoldoutCertificate, changed_splits
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.errors import DatasetGateError, StoreError
from rcl_flow.files import write_bytes

CERTIFICATE_NAME: Final = "certificate.json"
_THEN_AGAIN: Final = (
    "and run its config again with the same data: it is audited and certified anew, and what was "
    "trained and predicted is used."
)


def keep_certificate(certificate: HoldoutCertificate, folder: Path) -> None:
    """Keep in a run's folder what the datasets were when the run began."""
    path = folder / CERTIFICATE_NAME
    if not path.is_file():
        write_bytes(path, certificate.model_dump_json(indent=1).encode())


def check_certificate(datasets: Datasets, folder: Path) -> None:
    """Refuse to compare scores when a set is not what the run's certificate was issued for.

    Raises:
        DatasetGateError: a set has changed.
        StoreError: the certificate is gone, or not in the form of this version.
    """
    path = folder / CERTIFICATE_NAME
    changed = changed_splits(read_certificate(path), datasets)
    if changed:
        raise DatasetGateError(
            f"{' and '.join(changed)} changed since the certificate {path} was issued.",
            hint="Run the config again: changed data is a new run, with a certificate of its own.",
        )


def read_certificate(path: Path) -> HoldoutCertificate:
    """Return a certificate that was stored.

    Raises:
        StoreError: it is gone, or not in the form of this version.
    """
    try:
        return HoldoutCertificate.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise _unreadable(
            path, "it is not there", f"Remove run.json from the run's folder {_THEN_AGAIN}"
        ) from error
    except OSError as error:
        raise _unreadable(
            path, error.strerror or "the disk refused", "Let this user read the file."
        ) from error
    except ValidationError as error:
        raise _unreadable(
            path,
            "it is torn, or not in the form of this version",
            f"Remove it, and run.json if that is beside it, {_THEN_AGAIN}",
        ) from error


def _unreadable(path: Path, why: str, hint: str) -> StoreError:
    return StoreError(f"The certificate {path} cannot be read: {why}.", hint=hint)
