"""Tests of how retrainings end: what is let go of, and what is gone on with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rcl_flow.emulator.conditions.clock import ManualClock, SkippingClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.errors import (
    ConsentNeededError,
    DataNotFoundError,
    PredictionsLostError,
    TrainingFailedError,
)
from rcl_flow.pipeline.flow import Options
from rcl_flow.pipeline.retraining.retraining import plan_retraining, retrain
from rcl_flow.pipeline.retraining.under_way import read_under_way
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.state.store import StateStore
from tests.emulator.builders import png
from tests.unit.pipeline.retraining.test_retraining import Loop, codes, looping, put_production

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients

FAILS = Fault("CreateProjectVersion", times=1, fails_later=True)
PAID: dict[str, Any] = {
    "backend": "aws",
    "storage": {"bucket": "acme-images", "create_bucket": True},
    "safety": {"watchdog": "off"},
}
REFUSED = Fault("DetectCustomLabels", times=1, code="InvalidImageFormatException")


@pytest.fixture
def loop(aws_clients: "Clients", tmp_path: Path) -> Iterator[Loop]:
    """Return a loop for which a state in progress is over at the second look."""
    with looping(aws_clients, tmp_path, SkippingClock()) as loop:
        yield loop


@pytest.fixture
def waiting(aws_clients: "Clients", tmp_path: Path) -> Iterator[Loop]:
    """Return a loop that has to wait for everything."""
    with looping(aws_clients, tmp_path, ManualClock()) as loop:
        yield loop


def test_failed_training_is_told_again_until_it_is_to_be_repeated(loop: Loop) -> None:
    """The same data tells why at no cost, and `--retry-training` is no policy's to refuse."""
    loop.retrain()
    loop.arrive("red", 500, 501, 502)
    loop.payer.bench.world.faults.add(FAILS)
    for _ in range(2):
        with pytest.raises(TrainingFailedError):
            loop.retrain()
    assert loop.trainings == 2
    again = retrain(loop.config(), loop.services, Options(retry_training=True))
    assert (again.status, codes(again), loop.trainings) == ("completed", ["unfinished"], 3)


def test_model_whose_holdout_was_refused_is_judged_when_that_is_mended(loop: Loop) -> None:
    """The data are let go of, the model is not started for the same, and nothing trains twice."""
    bad = loop.payer.bench.folder / "a" / "holdout" / "red" / "999.png"
    bad.write_bytes(png("red", 999))
    config = loop.config(inference={"concurrency": 1, "max_refused_images": 0})
    loop.payer.bench.world.faults.clear()
    loop.payer.bench.world.faults.add(REFUSED)
    with pytest.raises(PredictionsLostError):
        loop.retrain(config)
    assert read_under_way("shades", loop.services) is None
    starts = loop.payer.bench.calls("StartProjectVersion")
    same = loop.retrain(config)
    assert (same.status, codes(same)) == ("skipped", ["failed"])
    assert loop.payer.bench.calls("StartProjectVersion") == starts
    bad.unlink()
    mended = loop.retrain(config)
    assert (mended.status, loop.trainings) == ("completed", 1)


@dataclass
class Between:
    """A store in which something happens just before a key below a prefix is written."""

    store: StateStore
    prefix: str
    happen: list[Callable[[], None]] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        """Answer everything else as the store does."""
        return getattr(self.store, name)

    def put_if_absent(self, key: str, document: bytes) -> str | None:
        """Write, after what happens before."""
        self._before(key)
        return self.store.put_if_absent(key, document)

    def put_if_match(self, key: str, document: bytes, version: str) -> str | None:
        """Replace, after what happens before."""
        self._before(key)
        return self.store.put_if_match(key, document, version)

    def _before(self, key: str) -> None:
        if key.startswith(self.prefix) and self.happen:
            self.happen.pop()()


@pytest.mark.parametrize("prefix", ["retrained/", "retrainings/"])
def test_slow_process_does_not_end_the_retraining_that_began_since(
    waiting: Loop, prefix: str
) -> None:
    """Two do the last tick; the first ends it and the next begins before the second writes."""
    assert waiting.tick() is None
    happened: list[str] = []

    def others() -> None:
        ended = waiting.tick()
        assert ended is not None
        waiting.arrive("red", 500, 501, 502)
        assert waiting.tick() is None
        happened.append(ended.status)

    slow = replace(waiting.services, store=Between(waiting.services.store, prefix, [others]))  # type: ignore[arg-type]  # it answers as one
    for _ in range(40):
        try:
            outcome = retrain(waiting.config(), slow, Options(blocking=False))
            break
        except Pause:
            waiting.payer.bench.world.clock.sleep(600)
    assert (outcome.status, len(happened)) == ("completed", 1)
    held = read_under_way("shades", waiting.services)
    assert held is not None
    assert held.pin.counts.joined == 3
    after = waiting.tick_to_the_end()
    assert (after.arrivals.joined, waiting.trainings) == (3, 2)


def test_drift_is_a_reason_once(loop: Loop, tmp_path: Path) -> None:
    """Each image that arrives afterwards is no training, whether the model was taken or not."""
    production = tmp_path / "production"
    put_production(production, brightness=0.2)
    policy = {"min_new_images_per_label": 50}
    rules = {"factors": {"min_images": 15}}
    config = loop.config(production=str(production), audit=rules, retrain=policy)
    assert codes(loop.retrain(config)) == ["first"]
    loop.payer.bench.world.faults.add(FAILS)
    loop.arrive("red", 500)
    with pytest.raises(TrainingFailedError):
        loop.retrain(config)
    loop.arrive("red", 501)
    assert codes(loop.retrain(config)) == ["too-few"]
    assert codes(loop.retrain(config, force=True)) == ["forced"]
    loop.arrive("red", 502)
    assert codes(loop.retrain(config)) == ["too-few"]
    assert loop.trainings == 3


def test_production_that_is_empty_now_is_a_notice(loop: Loop, tmp_path: Path) -> None:
    """Only a place that never existed is misspelt, and only where a drift would be a reason."""
    production = tmp_path / "production"
    config = loop.config(production=str(production))
    with pytest.raises(DataNotFoundError):
        loop.retrain(config)
    lenient = loop.config(production=str(production), retrain={"on_drift": False})
    assert loop.retrain(lenient).drift is None
    production.mkdir()
    loop.arrive("red", 500)
    assert loop.retrain(config).drift is None
    put_production(production, brightness=1.0)
    assert loop.retrain(config).drift is not None
    for image in production.iterdir():
        image.unlink()
    production.rmdir()
    assert loop.retrain(config).status == "skipped"
    assert any("No drift is looked for" in told for told in loop.payer.bench.notices)


def test_consent_is_asked_for_the_whole_retraining(loop: Loop) -> None:
    """A person agrees to every training, not to one of them."""
    aws = loop.config(backend="aws", storage={"bucket": "acme-images"}, promotion={"repeat": 3})
    with pytest.raises(ConsentNeededError, match=r"3 x 1\.00 = 3\.00 USD") as caught:
        loop.retrain(aws)
    assert "up to 4 of them" in caught.value.hint
    assert loop.trainings == 0


def test_consent_counts_the_trainings_that_are_not_paid_for(loop: Loop) -> None:
    """One of three is there; nobody is asked to pay for it again."""
    aws = PAID | {"gates": {"min_holdout_images": 5, "min_holdout_f1": 0.0}}
    retrain(loop.config(**aws), loop.services, Options(consent=True))
    repeated = loop.config(**aws, promotion={"repeat": 3})
    with pytest.raises(ConsentNeededError, match=r"2 x 1\.00 = 2\.00 USD"):
        loop.retrain(repeated, force=True)
    assert loop.trainings == 1
    assert read_under_way("shades", loop.services) is None


def test_consent_is_not_asked_for_what_costs_nothing(loop: Loop) -> None:
    """Other gates decide about answers that are there: the dry run says $0, and so it goes on."""
    retrain(loop.config(**PAID), loop.services, Options(consent=True))
    other = loop.config(**PAID, gates={"min_holdout_images": 5, "min_holdout_f1": 0.1})
    assert plan_retraining(other, loop.services, force=True).usd.high == 0
    starts = loop.payer.bench.calls("StartProjectVersion")
    again = loop.retrain(other, force=True)
    assert (again.status, loop.trainings) == ("completed", 1)
    assert loop.payer.bench.calls("StartProjectVersion") == starts


def test_consent_is_asked_when_a_holdout_image_is_new(loop: Loop) -> None:
    """No training is to be paid for, but the model has to run: nothing is started unasked."""
    retrain(loop.config(**PAID), loop.services, Options(consent=True))
    holdout = loop.payer.bench.folder / "a" / "holdout" / "red"
    (holdout / "999.png").write_bytes(png("red", 999))
    starts = loop.payer.bench.calls("StartProjectVersion")
    with pytest.raises(ConsentNeededError, match="This retraining is no training any more") as told:
        loop.retrain(loop.config(**PAID), force=True)
    assert "a training hour" not in told.value.message
    assert "Expected: 0." in told.value.message
    assert loop.payer.bench.calls("StartProjectVersion") == starts


def test_call_without_consent_keeps_the_data_of_a_training_under_way(waiting: Loop) -> None:
    """Else what has arrived since would begin a second training beside the first."""
    for _ in range(10):
        with pytest.raises(Pause):
            retrain(waiting.config(**PAID), waiting.services, Options(blocking=False, consent=True))
        if waiting.trainings:
            break
        waiting.payer.bench.world.clock.sleep(60)
    with pytest.raises(ConsentNeededError):
        retrain(waiting.config(**PAID), waiting.services, Options(blocking=False))
    assert read_under_way("shades", waiting.services) is not None


def test_refusal_is_news_again_after_a_call_that_had_nothing_to_do(loop: Loop) -> None:
    """A bucket that was there in between is gone anew."""
    loop.retrain()
    gone = loop.config({"folder": str(loop.arrivals / "nowhere")})
    loop.arrive("red", 500)
    for config in (gone, gone, None, gone):
        if config is None:
            assert loop.retrain().status == "skipped"
            continue
        with pytest.raises(DataNotFoundError):
            loop.retrain(config)
    assert [each.kind for each in loop.told].count("run-failed") == 2


def test_production_in_a_bucket_that_is_not_there_is_named(loop: Loop) -> None:
    """It is a mistake of the config: a schedule does not try it again, and the place is told."""
    config = loop.config(production="s3://acme-nowhere/production/")
    with pytest.raises(DataNotFoundError, match="s3://acme-nowhere/production/") as caught:
        loop.retrain(config)
    assert caught.value.exit_code == 2
    assert "data.production" in caught.value.hint
    lenient = loop.config(production="s3://acme-nowhere/production/", retrain={"on_drift": False})
    assert loop.retrain(lenient).status == "completed"
