"""Tests of `rcl-flow export`: what is written, printed and refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from rcl_flow.cli.app import run_app
from rcl_flow.config import parse_config
from rcl_flow.config.published import SCHEMA_LINE, SCHEMA_NAME, schema_text

ROOT = Path(__file__).parents[3]
INFRA = ROOT / "infra"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a config that is fit for a schedule, in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("flow.yaml").write_text((INFRA / "flow.example.yaml").read_text())
    return "flow.yaml"


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the JSON object that was printed."""
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def test_step_functions_get_all_that_is_deployed(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder holds template, build script, versions, parameters, deploy script and config."""
    assert run_app(["export", "stepfunctions", config, "--json"]) == 0
    document = told(capsys)
    copied = ["template.yaml", "build_lambda.sh", "constraints.txt"]
    names = [*copied, "params.json", "deploy.sh", "flow.yaml", SCHEMA_NAME]
    assert document["files"] == [f"rcl-flow-parts/{name}" for name in names]
    assert document["next"] == ["sh rcl-flow-parts/deploy.sh"]
    for name in ("template.yaml", "build_lambda.sh"):
        assert Path("rcl-flow-parts", name).read_text() == (INFRA / name).read_text()
    pins = (ROOT / "constraints.txt").read_text()
    assert Path("rcl-flow-parts/constraints.txt").read_text() == pins
    first, _, others = Path("rcl-flow-parts/flow.yaml").read_text().partition("\n")
    assert (first, others) == (SCHEMA_LINE, Path(config).read_text().partition("\n")[2])
    assert Path("rcl-flow-parts", SCHEMA_NAME).read_text() == schema_text()


def test_export_keeps_the_parameters_that_were_added(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mail address survives the next export; a file that is torn is named."""
    assert run_app(["export", "stepfunctions", config, "--out", "out"]) == 0
    path = Path("out/params.json")
    rows = json.loads(path.read_text())
    added = {"ParameterKey": "AlertsEmail", "ParameterValue": "ops@example.com"}
    path.write_text(json.dumps([added, *rows]))
    assert run_app(["export", "stepfunctions", config, "--out", "out"]) == 0
    assert json.loads(path.read_text()) == [*rows, added]
    path.write_text("[{")
    assert run_app(["export", "stepfunctions", config, "--out", "out"]) == 2
    assert "out/params.json cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["stepfunctions", "github-actions", "cron"])
def test_export_takes_no_file_for_its_folder(
    config: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody is told to remove the config because it holds no parameters."""
    assert run_app(["export", target, config, "--out", config]) == 2
    assert "flow.yaml is a file, not a folder" in capsys.readouterr().err


def test_export_tells_which_parameters_it_has_replaced(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bucket that somebody added to those of the data is not lost without a word."""
    arguments = ["export", "stepfunctions", config, "--out", "out", "--json"]
    assert run_app(arguments) == 0
    first = capsys.readouterr()
    assert json.loads(first.out)["replaced_parameters"] == {}
    assert "params.json" not in first.err
    path = Path("out/params.json")
    rows = {row["ParameterKey"]: row["ParameterValue"] for row in json.loads(path.read_text())}
    more = f"{rows['DataBuckets']},arn:aws:s3:::elsewhere"
    path.write_text(path.read_text().replace(f'"{rows["DataBuckets"]}"', f'"{more}"'))
    assert run_app(arguments) == 0
    again = capsys.readouterr()
    assert json.loads(again.out)["replaced_parameters"] == {"DataBuckets": more}
    told = f"out/params.json had another DataBuckets, which the config gives: '{more}'."
    assert told in " ".join(again.err.split())


@pytest.mark.parametrize("source", ["flow.yaml", "overlay.yaml"])
def test_export_does_not_replace_what_it_is_made_of(
    config: str, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `--out .` the config of the same name would lose its comments and variables."""
    Path("overlay.yaml").write_text("tags: {stage: prod}\n")
    Path("here").mkdir()
    arguments = ["export", "stepfunctions", config, "--overlay", "overlay.yaml", "--out", "here"]
    Path("here/flow.yaml").symlink_to(Path(source).resolve())
    before = Path(source).read_text()
    assert run_app(arguments) == 2
    assert f"would replace {source}, which it is made of" in capsys.readouterr().err
    assert Path(source).read_text() == before
    assert [path.name for path in Path("here").iterdir()] == ["flow.yaml"]


def test_parameters_are_those_of_the_template(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No parameter is unknown to the template, and all that has no default is given."""
    assert run_app(["export", "stepfunctions", config, "--json"]) == 0
    given = told(capsys)["parameters"]
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("!", lambda *_: None)  # type: ignore[attr-defined]  # PyYAML's own
    template = yaml.load((INFRA / "template.yaml").read_text(), loader)  # noqa: S506  # a safe one
    known = template["Parameters"]
    assert set(given) <= set(known)
    assert {name for name, each in known.items() if "Default" not in each} <= set(given)


def test_examples_of_infra_are_exports(config: str) -> None:
    """infra/ shows what the command writes, not what it once wrote."""
    assert run_app(["export", "stepfunctions", config, "--out", "out"]) == 0
    assert Path("out/params.json").read_text() == (INFRA / "params.example.json").read_text()
    Path("infra").mkdir()
    Path(config).rename("infra/flow.example.yaml")
    assert run_app(["export", "github-actions", "infra/flow.example.yaml"]) == 0
    written = Path(".github/workflows/rcl-flow-parts.yml").read_text()
    assert written == (INFRA / "github-actions" / "retrain.yml").read_text()


def test_cron_is_printed_or_written(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The lines can be piped into a crontab, or kept in a file."""
    arguments = ["export", "cron", config, "--schedule", "cron(30 2 1 * ? *)", "--command", "run"]
    assert run_app(arguments) == 0
    printed = capsys.readouterr().out
    assert "\n30 2 1 * * mkdir" in printed
    assert f"-m rcl_flow run {Path.cwd()}/flow.yaml --no-wait --yes" in printed
    assert run_app([*arguments, "--out", "out"]) == 0
    assert Path("out/rcl-flow-parts.cron").read_text() == printed
    assert "(crontab -l; cat out/rcl-flow-parts.cron) | crontab -" in capsys.readouterr().out


def test_cron_that_is_exported_again_takes_the_place_of_its_earlier_lines(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines that stay in the crontab would go on starting runs at the old times."""
    assert run_app(["export", "cron", config, "--out", "out"]) == 0
    capsys.readouterr()
    assert run_app(["export", "cron", config, "--out", "out"]) == 0
    told = capsys.readouterr().out
    assert "take its earlier lines out with `crontab -e`" in told
    assert "| crontab -" not in told


def test_export_says_when_no_budget_limits_the_schedule(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody is asked for consent there."""
    assert run_app(["export", "cron", config]) == 0
    assert "no `budget.max_usd` limits it" in capsys.readouterr().err
    Path("overlay.yaml").write_text("budget: {max_usd: 30}\n")
    assert run_app(["export", "cron", config, "--overlay", "overlay.yaml"]) == 0
    assert capsys.readouterr().err == ""


def test_cron_says_how_an_address_is_set(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The variable that the config names stands in the file, to be filled in."""
    text = Path(config).read_text().replace("secretsmanager:parts/slack-webhook", "env:SLACK_URL")
    Path(config).write_text(text)
    assert run_app(["export", "cron", config]) == 0
    assert "\n# SLACK_URL=\n" in capsys.readouterr().out


def test_repeated_trainings_count_unless_the_command_trains_once(config: str) -> None:
    """What is refused for `retrain` may be fit for `run`."""
    Path(config).write_text(
        Path(config).read_text().replace("promotion:", "promotion:\n  repeat: 10")
    )
    assert run_app(["export", "stepfunctions", config]) == 2
    assert run_app(["export", "stepfunctions", config, "--command", "run"]) == 0


@pytest.mark.parametrize("target", ["stepfunctions", "github-actions", "cron"])
def test_config_that_cannot_work_is_refused_and_nothing_written(
    config: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One clear error, exit 2."""
    text = Path(config).read_text().replace("backend: aws", "backend: emulator")
    Path(config).write_text(text)
    assert run_app(["export", target, config, "--json"]) == 2
    assert told(capsys)["error"]["slug"] == "config-invalid"
    assert list(Path().iterdir()) == [Path(config)]


def test_schedule_that_is_none_is_refused(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is looked at before anything is written."""
    assert run_app(["export", "cron", config, "--schedule", "every monday"]) == 2
    assert "'every monday' is not valid" in capsys.readouterr().err


def test_cron_names_overlays_and_the_variables_of_the_config(
    config: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a run stands on stands in the crontab too."""
    monkeypatch.setenv("PARTS_BUCKET", "parts-production")
    Path("prod.yaml").write_text("storage:\n  bucket: ${PARTS_BUCKET}\n")
    assert run_app(["export", "cron", config, "--overlay", "prod.yaml"]) == 0
    printed = capsys.readouterr().out
    assert f"flow.yaml --overlay {Path.cwd()}/prod.yaml --no-wait --yes" in printed
    assert "or no run begins:\n# PARTS_BUCKET=\n" in printed
    assert "parts-production" not in printed


def test_a_workflow_names_overlays_and_the_variables_of_the_config(
    config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are data of the workflow; variables are those of the repository's environment."""
    monkeypatch.setenv("PARTS_BUCKET", "parts-production")
    Path("prod.yaml").write_text("storage:\n  bucket: ${PARTS_BUCKET}\n")
    assert run_app(["export", "github-actions", config, "--overlay", "prod.yaml"]) == 0
    workflow = yaml.safe_load(Path(".github/workflows/rcl-flow-parts.yml").read_text())
    tick = workflow["jobs"]["tick"]
    assert tick["env"]["RCL_FLOW_OVERLAY_1"] == "prod.yaml"
    assert tick["env"]["PARTS_BUCKET"] == "${{ vars.PARTS_BUCKET }}"
    (script,) = [step["run"] for step in tick["steps"] if step.get("name") == "Tick"]
    assert '"$RCL_FLOW_CONFIG" --overlay "$RCL_FLOW_OVERLAY_1" --no-wait' in script


def test_the_workers_config_is_one_file_without_variables(
    config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function has neither the overlay nor the variables of this machine."""
    monkeypatch.setenv("PARTS_BUCKET", "parts-production")
    overlay = "data: {description: 'of $${x}'}\ngates: {min_holdout_f1: '${PARTS_F1:-0.7}'}\n"
    Path("prod.yaml").write_text(f"{overlay}tags: {{bucket: '${{PARTS_BUCKET}}'}}\n")
    assert run_app(["export", "stepfunctions", config, "--overlay", "prod.yaml"]) == 0
    text = Path("rcl-flow-parts/flow.yaml").read_text()
    read = parse_config(text, environment={})
    assert text.startswith(SCHEMA_LINE)
    assert (read.bucket, read.data.description) == ("parts-data", "of ${x}")
    assert (read.gates.min_holdout_f1, read.tags["bucket"]) == (0.7, "parts-production")
