"""Everything that the page of two compared runs shows, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rcl_flow.core.scoring.paired import PairedComparison


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the two runs."""

    run_id: str
    project: str
    project_version_arn: str
    backend: str
    """`aws` or `emulator`."""
    started_at: datetime


@dataclass(frozen=True, slots=True)
class PairedPage:
    """Two runs on one holdout, ready to be rendered."""

    comparison: PairedComparison
    first: ComparedRun
    """The run that is there."""
    second: ComparedRun
    """The run that is compared with it."""
    holdout_digest: str
    """SHA-256 of the holdout's contents and labels, 64 hexadecimal digits."""
    program_version: str
    created_at: datetime
    thumbnails: Mapping[str, str]
    """Image digest to a `data:image/…` URI."""
