"""A run's figures as OpenMetrics text, for Prometheus and what reads its files.

Only gauges, so that readers of the older Prometheus text format take it as well.
Source: the OpenMetrics specification 1.0 (github.com/prometheus/OpenMetrics).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rcl_flow.report.run_figures import RunFigures

_SECONDS_PER_MINUTE: Final = 60
_SECONDS_PER_HOUR: Final = 3600
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Family:
    """One metric with its samples; its name ends with its unit, where it has one."""

    name: str
    unit: str
    told: str
    samples: tuple[tuple[Labels, float], ...]

    @property
    def lines(self) -> list[str]:
        """Metadata first, then a line for each sample."""
        name = f"rcl_flow_{self.name}"
        unit = [f"# UNIT {name} {self.unit}"] if self.unit else []
        head = [f"# TYPE {name} gauge", *unit, f"# HELP {name} {self.told}"]
        return [*head, *(f"{name}{_braced(labels)} {value}" for labels, value in self.samples)]


def openmetrics_text(figures: RunFigures) -> str:
    """Return the whole exposition, ended as the specification wants it."""
    lines = [line for family in _families(figures) for line in family.lines]
    return "\n".join([*lines, "# EOF", ""])


def _families(figures: RunFigures) -> list[_Family]:
    project = {"project": figures.project}
    about = {
        **project,
        "run_id": figures.run_id,
        "version": figures.version,
        "decision": figures.decision,
        "verdict": figures.verdict,
    }
    by_label = tuple(
        ({**project, "label": label}, f1) for label, f1 in sorted(figures.label_f1.items())
    )

    def one(name: str, unit: str, told: str, value: float) -> _Family:
        return _Family(name, unit, told, ((project, value),))

    minutes, hours = figures.model_running_minutes, figures.training_hours
    return [
        _Family("run", "", "The newest finished run.", ((about, 1),)),
        one(
            "run_finished_timestamp_seconds",
            "seconds",
            "When the run ended, since 1970.",
            figures.finished_at_seconds,
        ),
        one(
            "training_seconds",
            "seconds",
            "Billed training time of the model, in this run or an earlier one.",
            round(hours * _SECONDS_PER_HOUR, 3),
        ),
        one(
            "model_running_seconds",
            "seconds",
            "How long the model ran for the run.",
            round(minutes * _SECONDS_PER_MINUTE, 3),
        ),
        one("inference_images", "images", "Images that were answered.", figures.inference_images),
        one("throttled_calls", "calls", "Calls that were turned away.", figures.throttles),
        one(
            "cost_estimate_usd",
            "usd",
            "Training and inference at the config's prices.",
            figures.cost_estimate_usd,
        ),
        one("test_f1_ratio", "ratio", "F1 on the service's test dataset.", figures.test_f1),
        one("holdout_f1_ratio", "ratio", "F1 on the external holdout.", figures.holdout_f1),
        one("gap_f1_ratio", "ratio", "Holdout F1 minus test F1.", figures.gap_f1),
        *(
            [_Family("holdout_label_f1_ratio", "ratio", "F1 of a label on the holdout.", by_label)]
            if by_label
            else []
        ),
    ]


def _braced(labels: Labels) -> str:
    pairs = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{','.join(pairs)}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
