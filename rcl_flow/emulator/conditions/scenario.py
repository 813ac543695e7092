"""Scenarios: faults under one name, from a YAML document, a Python value or the shipped ones.

A scenario is an object with `name`, `description`, `seed` and `faults`, a list of the rules that
`Fault` documents. Rules that strike by chance and have no seed of their own draw from the
scenario's, so the same scenario strikes the same calls in every run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml

from rcl_flow.emulator.conditions.faults import Fault, parse_fault
from rcl_flow.emulator.shapes import JsonObject

MEMBERS = frozenset({"name", "description", "seed", "faults"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """What goes wrong in a run, and in which order."""

    name: str
    faults: tuple[Fault, ...]
    description: str = ""

    def as_json(self) -> JsonObject:
        """Return what a list of scenarios tells."""
        return {"name": self.name, "description": self.description, "faults": len(self.faults)}


def parse_scenario(document: object) -> Scenario:
    """Return the scenario that a parsed document describes.

    Raises:
        TypeError: It is no object, or a member is missing or of the wrong type.
        ValueError: A member is unknown or out of its range.
    """
    if not isinstance(document, Mapping):
        raise TypeError("a scenario is an object with a list of faults")
    if unknown := sorted(set(map(str, document)) - MEMBERS):
        known = ", ".join(sorted(MEMBERS))
        raise ValueError(f"a scenario has no {', '.join(unknown)}; it has {known}")
    rules, seed = document.get("faults"), document.get("seed", 0)
    if not isinstance(rules, list) or not isinstance(seed, int):
        raise TypeError("the faults of a scenario are a list, and its seed is a whole number")
    faults = tuple(_numbered(rules, seed))
    name, description = document.get("name", "scenario"), document.get("description", "")
    return Scenario(str(name), faults, str(description))


def load_scenario(source: str) -> Scenario:
    """Return a shipped scenario by its name, or the one that a YAML text describes.

    Raises:
        TypeError: The text is no scenario.
        ValueError: It is neither, or a member is unknown or out of its range.
    """
    if source in shipped_names():
        return parse_scenario(yaml.safe_load(_shipped(source).read_text(encoding="utf-8")))
    try:
        document = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise ValueError(f"the scenario is not YAML: {error}") from error
    if not isinstance(document, str):
        return parse_scenario(document)
    known = ", ".join(shipped_names())
    raise ValueError(f"there is no scenario {document}; there are {known}")


def shipped_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the emulator."""
    names = (entry.name for entry in files("rcl_flow.emulator.scenarios").iterdir())
    return tuple(sorted(n.removesuffix(".yaml") for n in names if n.endswith(".yaml")))


def _shipped(name: str) -> Traversable:
    return files("rcl_flow.emulator.scenarios").joinpath(f"{name}.yaml")


def _numbered(rules: list[object], seed: int) -> Iterator[Fault]:
    for number, rule in enumerate(rules):
        seeded = isinstance(rule, Mapping) and "seed" not in rule
        try:
            yield parse_fault({**rule, "seed": seed + number} if seeded else rule)  # type: ignore[dict-item]  # a mapping
        except (TypeError, ValueError) as error:
            raise type(error)(f"fault {number + 1}: {error}") from error
