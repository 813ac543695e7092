"""Start a model that is to be kept running, and tell until when and at what price."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rcl_flow.cli.console import Console
from rcl_flow.cli.cost_text import price_text
from rcl_flow.cli.ending import told_signals
from rcl_flow.cli.reading import read_config
from rcl_flow.config import FlowConfig
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.errors import ConfigError, RclFlowError
from rcl_flow.pipeline.history.selecting import select_runs
from rcl_flow.pipeline.judging.reevaluating import config_of_run
from rcl_flow.pipeline.judging.report_files import read_page
from rcl_flow.pipeline.predicting.choosing_model import require_version, run_of_version
from rcl_flow.pipeline.runs.events import Event
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.shared_folders import bring_folder
from rcl_flow.pipeline.serving.hosting import Hosted, host, hosting_for, require_hosting_consent
from rcl_flow.pipeline.state.records import ArmedModel, RunRecord, list_runs
from rcl_flow.wiring.services import make_services, reach_backend
from rcl_flow.wiring.stores import open_store


@dataclass(frozen=True, slots=True)
class StartOptions:
    """What was typed."""

    model: str
    hours: float
    units: int | None
    config: Path | None
    overrides: tuple[str, ...]
    consent: bool
    overlays: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """The model, and what it is started with."""

    version_arn: str
    config: FlowConfig
    services: Services


def drive_start(options: StartOptions, workspace: Path, console: Console) -> None:
    """Keep the model running as the options say.

    Raises:
        ConfigError: the model, the hours or the units cannot be, or no config is known.
        ConsentNeededError: it costs money and nobody has agreed.
        typer.Exit: 128 and the signal's number when it was signalled; the model is stopped then.
        RclFlowError: it was not started.
    """
    ended = told_signals(console, "the model was not left running by this start")
    with ended, console.watcher() as watcher:
        place = _place(options, workspace, watcher.tell)
        now = place.services.clock.now()
        hosting = hosting_for(options.hours, options.units, place.config, now)
        require_hosting_consent(options.hours, hosting, place.config, consent=options.consent)
        with place.services.guard.listening():
            hosted = host(place.version_arn, hosting, place.config, place.services)
    console.document(hosted_document(hosted, options.hours))
    for line in hosted_lines(hosted, options.hours):
        console.result(line)


def hosted_lines(hosted: Hosted, hours: float) -> list[str]:
    """Return what a person reads of a model that is kept running."""
    armed, usd_per_hour = hosted.armed, hosted.armed.usd_per_hour
    paid = armed.backend.kind == "aws"
    what = "RUNNING" if hosted.is_new else "RUNNING already; its end is moved"
    return [
        f"{what}  {armed.project_version_arn}",
        f"    until {armed.kept_until:%Y-%m-%d %H:%M} UTC, by {_watchdog(armed)}",
        f"    {price_text(usd_per_hour, paid=paid)}, {usd_per_hour * hours:.2f} USD until then",
        f"    stop it earlier with: rcl-flow stop {armed.project_version_arn}",
    ]


def hosted_document(hosted: Hosted, hours: float) -> dict[str, object]:
    """Return the same facts for a machine."""
    armed = hosted.armed
    return {
        "format_version": 1,
        "status": "started" if hosted.is_new else "moved",
        "project_version_arn": armed.project_version_arn,
        "model_status": "RUNNING",
        "inference_units": armed.inference_units,
        "kept_until": armed.kept_until.isoformat() if armed.kept_until else None,
        "stopped_by": "schedule" if armed.schedule_group else "reap",
        "usd_per_hour": armed.usd_per_hour,
        "usd_at_most": round(armed.usd_per_hour * hours, 6),
    }


def _watchdog(armed: ArmedModel) -> str:
    return (
        "its schedule"
        if armed.schedule_group
        else "`rcl-flow reap`, which a cron job of yours has to run"
    )


def _place(options: StartOptions, workspace: Path, tell: Callable[[Event], None]) -> _Place:
    if options.config is not None:
        config = read_config(options.config, options.overrides, options.overlays)
        services = make_services(config, tell)
        return _Place(_arn(options.model, services), config, services)
    if options.overrides or options.overlays:
        raise ConfigError(
            "--set and --overlay need --config.", hint="Give the config that they change."
        )
    record = _record(options.model, workspace)
    services = reach_backend(record.backend, workspace, tell)
    config = _config_of(record, services)
    return _Place(require_version(record), config, services)


def _arn(model: str, services: Services) -> str:
    if parse_version_arn(model):
        return model
    return require_version(select_runs(list_runs(services.store), model)[0])


def _record(model: str, workspace: Path) -> RunRecord:
    """Return the run that is named, or the one that has judged the version that is named."""
    store = open_store(workspace)
    if not parse_version_arn(model):
        return select_runs(list_runs(store), model)[0]
    found = run_of_version(model, store)
    if found is None:
        raise ConfigError(
            f"No run of this workspace has the model {model}.",
            hint="Say with `--config CONFIG` how it is to be run, watched and paid for.",
        )
    return found


def _config_of(record: RunRecord, services: Services) -> FlowConfig:
    try:
        page = read_page(bring_folder(record.run_id, services))
        return config_of_run(page.provenance.config_text)
    except RclFlowError as error:
        raise ConfigError(
            f"The run {record.run_id} has left no config: {error.message}",
            hint="Say with `--config CONFIG` how the model is to be run, watched and paid for.",
        ) from error
