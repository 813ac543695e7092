"""Find runs by what a person types."""

from collections.abc import Sequence

from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.records import RunRecord


def select_runs(runs: Sequence[RunRecord], beginning: str | None) -> list[RunRecord]:
    """Return all runs, or the one whose id starts with `beginning`; `latest` is the newest.

    Raises:
        UnknownRunError: there is none, or more than one.
    """
    if beginning is None:
        return list(runs)
    if beginning == "latest" and runs:
        return [max(runs, key=lambda record: record.started_at)]
    found = [record for record in runs if record.run_id.startswith(beginning)]
    if len(found) == 1:
        return found
    known = ", ".join(record.run_id for record in (found or list(runs))[-5:])
    raise UnknownRunError(
        f"{'Several runs start' if found else 'No run starts'} with {beginning!r}.",
        hint=f"Runs here: {known}." if known else "There are no runs in this workspace.",
    )
