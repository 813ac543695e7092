"""What a run works with: gateways, clock, store, workspace, and whoever watches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.s3 import S3
from rcl_flow.aws.scheduler import Scheduler
from rcl_flow.clock import Clock
from rcl_flow.core.history.transitions import Transition, nobody
from rcl_flow.pipeline.runs.events import Event
from rcl_flow.pipeline.runs.executing import ShardExecutor
from rcl_flow.pipeline.runs.signals import SignalGuard
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.holding import Holder, this_process
from rcl_flow.pipeline.state.store import StateStore


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that touches the world, passed in."""

    rekognition: Rekognition
    s3: S3
    scheduler: Scheduler
    clock: Clock
    store: StateStore
    """Of the workspace, or shared with other machines."""
    workspace: Path
    """The folder of store, runs and cached predictions."""
    backend: Backend
    emit: Callable[[Event], None]
    account_id: Callable[[], str]
    """Asks whose credentials these are; 12 digits."""
    holder: Holder = field(default_factory=this_process)
    """Who acts, for leases."""
    guard: SignalGuard = field(default_factory=SignalGuard)
    state_is_shared: bool = False
    """Whether other machines may go on with a run from the store."""
    poll_seconds: float | None = None
    """Between two looks at the service, in place of the config's; None keeps the config's."""
    throttles: Callable[[], int] = int
    """How many calls were turned away so far because there were too many."""
    announce: Callable[[Transition], None] = nobody
    """Tells others of a transition; it neither raises nor takes long."""
    write_parameter: Callable[[str, str], None] | None = None
    """Lets a parameter of Systems Manager hold a text; None where there are none."""
    shard_executor: ShardExecutor | None = None
    """Works on shards elsewhere; None: threads of this process do everything."""

    def every_seconds(self, configured: float) -> float:
        """Return how long to wait between two looks at the service."""
        return configured if self.poll_seconds is None else self.poll_seconds
