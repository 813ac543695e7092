"""Weigh the images that a model was trained on."""

from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run


class Weighed(Frozen):
    """How much there is of the service's own evaluation."""

    summary_bytes: int

    @property
    def summary(self) -> str:
        """The size, for the log."""
        return f"{self.summary_bytes} bytes"


def weigh_summary(version: TrainedVersion, run: Run) -> Weighed:
    """Return the size of the summary that the service wrote about a version."""
    return Weighed(summary_bytes=len(run.services.s3.get(version.summary_file)))
