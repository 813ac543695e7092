"""Train, judge and safely run Amazon Rekognition Custom Labels models from one YAML file.

The names below are the public API; each is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rcl_flow.config import FlowConfig, parse_config
    from rcl_flow.core.audit.auditing import audit_datasets
    from rcl_flow.core.audit.findings import AuditReport
    from rcl_flow.core.decision import Decision, Gates, decide
    from rcl_flow.core.evaluation import Evaluation, parse_evaluation
    from rcl_flow.core.scoring.applier import apply_thresholds, parse_thresholds
    from rcl_flow.core.scoring.comparison import Comparison, compare
    from rcl_flow.errors import RclFlowError
    from rcl_flow.pipeline.flow import Options, run_flow
    from rcl_flow.pipeline.outcome import RunOutcome
    from rcl_flow.pipeline.services import Services

__version__ = "0.1.0"

_HOMES = {
    "AuditReport": "rcl_flow.core.audit.findings",
    "Comparison": "rcl_flow.core.scoring.comparison",
    "Decision": "rcl_flow.core.decision",
    "Evaluation": "rcl_flow.core.evaluation",
    "FlowConfig": "rcl_flow.config",
    "Gates": "rcl_flow.core.decision",
    "Options": "rcl_flow.pipeline.flow",
    "RclFlowError": "rcl_flow.errors",
    "RunOutcome": "rcl_flow.pipeline.outcome",
    "Services": "rcl_flow.pipeline.services",
    "apply_thresholds": "rcl_flow.core.scoring.applier",
    "audit_datasets": "rcl_flow.core.audit.auditing",
    "compare": "rcl_flow.core.scoring.comparison",
    "decide": "rcl_flow.core.decision",
    "parse_config": "rcl_flow.config",
    "parse_evaluation": "rcl_flow.core.evaluation",
    "parse_thresholds": "rcl_flow.core.scoring.applier",
    "run_flow": "rcl_flow.pipeline.flow",
}

__all__ = [
    "AuditReport",
    "Comparison",
    "Decision",
    "Evaluation",
    "FlowConfig",
    "Gates",
    "Options",
    "RclFlowError",
    "RunOutcome",
    "Services",
    "apply_thresholds",
    "audit_datasets",
    "compare",
    "decide",
    "parse_config",
    "parse_evaluation",
    "parse_thresholds",
    "run_flow",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home (PEP 562), so that importing the package stays light."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
