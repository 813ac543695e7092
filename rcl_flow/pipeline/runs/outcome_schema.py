"""The JSON Schema of a run's outcome, for programs that read run.json or `run --json`."""

import json

from rcl_flow.config.published import DIALECT
from rcl_flow.pipeline.runs.outcome import RunOutcome


def outcome_schema() -> str:
    """Return the schema as JSON text; config/run.schema.json holds the same.

    Fields that were added after format version 1 began have a default and are not required, so a
    run.json of an earlier version is valid too.
    """
    return json.dumps({"$schema": DIALECT, **RunOutcome.model_json_schema()}, indent=2)
