"""The emulator's own paths: health, bill, counted calls, faults, clock, reset and shutdown."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from moto.moto_api._internal.models import moto_api_backend

from rcl_flow.emulator.conditions.clock import as_datetime
from rcl_flow.emulator.conditions.faults import parse_fault
from rcl_flow.emulator.conditions.scenario import (
    load_scenario,
    parse_scenario,
    shipped_names,
)
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.moto_ext.authorization import policies_are_enforced
from rcl_flow.emulator.doors.moto_ext.enforcement import admit_administrator
from rcl_flow.emulator.doors.moto_ext.models import services
from rcl_flow.emulator.doors.schedules import Schedules
from rcl_flow.emulator.doors.wire import Answer
from rcl_flow.emulator.shapes import JsonObject

CONTROL_PREFIX = "/rcl-emulator/"


@dataclass(frozen=True)
class Identity:
    """Which server this is."""

    instance: str
    pid: int
    started_at: str
    version: str


class Control:
    """Answers the control paths of one server."""

    def __init__(
        self,
        world: World,
        schedules: Schedules,
        identity: Identity,
        shut_down: Callable[[], None],
    ) -> None:
        """Watch and steer `world`; `shut_down` ends the server soon, not at once."""
        self._world = world
        self._schedules = schedules
        self._identity = identity
        self._shut_down = shut_down
        self._paths: dict[tuple[str, str], Callable[[object], JsonObject]] = {
            ("GET", "health"): self._health,
            ("GET", "meter"): self._meter,
            ("GET", "calls"): self._calls,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "scenarios"): self._scenarios,
            ("POST", "scenario"): self._play,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._advance,
            ("GET", "schedules"): self._firings,
            ("POST", "reset"): self._reset,
            ("POST", "shutdown"): self._end,
        }

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer one request to a path under `CONTROL_PREFIX`."""
        found = self._paths.get((method, path.removeprefix(CONTROL_PREFIX)))
        if found is None:
            there = ", ".join(f"{verb} {name}" for verb, name in self._paths)
            return json_answer(404, {"error": f"there is no {method} {path}; there are {there}"})
        try:
            return json_answer(200, found(json.loads(body) if body else None))
        except json.JSONDecodeError as error:
            return json_answer(400, {"error": f"the body is not JSON: {error}"})
        except (TypeError, ValueError) as error:
            return json_answer(400, {"error": str(error)})

    def _health(self, _: object) -> JsonObject:
        return {
            "instance": self._identity.instance,
            "pid": self._identity.pid,
            "started_at": self._identity.started_at,
            "version": self._identity.version,
        }

    def _meter(self, _: object) -> JsonObject:
        active = active_versions()
        return {**self._world.meter.report(self._world.clock.now()), "running": active}

    def _calls(self, _: object) -> JsonObject:
        return {"counts": self._world.calls.counts()}

    def _faults(self, _: object) -> JsonObject:
        return {"faults": self._world.faults.listing()}

    def _add_faults(self, rules: object) -> JsonObject:
        parsed = [parse_fault(rule) for rule in (rules if isinstance(rules, list) else [rules])]
        for fault in parsed:
            self._world.faults.add(fault)
        return self._faults(None)

    def _clear_faults(self, _: object) -> JsonObject:
        self._world.faults.clear()
        return self._faults(None)

    def _scenarios(self, _: object) -> JsonObject:
        return {"scenarios": [load_scenario(name).as_json() for name in shipped_names()]}

    def _play(self, order: object) -> JsonObject:
        name = order["name"] if isinstance(order, dict) and set(order) == {"name"} else None
        scenario = load_scenario(name) if isinstance(name, str) else parse_scenario(order)
        self._world.faults.play(scenario.faults)
        return self._faults(None)

    def _clock(self, _: object) -> JsonObject:
        now = self._world.clock.now()
        return {"now": as_datetime(now).isoformat(), "seconds": now}

    def _advance(self, order: object) -> JsonObject:
        seconds = order.get("advance_seconds") if isinstance(order, dict) else None
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise TypeError("the clock needs advance_seconds, a number of at least 0")
        self._schedules.advance(seconds)
        return self._clock(None)

    def _firings(self, _: object) -> JsonObject:
        return {"fired": [firing.as_json() for firing in self._schedules.firings]}

    def _reset(self, _: object) -> JsonObject:
        moto_api_backend.reset()
        if policies_are_enforced():
            admit_administrator()
        self._world.clear()
        self._schedules.clear()
        return {"status": "empty"}

    def _end(self, _: object) -> JsonObject:
        self._shut_down()
        return {"status": "ending", "instance": self._identity.instance}


def active_versions() -> list[JsonObject]:
    """Return the versions that train, start, run or stop, in all accounts and regions."""
    return [version for service in services() for version in service.active_versions()]


def json_answer(status: int, document: JsonObject) -> Answer:
    """Return a JSON document as an HTTP answer."""
    body = (json.dumps(document) + "\n").encode()
    return Answer(status, {"Content-Type": "application/json"}, body)
