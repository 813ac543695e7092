"""Drive the history: read it, write the trend pages, and tell both to the terminal."""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import rcl_flow
from rcl_flow.cli.console import Console, error_document
from rcl_flow.cli.history_text import ToldProject, history_document, history_lines
from rcl_flow.clock import SystemClock
from rcl_flow.core.history.history import Trend, trend_of
from rcl_flow.errors import ConfigError, LocalFilesError, UnknownRunError
from rcl_flow.pipeline.history.history import History, ProjectHistory, read_history, write_trend
from rcl_flow.report.trend_page import TrendPage
from rcl_flow.wiring.stores import open_store

_NO_SCORE = "no run has a score"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.\-]")


@dataclass(frozen=True, slots=True)
class RunsOptions:
    """What the command line asks for."""

    project: str | None = None
    html: Path | None = None
    """The file of the only project's page."""
    out: Path | None = None
    """The folder of the pages; None for the workspace."""

    @property
    def wants_page(self) -> bool:
        """Whether a page was asked for, and is not only written beside the rest."""
        return self.html is not None or self.out is not None


def drive_runs(workspace: Path, options: RunsOptions, console: Console) -> int:
    """Print the history of a workspace's projects, and write a page for each that has a score.

    The history is printed although a page cannot be written, as in a workspace that may only be
    read.

    Returns:
        The exit code: not 0 when a page that was asked for could not be written.

    Raises:
        UnknownRunError: there is no workspace, or no run of the project.
        ConfigError: one file was named for the pages of several projects.
    """
    history = read_history(open_store(workspace), workspace, options.project)
    _require_runs(history, options)
    told = [_told(project, workspace, options) for project in history.projects]
    errors = [each.page_error for each in told if each.page_error and options.wants_page]
    document = history_document(told, history.unreadable)
    console.document(document | ({"error": error_document(errors[0])} if errors else {}))
    for line in history_lines(told, history.unreadable):
        console.result(line)
    for error in errors:
        console.complain(error)
    return errors[0].exit_code if errors else 0


def _told(project: ProjectHistory, workspace: Path, options: RunsOptions) -> ToldProject:
    trend = trend_of(project.runs)
    told = ToldProject(
        project.project, trend, None, events=project.events, champions=project.champions
    )
    if not trend.scored:
        return replace(told, no_page=_NO_SCORE)
    try:
        return replace(told, page=_write_page(project, trend, workspace, options))
    except LocalFilesError as error:
        return replace(told, no_page=error.message, page_error=error)


def _require_runs(history: History, options: RunsOptions) -> None:
    names = [project.project for project in history.projects]
    if options.project is not None and not names:
        raise UnknownRunError(
            f"There are no runs of the project {options.project!r} in this workspace.",
            hint="`rcl-flow runs` without --project lists every project that there is.",
        )
    if options.html is not None and len(names) > 1:
        raise ConfigError(
            f"One file cannot hold the pages of {len(names)} projects: {', '.join(names)}.",
            hint="Name one with `--project`, or give `--out DIR`.",
        )


def _write_page(
    project: ProjectHistory, trend: Trend, workspace: Path, options: RunsOptions
) -> Path:
    named = f"trend-{_NOT_IN_NAMES.sub('-', project.project)}.html"
    path = options.html or (options.out or workspace) / named
    page = TrendPage(
        project=project.project,
        trend=trend,
        program_version=rcl_flow.__version__,
        created_at=SystemClock().now(),
        events=project.events,
        champions=project.champions,
        links={
            each.run.run_id: _link(each.run.report, path.parent)
            for each in trend.runs
            if each.run.report
        },
    )
    write_trend(page, path)
    return path


def _link(report: str, folder: Path) -> str:
    """Return a report's URI as seen from the page's folder.

    It begins with `./`, so that no name is taken for a scheme.
    """
    return f"./{quote(os.fsencode(os.path.relpath(report, folder)))}"
