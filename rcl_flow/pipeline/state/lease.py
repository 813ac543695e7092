"""One lease a project: who may act on it now, for how long, and how the loser learns of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError

from rcl_flow.clock import Clock
from rcl_flow.core.values import Frozen
from rcl_flow.errors import LeaseLostError, RclFlowError, RunHeldError
from rcl_flow.pipeline.state.holding import Holder
from rcl_flow.pipeline.state.store import StateStore, Stored

_RENEWALS_PER_LEASE = 3
_WAIT: Final = "Wait for that run to end, then run the same command again."
_GO_ON: Final = "Bring that run to its end by its own command first, or wait for so long."


class LeaseRecord(Frozen):
    """What the store says of who holds a project."""

    project: str
    run_id: str
    host: str
    pid: int
    fence: int
    """Grows with every change of hands, so that no two holders have the same."""
    beat: int
    """Grows with every sign of life."""
    ttl_seconds: float
    state: str = "held"
    """`held`, `paused` between two ticks, or `released`."""


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease that somebody living holds, and how long at most."""

    record: LeaseRecord
    left_seconds: float


@dataclass(slots=True)
class Lease:
    """A lease that this process holds."""

    store: StateStore
    clock: Clock
    record: LeaseRecord
    _version: str
    _key: str
    _renewed_at: datetime

    def beat(self) -> bool:
        """Give a sign of life where one is due, and say whether it was.

        Raises:
            LeaseLostError: another run holds the project now.
        """
        every = timedelta(seconds=self.record.ttl_seconds / _RENEWALS_PER_LEASE)
        if abs(self.clock.now() - self._renewed_at) < every:
            return False
        self.confirm()
        return True

    def confirm(self) -> None:
        """Renew the lease now, before a call that changes something.

        Raises:
            LeaseLostError: another run holds the project now.
        """
        self._write(state="held", ttl_seconds=self.record.ttl_seconds)

    def hold_for(self, run_id: str) -> None:
        """Hold the lease for that run, found only after the lease was taken.

        Raises:
            LeaseLostError: another run holds the project now.
        """
        if run_id != self.record.run_id:
            self.record = self.record.model_copy(update={"run_id": run_id})
            self.confirm()

    def is_lost(self) -> bool:
        """Say whether another run certainly holds the project; a broken store proves nothing."""
        try:
            self.confirm()
        except LeaseLostError:
            return True
        except RclFlowError:
            return False
        return False

    def pause(self, seconds: float) -> None:
        """Keep the project for this run's next tick, which comes in about `seconds`."""
        self._write(state="paused", ttl_seconds=max(self.record.ttl_seconds, 2 * seconds))

    def release(self) -> None:
        """Let others have the project; one that has taken it already keeps it."""
        try:
            self._write(state="released", ttl_seconds=self.record.ttl_seconds)
        except LeaseLostError:
            return

    def _write(self, *, state: str, ttl_seconds: float) -> None:
        record = self.record.model_copy(
            update={"beat": self.record.beat + 1, "state": state, "ttl_seconds": ttl_seconds}
        )
        version = self.store.put_if_match(self._key, _encode(record), self._version)
        if version is None:
            version = self._write_over(record)
        self.record, self._version = record, version
        self._renewed_at = self.clock.now()

    def _write_over(self, record: LeaseRecord) -> str:
        """Write again over an own write whose answer was lost."""
        stored = self.store.get(self._key)
        found = _read(stored)
        if stored is not None and _is_mine(found, self.record):
            version = self.store.put_if_match(self._key, _encode(record), stored.version)
            if version is not None:
                return version
        raise _lost(self.record, found)


def _is_mine(found: LeaseRecord | None, mine: LeaseRecord) -> bool:
    return found is not None and (found.host, found.pid, found.fence) == (
        mine.host,
        mine.pid,
        mine.fence,
    )


def claim(project: str, run_id: str, holder: Holder, ttl_seconds: float) -> LeaseRecord:
    """Return who wants a project's lease, for `acquire_lease`."""
    return LeaseRecord(
        project=project,
        run_id=run_id,
        host=holder.host,
        pid=holder.pid,
        fence=0,
        beat=0,
        ttl_seconds=ttl_seconds,
    )


def acquire_lease(wanted: LeaseRecord, identity: str, store: StateStore, clock: Clock) -> Lease:
    """Take the project's lease.

    Args:
        wanted: the `claim` of who takes it, and for how long.
        identity: of the backend that the project is on.
        store: where leases are kept.
        clock: tells when the next sign of life is due.

    Raises:
        RunHeldError: somebody living holds it; nothing was changed.
    """
    key = lease_key(identity, wanted.project)
    holder = Holder(wanted.host, wanted.pid)
    stored = store.get(key)
    before = _read(stored)
    held = _held(stored, holder)
    if held is not None and not _is_own_pause(held.record, wanted):
        raise _held_by(held, wanted.project)
    record = wanted.model_copy(update={"fence": before.fence + 1 if before else 1, "beat": 0})
    now = clock.now()
    version = (
        store.put_if_match(key, _encode(record), stored.version)
        if stored
        else store.put_if_absent(key, _encode(record))
    )
    if version is None:
        winner = _held(store.get(key), holder)
        raise _held_by(winner, wanted.project)
    return Lease(store, clock, record, version, key, now)


def holder_of(
    store: StateStore, identity: str, project: str, me: Holder, *, run_id: str = ""
) -> HeldLease | None:
    """Return the lease that another run, alive as far as is known, has on a project.

    `run_id` is the asking run's own, which is no other.
    """
    held = _held(store.get(lease_key(identity, project)), me)
    return None if held is None or held.record.run_id == run_id else held


def lease_record(store: StateStore, identity: str, project: str) -> LeaseRecord | None:
    """Return what the store says of who holds a project; it may be over."""
    return _read(store.get(lease_key(identity, project)))


def keep_paused(identity: str, project: str, run_id: str, store: StateStore) -> None:
    """Give a sign of life for a run that pauses while others work for it, where one is due.

    A lease that is not this run's, or not paused, stays as it is; when another worker was faster,
    its sign of life will do.
    """
    key = lease_key(identity, project)
    stored = store.get(key)
    record = _read(stored)
    if stored is None or record is None or (record.run_id, record.state) != (run_id, "paused"):
        return
    if stored.age_seconds >= record.ttl_seconds / _RENEWALS_PER_LEASE:
        alive = record.model_copy(update={"beat": record.beat + 1})
        store.put_if_match(key, _encode(alive), stored.version)


def lease_key(identity: str, project: str) -> str:
    """Return the key of a project's lease."""
    return f"leases/{identity}/{project}"


def _held(stored: Stored | None, me: Holder) -> HeldLease | None:
    record = _read(stored)
    if stored is None or record is None or record.state == "released":
        return None
    left_seconds = record.ttl_seconds - stored.age_seconds
    if left_seconds <= 0:
        return None
    if record.state == "held" and me.knows_dead(record.host, record.pid):
        return None
    return HeldLease(record, left_seconds)


def _is_own_pause(record: LeaseRecord, wanted: LeaseRecord) -> bool:
    return record.state == "paused" and record.run_id == wanted.run_id


def _read(stored: Stored | None) -> LeaseRecord | None:
    """Return the record, or None where there is none or a torn one, which holds nothing."""
    try:
        return LeaseRecord.model_validate_json(stored.document) if stored else None
    except ValidationError:
        return None


def _encode(record: LeaseRecord) -> bytes:
    return record.model_dump_json().encode()


def _who(record: LeaseRecord) -> str:
    if record.state == "paused":
        return f"run {record.run_id}, which pauses between two ticks (last on {record.host})"
    return f"run {record.run_id} (process {record.pid} on {record.host})"


def _held_by(held: HeldLease | None, project: str) -> RunHeldError:
    who = _who(held.record) if held else "another run that has just begun"
    until = f" for at most {held.left_seconds:.0f} s without a sign of life" if held else ""
    return RunHeldError(
        f"The project {project} is held by {who}{until}. Nothing was changed.",
        hint=_GO_ON if held and held.record.state == "paused" else _WAIT,
    )


def _lost(mine: LeaseRecord, other: LeaseRecord | None) -> LeaseLostError:
    who = _who(other) if other else "somebody who removed the lease"
    return LeaseLostError(
        f"The project {mine.project} was taken over by {who}: this run, {mine.run_id}, had given "
        "no sign of life for longer than its lease. It has stopped acting.",
        hint="The other run goes on from the same journal; see `rcl-flow status`.",
    )
