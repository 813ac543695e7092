"""The operation that moves a fifth of the training dataset to an empty test dataset."""

from rcl_flow.emulator.data.catalogue import TOO_FEW_TO_DISTRIBUTE
from rcl_flow.emulator.data.imports import ImportedManifest
from rcl_flow.emulator.data.split import split_off
from rcl_flow.emulator.errors import invalid_parameter, not_ready
from rcl_flow.emulator.service.changes import Load, begin_update
from rcl_flow.emulator.service.datasets import SETTLED_STATES
from rcl_flow.emulator.service.state import Context, Dataset
from rcl_flow.emulator.shapes import JsonObject

DISTRIBUTED = "The dataset was successfully distributed."


class Distribution:
    """Distributes entries over the two datasets of a project."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def distribute(self, request: JsonObject) -> JsonObject:
        """DistributeDatasetEntries."""
        training, testing = self._pair([each["Arn"] for each in request["Datasets"]])
        for dataset in (training, testing):
            status = dataset.timeline.read()
            if status not in SETTLED_STATES:
                raise not_ready(f"The {dataset.kind} dataset is not ready: its status is {status}.")
        if testing.entries:
            raise invalid_parameter("The test dataset must be empty.")
        keep, move = _plan(training)
        begin_update(
            self._context,
            "DistributeDatasetEntries",
            [(training, keep), (testing, move)],
            message=DISTRIBUTED,
        )
        return {}

    def _pair(self, arns: list[str]) -> tuple[Dataset, Dataset]:
        (first_project, first), (second_project, second) = map(self._context.store.dataset, arns)
        if first_project is not second_project:
            raise invalid_parameter("The datasets must belong to the same project.")
        by_kind = {dataset.kind: dataset for dataset in (first, second)}
        if len(by_kind) != len(arns):
            raise invalid_parameter("One training and one test dataset must be given.")
        return by_kind["TRAIN"], by_kind["TEST"]


def _plan(training: Dataset) -> tuple[Load, Load]:
    parts = split_off(tuple(training.entries), seed=training.arn)
    if parts is None:
        refused = ImportedManifest(error=TOO_FEW_TO_DISTRIBUTE)
        return lambda: refused, lambda: refused
    keep, move = map(ImportedManifest, parts)
    return lambda: keep, lambda: move
