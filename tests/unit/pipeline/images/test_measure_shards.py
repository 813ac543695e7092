"""Tests of measuring in shards: what comes back is what threads would have found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import DataConfig
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.errors import ShardsLostError
from rcl_flow.pipeline.images.measuring import MeasureCache, shared_cache
from rcl_flow.pipeline.images.reading import read_datasets
from rcl_flow.pipeline.runs.executing import ShardedStep
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.shards import FanOut, Shard
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.pipeline.ticks.shard_work import work_on
from rcl_flow.pipeline.ticks.tick_executor import TickExecutor
from tests.builders import picture
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.s3_calls import counted, refused

COUNT = 10
SIZE = 3


@dataclass
class Workers:
    """Works on shards here, with services of another machine."""

    services: Services
    sees_local_files: bool = False
    before: Callable[[int], bool] = lambda _round: True
    """Told the number of the round; whether shards are worked on in it."""
    rounds: list[list[str]] = field(default_factory=list)

    def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
        """Work on each shard in turn, unless this round is lost."""
        assert step == "measure"
        beat()
        self.rounds.append(list(keys))
        if self.before(len(self.rounds)):
            for key in keys:
                work_on(key, self.services)


def sharing(bench: Bench, name: str) -> Services:
    """Return services of a machine with its own disk and a store that it shares with others."""
    store = SqliteStore(bench.folder / "shared.sqlite", bench.clock)
    return replace(
        bench.services(), workspace=bench.folder / name, store=store, state_is_shared=True
    )


def objects(bench: Bench) -> DataConfig:
    """Put ten objects, of which one is no image."""
    for number in range(COUNT):
        content = picture(64 + number) if number != 4 else b"<html>"
        bench.services().s3.put(S3Location(BUCKET, f"data/cat/{number}.png"), content)
    return DataConfig.model_validate({"holdout": {"folder": f"s3://{BUCKET}/data/"}})


def files(bench: Bench) -> DataConfig:
    """Write the same as files."""
    for number in range(COUNT):
        path = bench.folder / "data" / "cat" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(64 + number) if number != 4 else b"<html>")
    return DataConfig.model_validate({"holdout": {"folder": str(bench.folder / "data")}})


def read(config: DataConfig, workers: Workers, bench: Bench, size: int = SIZE) -> Dataset:
    """Read the holdout with these workers."""
    services = replace(sharing(bench, "here"), shard_executor=workers)
    return read_datasets(config, services.s3, shared_cache(services, size)).holdout


def shards(services: Services) -> list[Shard]:
    """Return the shards that were handed out."""
    found = services.store.below("shards/")
    return [Shard.model_validate_json(document) for _, document in found]


def test_workers_read_every_object_once_and_this_machine_none(bench: Bench) -> None:
    """Ten objects make four shards, and the result is that of threads in one process."""
    config, workers = objects(bench), Workers(sharing(bench, "there"))
    expected = read_datasets(config, bench.services().s3, MeasureCache()).holdout
    with counted(bench.s3_client) as calls:
        assert read(config, workers, bench) == expected
    assert calls["GetObject"] == COUNT
    assert [len(keys) for keys in workers.rounds] == [4]
    handed = [image.uri for shard in shards(workers.services) for image in shard.images]
    assert sorted(handed) == [f"s3://{BUCKET}/data/cat/{number}.png" for number in range(COUNT)]
    assert not (bench.folder / "there").exists()


def test_what_workers_measured_is_known_to_all(bench: Bench) -> None:
    """The machine that asked knows it from its disk, another one from the store."""
    config, workers = objects(bench), Workers(sharing(bench, "there"))
    expected = read(config, workers, bench)
    with counted(bench.s3_client) as calls:
        alone = MeasureCache(bench.folder / "here" / "measures")
        assert read_datasets(config, bench.services().s3, alone).holdout == expected
        third = shared_cache(sharing(bench, "third"), SIZE)
        assert read_datasets(config, bench.services().s3, third).holdout == expected
    assert calls["GetObject"] == 0


def test_measures_that_were_removed_are_measured_again(bench: Bench) -> None:
    """What a shard's result says counts for nothing without them."""
    config, workers = objects(bench), Workers(sharing(bench, "there"))
    expected = read(config, workers, bench)
    for key, _ in workers.services.store.below("measures/"):
        workers.services.store.delete(key)
    for path in (bench.folder / "here").rglob("*.jsonl"):
        path.unlink()
    assert read(config, workers, bench) == expected
    assert [len(keys) for keys in workers.rounds] == [4, 4]


def test_no_more_images_than_a_shard_has_are_measured_here(bench: Bench) -> None:
    """Handing out costs more than it saves."""
    workers = Workers(sharing(bench, "there"))
    read(objects(bench), workers, bench, size=COUNT)
    assert workers.rounds == []


def test_only_what_is_not_known_is_handed_out(bench: Bench) -> None:
    """After four objects have changed, four are measured."""
    config, workers = objects(bench), Workers(sharing(bench, "there"))
    read(config, workers, bench)
    for number in range(4):
        location = S3Location(BUCKET, f"data/cat/{number}.png")
        bench.services().s3.put(location, picture(200 + number))
    found = read(config, workers, bench)
    assert [image.width_pixels for image in found.images][:4] == [200, 201, 202, 203]
    assert [len(keys) for keys in workers.rounds] == [4, 2]


def test_a_lost_round_is_handed_out_again(bench: Bench) -> None:
    """Workers that die cost time, and nothing that was done is done again."""
    config = objects(bench)
    workers = Workers(sharing(bench, "there"), before=lambda number: number == 3)
    assert len(read(config, workers, bench).images) == COUNT - 1
    assert workers.rounds[0] == workers.rounds[1] == workers.rounds[2]


def test_three_lost_rounds_are_an_error_and_the_next_run_begins_anew(bench: Bench) -> None:
    """An audit that nobody works on ends, and says where to look."""
    config = objects(bench)
    with pytest.raises(ShardsLostError, match="10 images of the step measure"):
        read(config, Workers(sharing(bench, "there"), before=lambda _number: False), bench)
    assert len(read(config, Workers(sharing(bench, "there")), bench).images) == COUNT - 1


def test_what_workers_may_not_read_is_unusable_with_its_reason(bench: Bench) -> None:
    """It is asked for once, and again by this machine, which tells why."""
    config, workers = objects(bench), Workers(sharing(bench, "there"))
    with refused(bench.s3_client, "GetObject"):
        found = read(config, workers, bench)
    assert found.images == ()
    assert len(found.unusable) == COUNT
    assert "AccessDenied" in found.unusable[0].reason
    assert len(workers.rounds) == 1
    # what stands in the store of the failed audit does not keep a later one from reading
    assert len(read(config, workers, bench).images) == COUNT - 1


def test_an_object_that_changes_meanwhile_is_read_as_it_is(bench: Bench) -> None:
    """The worker finds other bytes than were listed; this machine looks for itself."""
    config = objects(bench)

    def change(_number: int) -> bool:
        bench.services().s3.put(S3Location(BUCKET, "data/cat/0.png"), picture(300))
        return True

    workers = Workers(sharing(bench, "there"), before=change)
    assert read(config, workers, bench).images[0].width_pixels == 300
    assert len(workers.rounds) == 1


def test_local_files_stay_here_unless_workers_see_them(bench: Bench) -> None:
    """A path of this machine means nothing elsewhere."""
    config, workers = files(bench), Workers(sharing(bench, "there"))
    expected = read(config, workers, bench)
    assert (workers.rounds, len(expected.images)) == ([], COUNT - 1)
    near = Workers(sharing(bench, "there"), sees_local_files=True)
    for path in (bench.folder / "here").rglob("*.jsonl"):
        path.unlink()
    for key, _ in near.services.store.below("measures/"):
        near.services.store.delete(key)
    assert read(config, near, bench) == expected
    assert [len(keys) for keys in near.rounds] == [4]
    assert all(
        Path(image.uri).is_absolute() for each in shards(near.services) for image in each.images
    )


def test_a_local_file_that_changed_is_measured_anew(bench: Bench) -> None:
    """Local files are known by their bytes, whatever their time says."""
    config, near = files(bench), Workers(sharing(bench, "there"), sees_local_files=True)
    read(config, near, bench)
    (bench.folder / "data" / "cat" / "0.png").write_bytes(picture(300))
    assert read(config, near, bench).images[0].width_pixels == 300
    assert len(near.rounds) == 1


def test_a_tick_hands_out_and_the_next_one_goes_on(bench: Bench) -> None:
    """A function on an empty disk leaves with the plan, and reads nothing when it comes back."""
    config = objects(bench)

    def tick(name: str) -> Services:
        store = S3Store(bench.services().s3, BUCKET, "state")
        ticking = replace(sharing(bench, name), store=store)
        return replace(ticking, shard_executor=TickExecutor(store))

    with pytest.raises(FanOut) as left:
        read_datasets(config, bench.services().s3, shared_cache(tick("one"), SIZE))
    assert (left.value.step, left.value.shards) == ("measure", 4)
    for key, _ in tick("two").store.below("shards/"):
        work_on(key, tick("three"))
    cache = shared_cache(tick("four"), SIZE)
    with counted(bench.s3_client) as calls:
        found = read_datasets(config, bench.services().s3, cache)
    assert len(found.holdout.images) == COUNT - 1
    assert calls["GetObject"] == len(tick("five").store.below("measures/")) == 4
