"""The schema of a config file, section by section, with its defaults."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from rcl_flow.config.data import DataConfig, PathText
from rcl_flow.config.delivery import (
    ExecutorConfig,
    MetricsConfig,
    NotificationsConfig,
    TrackingConfig,
)
from rcl_flow.config.safety import SafetyConfig, StateConfig
from rcl_flow.core.arns import REGION_PATTERN
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.costs.budget import Budget
from rcl_flow.core.costs.cost import Prices
from rcl_flow.core.promotion.rules import Gates, PromotionRules
from rcl_flow.core.retraining.policy import RetrainPolicy
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.values import Section

Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.\-]{1,255}$")]
BucketName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]$")]
VersionArn = Annotated[
    str,
    StringConstraints(
        pattern=r"^arn:[a-z0-9-]+:rekognition:[a-z0-9-]+:[0-9]{12}"
        r":project/[a-zA-Z0-9_.\-]{1,255}/version/[a-zA-Z0-9_.\-]{1,255}/[0-9]+$"
    ),
]
UnitCount = Annotated[int, Field(ge=1, le=1_000_000)]
RegionName = Annotated[str, StringConstraints(pattern=f"^{REGION_PATTERN}$")]
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.\-\[\]:]+(/.*)?$")]
# what the service takes; two of its 200 tags are rcl-flow's own
_TAG = r"\p{L}\p{Z}\p{N}_.:/=+\-@"
TagKey = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=rf"^[{_TAG}]*$")]
TagValue = Annotated[str, StringConstraints(max_length=256, pattern=rf"^[{_TAG}]*$")]


EMULATOR_BUCKET = "rcl-flow-emulator"


class AwsConfig(Section):
    """How AWS is reached."""

    region: RegionName = Field("us-east-1", description="The region of bucket and project.")
    profile: str | None = Field(None, description="A profile of the shared AWS config files.")
    role_arn: str | None = Field(None, description="A role to assume for all calls.")
    endpoint_url: HttpUrl | None = Field(
        None, description="One endpoint for every service, such as a running `rcl-flow emulate`."
    )


class StorageConfig(Section):
    """Where manifests, images and the service's output are put."""

    bucket: BucketName | None = Field(
        None, description="The bucket; may be left out with the emulator."
    )
    prefix: str = Field("rcl-flow", description="The folder in the bucket; keys start with it.")
    create_bucket: bool | None = Field(
        None, description="Create the bucket when missing (default: only with the emulator)."
    )
    kms_key_id: str | None = Field(None, description="A KMS key that encrypts what is uploaded.")
    upload_concurrency: int = Field(
        64,
        ge=1,
        le=128,
        description="Uploads under way at once; no more than 32 without the extra `fast`.",
    )

    def makes_bucket(self, usually: bool) -> bool:
        """Say whether a missing bucket is made: by the section's own wish, else as usual."""
        return usually if self.create_bucket is None else self.create_bucket


class ModelConfig(Section):
    """A model that exists already, to be judged without training."""

    project_version_arn: VersionArn | None = Field(
        None, description="Skip upload and training, and judge this project version."
    )


class TrainingConfig(Section):
    """How the training is asked for and waited for."""

    kms_key_id: str | None = Field(
        None, description="A KMS key for the service's copies and results."
    )
    poll_seconds: float = Field(
        60.0, gt=0, le=86_400, description="Time between two looks at the training."
    )
    timeout_hours: float = Field(
        30.0, gt=0, le=8_760, description="Give up waiting after this; the training itself goes on."
    )
    repeat_index: int = Field(
        1,
        ge=1,
        le=10,
        description="Which of several trainings on the same data this is; each is paid for.",
    )


class InferenceConfig(Section):
    """How the model is run over the holdout."""

    inference_units: UnitCount | Literal["auto"] = Field(
        1,
        description="Units to start, each billed by the hour; `auto`: as few as meet the deadline.",
    )
    deadline_minutes: float | None = Field(
        None, gt=0, le=10_080, description="For `auto`: how long the inference may take."
    )
    max_inference_units: int = Field(
        5, ge=1, le=1_000_000, description="For `auto`: the account's quota of units a model."
    )
    concurrency: int = Field(
        16,
        ge=1,
        le=256,
        description="DetectCustomLabels calls at once: at least the calls a second that the model "
        "answers times the seconds that a call takes. How fast they go is found by itself.",
    )
    poll_seconds: float = Field(
        5.0,
        gt=0,
        le=86_400,
        description="Time between two looks at start and stop; the model bills meanwhile.",
    )
    start_timeout_minutes: float = Field(
        45.0, gt=0, le=10_080, description="Give up a start after this."
    )
    stop_timeout_minutes: float = Field(
        30.0, gt=0, le=10_080, description="Give up a stop after this."
    )
    max_refused_images: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Holdout images that the service may refuse before the run fails.",
    )

    @property
    def most_units(self) -> int:
        """How many units may run at once."""
        units = self.inference_units
        return self.max_inference_units if units == "auto" else units


class EmulatorConfig(Section):
    """How the emulator of `backend: emulator` behaves."""

    training_seconds: float = Field(
        0.5, ge=0, le=86_400, description="The least time a training takes."
    )
    starting_seconds: float = Field(
        0.5, ge=0, le=86_400, description="The time a model takes to start."
    )
    stopping_seconds: float = Field(
        0.2, ge=0, le=86_400, description="The time a model takes to stop."
    )
    poll_seconds: float = Field(
        0.1,
        gt=0,
        le=86_400,
        description="Time between two looks, in place of the other sections' poll times.",
    )
    idle_timeout_seconds: float = Field(
        1800.0,
        ge=0,
        le=31_536_000,
        description="The emulator ends after this long without a call; 0: never.",
    )


class FlowConfig(Section):
    """A whole run: what to train on, where, how to judge the model and when to accept it."""

    project: Name = Field(description="The Custom Labels project; made when missing.")
    data: DataConfig
    backend: Literal["emulator", "aws"] = Field(
        "emulator", description="`emulator` needs no account; `aws` costs money."
    )
    workspace: PathText = Field(".rcl-flow", description="The folder for state and runs.")
    aws: AwsConfig = AwsConfig.model_construct()
    storage: StorageConfig = StorageConfig.model_construct()
    model: ModelConfig = ModelConfig.model_construct()
    training: TrainingConfig = TrainingConfig.model_construct()
    inference: InferenceConfig = InferenceConfig.model_construct()
    audit: AuditRules = AuditRules.model_construct()
    evaluation: EvaluationRules = EvaluationRules.model_construct()
    gates: Gates = Gates.model_construct()
    prices: Prices = Prices.model_construct()
    budget: Budget = Budget.model_construct()
    safety: SafetyConfig = SafetyConfig.model_construct()
    state: StateConfig = StateConfig.model_construct()
    retrain: RetrainPolicy = RetrainPolicy.model_construct()
    promotion: PromotionRules = PromotionRules.model_construct()
    executor: ExecutorConfig = ExecutorConfig.model_construct()
    notifications: NotificationsConfig = NotificationsConfig.model_construct()
    tracking: TrackingConfig = TrackingConfig.model_construct()
    metrics: MetricsConfig = MetricsConfig.model_construct()
    tags: dict[TagKey, TagValue] = Field(
        default_factory=dict,
        max_length=198,
        description="Tags for every resource that is created.",
    )
    emulator: EmulatorConfig = EmulatorConfig.model_construct()

    @property
    def bucket(self) -> str:
        """The bucket; the emulator has one by default."""
        return self.storage.bucket or EMULATOR_BUCKET

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if any(key.lower().startswith("aws:") for key in self.tags):
            raise ValueError("a tag's key must not start with 'aws:'")
        if self.backend == "aws" and self.storage.bucket is None:
            raise ValueError("'storage.bucket' is needed with 'backend: aws'")
        if self.inference.inference_units == "auto" and self.inference.deadline_minutes is None:
            raise ValueError("'inference.inference_units: auto' needs 'inference.deadline_minutes'")
        scheduled = self.safety.watchdog == "scheduler" and self.backend == "aws"
        if scheduled and self.safety.watchdog_role_arn is None:
            raise ValueError("'safety.watchdog: scheduler' needs 'safety.watchdog_role_arn'")
        if self.executor.kind == "ray" and self.state.store != "s3":
            raise ValueError("'executor.kind: ray' needs 'state.store: s3'")
        arn = self.model.project_version_arn
        if arn is not None and arn.split("/")[1] != self.project:
            raise ValueError("'project' must be the one of 'model.project_version_arn'")
        trains = arn is None
        if trains and (self.data.train is None or self.data.test is None):
            raise ValueError(
                "'data.train' and 'data.test' are needed unless 'model.project_version_arn' is set"
            )
        return self
