"""Tests of how the history of projects is told."""

import json
from dataclasses import replace
from pathlib import Path

from rcl_flow.cli.history_text import ToldProject, history_document, history_lines
from rcl_flow.core.history.history import trend_of
from rcl_flow.core.history.past_runs import PastRun
from rcl_flow.core.promotion.decision import Reason
from rcl_flow.report.trend_wording import basis_text
from tests.unit.report.test_trend_html import FAILED, RUNS, TUNED, A, decided, of_model, past

PAGE = Path("trend-parts.html")


def told(*runs: PastRun, page: Path | None = PAGE) -> ToldProject:
    """Return a project with these runs."""
    return ToldProject("parts", trend_of(runs), page)


def text(*projects: ToldProject, unreadable: tuple[str, ...] = ()) -> str:
    """Return what a person reads."""
    return "\n".join(history_lines(projects, unreadable))


def test_history_lines_fit_80_columns() -> None:
    """Long errors are wrapped; only paths may be longer."""
    long = past(7, None, error=f"[aws-refused] {'The call was refused. ' * 20}")
    dear = past(8, spent_usd=12345.67, training_images=250_000, run_id="20261108T110000Z-89abcdef")
    emulated = past(9, backend="emulator")
    ended = past(10, None, state="interrupted")
    assert dear.score is not None
    unsure = dear.score.model_copy(update={"verdict": "inconclusive"})
    dear = dear.model_copy(update={"score": unsure})
    lines = text(told(*RUNS, long, dear, emulated, ended)).splitlines()
    assert [line for line in lines if len(line) > 80] == []


def test_history_tells_each_run_with_score_and_change() -> None:
    """Decision, verdict, training images and cost on one line; the scores on the next."""
    lines = [line.strip() for line in text(told(*RUNS)).splitlines()]
    assert lines[0] == "project parts: 6 runs, 5 with a score"
    start = lines.index("20261104T110000Z-01234564  promote  generalises  760 images  $2.25")
    assert lines[start + 1 : start + 4] == [
        "test F1 0.960, holdout 1 F1 0.930 [0.900, 0.950]",
        "988 images judged, assumed thresholds",
        "+0.050 since the last, intervals overlap, highest so far",
    ]


def test_history_marks_where_the_holdout_changes() -> None:
    """Between the runs, once."""
    shown = text(told(*RUNS))
    mark = "-- Holdout 2: not comparable with the run above --"
    assert shown.count(mark) == 1
    assert shown.index(RUNS[3].run_id) < shown.index(mark) < shown.index(RUNS[4].run_id)


def test_history_tells_why_a_run_has_no_score() -> None:
    """A failed run shows its error, one whose files are torn what cannot be read."""
    torn = past(4, None, state="completed", unreadable=("The outcome x cannot be read: form.",))
    shown = text(told(FAILED, torn, page=None))
    assert "failed" in shown
    assert "[training-failed] The training failed: too few images of scratch." in shown
    assert "The outcome x cannot be read: form." in shown
    assert "page" not in shown


def test_history_says_why_there_is_no_page() -> None:
    """No score, or a workspace that may only be read; a machine is told the same."""
    project = ToldProject("parts", trend_of([FAILED]), None, "no run has a score")
    assert "\nno page: no run has a score" in text(project)
    (document,) = json.loads(json.dumps(history_document([project], [])))["projects"]
    assert (document["page"], document["no_page"]) == (None, "no run has a score")


def test_history_sells_no_tuned_thresholds_as_progress() -> None:
    """The same model on fewer images at tuned thresholds: told, and not compared."""
    shown = text(told(past(1, 0.9, **of_model("arn:one")), TUNED))
    assert (
        "    692 images judged, tuned thresholds\n"
        f"    same model as {past(1).run_id}\n"
        "    not comparable with the last: other images judged (692, before 988)\n"
    ) in shown
    assert "since" not in shown
    assert "so far" not in shown
    facts = history_document([told(past(1), TUNED)], [])
    run = json.loads(json.dumps(facts))["projects"][0]["runs"][1]
    assert run["change"] is None
    assert run["not_comparable"] == "other images judged (692, before 988)"
    assert (run["score"]["judged_images"], run["score"]["thresholds"]) == (692, "tuned")


def test_history_names_the_run_that_a_change_counts_from() -> None:
    """When scores in between cannot be compared; lines still fit."""
    shown = text(told(past(1, 0.8), TUNED, past(6, 0.92)))
    line = f"+0.120 since {past(1).run_id}, intervals do not overlap, highest so\n    far"
    assert line in shown
    assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_basis_is_told_without_a_count_that_is_not_known() -> None:
    """Then only the kind of thresholds stands there."""
    score = past(1).score
    assert score is not None
    assert basis_text(score.basis._replace(images=None)) == "assumed thresholds"


def test_history_ends_with_the_best_of_each_holdout_cost_and_page() -> None:
    """The summary names the run to go back to."""
    shown = text(told(*RUNS))
    assert (
        "Holdout 1: 988 images, digest aaaaaaaa\n"
        "    988 images judged, assumed thresholds\n"
        f"      highest F1 0.930 by {RUNS[3].run_id} of 3 scores\n"
        "Holdout 2: 988 images, digest bbbbbbbb\n"
        "    988 images judged, assumed thresholds\n"
        f"      highest F1 0.910 by {RUNS[5].run_id} of 2 scores\n"
        "cost  $12.75 spent on AWS.\n"
        "page  trend-parts.html"
    ) in shown


def test_history_tells_reports_and_other_labels() -> None:
    """The report's path stands in full; a mean over other labels is told."""
    first = past(1)
    assert first.score is not None
    other = first.score.model_copy(update={"judged_labels": ("one",)})
    runs = (first.model_copy(update={"score": other}), past(2, report="runs/2/report.html"))
    shown = text(told(*runs))
    assert "no change since the last, intervals overlap, other labels" in shown
    assert "\n    runs/2/report.html\n" in shown


def test_history_names_what_cannot_be_read() -> None:
    """Records and folders that belong to no run come last."""
    assert text(told(*RUNS), unreadable=("The record runs/x cannot be read.",)).endswith(
        "UNREADABLE  The record runs/x cannot be read."
    )
    assert text() == "There are no runs in this workspace yet."


def test_history_cannot_steer_the_terminal() -> None:
    """What an error or a project's name holds is printed as text."""
    evil = past(1, None, error="red \x1b[31m and\nmore")
    shown = "\n".join(history_lines([ToldProject("a\x1b[2J", trend_of([evil]), None)], ["\x07"]))
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_history_document_has_the_same_facts() -> None:
    """A machine reads runs, holdouts, changes and where the page is."""
    facts = history_document([told(*RUNS)], ["The record x."])
    document = json.loads(json.dumps(facts))
    assert document == facts
    assert document["unreadable"] == ["The record x."]
    (project,) = document["projects"]
    assert project["page"] == "trend-parts.html"
    assert project["spent_usd"] == {"aws": 12.75}
    assert project["holdouts"][0] == {
        "number": 1,
        "digest": A,
        "backend": "aws",
        "images": 988,
        "best_run_id": RUNS[3].run_id,
        "judged": [
            {
                "images": 988,
                "thresholds": "assumed",
                "scores": 3,
                "best_run_id": RUNS[3].run_id,
            }
        ],
    }
    runs = project["runs"]
    assert [run["holdout_changed"] for run in runs] == [False] * 4 + [True, False]
    assert runs[2]["change"] is None
    assert runs[3]["score"]["holdout_f1"] == 0.93
    change = runs[3]["change"]
    assert (change["since_run_id"], change["intervals_overlap"]) == (RUNS[1].run_id, True)
    assert runs[3]["best_so_far"] is True
    assert (change["at_assumed"], runs[3]["not_comparable"], runs[3]["same_model_as"]) == (
        False,
        None,
        None,
    )


def test_history_marks_the_champion_and_tells_the_newest_decisions() -> None:
    """Those before are on the page; every one is in the document."""
    reason = Reason(gate="max_loss", message="It may lose more than 0.020. " * 4)
    events = tuple(decided(n, RUNS[3], "kept", reasons=(reason,)) for n in range(1, 8))
    project = replace(told(*RUNS), events=events, champions=frozenset({RUNS[1].run_id}))
    lines = text(project).splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith(RUNS[1].run_id))
    assert lines[place + 1] == "    champion"
    assert lines.count("    champion") == 1
    assert "champions: the newest 5 of 7 decisions" in lines
    assert sum("kept" in line for line in lines if line.startswith("    2026")) == 5
    assert [line for line in lines if len(line) > 80] == []
    document = history_document([project], ())
    (shown,) = json.loads(json.dumps(document))["projects"]
    assert [run["champion"] for run in shown["runs"]] == [n == 1 for n in range(6)]
    assert len(shown["champion_events"]) == 7


def test_history_tells_emulated_runs_as_unpaid() -> None:
    """Their line says what was paid; what it would be on AWS is in the line of all costs."""
    shown = text(told(past(1, backend="emulator", spent_usd=2.25)))
    assert " images  $0.00\n" in shown
    assert "cost  Nothing was paid for runs on the emulator; on AWS: $2.25." in shown
