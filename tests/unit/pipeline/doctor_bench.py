"""What the doctor says of a config, to anybody or to a user who may do only so much."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.loaders import Loader, create_loader

from rcl_flow.aws.probing import Probes
from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3
from rcl_flow.aws.session import AwsAccess, make_session, rekognition_client, s3_client
from rcl_flow.clock import Clock, SystemClock
from rcl_flow.config import FlowConfig
from rcl_flow.core.doctor.diagnosis import Check
from rcl_flow.emulator.permissions import enforced_policies, make_user
from rcl_flow.emulator.sessions import isolated_session
from rcl_flow.pipeline.doctor.account import Instruments
from rcl_flow.pipeline.doctor.doctor import examine
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.bench import BUCKET, REGION

ROLE = "arn:aws:iam::123456789012:role/rcl-flow-watchdog"
NEEDED = (
    "rekognition:CreateProject",
    "rekognition:DescribeProjects",
    "rekognition:CreateDataset",
    "rekognition:DescribeDataset",
    "rekognition:DeleteDataset",
    "rekognition:ListDatasetEntries",
    "rekognition:UpdateDatasetEntries",
    "rekognition:CreateProjectVersion",
    "rekognition:DescribeProjectVersions",
    "rekognition:StartProjectVersion",
    "rekognition:StopProjectVersion",
    "rekognition:DetectCustomLabels",
    "rekognition:ListTagsForResource",
    "rekognition:TagResource",
    "rekognition:UntagResource",
    "s3:ListBucket",
    "s3:GetBucketLocation",
    "s3:GetBucketAcl",
    "s3:PutObject",
    "s3:GetObject",
    "s3:DeleteObject",
    "scheduler:GetSchedule",
    "scheduler:CreateSchedule",
    "scheduler:UpdateSchedule",
    "scheduler:DeleteSchedule",
)
"""What the whole workflow needs, written out here once more."""
PASSING = "iam:PassRole"


def admin(service: str, region: str = REGION) -> Any:  # noqa: ANN401  # any client
    """Return a client of the emulator that may do everything."""
    return isolated_session(region).client(service)  # type: ignore[call-overload]  # any service


@dataclass
class DoctorBench:
    """Sections of a config, and who looks at it."""

    clock: Clock = field(default_factory=SystemClock)
    policy: str = ""
    """Of every user that is made, in place of a list of actions."""
    secret: str = ""
    """In place of the user's own."""

    def session(self, actions: Sequence[str] | None) -> boto3.Session:
        """Return the session of a new user who may do these actions alone; None for anybody."""
        if actions is None:
            return make_session(AwsAccess(REGION, emulated=True))
        keys = make_user(admin("iam"), "trainer", allow=actions)
        if self.policy:
            admin("iam").put_user_policy(
                UserName="trainer", PolicyName="permissions", PolicyDocument=self.policy
            )
        own = botocore.session.Session()
        own.register_component("data_loader", _models())
        return boto3.Session(
            keys.access_key_id,
            self.secret or keys.secret_access_key,
            region_name=REGION,
            botocore_session=own,
        )

    def tools(self, session: boto3.Session, region: str = REGION) -> Instruments:
        """Return the doctor's instruments in that session."""
        access = AwsAccess(region, emulated=True)
        caller = Caller(FakeClock(), attempts=2)
        return Instruments(
            probes=Probes(session, access, caller),
            rekognition=Rekognition(rekognition_client(session, access), caller),
            s3=S3(s3_client(session, access), caller, region=region),
            clock=self.clock,
        )

    def look(self, actions: Sequence[str] | None = None, **sections: object) -> tuple[Check, ...]:
        """Return every check of a config; `sections` replace the usual ones."""
        config = FlowConfig.model_validate(
            {
                "project": "shades",
                "backend": "aws",
                "data": {split: {"folder": split} for split in ("train", "test", "holdout")},
                "storage": {"bucket": BUCKET},
                "safety": {"watchdog": "scheduler", "watchdog_role_arn": ROLE},
                **sections,
            }
        )
        tools = self.tools(self.session(actions), config.aws.region)
        if actions is None:
            return examine(config, tools)
        with enforced_policies():
            return examine(config, tools)

    def named(self, actions: Sequence[str] | None = None, **sections: object) -> dict[str, Check]:
        """Return the checks by their names."""
        return {check.name: check for check in self.look(actions, **sections)}


@cache
def _models() -> Loader:
    """Return the services' models, which take longer to read than a doctor takes to look."""
    return create_loader()


def problems(checks: dict[str, Check]) -> list[str]:
    """Return the names of what is wrong."""
    return [name for name, check in checks.items() if check.status == "problem"]
