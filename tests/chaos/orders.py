"""What the worker is told to do, and what came of it: plain values that cross a pipe as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["record", "event", "call"]
When = Literal["before", "after"]


@dataclass(frozen=True, slots=True, order=True)
class Kill:
    """A moment at which the run's process is killed with SIGKILL.

    `record`: the n-th write to the state store. `event`: the n-th step that is announced, which is
    where the journal's lines are appended. `call`: the n-th call of `operation`: before it is sent,
    or after it was carried out and before its answer is used.
    """

    kind: Kind
    number: int
    when: When = "before"
    operation: str = ""


@dataclass(frozen=True, slots=True)
class Jump:
    """A clock that is `seconds` off from its n-th reading on, as after a sleep or a correction."""

    after_readings: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Order:
    """One process: `run` a config, ask for its `status`, or `start` its model."""

    config: str
    """The path of the config file."""
    command: Literal["run", "status", "start"] = "run"
    """`start` keeps the newest run's model running for an hour."""
    kill: Kill | None = None
    jumps: tuple[Jump, ...] = ()
    nap: Kill | None = None
    """A moment at which the machine sleeps for an hour, until another process has taken over."""
    takes_over: bool = False
    """Begin when the machine of another order sleeps, and wake it at the end."""
    host: str = ""
    """Another machine's name, in place of this one's."""
    file_limit_bytes: int = 0
    """A disk that is full: no file may grow beyond it. 0: it is not full."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process ended."""

    code: int
    """The exit code, or the negative number of the signal that ended it."""
    document: dict[str, Any] = field(default_factory=dict)
    """What `--json` would print; the error's slug and message when it failed."""
    moments: dict[str, int] = field(default_factory=dict)
    """How many records and events there were, and calls by operation."""

    @property
    def was_killed(self) -> bool:
        """Whether it met its SIGKILL."""
        return self.code == -9


def encode_orders(orders: Sequence[Order]) -> str:
    """Return orders that are carried out at the same time, as one line."""
    return json.dumps([asdict(order) for order in orders])


def decode_orders(line: str) -> list[Order]:
    """Return the orders of a line."""
    return [_order(entry) for entry in json.loads(line)]


def encode_ends(ends: Sequence[Ended]) -> str:
    """Return how processes ended, as one line."""
    return json.dumps([asdict(end) for end in ends])


def decode_ends(line: str) -> list[Ended]:
    """Return the ends of a line."""
    return [Ended(**entry) for entry in json.loads(line)]


def _order(entry: Mapping[str, Any]) -> Order:
    kill, nap = (Kill(**entry[name]) if entry[name] else None for name in ("kill", "nap"))
    jumps = tuple(Jump(**jump) for jump in entry["jumps"])
    return Order(**{**entry, "kill": kill, "nap": nap, "jumps": jumps})
