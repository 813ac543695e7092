"""The operations on the tags of projects, datasets and versions."""

from collections.abc import Iterator
from dataclasses import dataclass

from rcl_flow.emulator.errors import ApiError
from rcl_flow.emulator.service.state import Context, Store
from rcl_flow.emulator.shapes import JsonObject

MAX_TAGS = 200


class Tagging:
    """Reads and writes tags."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def tag(self, request: JsonObject) -> JsonObject:
        """TagResource."""
        tags = self._context.store.tags(request["ResourceArn"])
        wanted = {**tags, **request["Tags"]}
        if len(wanted) > MAX_TAGS:
            raise ApiError(
                "ServiceQuotaExceededException", f"A resource has at most {MAX_TAGS} tags."
            )
        tags.update(wanted)
        return {}

    def untag(self, request: JsonObject) -> JsonObject:
        """UntagResource."""
        tags = self._context.store.tags(request["ResourceArn"])
        for key in request["TagKeys"]:
            tags.pop(key, None)
        return {}

    def list(self, request: JsonObject) -> JsonObject:
        """ListTagsForResource."""
        return {"Tags": dict(self._context.store.tags(request["ResourceArn"]))}


@dataclass(frozen=True, slots=True)
class Tagged:
    """One resource with its tags."""

    arn: str
    kind: str
    tags: dict[str, str]


def tagged_resources(store: Store) -> Iterator[Tagged]:
    """Yield all projects, datasets and versions, those without tags included."""
    for project in store.projects():
        yield Tagged(project.arn, "project", dict(project.tags))
        for dataset in project.datasets().values():
            yield Tagged(dataset.arn, "dataset", dict(dataset.tags))
        for version in project.versions():
            yield Tagged(version.arn, "projectversion", dict(version.tags))
