"""Whether a new model takes the champion's place: the rules, and the decision."""

from typing import Annotated

from pydantic import Field, StringConstraints

from rcl_flow.core.values import Frozen

ParameterName = Annotated[str, StringConstraints(pattern=r"^/?[a-zA-Z0-9_.\-/]{1,1000}$")]


class PromotionRules(Frozen):
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
