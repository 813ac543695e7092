"""What the doctor finds: one check each, with its cure, and the rules that decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from rcl_flow.core.serving.leftovers import judge_model
from rcl_flow.core.values import Frozen

REGIONS: Final = (
    *("us-east-1", "us-east-2", "us-west-2"),
    *("eu-west-1", "eu-west-2", "eu-central-1"),
    *("ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2"),
)
"""Where Custom Labels is offered.

Source: the README of an AWS sample (list of June 2021, read 2026-11-23); AWS's own page could not
be read.
"""
REGIONS_AS_OF: Final = "June 2021"
WARNED_SKEW_SECONDS: Final = 60
REFUSED_SKEW_SECONDS: Final = 300
"""What signature version 4 allows (15 minutes for S3); generally known, no page was looked up."""

MAX_PROJECTS: Final = 100
MAX_RUNNING_MODELS: Final = 2
"""Default quotas of an account in a region.

Source: AWS General Reference, Rekognition quotas (stored copies, read 2026-11-23).
"""


class Check(Frozen):
    """One thing that was looked at."""

    name: str
    status: Literal["ok", "problem", "skipped"]
    what: str
    """What was found, or why it was not looked at; one sentence."""
    cure: str = ""
    """What to do: a command, a field of the config or a policy statement."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How AWS answered one harmless call; no code when the call was carried out."""

    code: str = ""
    message: str = ""
    kind: Literal["done", "denied", "not_found", "refused", "silent"] = "done"
    """`silent`: what came back says nothing, such as throttling, a server error or no answer."""


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """What the harmless calls said of one bucket."""

    name: str
    head: Reply
    location: Reply
    region: str | None = None
    """None when neither call told."""
    owner: str | None = None
    """Canonical id of the owner; None when it may not be read."""
    encryption: str | None = None
    """Such as `AES256` or `aws:kms` with its key; None when it may not be read."""
    public: bool | None = None
    """Whether its policy lets everybody in; None when it may not be read."""

    @property
    def is_missing(self) -> bool:
        """Whether AWS says that there is no such bucket."""
        return "not_found" in (self.head.kind, self.location.kind)


@dataclass(frozen=True, slots=True)
class LiveModel:
    """A project version that bills."""

    arn: str
    status: str
    usd_per_hour: float
    tags: Mapping[str, str] | None
    """None when they may not be read."""


def ok(name: str, what: str, cure: str = "") -> Check:
    """Return a check that passed; `cure` is advice then."""
    return Check(name=name, status="ok", what=what, cure=cure)


def problem(name: str, what: str, cure: str) -> Check:
    """Return a check that would keep a run from working, or costs money."""
    return Check(name=name, status="problem", what=what, cure=cure)


def skipped(name: str, why: str, cure: str = "") -> Check:
    """Return a check that could not be made."""
    return Check(name=name, status="skipped", what=why, cure=cure)


def clock_check(skew_seconds: float | None) -> Check:
    """Judge how far the local clock is ahead of AWS's; None when AWS gave no time."""
    if skew_seconds is None:
        return skipped("clock", "AWS gave no time to compare the local clock with.")
    direction = "ahead of" if skew_seconds > 0 else "behind"
    what = f"The local clock is {abs(skew_seconds):.0f} s {direction} AWS's"
    if abs(skew_seconds) <= WARNED_SKEW_SECONDS:
        return ok("clock", f"{what}.")
    refused = f"; AWS refuses requests from {REFUSED_SKEW_SECONDS // 60} minutes on."
    return problem("clock", f"{what}{refused}", "Set the clock: `sudo timedatectl set-ntp true`.")


def region_check(region: str, reply: Reply, principal: str) -> Check:
    """Judge a region by the list and by how DescribeProjects answered from it."""
    cure = f"Set `aws.region` to one of: {', '.join(REGIONS)}."
    if reply.kind == "silent" or "UnknownOperation" in reply.code:
        return problem(
            "region", f"Custom Labels does not answer in {region}: {reply.message}", cure
        )
    if region not in REGIONS:
        return problem(
            "region",
            f"Custom Labels is not offered in {region} (list of {REGIONS_AS_OF}).",
            f"{cure} If AWS offers it there by now, pass over this.",
        )
    if reply.kind == "denied":
        return skipped("region", f"{principal} may not call DescribeProjects in {region}.")
    return ok("region", f"Custom Labels answers in {region}.")


def bucket_check(facts: BucketFacts, *, region: str, will_be_made: bool) -> Check:
    """Judge whether a bucket is there, usable and in the config's region."""
    name, bucket = "bucket", facts.name
    if facts.is_missing:
        return _missing_bucket(bucket, region, will_be_made=will_be_made)
    if facts.region not in {None, region}:
        return problem(
            name,
            f"The bucket {bucket} is in {facts.region}, and the config's region is {region}; "
            "Custom Labels reads and writes only in its own region.",
            f"Set `aws.region: {facts.region}`, or take a bucket in {region}.",
        )
    if facts.head.kind == facts.location.kind == "denied":
        return problem(
            name,
            f"The bucket {bucket} may not be used: it belongs to another account, or the "
            "permissions s3:ListBucket and s3:GetBucketLocation are missing.",
            "Correct `storage.bucket`, or allow both actions on it.",
        )
    if facts.region is None:
        return skipped(name, f"Where {bucket} is could not be told: {facts.location.message}")
    return ok(name, f"{bucket} is in {facts.region}.")


def _missing_bucket(bucket: str, region: str, *, will_be_made: bool) -> Check:
    if will_be_made:
        return ok("bucket", f"There is no bucket {bucket} yet; a run makes it.")
    return problem(
        "bucket",
        f"There is no bucket {bucket}.",
        f"Make it (`aws s3 mb s3://{bucket} --region {region}`), correct `storage.bucket`, or "
        "set `storage.create_bucket: true`.",
    )


def owner_check(facts: BucketFacts, others: tuple[BucketFacts, ...]) -> Check:
    """Judge whether the buckets of the data belong to the owner of the config's bucket.

    Source: developer guide, "Creating a manifest file": one account owns both (read 2026-11-23).
    """
    if facts.owner is None:
        return skipped("bucket owner", f"The owner of {facts.name} may not be read.")
    for other in others:
        if other.owner is not None and other.owner != facts.owner:
            return problem(
                "bucket owner",
                f"The bucket {other.name} of the data belongs to another owner than {facts.name}; "
                "a training accepts images of one owner only.",
                f"Copy the images: `aws s3 sync s3://{other.name} s3://{facts.name}/images`.",
            )
    return ok("bucket owner", f"{facts.owner[:12]} owns every bucket of the config.")


def privacy_checks(facts: BucketFacts) -> tuple[Check, Check]:
    """Report encryption, and judge whether the bucket's policy is public."""
    unread = "may not be read; a run does not need it."
    encryption = (
        skipped("bucket encryption", f"How {facts.name} encrypts {unread}")
        if facts.encryption is None
        else ok("bucket encryption", f"{facts.name} encrypts with {facts.encryption}.")
    )
    if facts.public is None:
        return encryption, skipped("bucket public access", f"The status of its policy {unread}")
    if not facts.public:
        return encryption, ok("bucket public access", f"{facts.name} has no public policy.")
    return encryption, problem(
        "bucket public access",
        f"The policy of {facts.name} lets everybody in, to the training images as well.",
        f"`aws s3api put-public-access-block --bucket {facts.name} "
        "--public-access-block-configuration BlockPublicPolicy=true,RestrictPublicBuckets=true`",
    )


def max_trainings(region: str) -> int:
    """Return how many trainings may go on at once by default.

    Source: AWS General Reference, Rekognition quotas (stored copies, read 2026-11-23).
    """
    return 1 if region == "ap-southeast-2" else 2


def quota_check(name: str, used: int, quota: int, *, wanted: int, cure: str) -> Check:
    """Judge whether `wanted` more fit below a default quota."""
    what = f"{used} of {quota} are used (the default quota)"
    if used + wanted <= quota:
        return ok(name, f"{what}.")
    return problem(name, f"{what}, and a run needs {wanted} more.", cure)


def units_check(wanted: int, quota: int) -> Check:
    """Judge the inference units that are asked for by the quota that the config names."""
    name = "quota: inference units"
    if wanted <= quota:
        return ok(name, f"{wanted} of {quota} a model are asked for.")
    return problem(
        name,
        f"{wanted} are asked for, and a model may have {quota}.",
        "Lower `inference.inference_units`, or have the quota raised and set "
        "`inference.max_inference_units` to it.",
    )


def live_model_check(model: LiveModel, now: datetime) -> Check:
    """Judge one running model as `rcl-flow reap` does: by its tags at the time `now`."""
    what = f"{model.arn} is {model.status} and costs {model.usd_per_hour:.2f} USD an hour"
    stop = f"Stop it: `rcl-flow stop {model.arn}`"
    if model.tags is None:
        return ok("running model", f"{what}; its tags may not be read.", f"{stop}.")
    judged = judge_model(model.arn, model.status, model.tags, now)
    until = f"{judged.stop_after:%Y-%m-%d %H:%M} UTC" if judged.stop_after else ""
    if judged.standing == "in-time":
        return ok("running model", f"{what}; a run holds it until {until}.")
    if judged.standing == "overdue":
        lapsed = f"{what}; its lease ended at {until}."
        return problem("running model", lapsed, f"{stop}, or `rcl-flow reap`.")
    if judged.standing == "unlimited":
        return problem("running model", f"{what}; no run holds it.", f"{stop}.")
    return ok(
        "running model",
        f"{what}; rcl-flow has not made it.",
        f"If nobody needs it: `rcl-flow stop {model.arn}`.",
    )
