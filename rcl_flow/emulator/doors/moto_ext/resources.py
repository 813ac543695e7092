"""The ARNs that a request's permission is judged on.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/, the pages of Amazon
Rekognition and Amazon EventBridge Scheduler. An operation that AWS cannot restrict to a resource
is judged on `*`.
"""

import json
from urllib.parse import parse_qs, unquote, urlsplit

from rcl_flow.emulator.shapes import JsonObject

UNRESTRICTED = "*"
UNRESTRICTED_OPERATIONS = frozenset({"CreateProject", "DescribeProjects"})
ARN_MEMBERS = (
    "ProjectArn",
    "DatasetArn",
    "ProjectVersionArn",
    "SourceProjectVersionArn",
    "DestinationProjectArn",
    "ResourceArn",
)
DEFAULT_GROUP = "default"


def parse_members(body: bytes | str) -> JsonObject:
    """Return a request's members; a body that is no JSON object has none."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def custom_labels_resources(operation: str, request: JsonObject) -> list[str]:
    """Return all ARNs that a caller of Custom Labels must have a permission for."""
    if operation in UNRESTRICTED_OPERATIONS:
        return [UNRESTRICTED]
    named = [request[name] for name in ARN_MEMBERS if isinstance(request.get(name), str)]
    datasets = request.get("Datasets")
    if isinstance(datasets, list):
        named += [str(each.get("Arn")) for each in datasets if isinstance(each, dict)]
    return named or [UNRESTRICTED]


def schedule_resource(url: str, request: JsonObject, *, account: str, region: str) -> str:
    """Return the ARN that a request to EventBridge Scheduler is about.

    Args:
        url: The request's.
        request: Its members.
        account: The caller's.
        region: Of the endpoint.
    """
    parts = urlsplit(url)
    kind, _, name = parts.path.strip("/").partition("/")
    prefix = f"arn:aws:scheduler:{region}:{account}"
    match kind:
        case "schedules" if name:
            query = parse_qs(parts.query).get("groupName", [DEFAULT_GROUP])[0]
            return f"{prefix}:schedule/{request.get('GroupName') or query}/{unquote(name)}"
        case "schedule-groups" if name:
            return f"{prefix}:schedule-group/{unquote(name)}"
        case "tags":
            return unquote(name)
        case _:
            return UNRESTRICTED
