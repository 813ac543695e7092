"""What a run has made, for tests that remove it."""

from dataclasses import replace

from rcl_flow.aws.s3 import S3Location
from rcl_flow.core.naming import output_prefix
from rcl_flow.pipeline.runs.opening import keep_run
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.training.training import ask_training, await_training
from tests.unit.pipeline.bench import BUCKET, Bench


def train_for(run: Run, bench: Bench) -> TrainedVersion:
    """Train a version as the flow does, keeping the run and what it makes."""
    keep_run(run)
    output = S3Location(BUCKET, output_prefix("rcl-flow", "shades"))
    wanted = replace(bench.training_wanted(run), output=output)
    return run.once(await_training, ask_training(wanted, run))


def keys_below(bench: Bench, prefix: str) -> set[str]:
    """Return the keys of the bucket's objects."""
    return set(bench.services().s3.sizes(BUCKET, prefix))
