"""The ledger: every training and every stretch of running that was paid for, counted once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, ValidationError

from rcl_flow.core.naming import digest_of
from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.state.store import StateStore

LedgerKind = Literal["training", "inference"]


class LedgerEntry(Frozen):
    """One thing that was paid for."""

    kind: LedgerKind
    run_id: str
    project: str
    project_version_arn: str
    at: AwareDatetime
    """When the training was asked for, or when the model was armed."""
    seconds: float = Field(ge=0)
    """Billed seconds of a training; seconds on the clock of a running model."""
    inference_units: int = Field(ge=0)
    """0 for a training."""
    usd: float = Field(ge=0)
    images: int = Field(ge=0)
    """Training images, or images that the model answered."""


def record_training(store: StateStore, identity: str, entry: LedgerEntry) -> bool:
    """Enter a training, unless its version is entered already; return whether it was entered.

    Args:
        store: where the ledger is kept.
        identity: of the backend, as `Backend.identity` gives it.
        entry: counted once a version, however many runs adopt that version.
    """
    name = digest_of([entry.project_version_arn])[:16]
    return _enter(store, f"{_prefix(identity, entry.project)}training-{name}", entry)


def record_inference(store: StateStore, identity: str, entry: LedgerEntry) -> bool:
    """Enter a stretch of running, unless it is entered already; return whether it was entered.

    Args:
        store: where the ledger is kept.
        identity: of the backend, as `Backend.identity` gives it.
        entry: counted once for a version and the moment `at` of its arming, however often the
            stop is recorded.
    """
    name = digest_of([entry.project_version_arn])[:16]
    moment = digest_of([entry.at.timestamp()])[:16]
    return _enter(store, f"{_prefix(identity, entry.project)}inference-{name}-{moment}", entry)


def entries_of(
    store: StateStore, identity: str, project: str | None = None
) -> tuple[LedgerEntry, ...]:
    """Return a project's entries, or those of all projects, oldest first.

    An entry that cannot be read is left out.
    """
    prefix = f"ledger/{identity}/" if project is None else _prefix(identity, project)
    parsed = (_parse(document) for _, document in store.below(prefix))
    found = (entry for entry in parsed if entry is not None)
    return tuple(sorted(found, key=_order))


def spent(entries: Iterable[LedgerEntry]) -> float:
    """Return what the entries cost together, in US dollars."""
    return round(sum(entry.usd for entry in entries), 6)


def _prefix(identity: str, project: str) -> str:
    return f"ledger/{identity}/{project}/"


def _enter(store: StateStore, key: str, entry: LedgerEntry) -> bool:
    # a store answers with the version that it wrote, or with nothing where there is one already
    return bool(store.put_if_absent(key, entry.model_dump_json().encode()))


def _parse(document: bytes) -> LedgerEntry | None:
    try:
        return LedgerEntry.model_validate_json(document)
    except ValidationError:
        return None


def _order(entry: LedgerEntry) -> tuple[datetime, str, str]:
    return entry.at, entry.kind, entry.project_version_arn
