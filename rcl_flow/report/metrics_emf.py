"""A run's figures as one line of CloudWatch's embedded metric format.

CloudWatch Logs makes metrics of the line by itself: no permission to put metrics is needed.
Source: Amazon CloudWatch user guide, "Specification: Embedded metric format".
"""

import json
from typing import Final

from rcl_flow.report.run_figures import RunFigures

NAMESPACE: Final = "RclFlow"
_MILLISECONDS: Final = 1_000
_UNITS: Final = {
    "TrainingHours": "None",  # CloudWatch has no unit for hours, minutes, dollars or a ratio
    "ModelRunningMinutes": "None",
    "InferenceImages": "Count",
    "Throttles": "Count",
    "HoldoutF1": "None",
    "CostEstimateUsd": "None",
}


def emf_line(figures: RunFigures) -> str:
    """Return the line, without an end of line.

    The dimension is the project alone: a dimension with the run's id would be a new metric, and a
    new price, for each run. The id stands beside as a property, to be searched for.
    """
    values = {
        "TrainingHours": figures.training_hours,
        "ModelRunningMinutes": figures.model_running_minutes,
        "InferenceImages": figures.inference_images,
        "Throttles": figures.throttles,
        "HoldoutF1": figures.holdout_f1,
        "CostEstimateUsd": figures.cost_estimate_usd,
    }
    metrics = [{"Name": name, "Unit": unit} for name, unit in _UNITS.items()]
    document = {
        "_aws": {
            "Timestamp": int(figures.finished_at_seconds * _MILLISECONDS),
            "CloudWatchMetrics": [
                {"Namespace": NAMESPACE, "Dimensions": [["Project"]], "Metrics": metrics}
            ],
        },
        "Project": figures.project,
        "RunId": figures.run_id,
        "Decision": figures.decision,
        **values,
    }
    return json.dumps(document, allow_nan=False)
