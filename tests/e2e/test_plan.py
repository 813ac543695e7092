"""`rcl-flow plan` as a user types it, before and after a run."""

from tests.e2e.bench import Bench


def test_plan_before_and_after_a_run(bench: Bench) -> None:
    """It creates nothing, then says that nothing is left to do; both in words and as JSON."""
    planned = bench.run_anew("plan", "config.yaml")
    assert planned.code == 0, planned.stderr
    assert "  + project        create   digits" in planned.stdout
    assert max(map(len, planned.stdout.splitlines())) <= 80
    assert bench.calls("CreateProject") == bench.calls("StartProjectVersion") == 0
    assert bench.run("run", "config.yaml").code == 0
    after = bench.run("plan", "config.yaml", "--json")
    assert after.code == 0, after.stderr
    assert after.document["status"] == "unchanged"
    assert after.document["cost"]["usd"] == {"low": 0.0, "expected": 0.0, "high": 0.0}
    other = bench.run("plan", "config.yaml", "--set", "gates.min_holdout_f1=0.6")
    assert "all 60 answers are known" in other.stdout
