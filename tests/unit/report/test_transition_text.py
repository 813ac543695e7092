"""Tests of transitions in words and as documents."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rcl_flow.core.history.transition_kinds import TransitionKind
from rcl_flow.core.history.transitions import Transition
from rcl_flow.report.transition_text import (
    chat_text,
    identity_of,
    plain_text,
    subject_of,
    title_of,
    transition_document,
)

TRANSITION = Transition(
    kind="run-succeeded",
    project="shades",
    at=datetime(2026, 11, 24, 3, tzinfo=UTC),
    text="shades: holdout F1 0.912.",
    run_id="20261124T030000Z-01234567",
    project_version_arn="arn:model",
    details={"gap_f1": -0.02, "report": "s3://b/files/r/report.html", "slug": None},
)


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("training-finished", "Training Finished"),
        ("model-not-stopped", "Model Not Stopped"),
        ("champion-rolled-back", "Champion Rolled Back"),
    ],
)
def test_title_is_the_kind_in_words(kind: TransitionKind, title: str) -> None:
    """EventBridge's detail types are words."""
    assert title_of(kind) == title


def test_document_has_a_version_and_everything_known() -> None:
    """A program that gets it needs nothing else."""
    assert transition_document(TRANSITION) == {
        "format_version": 1,
        "id": identity_of(TRANSITION),
        "kind": "run-succeeded",
        "title": "Run Succeeded",
        "project": "shades",
        "at": "2026-11-24T03:00:00+00:00",
        "text": "shades: holdout F1 0.912.",
        "run_id": "20261124T030000Z-01234567",
        "project_version_arn": "arn:model",
        "details": {"gap_f1": -0.02, "report": "s3://b/files/r/report.html", "slug": None},
    }


def test_identity_is_the_same_whenever_it_is_told() -> None:
    """A tick that replays the line tells nothing new."""
    later = replace(TRANSITION, at=TRANSITION.at + timedelta(hours=1))
    assert identity_of(later) == identity_of(TRANSITION)
    assert len(identity_of(TRANSITION)) == 16


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "run-failed"},
        {"project": "other"},
        {"run_id": "r2"},
        {"project_version_arn": "arn:other"},
        {"text": "Another reason."},
        {"details": {"armed_at": "2026"}},
    ],
)
def test_identity_changes_with_everything_else(change: dict[str, str]) -> None:
    """Another failure, or another start of the same model, is told."""
    assert identity_of(replace(TRANSITION, **change)) != identity_of(TRANSITION)  # type: ignore[arg-type]  # any field


def test_plain_text_has_sentence_run_report_and_model() -> None:
    """A mail says what happened and where to look."""
    assert plain_text(TRANSITION).splitlines() == [
        "shades: holdout F1 0.912.",
        "Run: 20261124T030000Z-01234567",
        "Report: s3://b/files/r/report.html",
        "Model: arn:model",
    ]
    assert plain_text(replace(TRANSITION, run_id="", project_version_arn="", details={})) == (
        "shades: holdout F1 0.912."
    )


def test_chat_text_escapes_what_would_be_markup() -> None:
    """An error's message must not become a link or a call of the whole channel."""
    text = chat_text(replace(TRANSITION, text="<!channel> a & b"))
    assert text.splitlines()[:2] == ["*Run Succeeded*: shades", "&lt;!channel&gt; a &amp; b"]


@pytest.mark.parametrize("project", ["p" * 300, "gr\u00fc\u00dfe\nx"])
def test_subject_is_short_and_plain(project: str) -> None:
    """SNS refuses a subject that is long, or holds more than ASCII on one line."""
    subject = subject_of(replace(TRANSITION, project=project))
    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject.startswith("rcl-flow: Run Succeeded: ")


def test_long_text_is_cut() -> None:
    """A message stays below what a chat or a bus takes."""
    long = replace(TRANSITION, text="x" * 300_000)
    assert plain_text(long).splitlines()[0] == "x" * 1999 + "…"
    assert len(json.dumps(transition_document(long))) < 4_000


def test_name_that_is_no_text_can_be_told() -> None:
    """A file's name may be any bytes; what is sent is UTF-8."""
    odd = replace(TRANSITION, text="bad \udcff", details={"report": "r/\udcff"})
    for text in (plain_text(odd), chat_text(odd), json.dumps(transition_document(odd))):
        assert text.encode()
    assert len(identity_of(odd)) == 16
