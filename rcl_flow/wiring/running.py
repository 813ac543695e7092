"""Run and audit a config for a program: services are made here, and progress is told in lines."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rcl_flow.clock import SystemClock
from rcl_flow.config import FlowConfig
from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.pipeline.data.auditing import audit_config
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.runs.event_lines import event_line
from rcl_flow.pipeline.runs.events import Event
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.signals import Signalled
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.wiring.announcing import settling
from rcl_flow.wiring.arguments import require_type
from rcl_flow.wiring.executors import with_executor
from rcl_flow.wiring.services import make_s3, make_services
from rcl_flow.wiring.stores import STORE_NAME

Emit = Callable[[Event], None]
Progress = Callable[[str], object]
"""Takes the lines that the command line shows, such as `print` does."""
_CONFIG_SOURCE: Final = "load_config(path)"


def run_config(config: FlowConfig, options: Options, emit: Emit) -> RunOutcome:
    """Run a config to its end, with all that its run needs made for it.

    Args:
        config: what to run.
        options: how it is driven.
        emit: is told of the run's events.

    Raises:
        RclFlowError: the run cannot go on.
        Pause: in a tick, when there is nothing more to do now.
        Signalled: the process was asked to end; the model was stopped.
    """
    services = with_executor(config, make_services(config, emit))
    with settling(services.announce), services.guard.listening():
        return run_flow(config, services, options)


def run(
    config: FlowConfig, *, consent: bool = False, progress: Progress | None = None
) -> RunOutcome:
    """Take a config's images to a judged model, and leave nothing running.

    It waits until the run has finished. Called again it resumes, or returns at once the outcome of
    a run that has finished. Ctrl-C and SIGTERM stop a running model first.

    Args:
        config: what to run, of `load_config`.
        consent: agree to what it costs on AWS; the emulator costs nothing.
        progress: is called with a line of text for each step and each notice.

    Raises:
        RclFlowError: the run cannot go on; the same call resumes it.
        TypeError: the config is none.
        KeyboardInterrupt: Ctrl-C was pressed.
        SystemExit: the process was asked to end.

    Example:
        >>> from rcl_flow import load_config, run
        >>> outcome = run(load_config("rcl-flow.yaml"))
        >>> outcome.decision.action, outcome.model_status
        ('promote', 'STOPPED')
        >>> outcome.holdout.f1 > 0.9
        True
    """
    require_type("config", config, FlowConfig, source=_CONFIG_SOURCE)
    try:
        return run_config(config, Options(consent=consent), _emit(progress))
    except Signalled as signalled:
        if str(signalled) == signal.SIGINT.name:
            raise KeyboardInterrupt from signalled
        raise SystemExit(signalled.exit_code) from signalled


def audit(config: FlowConfig, *, progress: Progress | None = None) -> AuditReport:
    """Audit a config's images before they cost anything; nothing is uploaded or started.

    Args:
        config: names the data and the audit's rules, of `load_config`.
        progress: is called with a line of text for each step and each notice.

    Raises:
        DataNotFoundError: a folder or a file of annotations is not there or holds nothing.
        ConfigError: a file of annotations is not in the form of its format.
        TypeError: the config is none.

    Example:
        >>> from rcl_flow import audit, load_config
        >>> report = audit(load_config("rcl-flow.yaml"))
        >>> report.errors
        ()
        >>> rules = sorted({finding.rule for finding in report.warnings})
    """
    require_type("config", config, FlowConfig, source=_CONFIG_SOURCE)
    store = SqliteStore(Path(config.workspace) / STORE_NAME, SystemClock())
    log = StepLog(_emit(progress), SystemClock())
    return audit_config(config, make_s3(config), store, log).report


def _emit(progress: Progress | None) -> Emit:
    def tell(event: Event) -> None:
        line = event_line(event)
        if progress is not None and line:
            progress(line)

    return tell
