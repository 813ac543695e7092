"""From a folder of images in COCO form to a report, with nothing but what each command prints."""

import json

from tests.e2e.bench import Bench
from tests.unit.cli.labelled import put_coco


def test_init_leads_from_coco_to_a_report(bench: Bench) -> None:
    """The next steps that `init` prints work as they stand, down to the report."""
    put_coco(bench.folder / "photos", 60)
    done = bench.run("init", "parts", "--from", "photos", "--json")
    assert done.code == 0, done.stderr
    assert {split: one["images"] for split, one in done.document["sets"].items()} == {
        "train": 33,
        "test": 7,
        "holdout": 20,
    }
    quick = ("--set", "emulator.training_seconds=0", "--set", "emulator.starting_seconds=0.05")
    for step in done.document["next"]:
        command = step.split()
        assert command[0] == "rcl-flow"
        ended = bench.run(*command[1:], "--json", *quick)
        assert ended.code == 0, ended.stderr
    outcome = json.loads(ended.stdout)
    assert outcome["holdout"]["images"] == 20
    assert (bench.folder / outcome["artifacts"]["report_html"]).is_file()
