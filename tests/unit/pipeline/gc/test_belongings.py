"""Tests of finding what a run has made and nobody else uses."""

from dataclasses import replace

from rcl_flow.core.naming import MANAGED_TAG, holdout_key
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.files import append_lines
from rcl_flow.pipeline.gc.belongings import Belongings, find_belongings
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path
from rcl_flow.pipeline.runs.opening import keep_run
from rcl_flow.pipeline.runs.results import DatasetsWanted, ProjectWanted, TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.records import Created, created_key, write_record
from rcl_flow.pipeline.training.datasets import ensure_datasets, ensure_project
from rcl_flow.pipeline.training.training import ask_training, await_training
from rcl_flow.pipeline.training.uploading import upload
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.collected import keys_below, train_for

NOTHING = (), (), None, (), ()


def removable(found: Belongings) -> tuple[object, ...]:
    """Return what would be removed on AWS, but for output files."""
    return found.versions, found.datasets, found.project, found.images, found.manifests


def test_belongings_are_all_that_a_run_has_made(bench: Bench) -> None:
    """Version, both datasets, the project, and every object of the bucket."""
    run = bench.run()
    version = train_for(run, bench)
    found = find_belongings(run.record, run.services)
    assert [one.arn for one in found.versions] == [version.version_arn]
    assert len(found.datasets) == 2
    assert found.project is not None
    assert found.kept == ()
    listed = {*found.images, *found.manifests, *found.output_files}
    assert len(found.images) == 18
    assert listed == keys_below(bench, "")


def test_belongings_of_a_run_without_anything_are_empty(bench: Bench) -> None:
    """A run that ended before it made anything has nothing to remove."""
    run = bench.run()
    keep_run(run)
    found = find_belongings(run.record, run.services)
    assert removable(found) == NOTHING


def test_belongings_go_to_the_run_that_uses_the_same_version(bench: Bench) -> None:
    """What another run has adopted is not removed: that run gets it."""
    run, other = bench.run(), bench.run(gates={"min_holdout_f1": 0.9})
    version = train_for(run, bench)
    keep_run(other)
    other.created(project_version_arn=version.version_arn)
    found = find_belongings(run.record, run.services)
    assert found.heir == other.run_id
    assert removable(found) == NOTHING
    assert other.run_id in found.kept[0]


def test_belongings_leave_what_another_runs_manifest_names(bench: Bench) -> None:
    """Of two runs with overlapping images each has only its own, and the project stays."""
    run, other = bench.run(), bench.run(gates={"min_holdout_f1": 0.9})
    train_for(run, bench)
    keep_run(other)
    manifests = upload(bench.upload_wanted(first=2), other)
    project = ensure_project(ProjectWanted("shades", {}), other)
    before = find_belongings(run.record, run.services)
    ensure_datasets(DatasetsWanted(project, manifests, {}), other)
    found = find_belongings(run.record, run.services)
    assert len(found.images) == 6
    assert set(found.images).isdisjoint(find_belongings(other.record, other.services).images)
    assert len(found.manifests) == 2
    assert before.datasets  # until the other run replaces them
    assert found.datasets == ()
    assert found.project is None
    assert "used by 1 other run" in found.kept[0]


def test_belongings_leave_images_of_other_workspaces(bench: Bench) -> None:
    """A manifest that no run here knows keeps its images, since somebody has put it there."""
    run = bench.run()
    train_for(run, bench)
    manifest = next(iter(keys_below(bench, "rcl-flow/manifests/")))
    bench.s3_client.copy_object(
        Bucket=BUCKET,
        Key="rcl-flow/manifests/theirs/train-0.manifest",
        CopySource={"Bucket": BUCKET, "Key": manifest},
    )
    found = find_belongings(run.record, run.services)
    assert 0 < len(found.images) < 18
    assert "rcl-flow/manifests/theirs/train-0.manifest" not in found.manifests


def test_belongings_leave_a_version_that_rcl_flow_did_not_make(bench: Bench) -> None:
    """Without the tag it is somebody's, and its files and the project stay with it."""
    run = bench.run()
    version = train_for(run, bench)
    bench.client.untag_resource(ResourceArn=version.version_arn, TagKeys=[MANAGED_TAG])
    found = find_belongings(run.record, run.services)
    assert (found.versions, found.project, found.output_files) == ((), None, ())
    assert not found.version_goes
    assert MANAGED_TAG in found.kept[0]


def test_belongings_leave_a_project_that_has_more_in_it(bench: Bench) -> None:
    """A version that somebody trained by hand keeps the project."""
    run = bench.run()
    version = train_for(run, bench)
    bench.client.create_project_version(
        ProjectArn=version.project_arn,
        VersionName="by-hand",
        OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": "out"},
    )
    found = find_belongings(run.record, run.services)
    assert found.project is None
    assert "by-hand" in found.kept[0]


def test_belongings_leave_a_project_that_rcl_flow_did_not_make(bench: Bench) -> None:
    """A project that was there before stays, empty or not."""
    bench.client.create_project(ProjectName="shades")
    run = bench.run()
    train_for(run, bench)
    found = find_belongings(run.record, run.services)
    assert found.project is None
    assert len(found.versions) == 1


def test_belongings_leave_datasets_of_other_content(bench: Bench) -> None:
    """A dataset whose tag is not of the run's manifests is not the run's any more."""
    run = bench.run()
    train_for(run, bench)
    made = find_belongings(run.record, run.services)
    bench.client.tag_resource(ResourceArn=made.datasets[0].arn, Tags={"rcl-flow:content": "0" * 64})
    found = find_belongings(run.record, run.services)
    assert found.datasets == made.datasets[1:]


def test_belongings_include_failed_trainings_on_the_same_data(bench: Bench) -> None:
    """What `--retry-training` left behind goes with the run."""
    run = bench.run()
    bench.arm("CreateProjectVersion", fails_later=True)
    wanted = bench.training_wanted(run)
    ask_training(wanted, run)
    bench.versions(wanted.project_arn)
    asked = ask_training(bench.training_wanted(run, retry_failed=True), run)
    keep_run(run)
    await_training(asked, run)
    found = find_belongings(run.record, run.services)
    statuses = sorted(version.status for version in found.versions)
    assert statuses == ["TRAINING_COMPLETED", "TRAINING_FAILED"]
    assert found.project is not None


def test_belongings_include_failed_copies_of_the_same_version(bench: Bench) -> None:
    """What a copy that was tried again left behind; a copy of another version stays."""
    run = bench.run()
    source = bench.trained(run)
    for name, code in (("copy-1", "fails"), ("copy-2", "fails"), ("copy-1-2", "")):
        if code:
            bench.arm("CopyProjectVersion", fails_later=True)
        arn = bench.client.copy_project_version(
            SourceProjectArn=source.project_arn,
            SourceProjectVersionArn=source.version_arn,
            DestinationProjectArn=source.project_arn,
            VersionName=name,
            OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": "out"},
            Tags={MANAGED_TAG: "true"},
        )["ProjectVersionArn"]
        bench.versions(source.project_arn)
    run.created(project_version_arn=arn)
    run.services.store.put(f"trainings/{run.services.backend.identity}/shades/c", arn.encode())
    found = find_belongings(run.record, run.services)
    statuses = {version.name: version.status for version in found.versions}
    assert statuses == {"copy-1": "COPYING_FAILED", "copy-1-2": "COPYING_COMPLETED"}


def test_belongings_leave_a_persons_own_images_below_the_prefix(bench: Bench) -> None:
    """Images that were read from the bucket are not uploads, wherever they lie in it."""
    run = bench.run()
    wanted = bench.upload_wanted()
    folder = f"s3://{BUCKET}/rcl-flow/images/train/"
    images = []
    for number, image in enumerate(wanted.train.images):
        key = f"rcl-flow/images/train/{number}.png"
        bench.s3_client.put_object(Bucket=BUCKET, Key=key, Body=b"x" * image.size_bytes)
        images.append(replace(image, uri=f"{folder}{number}.png"))
    upload(replace(wanted, train=replace(wanted.train, images=tuple(images))), run)
    keep_run(run)
    found = find_belongings(run.record, run.services)
    assert len(found.images) == 6
    assert all("/train/" not in key for key in found.images)


def test_belongings_leave_a_version_of_another_workspace(bench: Bench) -> None:
    """A version that was found, and not asked for from this store, is not this store's."""
    run = bench.run()
    version = train_for(run, bench)
    for key, _ in run.services.store.below("trainings/"):
        run.services.store.delete(key)
    found = find_belongings(run.record, run.services)
    assert (found.versions, found.project, found.output_files) == ((), None, ())
    assert not found.version_goes
    assert found.kept[0].startswith(f"{version.version_arn} was trained by another workspace")


def predicted(run: Run, version_arn: str, *digests: str) -> None:
    """Keep answers for images of these digests."""
    path = predictions_path(run.services.workspace, version_arn)
    lines = [
        Prediction(sha256=digest, confidences_percent={}, boxes=()).model_dump_json()
        for digest in digests
    ]
    append_lines(path, lines)


def test_belongings_include_holdout_images_of_the_version_alone(bench: Bench) -> None:
    """A large holdout image that another version was asked about stays."""
    run = bench.run()
    version: TrainedVersion = train_for(run, bench)
    mine, shared = "a" * 64, "b" * 64
    for digest in (mine, shared, "c" * 64):
        bench.s3_client.put_object(Bucket=BUCKET, Key=holdout_key("rcl-flow", digest, "PNG"))
    predicted(run, version.version_arn, mine, shared)
    predicted(run, "another", shared)
    found = find_belongings(run.record, run.services)
    assert found.holdout_images == (holdout_key("rcl-flow", mine, "PNG"),)


def test_belongings_change_nothing(bench: Bench) -> None:
    """Looking is free of effects on AWS."""
    run = bench.run()
    train_for(run, bench)
    changing = ("Delete", "Stop", "Create", "Tag", "Untag")
    before = {k: v for k, v in bench.world.calls.counts().items() if k.startswith(changing)}
    find_belongings(run.record, run.services)
    after = {k: v for k, v in bench.world.calls.counts().items() if k.startswith(changing)}
    assert before == after


def test_belongings_of_a_gone_version_remember_its_files(bench: Bench) -> None:
    """Files that were kept in mind before the version was deleted are still found."""
    run = bench.run()
    version = train_for(run, bench)
    before = find_belongings(run.record, run.services)
    run.services.rekognition.delete_version(version.version_arn)
    bench.versions(version.project_arn)
    found = find_belongings(run.record, run.services)
    assert found.versions == ()
    assert found.output_files == before.output_files


def test_heir_is_found_when_only_its_record_names_the_version(bench: Bench) -> None:
    """A run of a version that wrote no list of things made still needs its model."""
    run, other = bench.run(), bench.run(gates={"min_holdout_f1": 0.9})
    version = train_for(run, bench)
    keep_run(other)
    other.update(project_version_arn=version.version_arn)
    write_record(other.services.store, created_key(other.run_id), Created())
    assert find_belongings(run.record, run.services).heir == other.run_id
