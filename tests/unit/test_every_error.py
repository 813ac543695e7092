"""Every slug is provoked by a test: here by typing a command, or where its scene is built.

A new error needs a command in `TYPED` or a test in `ELSEWHERE`.
"""

import ast
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.explaining import error_kinds

TESTS = Path(__file__).parents[1]
KINDS = {kind.slug: kind for kind in error_kinds()}
CONFIG = "project: p\ndata: {train: {folder: a}, test: {folder: b}, holdout: {folder: c}}\n"
LINE = (
    '{"source-ref":"s3://b/a.png","l":1,"l-metadata":{"class-name":"x","confidence":1,"type":'
    '"groundtruth/image-classification","human-annotated":"yes","creation-date":"2024-01-01T00:00"}}'
)
EMPTY_WORKSPACE = ((".rcl-flow/state.sqlite", ""),)
COLUMNS = 80
MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Typed:
    """A command that ends with an error."""

    command: str
    """With files of the scene's folder and, as PORT, a port that is taken."""
    says: str
    """What happened or where."""
    files: tuple[tuple[str, str], ...] = ()


TYPED = {
    "config-invalid": Typed(
        "validate c.yaml",
        "c.yaml:3: inferense: unknown key; did you mean 'inference'?",
        (("c.yaml", f"{CONFIG}inferense: 1\n"),),
    ),
    "config-not-found": Typed("validate nowhere.yaml", "nowhere.yaml: No such file"),
    "data-not-found": Typed("audit c.yaml", "There is no folder a.", (("c.yaml", CONFIG),)),
    "annotations-unreadable": Typed(
        "convert torn.json out --to csv --from coco",
        "torn.json: it is not JSON",
        (("torn.json", "{"),),
    ),
    "run-unknown": Typed("report nope", "No run starts with 'nope'.", EMPTY_WORKSPACE),
    "champion-unknown": Typed(
        "rollback parts", "The project 'parts' has no champion in this workspace.", EMPTY_WORKSPACE
    ),
    "store-broken": Typed(
        "status --workspace w",
        "w/state.sqlite cannot be used: file is not a database.",
        (("w/state.sqlite", "no database, but long enough to be looked at as one"),),
    ),
    "local-files": Typed(
        "lint m.manifest --fix file/m.manifest",
        "Cannot use file/m.manifest: File exists.",
        (("file", "no folder"), ("m.manifest", f"{LINE}\n\n")),
    ),
    "emulator-unavailable": Typed(
        "emulate --port PORT", "cannot listen on 127.0.0.1:PORT: Address already in use."
    ),
}
"""The errors that need no network, no model and no other process."""

ELSEWHERE = {
    "aws-refused": "unit/aws/test_errors.py::test_aws_errors_keeps_operation_code_and_request_id",
    "bucket-not-found": "e2e/test_bad_input.py::test_missing_bucket",
    "aws-credentials": "e2e/test_bad_input.py::test_missing_credentials",
    "aws-unreachable": "unit/pipeline/doctor/test_doctor.py"
    "::test_a_dead_network_is_no_problem_of_the_credentials",
    "dataset-foreign": "unit/pipeline/training/test_datasets.py"
    "::test_ensure_datasets_refuses_a_foreign_dataset",
    "entries-refused": "unit/pipeline/training/test_dataset_delta.py"
    "::test_every_error_of_an_entry_is_told_with_image_code_and_cure",
    "version-foreign": "unit/pipeline/training/test_training.py"
    "::test_find_training_refuses_a_version_of_other_content",
    "copy-differs": "unit/pipeline/copies/test_copied_runs.py"
    "::test_copy_with_other_answers_is_refused",
    "watchdog-not-armed": "unit/pipeline/serving/test_watchdog.py"
    "::test_model_is_not_started_when_the_schedule_cannot_be_set",
    "output-unreadable": "unit/core/training/test_evaluation.py"
    "::test_evaluation_is_unreadable_when_a_file_is_not_its_own",
    "predictions-lost": "unit/pipeline/predicting/test_predicting.py"
    "::test_predict_holdout_raises_when_too_many_images_are_refused",
    "doctor-found-problems": "e2e/test_doctor.py::test_doctor_names_missing_credentials",
    "consent-needed": "e2e/test_bad_input.py::test_unasked_cost",
    "executor-unavailable": "unit/wiring/test_executors.py"
    "::test_a_cluster_that_does_not_answer_is_one_clear_error",
    "extra-missing": "unit/wiring/test_executors.py"
    "::test_without_the_package_the_error_says_what_to_install",
    "retraining-under-way": "unit/pipeline/retraining/test_under_way.py"
    "::test_images_for_one_call_are_refused_while_another_retraining_goes_on",
    "champion-protected": "unit/pipeline/gc/test_keeping.py::test_run_of_the_champion_is_protected",
    "model-kept": "unit/pipeline/gc/test_keeping.py"
    "::test_run_whose_model_is_kept_running_is_protected_until_its_end",
    "dataset-gate": "e2e/test_bad_input.py::test_label_with_one_image",
    "holdouts-differ": "e2e/test_compare.py::test_compare_refuses_runs_on_different_holdouts",
    "training-failed": "e2e/test_bad_input.py::test_failed_training",
    "wait-timeout": "unit/pipeline/training/test_training.py"
    "::test_await_training_gives_up_at_the_deadline",
    "shards-lost": "unit/pipeline/sharding/test_shards.py"
    "::test_work_off_gives_up_after_three_rounds",
    "champion-changed": "unit/pipeline/promotion/test_promoting.py"
    "::test_of_two_that_decide_at_once_one_is_refused",
    "run-held": "unit/pipeline/gc/test_collecting.py"
    "::test_collect_is_refused_while_another_run_holds_the_project",
    "lease-lost": "unit/pipeline/state/test_lease.py::test_lease_ends_without_a_sign_of_life",
    "budget-exceeded": "unit/pipeline/test_planning.py"
    "::test_run_refuses_a_training_that_the_budget_cannot_pay",
    "model-not-stopped": "e2e/test_bad_input.py::test_stop_that_is_refused",
    "model-not-started": "e2e/test_bad_input.py::test_start_that_fails",
}
"""The test that provokes each of the others, with the emulator in the state that it needs."""


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Yield a port of 127.0.0.1 at which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that commands are typed in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def type_in(scene: Path, typed: Typed, port: int, *more: str) -> int:
    """Lay the files out, run the command, and return its exit code."""
    for name, text in typed.files:
        (scene / name).parent.mkdir(exist_ok=True)
        (scene / name).write_text(text)
    return run_app([*typed.command.replace("PORT", str(port)).split(), *more])


@pytest.mark.parametrize("slug", TYPED)
def test_error_is_one_clear_message(
    slug: str, scene: Path, taken_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """What happened and where, what to do, the slug, few lines of 80 columns, and no traceback."""
    typed = TYPED[slug]
    assert type_in(scene, typed, taken_port) == KINDS[slug].exit_code
    shown = capsys.readouterr()
    message, hint = printed_error(shown.err, slug)
    assert typed.says.replace("PORT", str(taken_port)) in message
    assert "Traceback" not in shown.err
    assert message[-1] in ".?"
    assert hint[-1] == "."
    for text in (f"error [{slug}]: {message}", f"  hint: {hint}"):
        assert len(wrap(text, COLUMNS)) <= MOST_LINES


@pytest.mark.parametrize("slug", sorted(set(TYPED) - {"emulator-unavailable"}))
def test_error_is_an_object_too(
    slug: str, scene: Path, taken_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine reads the same from stdout; `emulate` alone answers to no machine."""
    assert type_in(scene, TYPED[slug], taken_port, "--json") == KINDS[slug].exit_code
    shown = capsys.readouterr()
    error = json.loads(shown.out)["error"]
    assert (error["slug"], error["exit_code"]) == (slug, KINDS[slug].exit_code)
    assert (error["message"], error["hint"]) == printed_error(shown.err, slug)


def printed_error(stderr: str, slug: str) -> tuple[str, str]:
    """Return message and hint of the error that was printed last."""
    _, _, told = stderr.partition(f"error [{slug}]: ")
    message, _, rest = told.partition("\n  hint: ")
    return message, rest.splitlines()[0]


def test_every_slug_is_provoked() -> None:
    """None is without a test, and none is counted twice."""
    assert sorted([*TYPED, *ELSEWHERE]) == sorted(KINDS)


@pytest.mark.parametrize("slug", ELSEWHERE)
def test_test_elsewhere_provokes_the_slug(slug: str) -> None:
    """It is there, expects that very error, and runs each time."""
    file, _, name = ELSEWHERE[slug].partition("::")
    (found,) = [
        ast.unparse(part)
        for part in ast.parse((TESTS / file).read_text()).body
        if isinstance(part, ast.FunctionDef) and part.name == name
    ]
    assert f"pytest.raises({KINDS[slug].__name__}" in found or f"'{slug}'" in found
    assert "mark.slow" not in found
    assert "mark.skip" not in found
