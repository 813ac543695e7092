"""Drive the doctor and lay out what it found."""

import textwrap
from collections.abc import Sequence

import typer

from rcl_flow.aws.errors import aws_errors
from rcl_flow.aws.probing import Probes
from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3
from rcl_flow.aws.session import AwsAccess, make_session, rekognition_client, s3_client
from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.clock import SystemClock
from rcl_flow.config import FlowConfig
from rcl_flow.core.doctor.diagnosis import Check
from rcl_flow.errors import CredentialsError, DoctorError
from rcl_flow.pipeline.doctor.account import Instruments
from rcl_flow.pipeline.doctor.doctor import examine, unidentified
from rcl_flow.wiring.services import open_backend

_ATTEMPTS = 3
"""What does not answer three times is told, not waited for."""
_COLUMNS = 80
_WORDS = {"ok": "ok", "problem": "PROBLEM", "skipped": "skip"}
_INDENT = max(map(len, _WORDS.values())) + 1


def drive_doctor(config: FlowConfig, console: Console) -> None:
    """Examine all that the config needs and print every check.

    Raises:
        DoctorError: something would keep a run from working; with `--json` it is `typer.Exit`,
            since the one object on stdout is the list of checks.
        EmulatorUnavailableError: the emulator is not installed or does not start.
    """
    checks = _checks(config)
    problems = sum(check.status == "problem" for check in checks)
    console.document(
        {
            "format_version": FORMAT_VERSION,
            "checks": [check.model_dump(mode="json") for check in checks],
            "problems": problems,
        }
    )
    console.result(checks_text(checks))
    if problems and console.as_json:
        raise typer.Exit(DoctorError.exit_code)
    if not problems:
        console.result(f"No problem in {len(checks)} checks; nothing was left behind or billed.")
    if problems:
        raise DoctorError(
            f"{problems} of {len(checks)} checks found a problem.",
            hint="Each cure stands below its problem; then run the doctor again.",
        )


def checks_text(checks: Sequence[Check]) -> str:
    """Return one line a check, wrapped at 80 columns, with its cure below."""
    return "\n".join(line for check in checks for line in _lines(check))


def _lines(check: Check) -> list[str]:
    head = f"{_WORDS[check.status]:<{_INDENT}}{check.name}: {check.what}"
    lines = _wrap(head, "", " " * _INDENT)
    if check.cure:
        inner = " " * (_INDENT + 2)
        lines += _wrap(f"-> {check.cure}", inner, f"{inner}   ")
    return lines


def _wrap(text: str, first: str, rest: str) -> list[str]:
    # an ARN or a command that is broken cannot be copied
    return textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _checks(config: FlowConfig) -> tuple[Check, ...]:
    access = _access(config)
    try:
        tools = _instruments(access)
    except CredentialsError as error:
        return unidentified(config, error)
    return examine(config, tools)


def _access(config: FlowConfig) -> AwsAccess:
    """Return how the config's backend is reached, starting the emulator where it is wanted."""
    aws = config.aws
    if config.backend == "emulator":
        backend = open_backend(config)
        return AwsAccess(aws.region, endpoint_url=backend.endpoint_url, emulated=True)
    return AwsAccess(aws.region, aws.profile, aws.role_arn, aws.endpoint_url)


def _instruments(access: AwsAccess) -> Instruments:
    clock = SystemClock()
    caller = Caller(clock, attempts=_ATTEMPTS)
    with aws_errors("CreateSession"):
        session = make_session(access)
        return Instruments(
            probes=Probes(session, access, caller),
            rekognition=Rekognition(rekognition_client(session, access), caller),
            s3=S3(s3_client(session, access), caller, region=access.region),
            clock=clock,
        )
