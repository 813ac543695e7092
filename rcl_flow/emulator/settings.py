"""The settings of an emulator that runs as a server; light enough for every client to import."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_type_hints

from rcl_flow.emulator.shapes import is_of

DEFAULT_REGION = "us-east-1"
CLOCKS = ("real", "manual", "skipping")
HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class EmulatorSettings:
    """How a server behaves; delays are seconds of the emulator's clock.

    `training_seconds` is a minimum: a training also lasts as long as the learner needs.
    `speed` is the number of emulated seconds per real one. `idle_timeout_seconds` 0 means never.
    `enforce_policies` lets IAM policies and signatures count; the emulator's own key may do all.
    `clock` is `real`; `manual`, which moves only when told to; or `skipping`, which jumps to the
    end of each state in progress as soon as a client has seen it. `scenario` is the name or the
    YAML text of faults that are in force from the start. `training_noise` is the share of the
    training images that each training leaves out by chance: 0, the default, trains the same model
    from the same data.
    """

    port: int = 0
    region: str = DEFAULT_REGION
    dataset_seconds: float = 0.05
    training_seconds: float = 0.1
    starting_seconds: float = 0.1
    stopping_seconds: float = 0.05
    deleting_seconds: float = 0.02
    copying_seconds: float = 0.05
    idle_timeout_seconds: float = 1800.0
    clock: str = "real"
    speed: float = 1.0
    billable_factor: float = 1.0
    training_usd_per_hour: float = 1.0
    unit_usd_per_hour: float = 4.0
    enforce_quotas: bool = False
    scenario: str = ""
    enforce_throughput: bool = False
    classifications_per_unit_second: float = 5.0
    detections_per_unit_second: float = 3.0
    enforce_policies: bool = False
    training_noise: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            ValueError: There is no such clock, or a number is out of its range.
        """
        if self.clock not in CLOCKS:
            raise ValueError(f"clock is one of {', '.join(CLOCKS)}, not {self.clock!r}")
        if not 0 <= self.training_noise < 1:
            raise ValueError(f"training_noise is from 0 to below 1, not {self.training_noise!r}")
        if not 0 <= self.port <= HIGHEST_PORT:
            raise ValueError(f"port is 0, for a free one, to {HIGHEST_PORT}, not {self.port!r}")
        for name, value in asdict(self).items():
            if isinstance(value, int | float) and not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} is a finite number of at least 0, not {value!r}")
        if not self.speed:
            raise ValueError("speed is above 0; a clock that stands still is clock='manual'")

    def to_json(self) -> str:
        """Return the settings as one line of JSON."""
        return json.dumps(asdict(self))


def parse_settings(text: str) -> EmulatorSettings:
    """Return the settings that a JSON object holds; members left out keep their defaults.

    Raises:
        TypeError: It is no JSON object, or a member is of the wrong type.
        ValueError: It is not JSON, or a member is unknown.
    """
    values = json.loads(text)
    if not isinstance(values, dict):
        raise TypeError("settings are a JSON object")
    return settings_of(values)


def settings_of(values: Mapping[str, Any]) -> EmulatorSettings:
    """Return the settings of these members; those left out keep their defaults.

    Raises:
        TypeError: A member is of the wrong type.
        ValueError: A member is unknown or cannot be.
    """
    kinds = get_type_hints(EmulatorSettings)
    for name, value in values.items():
        if name not in kinds:
            raise ValueError(f"there is no setting {name}; there are {', '.join(sorted(kinds))}")
        accepted = (int, float) if kinds[name] is float else (kinds[name],)
        if not is_of(value, accepted):
            raise TypeError(f"{name} cannot be {value!r}")
    return EmulatorSettings(**values)
