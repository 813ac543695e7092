"""A run's model in another project, as a user brings it there."""

import json

import yaml

from tests.e2e.bench import Bench


def test_copy_brings_a_model_to_another_project_and_proves_it(bench: Bench) -> None:
    """Nothing is trained again, the answers are the same, and nothing is left running."""
    bench.write_config({"gates": {"min_holdout_images": 10, "min_holdout_f1": 0.1}})
    first = bench.run("run", "config.yaml", "--json")
    assert first.code == 0, first.stderr
    config = yaml.safe_load(bench.config_path.read_text())
    (bench.folder / "there.yaml").write_text(yaml.safe_dump(config | {"project": "there"}))
    done = bench.run("copy", "latest", "--to", "there.yaml", "--json")
    assert done.code == 0, done.stderr
    document = done.document
    assert (document["way"], document["identical"]) == ("copy", True)
    assert document["source_version_arn"] == first.document["project_version_arn"]
    assert ":project/there/version/copy-" in document["project_version_arn"]
    parity = json.loads((bench.folder / document["artifacts"]["parity"]).read_text())
    assert parity["answers"]["images"] == 60
    assert (bench.folder / document["artifacts"]["html"]).is_file()
    assert bench.calls("CreateProjectVersion") == bench.calls("CopyProjectVersion") == 1
    assert bench.running_models() == []
