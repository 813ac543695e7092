"""Retrain where the policy says so, and let the new model take the champion's place."""

from rcl_flow.config import FlowConfig
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.outcome import RunOutcome
from rcl_flow.pipeline.services import Services


def retrain(config: FlowConfig, services: Services, options: Options) -> RunOutcome:
    """Retrain."""
    return run_flow(config, services, options)
