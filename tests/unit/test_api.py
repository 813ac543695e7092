"""The public API is what docs/python.md promises; a change of it is made on purpose."""

import dataclasses
import inspect
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import rcl_flow
from rcl_flow import AuditReport, Comparison, OpenedRun, PairedComparison, PastRun, RunOutcome
from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.judging.rows import Rows
from rcl_flow.pipeline.judging.run_columns import JudgedImage

ROOT = Path(__file__).parents[2]
CHANGED = """
The public API is not what it was. What only adds (a name, a parameter with a default, a field) goes
with the next MINOR: write it into this test, docs/python.md and CHANGELOG.md. What is renamed,
removed, reordered or given another default breaks programs: keep the old form beside it with a
DeprecationWarning, and take it out with the next MAJOR (docs/python.md, "What is promised").
"""
FUNCTIONS = {
    "apply_thresholds": "(answer, thresholds)",
    "audit": "(config, *, progress=None)",
    "compare_runs": "(first, second, *, margin=0.05)",
    "emulated_aws": "(world=None, *, scenario=None)",
    "list_runs": "(workspace='.rcl-flow', *, project=None)",
    "load_config": "(path, overrides=(), *, overlays=())",
    "open_run": "(run='latest', workspace='.rcl-flow')",
    "parse_thresholds": "(text)",
    "run": "(config, *, consent=False, progress=None)",
}
TYPES = {
    *("AuditReport", "Comparison", "FlowConfig", "OpenedRun", "PairedComparison", "PastRun"),
    *("RclFlowError", "RunOutcome"),
}
METHODS = {
    "OpenedRun.evaluate_again": "(self, *, thresholds=None, overrides=(), out=None)",
    "Rows.columns": "(self)",
    "Rows.to_pandas": "(self)",
}
FIELDS: dict[type, str] = {
    OpenedRun: "run_id project started_at folder outcome config comparison thresholds predictions "
    "labels report",
    JudgedImage: "uri sha256 truth predicted confidences_percent true_boxes predicted_boxes",
    RunOutcome: "run_id status decision project_version_arn model_status test holdout "
    "holdout_at_assumed gap reasons task labels advice cost warnings artifacts evaluation cautions",
    PastRun: "run_id project backend state started_at updated_at holdout_digest holdout_images "
    "test_digest training_images spent_usd score error project_version_arn report unreadable",
    AuditReport: "findings errors warnings notes waived",
    Comparison: "test holdout gap labels unjudged_labels untested_labels confusion mistakes "
    "refused task average_precision average_recall holdout_at_assumed",
    PairedComparison: "images task confidence_level margin first second f1 interval verdict "
    "mcnemar labels only_first_labels only_second_labels fixed broken",
}
"""What each has at least; more may come."""


def signature(function: object) -> str:
    """Return names, kinds and defaults of the parameters, without types, which may move."""
    assert callable(function)
    found = inspect.signature(function)
    bare = [each.replace(annotation=each.empty) for each in found.parameters.values()]
    return str(found.replace(parameters=bare, return_annotation=found.empty))


def attributes(kind: type) -> set[str]:
    """Return the names of fields, properties and methods that are public."""
    fields = list(kind.model_fields) if issubclass(kind, Frozen) else []
    if dataclasses.is_dataclass(kind):
        fields = [field.name for field in dataclasses.fields(kind)]
    return {name for name in (*fields, *vars(kind)) if not name.startswith("_")}


def test_public_names_are_pinned() -> None:
    """No name comes or goes by accident."""
    assert set(rcl_flow.__all__) == FUNCTIONS.keys() | TYPES, CHANGED
    assert {name for name in TYPES if not isinstance(getattr(rcl_flow, name), type)} == set()


def test_signatures_are_pinned() -> None:
    """No parameter is renamed, reordered or given another default by accident."""
    found = {name: signature(getattr(rcl_flow, name)) for name in FUNCTIONS}
    assert found == FUNCTIONS, CHANGED
    methods = {
        f"{kind.__name__}.{name}": signature(getattr(kind, name))
        for kind, name in ((OpenedRun, "evaluate_again"), (Rows, "columns"), (Rows, "to_pandas"))
    }
    assert methods == METHODS, CHANGED


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
def test_fields_are_pinned(kind: type) -> None:
    """What a program reads of a value stays there."""
    assert set(FIELDS[kind].split()) - attributes(kind) == set(), CHANGED


def test_change_of_a_signature_is_seen() -> None:
    """A renamed, reordered, newly required or otherwise preset parameter gives another text."""

    def before(path: str, overrides: Iterable[str] = (), *, deep: bool = False) -> None: ...
    def renamed(path: str, changes: Iterable[str] = (), *, deep: bool = False) -> None: ...
    def preset(path: str, overrides: Iterable[str] = (), *, deep: bool = True) -> None: ...
    def needed(path: str, overrides: Iterable[str] = (), *, deep: bool) -> None: ...
    def typed(path: Path, overrides: list[str] = (), *, deep: bool = False) -> int: ...  # type: ignore[assignment,empty-body]

    others = {signature(each) for each in (renamed, preset, needed)}
    assert signature(before) == "(path, overrides=(), *, deep=False)" == signature(typed)
    assert len(others - {signature(before)}) == 3


def test_page_names_every_public_name() -> None:
    """Nothing is public that its page does not show."""
    page = (ROOT / "docs" / "python.md").read_text()
    assert set(rcl_flow.__all__) - set(re.findall(r"\w+", page)) == set()


def test_types_are_there_for_checkers() -> None:
    """The package says that it is typed (PEP 561)."""
    assert (ROOT / "rcl_flow" / "py.typed").is_file()


def test_completion_shows_the_public_names() -> None:
    """What a notebook offers after `rcl_flow.` is what is public, before any of it is loaded."""
    code = "import rcl_flow; print(*dir(rcl_flow))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == sorted([*rcl_flow.__all__, "__version__"])


def test_past_runs_and_thresholds_load_no_sdk() -> None:
    """Who only reads runs, or applies thresholds, waits for neither boto3 nor the emulator."""
    code = (
        "import sys; from rcl_flow import apply_thresholds, parse_thresholds;"
        " light = {'numpy', 'pydantic', 'yaml', 'boto3'} & set(sys.modules);"
        " from rcl_flow import OpenedRun, list_runs, open_run;"
        " heavy = {'boto3', 'moto', 'sklearn', 'pandas'} & set(sys.modules);"
        " sys.exit(len(light | heavy))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
