"""Resource types that moto's CloudFormation skips, made by the services' own calls.

Each passes the template's properties to the ordinary operation, so botocore checks their names and
kinds against the service's model, and moto resolves what the template refers to.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.cloudformation.parsing import get_model_map
from moto.core.common_models import CloudFormationModel

ACCOUNT = "123456789012"
Properties = dict[str, Any]
Make = Callable[[str, str, Properties], str]
"""Gets region, a name that CloudFormation would make, and properties; returns the identifier."""


def _bucket_policy(region: str, name: str, given: Properties) -> str:
    policy = json.dumps(given["PolicyDocument"])
    boto3.client("s3", region).put_bucket_policy(Bucket=given["Bucket"], Policy=policy)
    return name


def _schedule(region: str, name: str, given: Properties) -> str:
    boto3.client("scheduler", region).create_schedule(**{"Name": name, **given})
    return name


def _schedule_group(region: str, name: str, given: Properties) -> str:
    boto3.client("scheduler", region).create_schedule_group(**given)
    return str(given["Name"])


def _topic_policy(region: str, name: str, given: Properties) -> str:
    for topic in given["Topics"]:
        boto3.client("sns", region).set_topic_attributes(
            TopicArn=topic,
            AttributeName="Policy",
            AttributeValue=json.dumps(given["PolicyDocument"]),
        )
    return name


def _subscription(region: str, name: str, given: Properties) -> str:
    made = boto3.client("sns", region).subscribe(**given, ReturnSubscriptionArn=True)
    return str(made["SubscriptionArn"])


def _alarm(region: str, name: str, given: Properties) -> str:
    boto3.client("cloudwatch", region).put_metric_alarm(AlarmName=name, **given)
    return name


def _budget(region: str, name: str, given: Properties) -> str:
    budget = dict(given["Budget"])
    limit = budget["BudgetLimit"]
    # a number in CloudFormation, a text in the service's own call
    budget["BudgetLimit"] = {**limit, "Amount": str(limit["Amount"])}
    boto3.client("budgets", region).create_budget(
        AccountId=ACCOUNT,
        Budget=budget,
        NotificationsWithSubscribers=given["NotificationsWithSubscribers"],
    )
    return name


def _provider(region: str, name: str, given: Properties) -> str:
    made = boto3.client("iam", region).create_open_id_connect_provider(
        Url=given["Url"], ClientIDList=given["ClientIdList"]
    )
    return str(made["OpenIDConnectProviderArn"])


ADAPTED: dict[str, Make] = {
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Scheduler::ScheduleGroup": _schedule_group,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SNS::Subscription": _subscription,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::Budgets::Budget": _budget,
    "AWS::IAM::OIDCProvider": _provider,
}
"""What moto skips with a warning, and how it is made here."""


def _adapted(kind: str, make: Make) -> type[CloudFormationModel]:
    """Return a class of moto's form whose resources are made by `make`."""

    class Adapted(CloudFormationModel):
        def __init__(self, identifier: str) -> None:
            self.physical_resource_id = identifier

        @staticmethod
        def cloudformation_name_type() -> str:
            return ""  # moto would put the name that it makes into the properties

        @staticmethod
        def cloudformation_type() -> str:
            return kind

        @classmethod
        def has_cfn_attr(cls, attr: str) -> bool:
            return attr == "Arn"

        def get_cfn_attribute(self, attribute_name: str) -> str:
            assert attribute_name == "Arn"
            return self.physical_resource_id

        @classmethod
        def create_from_cloudformation_json(
            cls,
            resource_name: str,
            cloudformation_json: Properties,
            account_id: str,
            region_name: str,
            **_more: object,
        ) -> "Adapted":
            assert account_id
            given = dict(cloudformation_json.get("Properties", {}))
            return cls(make(region_name, resource_name, given))

    return Adapted


@contextmanager
def adapted_resources() -> Iterator[None]:
    """Let moto's CloudFormation make the adapted types in this block."""
    models = get_model_map()
    before = dict(models)
    for kind, make in ADAPTED.items():
        models[kind] = _adapted(kind, make)
    try:
        yield
    finally:
        models.clear()
        models.update(before)
