"""What trainings and running models cost."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from rcl_flow.core.values import Frozen, Section

_SECONDS_PER_HOUR = 3600
Hours = Annotated[float, Field(gt=0, le=8_760)]


class Prices(Section):
    """US dollars an hour; they differ by region and change, so they belong to the config.

    The defaults are figures quoted by third parties from AWS's pricing page, which could not be
    read itself (2026-11-23): check them before you rely on them.
    """

    training_usd_per_hour: float = Field(1.0, ge=0, le=1e6, description="A training hour.")
    inference_unit_usd_per_hour: float = Field(
        4.0, ge=0, le=1e6, description="An inference-unit hour."
    )
    training_hours_range: tuple[Hours, Hours] = Field(
        (0.5, 24.0),
        description="Least and most hours that `plan` expects of a first training.",
    )
    """Source: developer guide, "Training an Amazon Rekognition Custom Labels model": typically 30
    minutes to 24 hours (fact sheet 1.1, read 2026-11-23)."""
    as_of: str = Field("2026-11-23", description="When the figures were looked up.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low, high = self.training_hours_range
        if low > high:
            raise ValueError("'training_hours_range' is the least hours, then the most")
        return self


class Cost(Frozen):
    """What a run used and what that costs at the config's prices."""

    training_seconds_billed: float
    inference_unit_seconds: float
    estimated_usd: float


def cost_of(
    *, training_seconds_billed: float, inference_unit_seconds: float, prices: Prices
) -> Cost:
    """Return the cost of that many billed seconds.

    Args:
        training_seconds_billed: `BillableTrainingTimeInSeconds`; 0 when nothing was trained.
        inference_unit_seconds: seconds running times inference units.
        prices: dollars an hour.
    """
    dollars = (
        training_seconds_billed * prices.training_usd_per_hour
        + inference_unit_seconds * prices.inference_unit_usd_per_hour
    ) / _SECONDS_PER_HOUR
    return Cost(
        training_seconds_billed=training_seconds_billed,
        inference_unit_seconds=inference_unit_seconds,
        estimated_usd=round(dollars, 6),
    )
