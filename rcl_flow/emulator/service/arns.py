"""Names of resources: ARNs, their parts, and the 13-digit numbers at their ends."""

import re
from dataclasses import dataclass

from rcl_flow.emulator.conditions.clock import Clock

ARN = re.compile(r"arn:([a-z\d-]+):rekognition:([a-z\d-]+):(\d{12}):.+")


@dataclass(frozen=True, slots=True)
class Place:
    """The account, region and partition that a service instance answers for."""

    account: str
    region: str
    partition: str = "aws"

    def arn(self, path: str) -> str:
        """Return the ARN of the resource at `path`."""
        return f"arn:{self.partition}:rekognition:{self.region}:{self.account}:{path}"


def place_of(arn: str) -> Place | None:
    """Return where the resource of that ARN lives, or None if it is no ARN of Rekognition."""
    match = ARN.fullmatch(arn)
    return Place(account=match[3], region=match[2], partition=match[1]) if match else None


class Numbers:
    """Hands out milliseconds since 1970, each of them once and in ascending order."""

    def __init__(self, clock: Clock) -> None:
        """Take the time from `clock`."""
        self._clock = clock
        self._last = 0

    def take(self) -> int:
        """Return the next number."""
        self._last = max(self._last + 1, int(self._clock.now() * 1000))
        return self._last
