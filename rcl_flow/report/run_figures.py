"""The figures of a finished run that monitoring systems are told, each with its unit."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a run has used and come to."""

    project: str
    run_id: str
    version: str
    """The project version's name."""
    decision: str
    """`promote` or `keep`."""
    verdict: str
    """On the gap from test to holdout."""
    training_hours: float
    """Billed; 0 where nothing was trained."""
    model_running_minutes: float
    """Over all attempts."""
    inference_images: int
    """Images that the model has answered, over all attempts."""
    throttles: int
    """Calls that were turned away because there were too many, in this process."""
    cost_estimate_usd: float
    test_f1: float
    """0 to 1, as are the next and the gap, which may be negative."""
    holdout_f1: float
    gap_f1: float
    finished_at_seconds: float
    """Since 1970, in UTC."""
    label_f1: dict[str, float] = field(default_factory=dict)
    """On the holdout, by label; labels without a holdout image are left out."""
