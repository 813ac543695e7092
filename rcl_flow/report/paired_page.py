"""Everything that the page of two compared runs shows, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rcl_flow.core.scoring.paired import PairedComparison

Kinship = Literal["two models", "same model", "same model and thresholds", "same run"]
"""What two runs have in common: `same model` is one at other thresholds."""


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the two runs."""

    run_id: str
    project: str
    project_version_arn: str
    backend: str
    """`aws` or `emulator`."""
    started_at: datetime
    thresholds: tuple[float, float]
    """The lowest and the highest of the labels, 0 to 1."""


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
    kinship: Kinship = "two models"
