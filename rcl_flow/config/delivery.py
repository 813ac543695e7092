"""The sections about where work is done and who is told of it."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from rcl_flow.core.history.transition_kinds import TransitionKind
from rcl_flow.core.values import Section

_LONGEST_NAME: Final = 2_048
"""What GetSecretValue and GetParameter take."""


def _short_enough(reference: str) -> str:
    # no part of the pattern: `{1,2048}` of characters costs more to compile than all other checks
    kind, _, name = reference.partition(":")
    if kind != "env" and len(name) > _LONGEST_NAME:
        raise ValueError(f"the name of a secret has at most {_LONGEST_NAME:,} characters")
    return reference


_HAS_USER: Final = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//"
    r"(?:[^/?#]*@|(?!\[[0-9A-Fa-f:.]+\])[^/?#:]*:(?!\d*(?:[/?#]|$))[^?#]*@)"
)
"""An address with a user or a password before its host; the password may have a slash in it."""


def _without_password(uri: str) -> str:
    if _HAS_USER.match(uri):
        raise ValueError(
            "it holds a user or a password, which every report would show: leave them out, and set "
            "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, in "
            "the environment"
        )
    return uri


TrackingUri = Annotated[str, AfterValidator(_without_password)]
Workers = Annotated[int, Field(ge=1, le=10_000)]
TopicArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_\-]+$")
]
SecretReference = Annotated[
    str,
    StringConstraints(pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|(secretsmanager|ssm):[^\s]+)$"),
    AfterValidator(_short_enough),
]
"""Where a secret is found: never the secret itself."""
BusName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._\-/]{1,256}$")]


class ExecutorConfig(Section):
    """Where images are measured and predicted: in threads here, or in shards elsewhere."""

    kind: Literal["local", "ray"] = Field(
        "local", description="`local`: threads of this process; `ray`: a Ray cluster."
    )
    workers: Workers | Literal["auto"] = Field(
        "auto", description="Shards at work at once; `auto`: what the cluster has room for."
    )
    address: str = Field(
        "auto", max_length=1000, description="The Ray cluster's address; `local` starts one here."
    )
    shard_size: int = Field(200, ge=1, le=10_000, description="Images in a shard.")


class NotificationsConfig(Section):
    """Who is told of a run's transitions; a secret address is named, never written here."""

    transitions: tuple[TransitionKind, ...] = Field(
        (
            "training-finished",
            "run-succeeded",
            "run-failed",
            "model-not-stopped",
            "champion-promoted",
            "champion-kept",
            "champion-rolled-back",
        ),
        description="Which transitions are told.",
    )
    sns_topic_arn: TopicArn | None = Field(None, description="A topic of Amazon SNS.")
    event_bus: BusName | None = Field(
        None,
        description="A bus of EventBridge; it gets every transition, whatever `transitions` says.",
    )
    slack: SecretReference | None = Field(
        None,
        description="Where a Slack webhook's address is found: env:NAME, secretsmanager:ID or "
        "ssm:NAME.",
    )
    webhook: SecretReference | None = Field(
        None, description="The same for any address that takes a JSON document by POST."
    )


class TrackingConfig(Section):
    """Where parameters, metrics and report of every finished run are logged, too."""

    mlflow_uri: TrackingUri | None = Field(
        None, max_length=2048, description="An MLflow tracking URI; needs the extra `mlflow`."
    )
    mlflow_experiment: str = Field("rcl-flow", max_length=256, description="The experiment.")


class MetricsConfig(Section):
    """In which form a run's figures are written for a monitoring system."""

    format: Literal["none", "emf", "openmetrics"] = Field(
        "none",
        description="`emf`: one line of CloudWatch's embedded metric format on stderr (always in "
        "the worker); `openmetrics`: metrics.txt in the run's folder.",
    )
