"""A config in a crontab: a weekly start, and ticks for as long as there is something to do."""

import shlex
from dataclasses import dataclass

from rcl_flow.errors import ConfigError
from rcl_flow.report.schedules.cron import Cron
from rcl_flow.report.schedules.ticking import GIVE_UP_SECONDS, Command, over_pattern

_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class CronJob:
    """What a crontab has to know; all paths are absolute."""

    program: tuple[str, ...]
    """How rcl-flow is started: the program and its first arguments."""
    command: Command
    config: str
    folder: str
    """Where it is started, for relative paths in the config."""
    workspace: str
    start: Cron
    variables: tuple[str, ...] = ()
    """Those that the config names and cron's environment does not have."""
    overlays: tuple[str, ...] = ()
    """Files that are laid over the config."""
    settings: tuple[str, ...] = ()
    """Variables that the config's text stands on; without them no run begins."""


def render_crontab(job: CronJob) -> str:
    """Return lines for `crontab`; their times are those of the machine.

    Raises:
        ConfigError: the schedule or a path cannot be written in a crontab.
    """
    due, lock, log = (_file(job, name) for name in ("due", "tick.lock", "cron.log"))
    overlays = (part for path in job.overlays for part in ("--overlay", path))
    call = shlex.join([*job.program, job.command, job.config, *overlays, "--no-wait", "--yes"])
    tick = f"{call} >> {log} 2>&1; case $? in {over_pattern()}) rm -f {due} ;; esac"
    minutes = GIVE_UP_SECONDS // _SECONDS_PER_MINUTE
    start = f"mkdir -p {shlex.quote(job.workspace)} && touch {due}"
    ticks = (
        f'test -n "$(find {due} -mmin -{minutes} 2>/dev/null)" && cd {shlex.quote(job.folder)} '
        f"&& flock -n {lock} sh -c {shlex.quote(tick)}"
    )
    return "".join(
        f"{line}\n"
        for line in (
            *_assignments(job.settings, "no run begins"),
            *_assignments(job.variables, "nobody is told"),
            "# A run is due; whether it trains is decided by the command.",
            f"{job.start.posix()} {_escaped(start)}",
            "# While one is due: what can be done now. It ends at once while AWS is at work.",
            f"*/5 * * * * {_escaped(ticks)}",
        )
    )


def _assignments(variables: tuple[str, ...], otherwise: str) -> tuple[str, ...]:
    """Return a line to be filled in for each variable, and what is the case without its value."""
    if not variables:
        return ()
    heading = (
        f"# cron has no variables of your shell. Fill in, and take the # away, or {otherwise}:"
    )
    return (heading, *(f"# {name}=" for name in variables))


def _file(job: CronJob, name: str) -> str:
    return shlex.quote(f"{job.workspace.rstrip('/')}/{name}")


def _escaped(command: str) -> str:
    """Return the command as a crontab holds it: there, % ends a line."""
    if "\n" in command or "\r" in command:
        raise ConfigError(
            "A path has a line break, which no crontab can hold.",
            hint="Move config and workspace to a folder without one.",
        )
    return command.replace("%", r"\%")
