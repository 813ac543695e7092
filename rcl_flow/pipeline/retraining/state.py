"""What the store keeps of a project's last retraining."""

from dataclasses import dataclass
from datetime import datetime

from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.retraining.outcome import RetrainOutcome
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.records import read_record, write_record


class LastRetraining(Frozen):
    """The retraining of a project that ended last."""

    ended_at: datetime
    input_digest: str
    """Of its data, and of all else that decided what came of it."""
    outcome: RetrainOutcome
    drift_tried: tuple[str, ...] = ()
    """The factors whose drift is no reason any more."""


class FailedRetraining(Frozen):
    """The retraining of a project that failed last, though a training was asked for."""

    at: datetime
    input_digest: str
    """As a retraining's that has ended."""
    slug: str
    """Of the error."""
    drift_tried: tuple[str, ...] = ()
    """The factors whose drift is no reason any more."""


@dataclass(frozen=True, slots=True)
class LastSlot:
    """Where the last retraining is kept, as it was when it was looked at."""

    key: str
    services: Services
    version: str | None

    def keep(self, last: LastRetraining) -> bool:
        """Keep how a retraining has ended; False, keeping nothing, when another one was since."""
        store, document = self.services.store, last.model_dump_json().encode()
        if self.version is None:
            return store.put_if_absent(self.key, document) is not None
        return store.put_if_match(self.key, document, self.version) is not None


def read_last(project: str, services: Services) -> LastRetraining | None:
    """Return the retraining that ended last, or None.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    return read_record(services.store, _last_key(project, services), LastRetraining)


def see_last(project: str, services: Services) -> LastSlot:
    """Look at where the last retraining is kept, to replace it where nobody else has."""
    key = _last_key(project, services)
    stored = services.store.get(key)
    return LastSlot(key, services, stored.version if stored else None)


def read_failed(project: str, services: Services) -> FailedRetraining | None:
    """Return the retraining that failed last, or None.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    return read_record(services.store, _failed_key(project, services), FailedRetraining)


def keep_failed(project: str, failed: FailedRetraining, services: Services) -> None:
    """Keep that a retraining has failed."""
    write_record(services.store, _failed_key(project, services), failed)


def is_news(project: str, skipped_digest: str, services: Services) -> bool:
    """Note why a retraining was skipped, and say whether the last one was for other reasons."""
    key = f"retrain-skips/{services.backend.identity}/{project}"
    before = services.store.get(key)
    if before is not None and before.document.decode() == skipped_digest:
        return False
    services.store.put(key, skipped_digest.encode())
    return True


def _failed_key(project: str, services: Services) -> str:
    return f"retrain-failures/{services.backend.identity}/{project}"


def _last_key(project: str, services: Services) -> str:
    return f"retrained/{services.backend.identity}/{project}"
