"""Tests of the crontab: its lines are run by a shell as cron does."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rcl_flow.errors import ConfigError
from rcl_flow.report.schedules.cron import parse_cron
from rcl_flow.report.schedules.crontab import CronJob, render_crontab
from rcl_flow.report.schedules.ticking import OVER_CODES

PROGRAM = "import sys; print(sys.argv[1:]); sys.exit(int(open('code').read()))"
WEEKLY = parse_cron("cron(0 3 ? * MON *)")


def job(folder: Path) -> CronJob:
    """Return a job whose program ends with the code that the file `code` holds."""
    return CronJob(
        program=(sys.executable, "-c", PROGRAM),
        command="retrain",
        config=str(folder / "flow 100%.yaml"),
        folder=str(folder),
        workspace=str(folder / "it's here"),
        start=WEEKLY,
    )


def fire(line: str) -> int:
    """Run the command of a crontab's line as cron does: % means a new line unless escaped."""
    command = line.split(maxsplit=5)[5]
    assert "%" not in command.replace(r"\%", "")
    script = command.replace(r"\%", "%")
    return subprocess.run(["/bin/sh", "-c", script], check=False).returncode


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    """Return the start's line and the tick's."""
    folder = tmp_path / "a b"
    folder.mkdir()
    text = render_crontab(job(folder))
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_lines_have_their_times(lines: list[str]) -> None:
    """The start is when it was asked for, the ticks are every five minutes."""
    assert [line.split(maxsplit=5)[:5] for line in lines] == [
        ["0", "3", "*", "*", "1"],
        ["*/5", "*", "*", "*", "*"],
    ]


def test_nothing_is_done_before_a_start(lines: list[str], tmp_path: Path) -> None:
    """A tick with nothing due starts no program."""
    assert fire(lines[1]) != 0
    assert list((tmp_path / "a b").iterdir()) == []


@pytest.mark.parametrize("code", [75, 4, 6, 7, 9])
def test_ticks_go_on_while_another_may_help(lines: list[str], tmp_path: Path, code: int) -> None:
    """Still running, AWS not reached, a model not stopped: the next tick tries again."""
    folder = tmp_path / "a b"
    (folder / "code").write_text(str(code))
    fire(lines[0])
    fire(lines[1])
    fire(lines[1])
    call = f"['retrain', '{folder}/flow 100%.yaml', '--no-wait', '--yes']\n"
    assert (folder / "it's here" / "cron.log").read_text() == call * 2


@pytest.mark.parametrize("code", OVER_CODES)
def test_ticks_end_when_it_is_over(lines: list[str], tmp_path: Path, code: int) -> None:
    """Done or wrong for good: nothing is due until the next start."""
    folder = tmp_path / "a b"
    (folder / "code").write_text(str(code))
    fire(lines[0])
    fire(lines[1])
    assert not (folder / "it's here" / "due").exists()
    fire(lines[1])
    assert (folder / "it's here" / "cron.log").read_text().count("retrain") == 1


def test_ticks_give_up_after_four_days(lines: list[str], tmp_path: Path) -> None:
    """What never gets better is not tried until the end of time."""
    folder = tmp_path / "a b"
    (folder / "code").write_text("75")
    fire(lines[0])
    due = folder / "it's here" / "due"
    long_ago = due.stat().st_mtime - 4 * 86_400 - 120
    os.utime(due, (long_ago, long_ago))
    fire(lines[1])
    assert not (folder / "it's here" / "cron.log").exists()


def test_two_ticks_are_never_at_work_at_once(lines: list[str], tmp_path: Path) -> None:
    """A tick that finds the lock taken ends."""
    folder = tmp_path / "a b"
    (folder / "code").write_text("75")
    fire(lines[0])
    lock = folder / "it's here" / "tick.lock"
    script = f"flock -n {str(lock)!r} sh -c 'echo held; read line'"
    with subprocess.Popen(
        ["/bin/sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert fire(lines[1]) != 0
        holder.communicate("\n")
    assert not (folder / "it's here" / "cron.log").exists()


def test_variables_of_addresses_have_lines_to_be_filled_in(tmp_path: Path) -> None:
    """Cron has no variables of the user's shell, and would tell nobody without a word."""
    text = render_crontab(replace(job(tmp_path), variables=("HOOK", "SLACK_URL")))
    heading, *assignments = text.splitlines()[:3]
    assert heading.startswith("# cron has no variables")
    assert assignments == ["# HOOK=", "# SLACK_URL="]
    assert text.endswith(render_crontab(job(tmp_path)))


def test_path_that_no_crontab_can_hold_is_refused(tmp_path: Path) -> None:
    """A line break would end the line, and the rest would be another job."""
    with pytest.raises(ConfigError, match="line break"):
        render_crontab(job(tmp_path / "a\n* * * * * reboot"))
