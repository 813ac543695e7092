"""The operations on collections of faces, of which there are none."""

from rcl_flow.emulator.service.state import Context
from rcl_flow.emulator.shapes import JsonObject


class Collections:
    """Lists collections."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def list(self, _: JsonObject) -> JsonObject:
        """ListCollections."""
        return {"CollectionIds": [], "FaceModelVersions": []}
