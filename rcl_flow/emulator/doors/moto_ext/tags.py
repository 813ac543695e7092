"""The emulated resources in moto's Resource Groups Tagging API, which moto opens since 5.2."""

from collections.abc import Iterator

from rcl_flow.emulator.service.engine import Service

try:
    from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
except ImportError:  # an older moto lists the tags of its own services only
    TaggableResourcesMixin = object  # type: ignore[assignment,misc]  # then nobody asks


class TagsAcrossServices(TaggableResourcesMixin):
    """What moto asks the backend of a service for."""

    SERVICE_NAMESPACE = "rekognition"
    service: Service

    def iter_tagged_resources(self) -> Iterator["TaggedResource"]:
        """Yield all resources with their tags."""
        for each in self.service.tagged_resources():
            yield TaggedResource(each.arn, each.tags, f"{self.SERVICE_NAMESPACE}:{each.kind}")

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """Add tags to a resource."""
        self.service.call("TagResource", {"ResourceArn": arn, "Tags": tags})

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """Remove tags from a resource."""
        self.service.call("UntagResource", {"ResourceArn": arn, "TagKeys": tag_keys})
