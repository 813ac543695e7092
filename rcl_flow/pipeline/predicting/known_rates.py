"""How many calls a second each model has answered, remembered for its next start."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic import AwareDatetime, Field

from rcl_flow.core.costs.estimate import EMULATED_IMAGES_PER_SECOND
from rcl_flow.core.naming import digest_of
from rcl_flow.core.values import Frozen
from rcl_flow.errors import LocalFilesError, StoreError
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.records import read_below, write_record

_SECONDS_BETWEEN_WRITES: Final = 60
_DIGITS: Final = 16


class KnownRate(Frozen):
    """The limit of one project version with one number of inference units."""

    project_version_arn: str
    inference_units: int = Field(ge=1)
    calls_per_second: float = Field(gt=0, allow_inf_nan=False)
    at: AwareDatetime
    """When it was measured."""


@dataclass(frozen=True, slots=True)
class KnownRates:
    """What is remembered of one project version."""

    rates: tuple[KnownRate, ...]
    usual: float | None = None
    """What to begin at when nothing is remembered; None to find it from below."""

    def limit_per_second(self, units: int | None) -> float | None:
        """Return the limit to begin at with so many units, or None while nothing is known.

        What was measured with other units is scaled in proportion, the newest first: the service
        says that n units give n times the throughput. It is a first guess only, since the limit of
        the account may have been what was measured.

        Source: developer guide, "Running a trained model", inference units (read 2026-11-23).

        Args:
            units: inference units of the model; None where nobody knows them.
        """
        if units is None:
            return self.usual
        same = [rate for rate in self.rates if rate.inference_units == units]
        for rate in sorted(same or self.rates, key=lambda rate: rate.at, reverse=True):
            return rate.calls_per_second * units / rate.inference_units
        return self.usual

    @property
    def per_unit(self) -> float | None:
        """Calls a second of one unit, as measured last; None while nothing is remembered."""
        newest = max(self.rates, key=lambda rate: rate.at, default=None)
        return newest.calls_per_second / newest.inference_units if newest else None


NOTHING_KNOWN: Final = KnownRates(())


def read_rates(version_arn: str, services: Services) -> KnownRates:
    """Return what is remembered of a project version; what cannot be read is left out."""
    prefix = rates_prefix(version_arn, services.backend.identity)
    found, _ = read_below(services.store, prefix, KnownRate)
    emulated = services.backend.kind == "emulator"
    return KnownRates(
        tuple(rate for rate in found if rate.project_version_arn == version_arn),
        EMULATED_IMAGES_PER_SECOND.high if emulated else None,
    )


@dataclass(slots=True)
class RateMemory:
    """Keeps the limit of a model while it runs: once a minute, and when its inference has ended."""

    version_arn: str
    services: Services
    units: int | None = None
    """Of the model, once it runs for this process alone; without them nothing is kept."""
    _calls_per_second: float | None = None
    _kept_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Begin the first minute."""
        self._kept_at = self.services.clock.now()

    def note(self, calls_per_second: float | None) -> None:
        """Note the limit as it is known now, None while it is not."""
        self._calls_per_second = calls_per_second
        waited = (self.services.clock.now() - self._kept_at).total_seconds()
        if waited >= _SECONDS_BETWEEN_WRITES:
            self.keep()

    def keep(self) -> None:
        """Keep the limit that was noted last; of several processes the last one counts.

        A store that does not take it costs no more than finding it again.
        """
        self._kept_at = self.services.clock.now()
        if self.units is None or self._calls_per_second is None:
            return
        rate = KnownRate(
            project_version_arn=self.version_arn,
            inference_units=self.units,
            calls_per_second=self._calls_per_second,
            at=self._kept_at,
        )
        key = f"{rates_prefix(self.version_arn, self.services.backend.identity)}{self.units}"
        with suppress(StoreError, LocalFilesError):
            write_record(self.services.store, key, rate)


@contextmanager
def rate_memory(version_arn: str, services: Services) -> Iterator[RateMemory]:
    """Have what is found of a version's limit in this block kept when it ends, however it ends.

    A block around the one in which the model runs, so that the model is stopped first.
    """
    memory = RateMemory(version_arn, services)
    try:
        yield memory
    finally:
        memory.keep()


def rates_prefix(version_arn: str, identity: str) -> str:
    """Return what the keys of a version's limits begin with, on the backend of that identity."""
    return f"rates/{identity}/{digest_of([version_arn])[:_DIGITS]}/"
