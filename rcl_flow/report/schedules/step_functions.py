"""A config on Step Functions: the parameters of infra/template.yaml and how it is deployed."""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Final

from rcl_flow.config import FlowConfig
from rcl_flow.report.schedules.cron import Cron
from rcl_flow.report.schedules.data_places import data_places
from rcl_flow.report.schedules.ticking import Command

CODE_BUCKET: Final = "@CODE_BUCKET@"
CODE_KEY: Final = "@CODE_KEY@"
"""What deploy.sh replaces: they are known when the zip is built."""
_NO_WORD: Final = re.compile(r"[^A-Za-z0-9]+")
_FUNCTION_NAME_LENGTH: Final = 64
"""Source: AWS Lambda API reference, CreateFunction."""

_DEPLOY: Final = """\
#!/bin/sh
# Made by `rcl-flow export stepfunctions`: builds the worker, deploys the stack, puts the config
# where the worker reads it. Safe to run again: after a new version, or a change of the config.
#
#   CODE_BUCKET=my-bucket sh deploy.sh
#
# Needs the AWS CLI, python3 with pip, and credentials that may make roles. CODE_BUCKET has to exist
# in the region{code_bucket_note}.
# RCL_FLOW_PACKAGE is what pip installs: the absolute path of a checkout or of a wheel, or
# {package}. What it needs is installed in the versions of constraints.txt.
set -eu
cd "$(dirname "$0")"
CODE_BUCKET="${{CODE_BUCKET{code_bucket}}}"
export AWS_REGION={region} AWS_DEFAULT_REGION={region}

CONSTRAINTS=constraints.txt sh build_lambda.sh "${{RCL_FLOW_PACKAGE:-{package}}}" build/rcl-flow-worker.zip
digest=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:16])' build/rcl-flow-worker.zip)
key={code_prefix}"$digest.zip"
aws s3 cp build/rcl-flow-worker.zip "s3://$CODE_BUCKET/$key"
sed -e "s|{code_bucket_mark}|$CODE_BUCKET|" -e "s|{code_key_mark}|$key|" params.json > build/params.json
aws cloudformation deploy --template-file template.yaml --stack-name {stack} \\
  --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset \\
  --parameter-overrides file://build/params.json
aws s3 cp flow.yaml {config_uri}
aws cloudformation describe-stacks --stack-name {stack} --query 'Stacks[0].Outputs' --output table
"""  # noqa: E501  # the lines of a script


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is deployed beside the config's content."""

    command: Command
    start: Cron
    package: str
    """What pip installs into the function, such as `rcl-flow==0.1.0`."""


def stack_name(project: str) -> str:
    """Return the stack's name: letters, digits and hyphens, short enough for what it names."""
    longest = _FUNCTION_NAME_LENGTH - len("-worker")
    name = f"rcl-flow-{_NO_WORD.sub('-', project).strip('-')}"
    return name[:longest].rstrip("-")


def config_key(config: FlowConfig) -> str:
    """Return where in the bucket the worker's config lies."""
    return f"{_deploy_prefix(config)}{config.project}.yaml"


def parameters(config: FlowConfig, deployment: Deployment) -> dict[str, str]:
    """Return the template's parameters for a config that is fit for it."""
    role = config.safety.watchdog_role_arn or ""
    places = data_places(config.data, _partition(config))
    topic = config.notifications.sns_topic_arn
    own_topic = f"{stack_name(config.project)}-alerts"
    return {
        "ProjectName": config.project,
        "BucketName": config.bucket,
        "CreateBucket": "true" if config.storage.create_bucket else "false",
        "StoragePrefix": config.storage.prefix.strip("/"),
        "StatePrefix": config.state.prefix.strip("/"),
        "ConfigKey": config_key(config),
        "DataBuckets": ",".join(places.buckets),
        "DataObjects": ",".join(places.objects),
        "CodeBucket": CODE_BUCKET,
        "CodeKey": CODE_KEY,
        "ScheduleExpression": deployment.start.aws,
        "Command": deployment.command,
        "WatchdogRoleName": role.rpartition("/")[2],
        "ScheduleGroupName": config.safety.schedule_group,
        "AlertsTopicName": topic.rpartition(":")[2] if topic else own_topic,
        "EventBusName": config.notifications.event_bus or "",
        "ChampionParameter": (config.promotion.ssm_parameter or "").lstrip("/"),
        "SecretArns": ",".join(_secret_arns(config)),
        "KeyArn": config.storage.kms_key_id or "",
        "TrainingKeyArn": config.training.kms_key_id or "",
    }


def render_parameters(given: dict[str, str]) -> str:
    """Return the file that `aws cloudformation deploy --parameter-overrides` takes."""
    rows = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
    return json.dumps(rows, indent=2) + "\n"


def render_deploy_script(config: FlowConfig, deployment: Deployment) -> str:
    """Return deploy.sh, which lies beside template.yaml, params.json and flow.yaml."""
    made = config.storage.create_bucket
    return _DEPLOY.format(
        code_bucket=":?name a bucket for the zip" if made else f":-{config.bucket}",
        code_bucket_note="" if made else f"; it is {config.bucket} unless you say otherwise",
        region=shlex.quote(config.aws.region),
        package=deployment.package,
        code_prefix=shlex.quote(f"{_deploy_prefix(config)}worker-"),
        code_bucket_mark=CODE_BUCKET,
        code_key_mark=CODE_KEY,
        stack=shlex.quote(stack_name(config.project)),
        config_uri=shlex.quote(f"s3://{config.bucket}/{config_key(config)}"),
    )


def _deploy_prefix(config: FlowConfig) -> str:
    """Return a prefix beside the run's own, so that the worker cannot change what it runs."""
    return f"{config.storage.prefix.strip('/')}-deploy/"


def _partition(config: FlowConfig) -> str:
    return (config.safety.watchdog_role_arn or "arn:aws").split(":")[1]


def _secret_arns(config: FlowConfig) -> list[str]:
    """Return the ARNs of what the notifications' addresses are read from, sorted."""
    told = config.notifications
    references = {one for one in (told.slack, told.webhook) if one is not None}
    return sorted(_secret_arn(one, config) for one in references)


def _secret_arn(reference: str, config: FlowConfig) -> str:
    kind, _, name = reference.partition(":")
    if name.startswith("arn:"):
        return name
    account = (config.safety.watchdog_role_arn or "::::").split(":")[4]
    place = f"{config.aws.region}:{account}"
    if kind == "ssm":
        return f"arn:{_partition(config)}:ssm:{place}:parameter/{name.lstrip('/')}"
    # Secrets Manager adds a hyphen and six characters to a secret's name
    return f"arn:{_partition(config)}:secretsmanager:{place}:secret:{name}-??????"
