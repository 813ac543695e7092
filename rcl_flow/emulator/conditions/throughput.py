"""How many requests a second are answered: per account and operation, and per inference unit.

Everything is measured on the emulator's clock, by buckets that hold one second's worth of requests.

Source: AWS General Reference, Rekognition Custom Labels quotas; and, for the requests that one
unit answers, which AWS does not publish, the former guide's "up to 5" and a pricing example's 2.8.
"""

import threading
from dataclasses import dataclass, field

from rcl_flow.emulator.conditions.meter import Interval

DETECT = "DetectCustomLabels"
TAGGING = frozenset({"TagResource", "UntagResource", "ListTagsForResource"})
TOO_FAST = "ThrottlingException"
TOO_MUCH = "ProvisionedThroughputExceededException"


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests per second, and how fast a model's units follow the demand."""

    detections: float = 50.0
    tagging: float = 10.0
    others: float = 5.0
    classifications_per_unit: float = 5.0
    detections_per_unit: float = 3.0
    """Of a model that finds objects, which takes longer."""
    scale_up_seconds: float = 60.0
    scale_down_seconds: float = 300.0


@dataclass(slots=True)
class Bucket:
    """What is left of a rate; it starts full."""

    left: float = float("inf")
    at: float = 0.0

    def take(self, now: float, rate: float) -> bool:
        """Say whether one more request is within `rate` a second, and count it if it is."""
        refilled = self.left + max(0.0, now - self.at) * rate
        self.left, self.at = min(max(1.0, rate), refilled), now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


class Throughput:
    """The limits of all accounts and regions on each operation."""

    def __init__(self, rates: Rates = Rates()) -> None:
        """Start with nothing asked."""
        self.rates = rates
        self._buckets: dict[tuple[str, str, str], Bucket] = {}
        self._lock = threading.Lock()

    def excess(self, account: str, region: str, operation: str, *, now: float) -> str | None:
        """Count a request, and return the code of the error that refuses it, if one does."""
        with self._lock:
            bucket = self._buckets.setdefault((account, region, operation), Bucket())
            if bucket.take(now, self._rate(operation)):
                return None
        return TOO_MUCH if operation == DETECT else TOO_FAST

    def clear(self) -> None:
        """Forget what was asked."""
        with self._lock:
            self._buckets.clear()

    def _rate(self, operation: str) -> float:
        if operation == DETECT:
            return self.rates.detections
        return self.rates.tagging if operation in TAGGING else self.rates.others


@dataclass(slots=True)
class Capacity:
    """What one running model answers, with as many units as serve at a time.

    A request that is one too many asks for a unit more, up to the maximum and one at a time. It
    serves after `scale_up_seconds`; all such units leave after `scale_down_seconds` without
    a request too many.
    """

    minimum: int
    maximum: int
    per_unit: float
    rates: Rates
    _bucket: Bucket = field(default_factory=Bucket)
    _extra: list[Interval] = field(default_factory=list)

    def units(self, now: float) -> int:
        """Return how many units serve."""
        return self.minimum + sum(each.covers(now) for each in self._extra)

    def take(self, now: float) -> bool:
        """Say whether one more request can be answered, and count it if it can."""
        return self._bucket.take(now, self.units(now) * self.per_unit)

    def ask_for_more(self, now: float) -> Interval | None:
        """Note a request too many, and return the time of a unit that comes, if one does."""
        self._extra = [each for each in self._extra if each.covers(now) or each.started_at > now]
        for each in self._extra:
            each.ended_at = max(now, each.started_at) + self.rates.scale_down_seconds
        awaited = any(each.started_at > now for each in self._extra)
        if awaited or self.minimum + len(self._extra) >= self.maximum:
            return None
        starts_at = now + self.rates.scale_up_seconds
        coming = Interval(1, starts_at, starts_at + self.rates.scale_down_seconds)
        self._extra.append(coming)
        return coming
