"""The doctor as a user calls it, in processes of its own."""

import os

import pytest

from tests.e2e.bench import Bench

pytestmark = pytest.mark.e2e


def test_doctor_passes_on_the_emulator(bench: Bench) -> None:
    """A config for the emulator needs no account, and its doctor finds nothing."""
    bench.write_config({})
    ended = bench.run_anew("doctor", "config.yaml", "--json")
    assert (ended.code, ended.document["problems"]) == (0, 0)
    assert {check["status"] for check in ended.document["checks"]} <= {"ok", "skipped"}
    assert ended.document["format_version"] == 1
    count = len(ended.document["checks"])
    assert f"No problem in {count} checks" in bench.run("doctor", "config.yaml").stdout


def test_doctor_names_missing_credentials(bench: Bench) -> None:
    """Without credentials there is one problem with its cure, and exit 4."""
    bench.start_emulator()
    bench.write_config(
        {
            "backend": "aws",
            "storage": {"bucket": "acme-images"},
            "aws": {"endpoint_url": bench.handle.endpoint_url},
        }
    )
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    no_keys = {**files, "AWS_EC2_METADATA_DISABLED": "true"}
    ended = bench.run("doctor", "config.yaml", **no_keys)
    assert ended.code == 4
    assert ended.stdout.startswith("PROBLEM credentials: ")
    assert ended.stdout.count("PROBLEM") == 1
    assert "aws sso login" in ended.stdout
    assert "doctor-found-problems" in ended.stderr
    assert max(map(len, ended.stdout.splitlines())) <= 80


def test_doctor_prints_one_object_when_it_finds_a_problem(bench: Bench) -> None:
    """A machine reads the checks from stdout and the verdict from the exit code."""
    bench.start_emulator()
    bench.write_config(
        {
            "backend": "aws",
            "storage": {"bucket": "no-such-bucket"},
            "aws": {"endpoint_url": bench.handle.endpoint_url},
        }
    )
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEMULATOREMULATOR", "AWS_SECRET_ACCESS_KEY": "any"}
    ended = bench.run("doctor", "config.yaml", "--json", **keys)
    assert ended.code == 4
    (told,) = [check for check in ended.document["checks"] if check["name"] == "endpoint"]
    assert told["what"].startswith(f"Calls go to {bench.handle.endpoint_url}, which is not AWS")
    assert told["cure"] == "Unset `aws.endpoint_url` to ask AWS."
    wrong = [check for check in ended.document["checks"] if check["status"] == "problem"]
    assert [check["name"] for check in wrong] == ["bucket"]
    assert "no-such-bucket" in wrong[0]["what"]
    assert wrong[0]["cure"]
