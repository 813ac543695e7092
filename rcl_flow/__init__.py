"""Train, judge and safely run Amazon Rekognition Custom Labels models from one YAML file.

The names below are the public API, which docs/python.md explains; each is loaded when it is first
used. Everything else may change with any version, but for the errors of `rcl_flow.errors` and what
docs/05-emulator-for-your-tests.md tells of `rcl_flow.emulator`.

Example:
    >>> from rcl_flow import load_config, open_run, run
    >>> run(load_config("rcl-flow.yaml")).decision.action
    'promote'
    >>> open_run().predictions[0].truth
    ('one',)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rcl_flow.config import FlowConfig
    from rcl_flow.core.audit.findings import AuditReport
    from rcl_flow.core.history.past_runs import PastRun
    from rcl_flow.core.scoring.applier import apply_thresholds, parse_thresholds
    from rcl_flow.core.scoring.comparison import Comparison
    from rcl_flow.core.scoring.paired import PairedComparison
    from rcl_flow.emulator.testing import emulated_aws
    from rcl_flow.errors import RclFlowError
    from rcl_flow.pipeline.judging.opened_runs import OpenedRun
    from rcl_flow.pipeline.runs.outcome import RunOutcome
    from rcl_flow.wiring.loading import load_config
    from rcl_flow.wiring.past_runs import compare_runs, list_runs, open_run
    from rcl_flow.wiring.running import audit, run

__version__ = "0.1.0"

_HOMES = {
    "AuditReport": "rcl_flow.core.audit.findings",
    "Comparison": "rcl_flow.core.scoring.comparison",
    "FlowConfig": "rcl_flow.config",
    "OpenedRun": "rcl_flow.pipeline.judging.opened_runs",
    "PairedComparison": "rcl_flow.core.scoring.paired",
    "PastRun": "rcl_flow.core.history.past_runs",
    "RclFlowError": "rcl_flow.errors",
    "RunOutcome": "rcl_flow.pipeline.runs.outcome",
    "apply_thresholds": "rcl_flow.core.scoring.applier",
    "audit": "rcl_flow.wiring.running",
    "compare_runs": "rcl_flow.wiring.past_runs",
    "emulated_aws": "rcl_flow.emulator.testing",
    "list_runs": "rcl_flow.wiring.past_runs",
    "load_config": "rcl_flow.wiring.loading",
    "open_run": "rcl_flow.wiring.past_runs",
    "parse_thresholds": "rcl_flow.core.scoring.applier",
    "run": "rcl_flow.wiring.running",
}

__all__ = [
    "AuditReport",
    "Comparison",
    "FlowConfig",
    "OpenedRun",
    "PairedComparison",
    "PastRun",
    "RclFlowError",
    "RunOutcome",
    "apply_thresholds",
    "audit",
    "compare_runs",
    "emulated_aws",
    "list_runs",
    "load_config",
    "open_run",
    "parse_thresholds",
    "run",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home (PEP 562), so that importing the package stays light."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names, for completion in a notebook."""
    return [*__all__, "__version__"]
