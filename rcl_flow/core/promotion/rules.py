"""What the config asks of a new model: the gates of its run, and what it shows the champion."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rcl_flow.core.values import Section

ParameterName = Annotated[str, StringConstraints(pattern=r"^/?[a-zA-Z0-9_.\-/]{1,1000}$")]


class Gates(Section):
    """What a model must reach to be promoted."""

    min_holdout_images: int = Field(
        200, ge=1, le=1_000_000, description="Fewer judged holdout images cannot carry a decision."
    )
    min_holdout_f1: float = Field(
        0.8, ge=0, le=1, description="The lower end of the holdout F1's interval must reach this."
    )
    min_label_f1: float = Field(
        0.0, ge=0, le=1, description="Every label's F1 on the holdout must reach this."
    )
    accept_verdicts: tuple[Literal["generalises", "drops", "inconclusive"], ...] = Field(
        ("generalises", "inconclusive"),
        description="Verdicts on the gap between test and holdout that may pass.",
    )


class PromotionRules(Section):
    """What a challenger must show against the champion, on the same certificate."""

    max_loss: float = Field(
        0.02,
        ge=0,
        le=1,
        description="The paired interval of the F1's change must lie above minus this.",
    )
    allow_regressed_labels: bool = Field(
        False, description="Promote although a label has certainly become worse."
    )
    repeat: int = Field(
        1,
        ge=1,
        le=10,
        description="Trainings on the same data, to tell chance from the data's effect; each is "
        "paid for.",
    )
    keep_versions: int = Field(
        3, ge=1, le=100, description="What `gc --old` keeps besides the champion: the newest."
    )
    ssm_parameter: ParameterName | None = Field(
        None, description="A parameter of Systems Manager that always holds the champion's ARN."
    )
