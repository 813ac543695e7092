"""The operations that read a dataset's entries and labels."""

from collections import Counter
from collections.abc import Callable

from rcl_flow.emulator.data.manifests import CheckedLine, annotated, dump_line
from rcl_flow.emulator.errors import in_use, not_ready
from rcl_flow.emulator.service.datasets import SETTLED_STATES
from rcl_flow.emulator.service.pages import paginate
from rcl_flow.emulator.service.state import Context, Dataset
from rcl_flow.emulator.shapes import JsonObject


class Entries:
    """Lists what datasets hold."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def list_entries(self, request: JsonObject) -> JsonObject:
        """ListDatasetEntries."""
        dataset = self._ready_dataset(request)
        filters = [make(request[name]) for name, make in FILTERS.items() if name in request]
        rows = [
            (index, entry)
            for index, entry in enumerate(dataset.entries)
            if all(passes(entry) for passes in filters)
        ]
        page, more = paginate("ListDatasetEntries", request, rows, descending=False)
        return {"DatasetEntries": [entry_text(entry) for entry in page], **more}

    def list_labels(self, request: JsonObject) -> JsonObject:
        """ListDatasetLabels."""
        dataset = self._ready_dataset(request)
        images = Counter(label for entry in dataset.entries for label in entry.used_labels)
        boxed = Counter(label for entry in dataset.entries for label in entry.box_labels)
        rows = [
            (index, _label_description(label, images[label], boxed[label]))
            for index, label in enumerate(sorted(images))
        ]
        page, more = paginate("ListDatasetLabels", request, rows, descending=False)
        return {"DatasetLabelDescriptions": page, **more}

    def _ready_dataset(self, request: JsonObject) -> Dataset:
        _, dataset = self._context.store.dataset(request["DatasetArn"])
        status = dataset.timeline.read()
        if status == "UPDATE_IN_PROGRESS":
            raise in_use("The dataset cannot be read while it is updated.")
        if status not in SETTLED_STATES:
            raise not_ready(f"The dataset cannot be read while its status is {status}.")
        return dataset


def entry_text(entry: CheckedLine) -> str:
    """Return an entry as the dataset API shows it: its line, its errors, whether it is labeled."""
    line = annotated(entry.document, entry.errors, key="cl-errors")
    line["cl-metadata"] = {"is_labeled": entry.is_labeled}
    return dump_line(line)


def _label_description(label: str, images: int, images_with_boxes: int) -> JsonObject:
    boxes = {"BoundingBoxCount": images_with_boxes} if images_with_boxes else {}
    return {"LabelName": label, "LabelStats": {"EntryCount": images, **boxes}}


def _contains_labels(labels: list[str]) -> Callable[[CheckedLine], bool]:
    wanted = frozenset(labels)
    return lambda entry: not wanted.isdisjoint(entry.used_labels)


def _labeled(wanted: bool) -> Callable[[CheckedLine], bool]:
    return lambda entry: entry.is_labeled == wanted


def _source_ref_contains(part: str) -> Callable[[CheckedLine], bool]:
    return lambda entry: part in entry.source_ref


def _has_errors(wanted: bool) -> Callable[[CheckedLine], bool]:
    return lambda entry: bool(entry.errors) or not wanted


FILTERS: dict[str, Callable[..., Callable[[CheckedLine], bool]]] = {
    "ContainsLabels": _contains_labels,
    "Labeled": _labeled,
    "SourceRefContains": _source_ref_contains,
    "HasErrors": _has_errors,
}
"""The filters of ListDatasetEntries; an entry must pass all that are given."""
