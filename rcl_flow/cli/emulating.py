"""Serve the emulator in the foreground, or look after the one that a workspace started."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rcl_flow.cli.console import Console
from rcl_flow.errors import ConfigError, EmulatorUnavailableError
from rcl_flow.wiring.services import emulator_folder, require_emulator

if TYPE_CHECKING:
    from rcl_flow.emulator.launch import EmulatorHandle


def serve(console: Console, *, scenario: str, **settings: Any) -> None:  # noqa: ANN401  # settings
    """Serve until a signal ends it.

    Args:
        console: Where to tell.
        scenario: The path of a YAML file, or the name of a shipped scenario; empty for none.
        settings: Members of `EmulatorSettings`.

    Raises:
        ConfigError: the scenario cannot be read, or there is no such region.
        EmulatorUnavailableError: a package is missing, or the port is taken.
    """
    require_emulator()
    from rcl_flow.emulator.errors import EmulatorStartError
    from rcl_flow.emulator.serve import serve_forever
    from rcl_flow.emulator.settings import EmulatorSettings

    _require_region(settings["region"])
    chosen = EmulatorSettings(**settings, scenario=_read_scenario(scenario), idle_timeout_seconds=0)
    try:
        serve_forever(chosen, lambda ready: _announce(ready, chosen.region, console))
    except EmulatorStartError as error:
        cause = error.__cause__ or error
        reason = getattr(cause, "strerror", None) or cause
        raise EmulatorUnavailableError(
            f"The emulator cannot listen on 127.0.0.1:{chosen.port}: {reason}.",
            hint="Take another port, or --port 0 for a free one.",
        ) from error


def _read_scenario(source: str) -> str:
    """Return the text of a scenario's file, or a shipped scenario's name, once it can be played."""
    from rcl_flow.emulator.conditions.scenario import load_scenario

    if not source:
        return ""
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else source
        load_scenario(text)
    except (OSError, TypeError, ValueError) as error:
        end = "" if str(error).endswith("?") else "."
        missing = "" if path.exists() else " There is no such file either."
        raise ConfigError(
            f"The scenario {source} cannot be used: {error}{end}{missing}",
            hint="Correct the file, or take one of those that come with the emulator.",
        ) from error
    return text


def _require_region(region: str) -> None:
    """Refuse a region in which every call would be answered by UnknownOperationException.

    Raises:
        ConfigError: Rekognition is not there.
    """
    from rcl_flow.aws.regions import rekognition_regions

    known = rekognition_regions()
    if region not in known:
        raise ConfigError(
            f"--region: there is no Rekognition in {region}.",
            hint=f"Take one of {', '.join(known)}.",
        )


def require_one_wish(*, status: bool, stop: bool) -> None:
    """Refuse to guess which of two things is meant.

    Raises:
        ConfigError: both.
    """
    if status and stop:
        raise ConfigError(
            "--status and --stop exclude each other.",
            hint="Take --status to look at the workspace's emulator, or --stop to end it.",
        )


def show_status(workspace: Path, console: Console) -> None:
    """Print where the workspace's emulator answers."""
    from rcl_flow.emulator.launch import answers, read_handle

    handle = read_handle(emulator_folder(workspace))
    running = handle is not None and answers(handle)
    document: dict[str, object] = {"format_version": 1, "running": running}
    if handle is not None and running:
        document |= {"endpoint_url": handle.endpoint_url, "pid": handle.pid}
        console.result(f"The emulator runs at {handle.endpoint_url} (process {handle.pid}).")
    else:
        console.result(f"No emulator of the workspace {workspace} is running.")
    console.document(document)


def end(workspace: Path, console: Console) -> None:
    """End the workspace's emulator; what it emulated is gone with it."""
    from rcl_flow.emulator.launch import shut_down

    ended = shut_down(emulator_folder(workspace))
    console.result("The emulator was ended." if ended else "No emulator was running.")
    console.document({"format_version": 1, "ended": ended})


def _announce(ready: "EmulatorHandle", region: str, console: Console) -> None:
    from rcl_flow.emulator.box import environment_for

    environment = environment_for(ready.endpoint_url, region)
    console.document(
        {"endpoint_url": ready.endpoint_url, "pid": ready.pid, "environment": environment}
    )
    exports = "\n".join(f"  export {name}={value}" for name, value in environment.items())
    console.result(
        f"The emulator is ready at {ready.endpoint_url} (process {ready.pid}); Ctrl-C ends it.\n"
        f"In another terminal:\n{exports}\n"
        "  aws rekognition describe-projects"
    )
