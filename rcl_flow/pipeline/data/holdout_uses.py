"""How many models a holdout has judged: each choice made by looking at it fits it a little more."""

from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.naming import digest_of
from rcl_flow.pipeline.state.store import StateStore


def count_uses(store: StateStore, holdout: Dataset) -> int:
    """Return how many project versions the images of this holdout have judged before."""
    return len(store.below(_prefix(holdout)))


def record_use(store: StateStore, holdout: Dataset, project_version_arn: str) -> None:
    """Keep that the holdout has judged a project version; once for each, however often."""
    store.put_if_absent(_prefix(holdout) + project_version_arn, b"")


def _prefix(holdout: Dataset) -> str:
    """Return the key of a holdout's images, whatever their labels: a corrected label is no news."""
    return f"holdout-uses/{digest_of([image.sha256 for image in holdout.distinct()])}/"
