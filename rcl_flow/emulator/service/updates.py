"""The operation that adds entries to a dataset and replaces those that it has."""

from collections.abc import Sequence

from rcl_flow.emulator.data.catalogue import (
    CONTENT_ERRORS,
    FILE_TOO_MANY_ROWS,
    max_manifest_lines,
)
from rcl_flow.emulator.data.imports import ImportedManifest, has_too_many_labels, import_manifest
from rcl_flow.emulator.data.manifests import CheckedLine
from rcl_flow.emulator.errors import in_use, invalid_parameter
from rcl_flow.emulator.service.changes import begin_update
from rcl_flow.emulator.service.datasets import SETTLED_STATES
from rcl_flow.emulator.service.state import Context
from rcl_flow.emulator.shapes import JsonObject

CHANGES_NAME = "changes.manifest"
"""The name under which changes are read like a manifest file."""
UPDATED = "The dataset was successfully updated."


class Updates:
    """Changes the entries of datasets."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def update(self, request: JsonObject) -> JsonObject:
        """UpdateDatasetEntries."""
        _, dataset = self._context.store.dataset(request["DatasetArn"])
        status = dataset.timeline.read()
        if status == "CREATE_FAILED":
            raise invalid_parameter("The dataset cannot be updated: its creation failed.")
        if status not in SETTLED_STATES:
            raise in_use(f"The dataset cannot be updated while its status is {status}.")
        changes: bytes = request["Changes"]["GroundTruth"]
        testing = dataset.kind == "TEST"
        max_lines = max_manifest_lines(self._context.place.region, testing=testing)
        begin_update(
            self._context,
            "UpdateDatasetEntries",
            [(dataset, lambda: _merged(dataset.entries, changes, max_lines))],
            message=UPDATED,
        )
        return {}


def _merged(entries: Sequence[CheckedLine], changes: bytes, max_lines: int) -> ImportedManifest:
    imported = import_manifest(CHANGES_NAME, changes, max_lines=max_lines)
    if imported.error is not None:
        return imported
    # a changed entry keeps the place of the one that it replaces, and new ones follow
    merged = tuple({each.source_ref: each for each in (*entries, *imported.entries)}.values())
    if len(merged) > max_lines:
        return ImportedManifest(error=FILE_TOO_MANY_ROWS)
    if has_too_many_labels(merged):
        return ImportedManifest(error=CONTENT_ERRORS["ERROR_MANIFEST_TOO_MANY_LABELS"])
    return ImportedManifest(merged)
