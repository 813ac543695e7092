"""The sections about what survives a crash: where state is kept, and what stops the model."""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from rcl_flow.core.values import OFF_WITHOUT_QUOTES, Section

GroupName = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z_.\-]{1,64}$")]
RoleArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/\-]+$")
]
WatchdogChoice = Annotated[Literal["auto", "scheduler", "tag", "off"], OFF_WITHOUT_QUOTES]
EMULATED_ROLE_ARN: Final = "arn:aws:iam::000000000000:role/rcl-flow-watchdog"


class StateConfig(Section):
    """Where the journal, leases and ledger are kept."""

    store: Literal["local", "s3"] = Field(
        "local",
        description="`local`: in the workspace, for one machine; `s3`: in storage.bucket, for "
        "runs that move between machines.",
    )
    prefix: str = Field("rcl-flow/state", description="The folder in the bucket.")


class SafetyConfig(Section):
    """What stops the model when the machine that started it is gone."""

    watchdog: WatchdogChoice = Field(
        "auto",
        description="`scheduler`: a schedule of EventBridge Scheduler stops the model; `tag`: "
        "`rcl-flow reap` does, run by you; `auto`: scheduler where a role is given.",
    )
    watchdog_role_arn: RoleArn | None = Field(
        None, description="The role with which the schedule calls StopProjectVersion."
    )
    schedule_group: GroupName = Field("default", description="The schedule's group.")
    lease_minutes: float = Field(
        15.0,
        ge=1,
        le=1_440,
        description="How long project and model stay taken without a sign of life; at least a "
        "minute, since one slow call to AWS takes as long.",
    )
    max_kept_hours: float = Field(
        24.0,
        gt=0,
        le=8_760,
        description="The most that `rcl-flow start` lets a model run before it is asked again.",
    )
    pause_while_starting: bool = Field(
        False,
        description="With --no-wait, pause while the model starts; only for drivers that come "
        "back within the lease.",
    )

    def stop_role_arn(self, backend: Literal["aws", "emulator"]) -> str | None:
        """Return the role of the stop schedule, or None where there is to be no schedule."""
        if self.watchdog in {"off", "tag"}:
            return None
        if self.watchdog_role_arn is None and backend == "emulator":
            return EMULATED_ROLE_ARN
        return self.watchdog_role_arn
