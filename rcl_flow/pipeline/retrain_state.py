"""What the store keeps of a project's last retraining."""

from datetime import datetime

from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.records import read_record, write_record
from rcl_flow.pipeline.retrain_outcome import RetrainOutcome
from rcl_flow.pipeline.services import Services


class LastRetraining(Frozen):
    """The retraining of a project that ended last."""

    ended_at: datetime
    input_digest: str
    """Of its data, and of all else that decided what came of it."""
    outcome: RetrainOutcome


def read_last(project: str, services: Services) -> LastRetraining | None:
    """Return the retraining that ended last, or None.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    return read_record(services.store, _last_key(project, services), LastRetraining)


def keep_last(project: str, last: LastRetraining, services: Services) -> None:
    """Keep how a retraining has ended."""
    write_record(services.store, _last_key(project, services), last)


def is_news(project: str, skipped_digest: str, services: Services) -> bool:
    """Note why a retraining was skipped, and say whether the last one was for other reasons."""
    key = f"retrain-skips/{services.backend.identity}/{project}"
    before = services.store.get(key)
    if before is not None and before.document.decode() == skipped_digest:
        return False
    services.store.put(key, skipped_digest.encode())
    return True


def _last_key(project: str, services: Services) -> str:
    return f"retrained/{services.backend.identity}/{project}"
