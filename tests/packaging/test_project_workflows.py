"""The project's own workflows: the least permission, fixed actions, targets that are there.

That GitHub can read them is judged with the shipped ones, in tests/infra/test_workflows.py.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.packaging.installing import ROOT

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.yml"))}
WRITES = {
    ("release", "publish"): {"id-token": "write"},
    ("release", "note"): {"contents": "write"},
    ("docs", "publish"): {"pages": "write", "id-token": "write"},
}
"""Every job that may do more than read, and what it may do."""
KNOWN_OWNERS = {"actions", "pypa"}


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield workflow, name and content of each job, with the permissions that it has."""
    for workflow, text in WORKFLOWS.items():
        read = yaml.safe_load(text)
        for name, job in read["jobs"].items():
            yield workflow, name, {"permissions": read["permissions"], **job}


JOBS = [pytest.param(*job, id=f"{job[0]}-{job[1]}") for job in jobs()]


def test_there_are_three() -> None:
    """Tests, a release, the site."""
    assert set(WORKFLOWS) == {"test", "release", "docs"}


@pytest.mark.parametrize(("workflow", "name", "job"), JOBS)
def test_job_may_do_what_it_needs(workflow: str, name: str, job: dict[str, Any]) -> None:
    """It reads the sources, where nothing else is named; only what publishes writes."""
    assert job["permissions"] == WRITES.get((workflow, name), {"contents": "read"})


@pytest.mark.parametrize("workflow", sorted(WORKFLOWS))
def test_action_is_fixed_to_a_commit(workflow: str) -> None:
    """A tag can be moved, a commit cannot; its version stands beside it. Nobody else's are used."""
    used = re.findall(r"uses: *(.*)", WORKFLOWS[workflow])
    assert used
    for action in used:
        told = re.fullmatch(r"([\w-]+)/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", action)
        assert told, action
        assert told[1] in KNOWN_OWNERS


def test_action_has_one_version_everywhere() -> None:
    """What is renewed in one workflow is renewed in all."""
    used = set(re.findall(r"uses: *(.*)", "\n".join(WORKFLOWS.values())))
    assert len(used) == len({action.partition("@")[0] for action in used})


def test_actions_are_renewed() -> None:
    """A commit stays what it is, with its weaknesses; all are renewed together."""
    (renewed,) = yaml.safe_load((FOLDER.parent / "dependabot.yml").read_text())["updates"]
    assert renewed["package-ecosystem"] == "github-actions"
    assert renewed["groups"] == {"actions": {"patterns": ["*"]}}


@pytest.mark.parametrize(("workflow", "name", "job"), JOBS)
def test_checkout_leaves_no_token_behind(workflow: str, name: str, job: dict[str, Any]) -> None:
    """What tests and builds run could read it from the checkout; what writes checks nothing out."""
    checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/check")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert not (checkouts and (workflow, name) in WRITES)


def test_make_knows_every_target_that_is_called() -> None:
    """A workflow calls make, so what it does can be done by hand."""
    called = set(re.findall(r"(?:run: | {10})make ([\w-]+)", "\n".join(WORKFLOWS.values())))
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert called >= {"check", "test", "dist", "wheel-demo", "sbom", "audit-dependencies", "docs"}
    assert called - targets == set()


def test_release_is_handed_on_before_it_is_tried() -> None:
    """The demo executes every dependency: none can change what is published, or its digests."""
    steps = [str(step) for step in yaml.safe_load(WORKFLOWS["release"])["jobs"]["build"]["steps"]]
    first_tried = next(place for place, step in enumerate(steps) if "make wheel-demo" in step)
    for name in ("'dist'", "'digests'"):
        assert any(f"'name': {name}" in step for step in steps[:first_tried])


def test_release_needs_no_stored_token() -> None:
    """The index trusts the workflow; what is published was built and tried before."""
    text = WORKFLOWS["release"]
    release = yaml.safe_load(text)["jobs"]
    assert "secrets." not in text
    assert release["publish"]["needs"] == "build"
    assert release["publish"]["environment"] == "release"
    assert release["note"]["needs"] == "publish"
