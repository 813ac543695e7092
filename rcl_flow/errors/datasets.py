"""What is wrong with the labelled images, or with comparing runs on them."""

from collections.abc import Sequence

from rcl_flow.errors.root import RclFlowError


class DatasetGateError(RclFlowError):
    """The audit found errors in the datasets; nothing was created."""

    slug = "dataset-gate"
    exit_code = 3

    def __init__(self, message: str, *, hint: str, findings: Sequence[str] = ()) -> None:
        """Keep the findings, one sentence each, that closed the gate."""
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)


class HoldoutsDifferError(DatasetGateError):
    """Two runs were judged on different images, so their scores cannot be compared."""

    slug = "holdouts-differ"
