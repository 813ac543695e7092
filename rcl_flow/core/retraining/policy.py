"""When a retraining is worth its price; light, since every config is validated with it."""

from pydantic import Field

from rcl_flow.core.values import Section


class RetrainPolicy(Section):
    """When `rcl-flow retrain` trains; any one of the reasons is enough."""

    min_new_images_per_label: int = Field(
        20,
        ge=1,
        le=250_000,
        description="Train when a label has so many images that neither the champion nor the last "
        "training had, or not with these labels.",
    )
    min_labels: int = Field(
        1, ge=1, le=250, description="So many labels must have that many new images."
    )
    max_age_days: float | None = Field(
        None,
        gt=0,
        le=3_650,
        description="Train when the champion and the last training are older and at least one "
        "image is new to both.",
    )
    on_drift: bool = Field(
        True,
        description="Train when the images of data.production differ from those trained on and at "
        "least one image is new; the same drift is a reason once.",
    )
    min_days_between: float = Field(
        0.0, ge=0, le=3_650, description="Never train sooner after the last training."
    )
