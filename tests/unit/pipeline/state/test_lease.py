"""The lease of a project: one holder at a time, on either store, and nobody acts without it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3
from rcl_flow.clock import SystemClock
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import LeaseLostError, RunHeldError, StoreError
from rcl_flow.pipeline.state.holding import Holder, this_process
from rcl_flow.pipeline.state.lease import Lease, LeaseRecord, acquire_lease, holder_of, lease_key
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.pipeline.state.store import StateStore
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.bench import BUCKET, REGION

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients

IDENTITY = "aws:123456789012:us-east-1"
TTL_SECONDS = 900.0
NOBODY = 4_000_000
"""No process has that id: it is beyond what the kernel gives out."""


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that moves when it is told to."""
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> SqliteStore:
    """Return an empty store on that clock."""
    return SqliteStore(tmp_path / "state.sqlite", clock)


@pytest.fixture(params=["sqlite", "s3"])
def any_store(
    request: pytest.FixtureRequest, tmp_path: Path, aws_clients: "Clients"
) -> Iterator[StateStore]:
    """Return an empty store of either kind, on the machine's clock."""
    if request.param == "sqlite":
        yield SqliteStore(tmp_path / "state.sqlite", SystemClock())
        return
    with emulated_aws():
        aws_clients[1].create_bucket(Bucket=BUCKET)
        yield S3Store(S3(aws_clients[1], Caller(SystemClock()), region=REGION), BUCKET, "state")


def wanted(run_id: str = "one", host: str = "here", pid: int = NOBODY) -> LeaseRecord:
    """Return who wants the lease."""
    return LeaseRecord(
        project="parts",
        run_id=run_id,
        host=host,
        pid=pid,
        fence=0,
        beat=0,
        ttl_seconds=TTL_SECONDS,
    )


def acquire(store: StateStore, clock: FakeClock, **who: str | int) -> Lease:
    """Take the lease for somebody."""
    return acquire_lease(wanted(**who), IDENTITY, store, clock)  # type: ignore[arg-type]  # a few words


def test_loser_is_told_who_holds_the_lease(store: SqliteStore, clock: FakeClock) -> None:
    """The second learns run, process, machine and how long at most, and changes nothing."""
    acquire(store, clock)
    before = store.below("")
    with pytest.raises(RunHeldError, match=rf"run one \(process {NOBODY} on here\)") as caught:
        acquire(store, clock, run_id="two", host="there")
    assert "at most 900 s" in caught.value.message
    assert caught.value.exit_code == 7
    assert store.below("") == before


def test_lease_is_free_when_it_was_released(store: SqliteStore, clock: FakeClock) -> None:
    """Who has ended leaves the project to the next, whose fence is higher."""
    first = acquire(store, clock)
    first.release()
    assert acquire(store, clock, run_id="two", host="there").record.fence > first.record.fence


def test_lease_ends_without_a_sign_of_life(store: SqliteStore, clock: FakeClock) -> None:
    """After its time anybody may take it, and the old holder learns of it before it acts."""
    asleep = acquire(store, clock)
    clock.sleep(TTL_SECONDS)
    awake = acquire(store, clock, run_id="two", host="there")
    with pytest.raises(LeaseLostError, match="taken over by run two"):
        asleep.beat()
    with pytest.raises(LeaseLostError):
        asleep.confirm()
    assert asleep.is_lost()
    assert not awake.is_lost()


def test_signs_of_life_keep_the_lease(store: SqliteStore, clock: FakeClock) -> None:
    """A holder that beats keeps the project for as long as it likes."""
    lease = acquire(store, clock)
    beats = 0
    for _ in range(40):
        clock.sleep(TTL_SECONDS / 5)
        beats += lease.beat()
        with pytest.raises(RunHeldError):
            acquire(store, clock, run_id="two", host="there")
    assert 10 <= beats <= 20  # no more often than the lease needs


def test_lease_of_a_dead_process_is_free_on_its_own_machine_only(
    store: SqliteStore, clock: FakeClock
) -> None:
    """A crash is seen at once on the same machine; elsewhere the lease has to end."""
    acquire(store, clock, host="here", pid=NOBODY)
    with pytest.raises(RunHeldError):
        acquire(store, clock, run_id="two", host="there", pid=1)
    assert acquire(store, clock, run_id="two", host="here", pid=1).record.run_id == "two"


def test_lease_of_a_living_process_is_held_on_its_own_machine(
    store: SqliteStore, clock: FakeClock
) -> None:
    """A second run in the same process is another run all the same."""
    here = this_process()
    acquire(store, clock, host=here.host, pid=here.pid)
    with pytest.raises(RunHeldError):
        acquire(store, clock, run_id="two", host=here.host, pid=here.pid)


def test_pause_keeps_the_project_for_the_next_tick(store: SqliteStore, clock: FakeClock) -> None:
    """Between two ticks another run is refused, and the same run goes on from any machine."""
    acquire(store, clock).pause(3600)
    clock.sleep(5000)
    with pytest.raises(RunHeldError, match="pauses between two ticks"):
        acquire(store, clock, run_id="two", host="there")
    assert acquire(store, clock, run_id="one", host="there").record.state == "held"


def test_pause_ends_when_no_tick_comes(store: SqliteStore, clock: FakeClock) -> None:
    """A schedule that was switched off does not hold the project for ever."""
    acquire(store, clock).pause(3600)
    clock.sleep(7200)
    assert acquire(store, clock, run_id="two", host="there").record.run_id == "two"


def test_torn_lease_holds_nothing(store: SqliteStore, clock: FakeClock) -> None:
    """A record that cannot be read keeps nobody out."""
    store.put(lease_key(IDENTITY, "parts"), b'{"project": "pa')
    assert holder_of(store, IDENTITY, "parts", Holder("here", 1)) is None
    assert acquire(store, clock).record.fence == 1


def test_holder_of_names_others_only(store: SqliteStore, clock: FakeClock) -> None:
    """A run is not kept out of its own project."""
    acquire(store, clock)
    me = Holder("there", 1)
    held = holder_of(store, IDENTITY, "parts", me)
    assert held is not None
    assert held.record.run_id == "one"
    assert holder_of(store, IDENTITY, "parts", me, run_id="one") is None
    assert holder_of(store, IDENTITY, "screws", me) is None


def test_broken_store_does_not_count_as_a_lost_lease(
    store: SqliteStore, clock: FakeClock, tmp_path: Path
) -> None:
    """A full disk keeps nobody from stopping its own model."""
    lease = acquire(store, clock)
    (tmp_path / "state.sqlite").write_bytes(b"damaged" * 1000)
    with pytest.raises(StoreError):
        lease.confirm()
    assert not lease.is_lost()


def test_one_of_six_hosts_wins_every_race(any_store: StateStore) -> None:
    """Six machines that take a lease at once: one has it, the others are told by whom."""
    for number in range(5):

        def take(host: int, project: str = f"project-{number}") -> str | None:
            record = wanted(f"run-{host}", f"host-{host}").model_copy(update={"project": project})
            try:
                return acquire_lease(record, IDENTITY, any_store, SystemClock()).record.run_id
            except RunHeldError as error:
                assert "is held by" in error.message
                return None

        with ThreadPoolExecutor(6) as pool:
            winners = [winner for winner in pool.map(take, range(6)) if winner]
        assert len(winners) == 1


def test_holder_is_fenced_when_its_clock_jumps_back(store: SqliteStore) -> None:
    """A machine whose clock is set back still gives signs of life."""

    class Jumping(FakeClock):
        def back(self, seconds: float) -> None:
            self._now -= timedelta(seconds=seconds)

    clock = Jumping()
    lease = acquire_lease(wanted(), IDENTITY, store, clock)
    clock.back(TTL_SECONDS)
    assert lease.beat()
