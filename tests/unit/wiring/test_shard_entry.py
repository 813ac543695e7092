"""Tests of a worker's entry: all that it needs comes as text, and its errors can travel."""

import pickle
from pathlib import Path

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.pipeline.sharding.shards import Shard, ShardImage, ShardResult, result_key
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import read_record, write_record
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.state.shared_state import SharedState, write_pointer
from rcl_flow.wiring.shard_entry import Errand, ShardFailedError, work_on_shard
from tests.builders import picture
from tests.unit.pipeline.bench import BUCKET, REGION, Bench

BACKEND = Backend(kind="aws", region=REGION)
SHARED = SharedState(backend=BACKEND, bucket=BUCKET, prefix="state")


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let a worker have credentials, as on any machine of a cluster."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def put_shard(bench: Bench) -> Shard:
    """Put an image and a shard of it."""
    s3 = bench.services().s3
    s3.put(S3Location(BUCKET, "data/1.png"), picture(70))
    (found,) = s3.objects(BUCKET, "data/", most=1).values()
    image = ShardImage(uri=f"s3://{BUCKET}/data/1.png", tag=found.etag, size_bytes=found.size_bytes)
    shard = Shard(step="measure", run_id="audit-1", backend=BACKEND, images=(image,))
    write_record(S3Store(s3, BUCKET, "state"), shard.key, shard)
    return shard


def document(key: str, workspace: Path) -> str:
    """Return an errand as a worker gets it."""
    errand = Errand(key=key, backend=BACKEND, workspace=str(workspace), shared=SHARED)
    return errand.model_dump_json()


@pytest.mark.parametrize("is_here", [True, False])
def test_a_worker_leaves_its_result_in_the_shared_store(
    bench: Bench,
    tmp_path: Path,
    *,
    is_here: bool,
) -> None:
    """On the run's own machine and on another one, where its workspace is not made."""
    shard, workspace = put_shard(bench), tmp_path / f"workspace-{is_here}"
    if is_here:
        write_pointer(workspace, SHARED)
    work_on_shard(document(shard.key, workspace))
    store = S3Store(bench.services().s3, BUCKET, "state")
    assert read_record(store, result_key(shard), ShardResult) == ShardResult(done=1)
    assert len(store.below("measures/")) == 1
    assert workspace.exists() == is_here


def test_an_error_can_be_sent_to_whoever_handed_the_shard_out(
    bench: Bench,
    tmp_path: Path,
) -> None:
    """It keeps its slug and message, and nothing that only this process knows."""
    put_shard(bench)
    with pytest.raises(ShardFailedError) as caught:
        work_on_shard(document("shards/none", tmp_path / "workspace"))
    sent = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert str(sent).startswith("[store-broken] There is no shard shards/none")
