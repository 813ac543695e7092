"""Tests of run folders that go from machine to machine."""

from dataclasses import replace

from rcl_flow.pipeline.runs.shared_folders import bring_folder, share_folder
from rcl_flow.pipeline.state.records import run_folder
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.sharding.test_shards import shared


def test_a_folder_is_brought_whole_to_another_machine(bench: Bench) -> None:
    """Every file arrives with its bytes, those in folders too."""
    here = shared(bench.services(), bench.folder / "here")
    there = replace(here, workspace=bench.folder / "there")
    folder = run_folder(here.workspace, "a-run")
    (folder / "evaluations" / "one").mkdir(parents=True)
    (folder / "run.json").write_bytes(b"{}")
    (folder / "evaluations" / "one" / "page.html").write_bytes(bytes(range(256)))
    share_folder("a-run", here)
    brought = bring_folder("a-run", there)
    assert brought == run_folder(there.workspace, "a-run")
    assert (brought / "run.json").read_bytes() == b"{}"
    assert (brought / "evaluations" / "one" / "page.html").read_bytes() == bytes(range(256))


def test_files_that_are_here_stay_as_they_are(bench: Bench) -> None:
    """Another machine's older file does not replace this one's."""
    here = shared(bench.services(), bench.folder / "here")
    folder = run_folder(here.workspace, "a-run")
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("old")
    share_folder("a-run", here)
    (folder / "run.json").write_text("new")
    assert (bring_folder("a-run", here) / "run.json").read_text() == "new"


def test_a_store_of_one_machine_shares_nothing(bench: Bench) -> None:
    """The folder is where it is."""
    services = bench.services()
    folder = run_folder(services.workspace, "a-run")
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("here")
    share_folder("a-run", services)
    assert services.store.below("files/") == []
    assert bring_folder("a-run", services) == folder
