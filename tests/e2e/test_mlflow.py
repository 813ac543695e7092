"""Log to a real MLflow store in a file, in the environment that MLflow has of its own.

`make slow` makes it; tests/unit/integrations and tests/unit/pipeline hold the same promises against
a store in memory.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.bench import Bench, Ended, clean_environment

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-mlflow" / "bin" / "python"
LOOK = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient(tracking_uri=sys.argv[1])
experiment = client.get_experiment_by_name("rcl-flow")
found = [] if experiment is None else client.search_runs([experiment.experiment_id])
print(json.dumps([
    {
        "status": run.info.status,
        "name": run.info.run_name,
        "params": run.data.params,
        "metrics": run.data.metrics,
        "tags": run.data.tags,
        "artifacts": sorted(each.path for each in client.list_artifacts(run.info.run_id)),
    }
    for run in found
]))
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="`make slow` makes MLflow's environment"),
]


def run(bench: Bench, uri: str) -> Ended:
    """Run the flow in MLflow's environment."""
    ended = subprocess.run(
        [
            PYTHON,
            "-m",
            "rcl_flow",
            "run",
            "config.yaml",
            "--json",
            "--set",
            f"tracking.mlflow_uri={uri}",
        ],
        cwd=bench.folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def runs_in(bench: Bench, uri: str) -> list[dict[str, Any]]:
    """Return what MLflow itself says of the runs in a store."""
    ended = subprocess.run(
        [PYTHON, "-c", LOOK, uri], cwd=bench.folder, capture_output=True, text=True, check=True
    )
    found: list[dict[str, Any]] = json.loads(ended.stdout)
    return found


def test_run_is_in_the_store_once_with_figures_digests_and_report(bench: Bench) -> None:
    """What a person looks for in MLflow is there, and the same command again adds nothing."""
    uri = "sqlite:///mlflow.db"
    ended = run(bench, uri)
    assert ended.code == 0, ended.stderr
    outcome = ended.document
    again = run(bench, uri)
    assert (again.code, again.document["status"]) == (0, "unchanged")
    (logged,) = runs_in(bench, uri)
    assert (logged["status"], logged["name"]) == ("FINISHED", outcome["run_id"])
    assert logged["metrics"]["holdout_f1"] == outcome["holdout"]["f1"]
    assert logged["metrics"]["holdout_f1_low"] == outcome["holdout"]["f1_interval"][0]
    assert logged["metrics"]["estimated_usd"] == outcome["cost"]["estimated_usd"]
    assert logged["params"]["project"] == "digits"
    assert logged["params"]["gates.min_holdout_f1"] == "0.5"
    assert logged["tags"]["rcl_flow.run_id"] == outcome["run_id"]
    assert logged["tags"]["rcl_flow.project_version_arn"] == outcome["project_version_arn"]
    assert len(logged["tags"]["rcl_flow.digest.holdout"]) == 64
    assert logged["artifacts"] == ["certificate.json", "report.html", "run.json"]


def test_server_that_is_down_is_a_notice_and_the_run_is_logged_later(bench: Bench) -> None:
    """The run is done and exits 0; its log is made up for when the server is back."""
    ended = run(bench, "http://127.0.0.1:9")
    assert ended.code == 0, ended.stderr
    assert "note  The run was not logged to MLflow: " in ended.stderr
    uri = "sqlite:///mlflow.db"
    again = run(bench, uri)
    assert (again.code, again.document["status"]) == (0, "unchanged")
    (logged,) = runs_in(bench, uri)
    assert logged["name"] == ended.document["run_id"]
