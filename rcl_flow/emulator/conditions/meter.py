"""The bill: what trainings and running models have cost so far, at configurable prices."""

from dataclasses import dataclass, field

from rcl_flow.emulator.shapes import JsonObject

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per hour.

    Source: custom-labels-service notes, section 9; AWS's own page decides.
    """

    training_usd_per_hour: float = 1.0
    unit_usd_per_hour: float = 4.0


@dataclass(slots=True)
class Interval:
    """One stretch of time in which units served; `ended_at` is None while its end is unknown."""

    units: int
    started_at: float
    ended_at: float | None = None

    def seconds(self, now: float) -> float:
        """Return its length so far."""
        ended_at = now if self.ended_at is None else min(now, self.ended_at)
        return max(0.0, ended_at - self.started_at)

    def covers(self, now: float) -> bool:
        """Say whether `now` is in it."""
        return self.started_at <= now and (self.ended_at is None or now < self.ended_at)


@dataclass(slots=True)
class VersionBill:
    """What one project version was billed for."""

    training_seconds: int = 0
    intervals: list[Interval] = field(default_factory=list)

    def unit_seconds(self, now: float) -> float:
        """Return inference units times the seconds that they ran."""
        return sum(interval.seconds(now) * interval.units for interval in self.intervals)


class Meter:
    """Adds up the bill of every project version, also after its deletion."""

    def __init__(self, prices: Prices = Prices()) -> None:
        """Start at nothing, at `prices`."""
        self._prices = prices
        self._bills: dict[str, VersionBill] = {}

    def record_training(self, arn: str, seconds: int) -> None:
        """Bill a successful training."""
        self._bill(arn).training_seconds += seconds

    def start(self, arn: str, units: int, at: float) -> None:
        """Begin to bill a running model."""
        self.add(arn, Interval(units, at))

    def add(self, arn: str, interval: Interval) -> None:
        """Bill units that serve a running model for a time."""
        self._bill(arn).intervals.append(interval)

    def stop(self, arn: str, at: float) -> None:
        """End the billing of a running model."""
        for interval in self._bill(arn).intervals:
            if interval.ended_at is None or interval.ended_at > at:
                interval.ended_at = at

    def clear(self) -> None:
        """Forget everything."""
        self._bills.clear()

    def report(self, now: float) -> JsonObject:
        """Return the bill of every version and the total, in seconds and dollars."""
        versions = {arn: self._lines(bill, now) for arn, bill in list(self._bills.items())}
        names = ("billed_training_seconds", "inference_unit_seconds", "usd")
        total = {name: sum(lines[name] for lines in versions.values()) for name in names}
        return {"versions": versions, "total": total}

    def _bill(self, arn: str) -> VersionBill:
        return self._bills.setdefault(arn, VersionBill())

    def _lines(self, bill: VersionBill, now: float) -> JsonObject:
        unit_seconds = bill.unit_seconds(now)
        training_usd = bill.training_seconds * self._prices.training_usd_per_hour
        unit_usd = unit_seconds * self._prices.unit_usd_per_hour
        return {
            "billed_training_seconds": bill.training_seconds,
            "inference_unit_seconds": unit_seconds,
            "usd": (training_usd + unit_usd) / SECONDS_PER_HOUR,
            "intervals": [
                {
                    "inference_units": interval.units,
                    "started_at": interval.started_at,
                    "ended_at": interval.ended_at,
                    "seconds": interval.seconds(now),
                }
                for interval in bill.intervals
            ],
        }
