"""The cost of a run, item by item."""

from dataclasses import dataclass

from rcl_flow.core.costs.cost import Cost, Prices

_SECONDS_PER_HOUR = 3600
_TRAINING = "Training of the model, billed once: by this run or an earlier one"


@dataclass(frozen=True, slots=True)
class CostRow:
    """One item: seconds used, dollars an hour, dollars."""

    item: str
    seconds: float
    usd_per_hour: float
    usd: float


def cost_rows(cost: Cost, prices: Prices) -> tuple[CostRow, ...]:
    """Return training and inference as separate items."""
    return (
        _row(_TRAINING, cost.training_seconds_billed, prices.training_usd_per_hour),
        _row(
            "Inference units running",
            cost.inference_unit_seconds,
            prices.inference_unit_usd_per_hour,
        ),
    )


def _row(item: str, seconds: float, usd_per_hour: float) -> CostRow:
    return CostRow(item, seconds, usd_per_hour, seconds * usd_per_hour / _SECONDS_PER_HOUR)
