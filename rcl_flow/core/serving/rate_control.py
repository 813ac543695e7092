"""Find how many calls a second a service answers, and stay there; no clock, no threads.

A service that limits calls keeps a bucket: it fills at the limit, holds a burst at most, and each
answered call takes one from it. Neither the limit nor the burst is known. But a call that is turned
away says that the bucket is empty at that instant, whatever it can hold. So what was answered
between two such instants, by the time between them, is the limit, and off by one call at most.

Calls are therefore sent at an even pace. While nothing is known, the pace doubles again and again.
When a call is turned away, it falls to what the refusals tell of the limit; then it rises, slowly
where the limit is and ever faster beyond, since a limit may have been raised.
"""

from collections import deque
from typing import Final, NamedTuple

FIRST_PACE: Final = 5.0
"""Calls a second to begin with when nothing is known: what one inference unit answers at best."""
LEAST_PACE: Final = 0.4
"""Calls a second that are sent even while all are turned away, so as to see when that ends."""
PAUSE_SECONDS: Final = 2.0
"""After a longer pause the bucket may have filled up, and what was before tells nothing."""

DOUBLING_SECONDS: Final = 0.6
"""In a search the pace doubles in that time."""
PROBE_GAIN: Final = 0.1
"""How far beyond the limit the pace has risen one probe time after it was there; 8 times as far
after two."""
PROBE_SECONDS: Final = 4.0
PROBE_CALLS: Final = 120
"""A probe takes as many calls at least, so that refusals are rare at any limit."""
ROUGH_PROBE_SECONDS: Final = 0.5
ROUGH_PROBE_CALLS: Final = 20
"""The same while the limit is not known well."""
TRUST: Final = 2.0
"""A probe takes that many times as long as what the estimate rests on, within these bounds."""
KNOWN_SECONDS: Final = 15.0
"""A limit that was known from the start counts as if it were measured for so long."""

CAUTION: Final = 0.985
"""After a refusal, of the limit: the bucket gets a little reserve."""
CAUTIOUS_SHARE: Final = ((1 - CAUTION) / PROBE_GAIN) ** (1 / 3)
"""The share of a probe time from the cautious pace to the limit."""
SEARCH_DECREASE: Final = 0.7
"""The least that a first refusal leaves of the pace: it went on rising until that was back."""
RISEN_DECREASE: Final = 0.88
"""The least that is left of a pace that had risen since the last refusal. The estimate is over all
of that time, and may be too low: perhaps the limit was raised in it."""
STEADY_DECREASE: Final = 0.5
"""The least that is left of a steady pace."""
STEADY: Final = 1.1
"""A pace is steady up to so many times what it rose from."""

REFUSALS: Final = 16
"""How many refusals are remembered."""
MISCOUNT: Final = 1.5
"""Calls that a window is off by: one that the bucket holds, and some that overtake another."""
MOST_IN_FLIGHT: Final = 4096
"""Calls that are remembered until they are answered; one that fails never is."""


class Refusal(NamedTuple):
    """An instant at which the bucket was empty."""

    at_seconds: float
    granted: int
    """Calls that were sent before it and not turned away."""


class Window(NamedTuple):
    """What the refusals of a stretch of time tell of the limit."""

    seconds: float
    low: float
    high: float

    @property
    def limit(self) -> float:
        """The limit as it most likely is, in calls a second."""
        return (self.low + self.high) / 2


class RateController:
    """Says when the next call may be sent, and learns from each answer.

    All times are seconds of one clock that begins anywhere. When it jumps, what was learned of the
    time before is given up; the pace is kept. A limit that is given is that of one project version
    with one number of inference units, and where to begin: the limit may have changed since.
    """

    def __init__(self, known_limit_per_second: float | None = None) -> None:
        """Begin at a limit that is known, or find it."""
        self._found = known_limit_per_second
        self._searching = known_limit_per_second is None
        self._base = max(known_limit_per_second or FIRST_PACE, LEAST_PACE)
        """The pace at which a search begins, or the limit as far as it is known."""
        self._measured_seconds = KNOWN_SECONDS
        """How long the limit was measured for."""
        self._risen_seconds = 0.0 if self._searching else CAUTIOUS_SHARE * self._probe_seconds
        """For how long calls were sent at the pace since it last fell."""
        self._last_slot: float | None = None
        self._sent = 0
        self._refused = 0
        self._fell_at = 0
        """How many calls were sent when the pace last fell."""
        self._silent = False
        """Whether no call that was sent since then was answered yet."""
        self._in_flight: dict[float, int] = {}
        """How many calls were sent before the one that was sent at that time."""
        self._refusals: deque[Refusal] = deque(maxlen=REFUSALS)

    def seconds_to_slot(self, now_seconds: float) -> float:
        """Return how long the next call has to wait yet; 0 or less: it may be sent now."""
        if self._last_slot is None:
            return 0.0
        interval = 1 / self.pace_per_second
        return min(self._last_slot + interval - now_seconds, interval)

    def sent(self, now_seconds: float) -> None:
        """Note that a call is sent now."""
        self._keep_pace(now_seconds)
        if len(self._in_flight) >= MOST_IN_FLIGHT:
            self._in_flight.clear()
        self._in_flight[now_seconds] = self._sent
        self._sent += 1

    def accepted(self, sent_at_seconds: float, now_seconds: float) -> None:
        """Note that a call that was sent then was answered."""
        if self._in_flight.pop(sent_at_seconds, self._sent) >= self._fell_at:
            self._silent = False

    def throttled(self, sent_at_seconds: float, now_seconds: float) -> None:
        """Note that a call that was sent then was turned away."""
        sent_before = self._in_flight.pop(sent_at_seconds, self._sent)
        refused_before = self._refused  # refusals come back in the order of their calls, nearly
        self._refused += 1
        if sent_before >= self._fell_at:  # else it was sent at the pace that was too high already
            self._slow_down(Refusal(sent_at_seconds, sent_before - refused_before))
            self._fell_at = self._sent

    @property
    def pace_per_second(self) -> float:
        """Calls a second that are sent now, if there are enough to send."""
        if self._searching:
            return float(self._base * 2 ** (self._risen_seconds / DOUBLING_SECONDS))
        probed = self._risen_seconds / self._probe_seconds - CAUTIOUS_SHARE
        return self._base * (1 + PROBE_GAIN * probed**3)

    @property
    def found_limit_per_second(self) -> float | None:
        """The limit as it was found or confirmed, worth remembering; None while it is unknown.

        What was answered since the last refusal is a rate that the service bears, for the bucket
        was empty then.
        """
        if not self._refusals or self._last_slot is None:
            return self._found
        last = self._refusals[-1]
        granted = self._sent - self._refused - len(self._in_flight) - last.granted
        seconds = self._last_slot - last.at_seconds
        if granted < ROUGH_PROBE_CALLS or seconds <= 0:
            return self._found
        return max(self._found or 0.0, (granted - MISCOUNT) / seconds)

    @property
    def _probe_seconds(self) -> float:
        least = max(ROUGH_PROBE_SECONDS, ROUGH_PROBE_CALLS / self._base)
        most = max(PROBE_SECONDS, PROBE_CALLS / self._base)
        return min(max(least, TRUST * self._measured_seconds), most)

    def _keep_pace(self, now_seconds: float) -> None:
        """Take the slot of a call, and let the pace rise as long as the callers keep up with it."""
        if self._last_slot is None:
            self._last_slot = now_seconds
            return
        interval = 1 / self.pace_per_second
        late = now_seconds - self._last_slot - interval
        if not -interval <= late <= PAUSE_SECONDS:
            self._refusals.clear()
        if late > interval:
            self._risen_seconds = max(self._risen_seconds - late, 0.0)
        elif not (self._searching and self._silent):
            self._risen_seconds += min(interval, DOUBLING_SECONDS) if self._searching else interval
        self._last_slot = now_seconds - min(max(late, 0.0), interval)  # at most one is made up for

    def _slow_down(self, refusal: Refusal) -> None:
        pace = self.pace_per_second
        window = self._window(refusal)
        self._refusals.append(refusal)
        if window and window.low <= 0:
            self._base, self._searching = pace * STEADY_DECREASE, True
        else:
            self._fall_to_limit(pace, window)
        self._base = max(self._base, LEAST_PACE)
        self._risen_seconds, self._silent = 0.0, True

    def _fall_to_limit(self, pace: float, window: Window | None) -> None:
        """Fall to the limit that the window tells, or else to the one that was known before."""
        limit = 0.0 if self._searching else self._base
        if window:
            limit = self._found = window.limit
            self._measured_seconds = window.seconds
        least = pace * self._decrease(pace)
        if limit < least:
            self._measured_seconds = 0.0
        self._base = min(max(limit, least), pace)
        self._searching = False

    def _decrease(self, pace: float) -> float:
        if self._searching:
            return SEARCH_DECREASE
        return STEADY_DECREASE if pace <= STEADY * self._base else RISEN_DECREASE

    def _window(self, refusal: Refusal) -> Window | None:
        """Return what the refusals tell of the limit, of which this is the newest.

        Each earlier one opens a window up to now. The short ones are rough and the long ones exact;
        a longer one is believed as far as it agrees with all that are shorter: where it does not,
        the limit has changed in it.
        """
        found = None
        for earlier in reversed(self._refusals):
            seconds = refusal.at_seconds - earlier.at_seconds
            granted = refusal.granted - earlier.granted
            if seconds <= 0:
                break
            low, high = (granted - MISCOUNT) / seconds, (granted + MISCOUNT) / seconds
            if found:
                low, high = max(low, found.low), min(high, found.high)
            if low > high:
                break
            found = Window(seconds, low, high)
        return found
