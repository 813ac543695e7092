"""The members of a fault: which calls it strikes, and what happens to them."""

from dataclasses import dataclass
from typing import Final

ANY_OPERATION: Final = "*"
REKOGNITION: Final = "rekognition"
STATUSES = {
    "InternalServerError": 500,
    "InternalError": 500,
    "SlowDown": 503,
    "ServiceUnavailable": 503,
    "NoSuchKey": 404,
    "NoSuchBucket": 404,
    "AccessDenied": 403,
}

MESSAGES = {
    "ThrottlingException": "Slow down; sudden increase in rate of requests.",
    "ProvisionedThroughputExceededException": "Provisioned Rate exceeded.",
    "InternalServerError": "Internal server error",
    "AccessDeniedException": "User is not authorized to perform this operation.",
    "LimitExceededException": "The limit of the account was exceeded.",
    "SlowDown": "Please reduce your request rate.",
    "InternalError": "We encountered an internal error. Please try again.",
}


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One rule; the first in force that fits a call strikes it.

    Which calls: those of `operation` (`*` for each) of `service` (`rekognition`, `s3` or another of
    moto's), but not the `after` first of them, and then `times` (None: for ever), each with
    `probability`, drawn from `seed`.

    What happens: the answer comes `latency_seconds` late. With a `code` the call is refused with
    that error, its `message` and HTTP `status`; with `reset` the connection breaks. Either way the
    request is not carried out, unless it is `executed` and only its answer gets lost. `then` says
    what somebody else does to the call's version behind the client's back: `delete-version` or
    `stop-version`.

    A call that begins something can succeed and yet go wrong: what it began lasts
    `lasts_seconds` of the emulator's clock instead of its delay, or with `fails_later` ends badly,
    in TRAINING_FAILED, FAILED, CREATE_FAILED, UPDATE_FAILED or COPYING_FAILED; of a training,
    `reason` is the code of the catalogue, or the text, that it fails with.
    """

    operation: str
    times: int | None = 1
    code: str | None = None
    message: str | None = None
    status: int | None = None
    latency_seconds: float = 0.0
    executed: bool = False
    probability: float = 1.0
    seed: int = 0
    fails_later: bool = False
    service: str = REKOGNITION
    after: int = 0
    reset: bool = False
    lasts_seconds: float | None = None
    reason: str | None = None
    then: str | None = None

    @property
    def begins(self) -> bool:
        """Whether it concerns what a call begins, not the call itself."""
        return self.fails_later or self.lasts_seconds is not None

    @property
    def strikes_call(self) -> bool:
        """Whether it concerns the call itself: its answer, or what happens meanwhile."""
        return self.loses_answer or self.latency_seconds > 0 or self.then is not None

    @property
    def loses_answer(self) -> bool:
        """Whether the client does not get the answer of the service."""
        return self.reset or self.code is not None

    @property
    def http_status(self) -> int:
        """The HTTP status to answer with; by default the one that the service gives the code."""
        return self.status or STATUSES.get(self.code or "", 400)

    @property
    def text(self) -> str:
        """The message to answer with."""
        return self.message or MESSAGES.get(self.code or "", "A scripted fault.")
