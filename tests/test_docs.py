"""The documents say what the program does."""

import json
import re
from pathlib import Path

import pytest
import typer.main
import yaml

import rcl_flow.errors
from rcl_flow.cli.app import app
from rcl_flow.config import FlowConfig, parse_config
from rcl_flow.config.published import config_schema
from rcl_flow.core.audit.catalogue import RULES, docs_of
from rcl_flow.errors import RclFlowError
from tests.docs.fences import PAGES, ROOT


def error_classes(root: type[RclFlowError] = RclFlowError) -> list[type[RclFlowError]]:
    """Return every class of the error tree below its root."""
    return [kind for child in root.__subclasses__() for kind in (child, *error_classes(child))]


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.slug)
def test_every_error_has_its_section(kind: type[RclFlowError]) -> None:
    """A slug that is printed can be looked up, and stands in the tree's drawing."""
    assert f"\n## {kind.slug}\n" in (ROOT / "docs" / "errors.md").read_text()
    assert re.search(rf"{kind.__name__} .*{kind.slug}", rcl_flow.errors.__doc__ or "")


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.slug)
def test_every_section_of_an_error_begins_with_its_exit_code(kind: type[RclFlowError]) -> None:
    """A script that looks a slug up reads the code that the program ends with."""
    text = (ROOT / "docs" / "errors.md").read_text()
    assert f"\n## {kind.slug}\nExit {kind.exit_code}. " in text


def test_every_exit_code_is_documented() -> None:
    """The table of exit codes has a row for each code that an error can give."""
    text = (ROOT / "docs" / "errors.md").read_text()
    assert all(f"| {kind.exit_code} |" in text for kind in error_classes())


def test_every_command_is_in_the_readme() -> None:
    """The README's table names each command of the program and no other."""
    text = (ROOT / "README.md").read_text()
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group
    assert set(re.findall(r"^\| `rcl-flow ([a-z-]+)", text, re.MULTILINE)) == commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file that is there."""
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        assert "://" in target or (page.parent / target).exists(), target


def test_published_schema_is_current() -> None:
    """config/flow.schema.json is what `rcl-flow validate --schema` prints."""
    published = json.loads((ROOT / "config" / "flow.schema.json").read_text())
    assert published == config_schema()


def test_example_config_shows_every_default() -> None:
    """config/example.yaml is the minimal config with each default written out."""
    text = (ROOT / "config" / "example.yaml").read_text()
    data = yaml.safe_load(text)["data"]
    minimal = yaml.safe_dump({"project": "parts", "data": data})
    assert parse_config(text) == parse_config(minimal)
    shown = set(re.findall(r"^ *([a-z_0-9]+):", text, re.MULTILINE))
    for section in FlowConfig.model_fields:
        assert section in shown


@pytest.mark.parametrize("name", ["demo.yaml", "example.yaml"])
def test_shipped_configs_are_valid(name: str) -> None:
    """The configs of the repository can be run as they are."""
    parse_config((ROOT / "config" / name).read_text(), file_name=name)


def calls_of(gateway: str) -> set[str]:
    """Return the operations, such as `CreateProject`, that a module of `aws/` calls."""
    source = (ROOT / "rcl_flow" / "aws" / f"{gateway}.py").read_text()
    names: list[str] = re.findall(r"self\._client\.([a-z_0-9]+)", source)
    return {name.title().replace("_", "") for name in names}


def allowed(service: str) -> set[str]:
    """Return the actions of the service, without its name, that infra/policies/run.json allows."""
    policy = json.loads((ROOT / "infra" / "policies" / "run.json").read_text())
    actions = [action for statement in policy["Statement"] for action in statement["Action"]]
    return {name for prefix, _, name in (a.partition(":") for a in actions) if prefix == service}


@pytest.mark.parametrize(
    ("service", "gateways"),
    [("rekognition", ("rekognition", "dataset_entries")), ("scheduler", ("scheduler",))],
)
def test_policy_allows_every_call_that_the_gateway_makes(
    service: str, gateways: tuple[str, ...]
) -> None:
    """infra/policies/run.json has each action that the gateway uses, and no other."""
    assert all(calls_of(gateway) for gateway in gateways)
    assert allowed(service) == set().union(*map(calls_of, gateways))


def test_copying_policies_are_told_where_copying_is() -> None:
    """The page about copying names each call that a copy needs besides those of a run."""
    text = (ROOT / "docs" / "24-copying-models.md").read_text()
    named = set(re.findall(r'"rekognition:([A-Za-z]+)"', text))
    assert calls_of("model_copies") <= named


def test_policy_allows_every_call_to_s3_and_what_rekognition_reads_as_the_caller() -> None:
    """S3's actions are named unlike its operations; creating a bucket is left to the user."""
    actions = {
        "HeadBucket": "ListBucket",
        "ListObjectsV2": "ListBucket",
        "GetObject": "GetObject",
        "PutObject": "PutObject",
        "DeleteObject": "DeleteObject",
        "DeleteObjects": "DeleteObject",
    }
    needed = {actions[call] for call in calls_of("s3") - {"CreateBucket"}}
    read_by_rekognition = {
        "GetBucketLocation",
        "GetBucketAcl",
        "GetObjectAcl",
        "GetObjectVersion",
        "GetObjectTagging",
    }
    assert allowed("s3") == needed | read_by_rekognition


def test_policy_hands_a_role_to_the_scheduler_alone() -> None:
    """Who may pass a role to any service may do whatever any role may do."""
    policy = json.loads((ROOT / "infra" / "policies" / "run.json").read_text())
    (passing,) = [one for one in policy["Statement"] if "iam:PassRole" in one["Action"]]
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
    }
    assert passing["Resource"] != "*"


@pytest.mark.parametrize("rule", RULES)
def test_every_audit_rule_has_its_section(rule: str) -> None:
    """A finding leads to a section that says what to do, and to a practice that is listed."""
    page, _, anchor = docs_of(rule).partition("#")
    text = (ROOT / page).read_text()
    assert f"\n### {anchor}\n" in text
    practice = RULES[rule].practice
    assert not practice or f"| {practice} |" in text


def test_documentation_knows_no_audit_rule_that_is_not_there() -> None:
    """A section about a rule is about one that exists."""
    text = (ROOT / "docs" / "06-your-data.md").read_text()
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) == set(RULES)
