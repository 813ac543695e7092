"""A config in GitHub Actions: a workflow that assumes a role by OIDC and does one tick a time."""

import json
import re
from dataclasses import dataclass
from typing import Final

from rcl_flow.config import FlowConfig
from rcl_flow.errors import ConfigError
from rcl_flow.report.schedules.cron import Cron
from rcl_flow.report.schedules.ticking import (
    GIVE_UP_SECONDS,
    STILL_RUNNING_CODE,
    Command,
    named_variables,
    over_pattern,
)

_SAFE_PATH: Final = re.compile(r"(?!/)(?!.*(^|/)\.\.(/|$))[^\x00-\x1f\\$]+")

_WORKFLOW: Final = """\
# Made by `rcl-flow export github-actions`. Looks on a schedule whether {project} is to be trained
# again, and goes on with what was begun every 15 minutes: a training of a day needs no runner.
#
# Needed once: an environment `production` of this repository with the variable RCL_FLOW_ROLE_ARN,
# a role with infra/policies/github-trust.json as its trust and infra/policies/run.json as its policy.
# GitHub starts schedules late at busy times, and no longer after 60 days without a commit.
#
# A job ends before the hour that a role's session lasts by default: after it nothing could be
# stopped. For a holdout that takes longer raise the role's maximum session duration, and with it
# role-duration-seconds (at most 21600) and timeout-minutes (5 minutes less).
name: {title}

on:
  schedule:
    - cron: {start}  # UTC: a run is due
    - cron: {ticks}  # go on with it
  workflow_dispatch:

permissions:
  contents: read
  id-token: write  # to assume the role; no key of AWS is stored

jobs:
  # In no group: of the jobs that wait for one, GitHub keeps the newest only, and a start that
  # waited for a tick would be lost to the next tick.
  mark:
    if: github.event_name == 'workflow_dispatch' || github.event.schedule == {start_expression}
    runs-on: ubuntu-latest
    environment: production
    timeout-minutes: 10
    env:
      RCL_FLOW_DUE: {due}
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with:
          role-to-assume: ${{{{ vars.RCL_FLOW_ROLE_ARN }}}}
          aws-region: {region}
      - name: Mark that a run is due
        run: date +%s | aws s3 cp - "$RCL_FLOW_DUE"

  tick:
    needs: mark
    if: >-
      ${{{{ !cancelled()
      && (needs.mark.result == 'success' || needs.mark.result == 'skipped') }}}}
    concurrency:
      group: {title}
      cancel-in-progress: false  # a tick may be stopping a model
    runs-on: ubuntu-latest
    environment: production
    timeout-minutes: {job_minutes}
    env:
      RCL_FLOW_PACKAGE: {package}  # or the address of a wheel
      RCL_FLOW_COMMAND: {command}
      RCL_FLOW_CONFIG: {config}
{overlays}      RCL_FLOW_DUE: {due}
{variables}{secrets}    steps:
      - uses: actions/checkout@v6
        with:
          lfs: true
      - uses: aws-actions/configure-aws-credentials@v6
        with:
          role-to-assume: ${{{{ vars.RCL_FLOW_ROLE_ARN }}}}
          aws-region: {region}
          role-duration-seconds: {session_seconds}
      - name: See whether a run is due
        id: due
        run: |
          since=$(aws s3 cp "$RCL_FLOW_DUE" - 2> due.txt) || {{
            cat due.txt >&2
            grep -q '(404)' due.txt || exit 1  # denied, or not reached: no schedule runs so
            since=0
          }}
          if [ $(($(date +%s) - since)) -lt {give_up} ]; then
            echo "since=$since" >> "$GITHUB_OUTPUT"
            echo "due=true" >> "$GITHUB_OUTPUT"
          else
            echo "Nothing is due: there is no mark (404), or an old one."
          fi
      - uses: actions/setup-python@v6
        if: steps.due.outputs.due == 'true'
        with:
          python-version: "3.13"
      - name: Install
        if: steps.due.outputs.due == 'true'
        run: pip install "$RCL_FLOW_PACKAGE"
      - name: Tick
        if: steps.due.outputs.due == 'true'
        env:
          SINCE: ${{{{ steps.due.outputs.since }}}}
        run: |
          code=0
          rcl-flow "$RCL_FLOW_COMMAND" "$RCL_FLOW_CONFIG"{overlay_options} --no-wait --yes || code=$?
          case $code in
            {over})
              # a start that came meanwhile is for the next tick
              if [ "$(aws s3 cp "$RCL_FLOW_DUE" - 2>/dev/null)" = "$SINCE" ]; then
                aws s3 rm "$RCL_FLOW_DUE"
              fi ;;
            {still}) echo "AWS is at work; the next tick goes on."; exit 0 ;;
          esac
          exit $code
      - name: Keep the reports
        if: always() && steps.due.outputs.due == 'true'
        uses: actions/upload-artifact@v6
        with:
          name: rcl-flow-runs
          path: {reports}
          if-no-files-found: ignore
          include-hidden-files: true
"""  # noqa: E501  # the lines of a workflow
TICKS: Final = "*/15 * * * *"
SESSION_SECONDS: Final = 3600
"""The longest session of a role that nobody has allowed a longer one.

Source: AWS IAM user guide, maximum session duration of a role: an hour by default, to 12 hours.
"""
JOB_MINUTES: Final = 55
"""A job that outlived its session could not even stop its model."""


@dataclass(frozen=True, slots=True)
class WorkflowJob:
    """What the workflow has to know beside the config's content."""

    config_path: str
    """Relative to the repository's root, with slashes."""
    command: Command
    start: Cron
    package: str
    """What pip installs, such as `rcl-flow==0.1.0`."""
    overlay_paths: tuple[str, ...] = ()
    """Of files that are laid over the config, like `config_path`."""
    variables: tuple[str, ...] = ()
    """Those that the config's text stands on."""


def workflow_path(config: FlowConfig) -> str:
    """Return where in a repository the workflow belongs."""
    return f".github/workflows/rcl-flow-{config.project}.yml"


def render_workflow(config: FlowConfig, job: WorkflowJob) -> str:
    """Return the workflow; every value stands in it as data, never as a piece of script.

    Raises:
        ConfigError: the schedule or the path cannot be written in a workflow.
    """
    overlays = [("overlay", path) for path in job.overlay_paths]
    for what, path in (("config", job.config_path), *overlays, ("workspace", config.workspace)):
        if not _SAFE_PATH.fullmatch(path):
            raise ConfigError(
                f"The {what} {path} is not a path below the repository's folder.",
                hint="Go to the repository's root and give a relative path without $ and ..",
            )
    start = job.start.posix()
    if start == TICKS:
        raise ConfigError(
            f"The schedule {job.start.aws} is as frequent as the ticks.",
            hint="Start less often; what was begun is gone on with every 15 minutes anyway.",
        )
    due = f"s3://{config.bucket}/{config.state.prefix.strip('/')}/due/{config.project}"
    return _WORKFLOW.format(
        project=config.project,
        title=json.dumps(f"rcl-flow-{config.project}"),
        start=json.dumps(start),
        start_expression=f"'{start}'",
        ticks=json.dumps(TICKS),
        package=json.dumps(job.package),
        command=json.dumps(job.command),
        config=json.dumps(job.config_path),
        due=json.dumps(due),
        overlays="".join(
            f"      {name}: {json.dumps(path)}\n" for name, path in _named(job.overlay_paths)
        ),
        overlay_options="".join(f' --overlay "${name}"' for name, _ in _named(job.overlay_paths)),
        variables="".join(f"      {name}: ${{{{ vars.{name} }}}}\n" for name in job.variables),
        secrets=_secrets(config),
        region=json.dumps(config.aws.region),
        session_seconds=SESSION_SECONDS,
        job_minutes=JOB_MINUTES,
        give_up=GIVE_UP_SECONDS,
        over=over_pattern(),
        still=STILL_RUNNING_CODE,
        reports=json.dumps(f"{config.workspace.rstrip('/')}/runs/*/report.*"),
    )


def _named(paths: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the variable of the workflow that holds each overlay's path."""
    return [(f"RCL_FLOW_OVERLAY_{number}", path) for number, path in enumerate(paths, start=1)]


def _secrets(config: FlowConfig) -> str:
    """Return the lines that hand a repository's secrets to the variables that the config names."""
    named = named_variables(config.notifications)
    return "".join(f"      {name}: ${{{{ secrets.{name} }}}}\n" for name in named)
