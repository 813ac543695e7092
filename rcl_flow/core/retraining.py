"""Whether a retraining is worth its price: the policy, and what it decides from."""

from pydantic import Field

from rcl_flow.core.values import Frozen


class RetrainPolicy(Frozen):
    """When `rcl-flow retrain` trains; any one of the reasons is enough."""

    min_new_images_per_label: int = Field(
        20,
        ge=1,
        le=250_000,
        description="Train when a label has so many images that the champion was not trained on.",
    )
    min_labels: int = Field(
        1, ge=1, le=250, description="So many labels must have that many new images."
    )
    max_age_days: float | None = Field(
        None,
        gt=0,
        le=3_650,
        description="Train when the champion is older and at least one image is new.",
    )
    on_drift: bool = Field(
        True,
        description="Train when the images of data.production differ from those trained on and "
        "at least one image is new.",
    )
    min_days_between: float = Field(
        0.0, ge=0, le=3_650, description="Never train sooner after the last training."
    )
