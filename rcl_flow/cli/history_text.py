"""Tell the history of projects: lines for a person, an object for a machine."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rcl_flow.cli.table import table
from rcl_flow.core.history.history import Change, Standing, Trend, TrendRun
from rcl_flow.core.history.past_runs import PastRun
from rcl_flow.core.promotion.champions import ChampionEvent
from rcl_flow.errors import LocalFilesError
from rcl_flow.report.figures import (
    format_count,
    format_interval,
    format_ratio,
    format_time,
    format_usd,
)
from rcl_flow.report.promotion_wording import event_reasons, event_title
from rcl_flow.report.trend_wording import (
    apart_text,
    basis_text,
    change_text,
    ended_text,
    ground_details,
    ground_title,
    overlap_text,
    runs_text,
    spent_sentence,
)

_INDENT = "    "
_WIDTH = 80 - len(_INDENT)
_SHOWN_EVENTS = 5


@dataclass(frozen=True, slots=True)
class ToldProject:
    """A project's history, and what became of its page."""

    project: str
    trend: Trend
    page: Path | None
    """Where it was written; None when it was not."""
    no_page: str = ""
    """Why it was not written."""
    page_error: LocalFilesError | None = None
    events: tuple[ChampionEvent, ...] = ()
    """What was decided about its champion, oldest first."""
    champions: frozenset[str] = frozenset()
    """The runs of the models that hold the place now."""


def history_lines(projects: Sequence[ToldProject], unreadable: Sequence[str]) -> Iterator[str]:
    """Yield what a person reads; lines are longer than 80 columns only where they hold a path."""
    for number, told in enumerate(projects):
        if number:
            yield ""
        yield f"project {_plain(told.project)}: {runs_text(told.trend)}"
        yield from _run_lines(told)
        yield from _event_lines(told.events)
        yield from _ground_lines(told.trend)
        yield from textwrap.wrap(
            spent_sentence(told.trend), _WIDTH, initial_indent="cost  ", subsequent_indent="      "
        )
        if told.page is not None:
            yield f"page  {told.page}"
        elif told.no_page:
            yield from textwrap.wrap(
                f"no page: {_plain(told.no_page)}", _WIDTH, break_long_words=False
            )
    for sentence in unreadable:
        yield f"UNREADABLE  {_plain(sentence)}"
    if not projects:
        yield "There are no runs in this workspace yet."


def history_document(
    projects: Sequence[ToldProject], unreadable: Sequence[str]
) -> dict[str, object]:
    """Return the same facts for a machine."""
    return {
        "format_version": 1,
        "projects": [_project_document(told) for told in projects],
        "unreadable": list(unreadable),
    }


def _run_lines(told: ToldProject) -> Iterator[str]:
    trend = told.trend
    heads = table([_head(each.run) for each in trend.runs]).splitlines()
    for head, each in zip(heads, trend.runs, strict=True):
        if each.new_ground:
            title = ground_title(trend.ground(each.ground))
            yield f"-- {title}: not comparable with the run above --"
        yield head
        if each.run.run_id in told.champions:
            yield f"{_INDENT}champion"
        yield from (_INDENT + line for line in _details(each))


def _head(run: PastRun) -> tuple[str, ...]:
    images = "" if run.training_images is None else format_count(run.training_images, "image")
    verdict = run.score.verdict if run.score is not None else ""
    # what an emulated run would cost on AWS is in the line of all costs: there is no room for it
    usd = run.spent_usd if run.backend == "aws" else 0.0
    return run.run_id, ended_text(run), verdict, images, format_usd(usd)


def _details(each: TrendRun) -> Iterator[str]:
    run, score = each.run, each.run.score
    if score is not None:
        holdout = f"holdout {each.ground}" if each.ground else "holdout"
        yield (
            f"test F1 {format_ratio(score.test_f1)}, {holdout} F1 {format_ratio(score.holdout_f1)} "
            f"{format_interval(score.holdout_interval)}"
        )
        yield basis_text(score.basis)
    if each.same_model_as is not None:
        yield f"same model as {each.same_model_as.run_id}"
    if each.apart_from is not None:
        yield from textwrap.wrap(f"not comparable with the last: {apart_text(each)}", _WIDTH)
    if each.change is not None:
        yield from textwrap.wrap(_change_line(each.change, highest=each.best_so_far), _WIDTH)
    for sentence in (run.error, *run.unreadable):
        yield from textwrap.wrap(_plain(sentence), _WIDTH, break_long_words=False)
    if run.report:
        yield run.report


def _change_line(change: Change, *, highest: bool) -> str:
    since = change.since.run_id if change.passed_over else "the last"
    at_assumed = " at the assumed thresholds" if change.at_assumed else ""
    parts = [f"{change_text(change)} since {since}{at_assumed}", overlap_text(change)]
    if not change.same_labels:
        parts.append("other labels")
    if highest:
        parts.append("highest so far")
    return ", ".join(parts)


def _event_lines(events: Sequence[ChampionEvent]) -> Iterator[str]:
    """Yield the newest decisions about the champion; the page and `--json` have all."""
    if len(events) > _SHOWN_EVENTS:
        yield f"champions: the newest {_SHOWN_EVENTS} of {format_count(len(events), 'decision')}"
    elif events:
        yield "champions"
    for event in events[-_SHOWN_EVENTS:]:
        yield f"{_INDENT}{format_time(event.at)}  {event.run_id}  {event_title(event)}"
        reasons = _plain(event_reasons(event))
        yield from textwrap.wrap(
            reasons, 80, initial_indent=_INDENT * 2, subsequent_indent=_INDENT * 2
        )


def _ground_lines(trend: Trend) -> Iterator[str]:
    for ground in trend.grounds:
        if ground.standings:
            yield f"{ground_title(ground)}: {ground_details(ground)}"
        for standing in ground.standings:
            yield f"{_INDENT}{basis_text(standing.basis)}"
            yield f"{_INDENT}  {_highest(standing)}"


def _highest(standing: Standing) -> str:
    score = standing.best.score
    f1 = format_ratio(score.holdout_f1) if score else ""
    return f"highest F1 {f1} by {standing.best.run_id} of {format_count(standing.scores, 'score')}"


def _project_document(told: ToldProject) -> dict[str, object]:
    return {
        "project": told.project,
        "runs": [
            _run_document(each) | {"champion": each.run.run_id in told.champions}
            for each in told.trend.runs
        ],
        "champion_events": [event.model_dump(mode="json") for event in told.events],
        "holdouts": [
            {
                "number": ground.number,
                "digest": ground.holdout_digest,
                "backend": ground.backend,
                "images": ground.images,
                "best_run_id": ground.best.run_id if ground.best else None,
                "judged": [_standing_document(standing) for standing in ground.standings],
            }
            for ground in told.trend.grounds
        ],
        "spent_usd": {backend: told.trend.spent_usd(backend) for backend in told.trend.backends},
        "page": str(told.page) if told.page is not None else None,
        "no_page": told.no_page or None,
    }


def _standing_document(standing: Standing) -> dict[str, object]:
    return {
        "images": standing.basis.images,
        "thresholds": standing.basis.thresholds,
        "scores": standing.scores,
        "best_run_id": standing.best.run_id,
    }


def _run_document(each: TrendRun) -> dict[str, object]:
    change = each.change
    return {
        "number": each.number,
        **each.run.model_dump(mode="json"),
        "holdout_number": each.ground or None,
        "holdout_changed": each.new_ground,
        "change": None
        if change is None
        else {
            "since_run_id": change.since.run_id,
            "holdout_f1": change.f1,
            "intervals_overlap": change.intervals_overlap,
            "same_labels": change.same_labels,
            "at_assumed": change.at_assumed,
        },
        "not_comparable": apart_text(each) or None,
        "same_model_as": each.same_model_as.run_id if each.same_model_as else None,
        "best_so_far": each.best_so_far,
    }


def _plain(text: str) -> str:
    """Return one line that cannot steer the terminal, whatever errors and paths hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
