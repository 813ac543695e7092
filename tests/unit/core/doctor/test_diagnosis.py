"""Tests of the rules by which the doctor decides."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from rcl_flow.core.doctor.diagnosis import (
    REGIONS,
    BucketFacts,
    LiveModel,
    Reply,
    bucket_check,
    clock_check,
    live_model_check,
    max_trainings,
    owner_check,
    privacy_checks,
    quota_check,
    region_check,
    units_check,
)
from rcl_flow.core.naming import MANAGED_TAG, STOP_AFTER_TAG

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
DONE = Reply()
DENIED = Reply("AccessDenied", "no", "denied")
MISSING = Reply("404", "no", "not_found")
ARN = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/rf-1/1"


def facts(
    *, head: Reply = DONE, location: Reply = DONE, region: str | None = "us-east-1"
) -> BucketFacts:
    """Return what was learned of a bucket."""
    return BucketFacts("acme", head, location, region)


@pytest.mark.parametrize(
    ("skew_seconds", "status"),
    [(0.0, "ok"), (60.0, "ok"), (-60.0, "ok"), (61.0, "problem"), (-400.0, "problem")],
)
def test_clock_check_warns_before_aws_refuses(skew_seconds: float, status: str) -> None:
    """A clock that is more than a minute off is told, in either direction."""
    assert clock_check(skew_seconds).status == status


def test_clock_check_is_skipped_when_aws_gave_no_time() -> None:
    """Without AWS's time nothing is claimed."""
    assert clock_check(None).status == "skipped"


def test_clock_check_says_which_way_the_clock_is_wrong() -> None:
    """Ahead and behind are told apart."""
    assert "90 s ahead of" in clock_check(90.0).what
    assert "90 s behind" in clock_check(-90.0).what


@pytest.mark.parametrize("region", REGIONS)
def test_region_check_accepts_each_region_of_the_list(region: str) -> None:
    """Where Custom Labels is offered and answers, all is well."""
    assert region_check(region, Reply(), "me").status == "ok"


@pytest.mark.parametrize(
    ("region", "reply"),
    [
        ("us-west-1", Reply()),
        ("eu-north-9", Reply("UnknownOperationException", "not here", "silent")),
        ("us-east-1", Reply("EndpointConnectionError", "no answer", "silent")),
    ],
)
def test_region_check_names_the_region_when_it_is_wrong(region: str, reply: Reply) -> None:
    """A region that is not listed, or does not answer, is a problem with the list as its cure."""
    check = region_check(region, reply, "me")
    assert check.status == "problem"
    assert region in check.what
    assert "eu-west-1" in check.cure


def test_region_check_leaves_a_denied_call_to_the_permissions() -> None:
    """One cause is told once."""
    assert region_check("us-east-1", DENIED, "me").status == "skipped"


def test_bucket_check_accepts_a_bucket_in_the_region() -> None:
    """There, usable, in place."""
    assert bucket_check(facts(), region="us-east-1", will_be_made=False).status == "ok"


@pytest.mark.parametrize("place", ["head", "location"])
def test_bucket_check_tells_a_missing_bucket(place: str) -> None:
    """Either call may be the one that says so; one that a run makes is no problem."""
    missing = facts(**{place: MISSING})  # type: ignore[arg-type]  # by name
    assert bucket_check(missing, region="us-east-1", will_be_made=True).status == "ok"
    check = bucket_check(missing, region="us-east-1", will_be_made=False)
    assert check.status == "problem"
    assert "no bucket acme" in check.what
    assert "create_bucket" in check.cure


def test_bucket_check_names_both_regions_when_they_differ() -> None:
    """HeadBucket's 301 is explained by its header."""
    check = bucket_check(
        facts(head=Reply("301", "", "refused"), region="eu-west-1"),
        region="us-east-1",
        will_be_made=False,
    )
    assert check.status == "problem"
    assert "is in eu-west-1" in check.what
    assert "us-east-1" in check.what
    assert "aws.region: eu-west-1" in check.cure


def test_bucket_check_tells_a_bucket_that_lets_nobody_in() -> None:
    """Another account's bucket answers nothing at all."""
    closed = facts(head=DENIED, location=DENIED, region=None)
    assert bucket_check(closed, region="us-east-1", will_be_made=False).status == "problem"


def test_bucket_check_is_skipped_when_nobody_told_the_region() -> None:
    """No region is made up."""
    lost = facts(head=Reply("SlowDown", "", "silent"), region=None)
    assert bucket_check(lost, region="us-east-1", will_be_made=False).status == "skipped"


@pytest.mark.parametrize(
    ("own", "other", "status"),
    [
        ("a", "a", "ok"),
        ("a", "b", "problem"),
        ("a", None, "ok"),
        (None, "b", "skipped"),
    ],
)
def test_owner_check_wants_one_owner(own: str | None, other: str | None, status: str) -> None:
    """A training takes images of one owner; an owner that is not known is no other one."""
    bucket = BucketFacts("acme", Reply(), Reply(), owner=own)
    data = BucketFacts("data", Reply(), Reply(), owner=other)
    assert owner_check(bucket, (data,)).status == status


@pytest.mark.parametrize(
    ("public", "status"), [(True, "problem"), (False, "ok"), (None, "skipped")]
)
def test_privacy_checks_refuse_a_public_bucket(public: bool | None, status: str) -> None:
    """Training images are nobody else's."""
    bucket = BucketFacts("acme", Reply(), Reply(), encryption="aws:kms k", public=public)
    encryption, access = privacy_checks(bucket)
    assert (encryption.status, access.status) == ("ok", status)
    assert "aws:kms k" in encryption.what


@pytest.mark.parametrize(("used", "status"), [(0, "ok"), (1, "ok"), (2, "problem")])
def test_quota_check_counts_what_a_run_needs(used: int, status: str) -> None:
    """The last free place is enough, and none is not."""
    check = quota_check("models", used, 2, wanted=1, cure="Wait.")
    assert check.status == status
    assert f"{used} of 2" in check.what


@pytest.mark.parametrize(("wanted", "status"), [(5, "ok"), (6, "problem")])
def test_units_check_keeps_to_the_quota(wanted: int, status: str) -> None:
    """More units than a model may have would be refused at the start."""
    assert units_check(wanted, 5).status == status


def test_max_trainings_is_one_in_sydney() -> None:
    """The one region with a smaller quota is known."""
    assert (max_trainings("us-east-1"), max_trainings("ap-southeast-2")) == (2, 1)


MANAGED = {MANAGED_TAG: "true"}


@pytest.mark.parametrize(
    ("tags", "status", "said"),
    [
        (MANAGED | {STOP_AFTER_TAG: "2026-11-24T02:59:59Z"}, "problem", "lease ended"),
        (MANAGED | {STOP_AFTER_TAG: "2026-11-24T03:00:00Z"}, "ok", "holds it"),
        (MANAGED, "problem", "no run holds it"),
        (MANAGED | {STOP_AFTER_TAG: "soon"}, "problem", "no run holds it"),
        (MANAGED | {STOP_AFTER_TAG: "2026-11-25T03:00:00"}, "problem", "no run holds it"),
        ({}, "ok", "not made it"),
        ({STOP_AFTER_TAG: "2026-11-24T02:00:00Z"}, "ok", "not made it"),
        (None, "ok", "may not be read"),
    ],
)
def test_live_model_check_goes_by_the_lease(
    tags: Mapping[str, str] | None, status: str, said: str
) -> None:
    """A model past its lease, or without one, is a problem; somebody else's is only told."""
    check = live_model_check(LiveModel(ARN, "RUNNING", 8.0, tags), NOW)
    assert check.status == status
    assert said in check.what
    assert "8.00 USD an hour" in check.what
    assert ARN in check.what
    held = "holds it until" in check.what
    assert held or f"rcl-flow stop {ARN}" in check.cure
    assert ("rcl-flow reap" in check.cure) == ("lease ended" in check.what)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-11-24T14:00:00+10:00", "holds it until 2026-11-24 04:00 UTC."),
        ("2026-11-24T03:30:00+02:00", "its lease ended at 2026-11-24 01:30 UTC."),
    ],
)
def test_live_model_check_tells_any_zone_as_utc(until: str, said: str) -> None:
    """The lease's end is a moment, however it is written."""
    tags = MANAGED | {STOP_AFTER_TAG: until}
    assert said in live_model_check(LiveModel(ARN, "RUNNING", 4.0, tags), NOW).what
