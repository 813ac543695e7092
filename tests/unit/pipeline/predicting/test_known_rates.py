"""Tests of remembered limits: of one version and units, kept in time, and never in the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rcl_flow.errors import StoreError
from rcl_flow.pipeline.predicting.known_rates import KnownRate, KnownRates, rate_memory, read_rates
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.backend import Backend
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.failing_store import FailingStore

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/rf-1/1"
OTHER = ARN.replace("rf-1", "rf-2")


def rate(units: int, calls_per_second: float, minutes: float = 0) -> KnownRate:
    """Return what was measured some minutes after the clock's start."""
    return KnownRate(
        project_version_arn=ARN,
        inference_units=units,
        calls_per_second=calls_per_second,
        at=FakeClock().now() + timedelta(minutes=minutes),
    )


def on_aws(bench: Bench) -> Services:
    """Return services of an account, where nothing is usual."""
    backend = Backend(kind="aws", region="us-east-1", account="123456789012")
    return replace(bench.services(), backend=backend)


def keep(services: Services, units: int, calls_per_second: float) -> None:
    """Remember a limit."""
    with rate_memory(ARN, services) as memory:
        memory.units = units
        memory.note(calls_per_second)


def test_limit_is_that_of_the_units_or_else_in_proportion() -> None:
    """The same units count, whatever is newer; other units scale the newest measurement."""
    rates = KnownRates((rate(1, 4.0), rate(4, 20.0, minutes=2), rate(2, 9.0, minutes=1)), 7.0)
    assert rates.limit_per_second(1) == 4.0
    assert rates.limit_per_second(2) == 9.0
    assert rates.limit_per_second(3) == 15.0
    assert rates.limit_per_second(None) == 7.0
    assert rates.per_unit == 5.0
    assert KnownRates(()).limit_per_second(1) is None
    assert KnownRates(()).per_unit is None


def test_a_limit_is_remembered_by_version_and_units(bench: Bench) -> None:
    """The next start begins at it; another version knows nothing of it."""
    services = on_aws(bench)
    assert read_rates(ARN, services) == KnownRates(())
    keep(services, 1, 4.8)
    keep(services, 1, 5.1)
    keep(services, 3, 14.0)
    known = read_rates(ARN, services)
    assert (known.limit_per_second(1), known.limit_per_second(3)) == (5.1, 14.0)
    assert len(known.rates) == 2
    assert read_rates(OTHER, services) == KnownRates(())


def test_an_emulator_is_asked_fast_from_the_start(bench: Bench) -> None:
    """It limits nothing unless it was told to, and then the limit shows itself."""
    assert read_rates(ARN, bench.services()).limit_per_second(1) == 2000.0


def test_a_document_that_cannot_be_read_is_as_good_as_none(bench: Bench) -> None:
    """Another version's form, or a torn write, costs no more than finding the limit again."""
    services = on_aws(bench)
    keep(services, 1, 5.0)
    ((key, _),) = services.store.below("rates/")
    for document in (b"{torn", b'{"calls_per_second": -1}', b"[]"):
        services.store.put(key, document)
        assert read_rates(ARN, services) == KnownRates(())


def test_nothing_is_remembered_of_a_model_that_others_use_too(bench: Bench) -> None:
    """Without units it is not this process' limit; without a limit there is nothing to keep."""
    services = on_aws(bench)
    with rate_memory(ARN, services) as memory:
        memory.note(5.0)
    with rate_memory(ARN, services) as memory:
        memory.units = 1
        memory.note(None)
    assert services.store.below("rates/") == []


def test_a_limit_is_kept_every_minute_and_when_the_block_fails(bench: Bench) -> None:
    """A machine that dies has lost a minute of it at most."""
    services = on_aws(bench)
    with pytest.raises(ZeroDivisionError), rate_memory(ARN, services) as memory:
        memory.units = 1
        for calls_per_second in (3.0, 4.0):
            memory.note(calls_per_second)
            assert read_rates(ARN, services).limit_per_second(1) is None
            bench.clock.pass_by(30)
        memory.note(5.0)
        assert read_rates(ARN, services).limit_per_second(1) == 5.0
        memory.note(6.0)
        raise ZeroDivisionError
    assert read_rates(ARN, services).limit_per_second(1) == 6.0


def test_a_store_that_is_down_ends_no_inference(bench: Bench) -> None:
    """What could not be kept is found again."""
    services = on_aws(bench)

    def down(verb: str, _key: str) -> None:
        if verb == "put":
            raise StoreError("the store is down", hint="wait")

    keep(replace(services, store=FailingStore(services.store, before=down)), 1, 5.0)
    assert services.store.below("rates/") == []
