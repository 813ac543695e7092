"""How EventBridge Scheduler repeats a call that its target refused.

Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html: exponential
backoff until the attempts or the age are used up. The pauses are ours, since AWS names none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MOST_RETRIES = 185
LONGEST_AGE_SECONDS = 86_400
FIRST_PAUSE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 300.0
DOUBLINGS_TO_LONGEST = 5


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and for how long a refused call is repeated."""

    retries: int = MOST_RETRIES
    age_seconds: float = LONGEST_AGE_SECONDS


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a call: `due_at` is when its schedule was due, `try_at` when it is made."""

    due_at: float
    try_at: float
    number: int = 1

    def after_refusal(self, policy: RetryPolicy, now: float) -> "Attempt | None":
        """Return the next try of a call that was refused at `now`, or None if that was the last."""
        try_at = now + pause_seconds(self.number)
        if self.number > policy.retries or try_at - self.due_at > policy.age_seconds:
            return None
        return Attempt(self.due_at, try_at, self.number + 1)


def pause_seconds(tries: int) -> float:
    """Return how long to wait after so many tries: it doubles each time, up to five minutes."""
    doublings = min(tries - 1, DOUBLINGS_TO_LONGEST)
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * (1 << doublings))


def parse_retry_policy(member: Mapping[str, object] | None) -> RetryPolicy:
    """Return the policy that a target's `RetryPolicy` means; what it leaves out is the maximum."""
    given = member or {}
    return RetryPolicy(
        retries=int(str(given.get("MaximumRetryAttempts", MOST_RETRIES))),
        age_seconds=float(str(given.get("MaximumEventAgeInSeconds", LONGEST_AGE_SECONDS))),
    )
