"""The scheduled loop over weeks of arriving images, one of them mislabelled, on a virtual clock.

Every Monday the worker is ticked as the driver does. The images, the trainings and the scores are
real; only the weeks pass at once.
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rcl_flow.core.promotion.champions import ChampionEvent
from rcl_flow.imaging.digits import DemoImage
from rcl_flow.pipeline.history.champions import find_champion, read_events
from rcl_flow.pipeline.history.history import read_history
from rcl_flow.pipeline.runs.outcome import OUTCOME_NAME, RunOutcome
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.shared_folders import bring_folder
from rcl_flow.pipeline.state.records import list_runs
from tests.digits import demo_digits
from tests.infra.conftest import Deploy
from tests.infra.deployment import BUCKET, PROJECT, Deployment, client, put_object

WEEK_SECONDS = 7 * 86_400
MIN_NEW = 8
MAX_LOSS = 0.03
TICKS = 30
HOLDOUT_PER_LABEL = 30
FIRST = 6
"""Images of each label to begin with."""


@dataclass(frozen=True, slots=True)
class Week:
    """What happens before one Monday."""

    images: int = 0
    """New images of each label."""
    mislabelled: bool = False
    """Each under the next digit's name."""
    corrected: bool = False
    """What was mislabelled is put right."""


WEEKS = (
    Week(),
    Week(3),
    Week(6),
    Week(2),
    Week(7, mislabelled=True),
    Week(corrected=True),
    Week(3),
    Week(6),
    Week(),
    Week(8),
    Week(4),
    Week(5),
)


@dataclass
class Team:
    """Puts images into the bucket, and knows what the policy has to say of them."""

    pool: dict[str, Iterator[DemoImage]]
    arrived: dict[str, str] = field(default_factory=dict)
    """The label under which each new image lies, by its name."""
    wrong: dict[str, DemoImage] = field(default_factory=dict)

    @classmethod
    def with_digits(cls) -> "Team":
        """Begin with a small training set, a test set and a holdout."""
        digits = demo_digits()
        labels = sorted({image.label for image in digits})
        pool = {
            label: iter([i for i in digits if (i.split, i.label) == ("train", label)])
            for label in labels
        }
        team = cls(pool)
        for label in labels:
            for _ in range(FIRST):
                team.put(next(pool[label]), f"data/train/{label}")
        for split, count in (("test", 20), ("holdout", HOLDOUT_PER_LABEL)):
            for label in labels:
                chosen = [i for i in digits if (i.split, i.label) == (split, label)][:count]
                for image in chosen:
                    team.put(image, f"data/{split}/{label}")
        return team

    def put(self, image: DemoImage, folder: str) -> None:
        """Put an image into a folder of the bucket."""
        put_object(f"{folder}/{image.file_name}", image.png)

    def work(self, week: Week) -> None:
        """Do what the week brings."""
        labels = sorted(self.pool)
        if week.corrected:
            self._correct()
        for index, label in enumerate(labels):
            named = labels[(index + 1) % len(labels)] if week.mislabelled else label
            for _ in range(week.images):
                image = next(self.pool[label])
                self.put(image, f"arrivals/{named}")
                self.arrived[image.file_name] = named
                if week.mislabelled:
                    self.wrong[image.file_name] = image

    def _correct(self) -> None:
        for name, image in self.wrong.items():
            key = f"arrivals/{self.arrived[name]}/{name}"
            client("s3").delete_object(Bucket=BUCKET, Key=key)
            self.put(image, f"arrivals/{image.label}")
            self.arrived[name] = image.label
        self.wrong.clear()

    def changed_since(self, before: dict[str, str]) -> int:
        """Return how many changes the label with the fewest of them has."""
        changed = Counter(dict.fromkeys(self.pool, 0))
        for name, label in self.arrived.items():
            if before.get(name) != label:
                changed.update({label, before.get(name, label)})
        return min(changed.values())


@dataclass
class Monday:
    """What has come of a week."""

    trained: bool
    champion: str
    holdout_f1: float
    """The champion's."""


def one_monday(deployment: Deployment) -> None:
    """Tick the worker until there is nothing more to do, then let the week pass."""
    began = deployment.world.clock.now()
    for _ in range(TICKS):
        answer = deployment.invoke({"op": "advance", "input": {"command": "retrain"}}, None)
        if answer["next"] != "WAIT":
            break
    assert answer["next"] == "DONE", answer
    deployment.world.clock.advance(began + WEEK_SECONDS - deployment.world.clock.now())


def outcome_of(run_id: str, services: Services) -> RunOutcome:
    """Return what a run has found out."""
    path: Path = bring_folder(run_id, services) / OUTCOME_NAME
    return RunOutcome.model_validate(json.loads(path.read_bytes()))


def live(deployment: Deployment, weeks: tuple[Week, ...]) -> tuple[list[Monday], list[bool]]:
    """Live through the weeks; return what came of each, and whether the policy had to train."""
    team = Team.with_digits()
    mondays: list[Monday] = []
    expected: list[bool] = []
    trained_on: dict[str, str] = {}
    champions_data: dict[str, str] = {}
    for week in weeks:
        team.work(week)
        changes = min(team.changed_since(trained_on), team.changed_since(champions_data))
        expected.append(not mondays or changes >= MIN_NEW)
        before = deployment.calls("CreateProjectVersion")
        one_monday(deployment)
        assert deployment.services is not None
        champion = find_champion(PROJECT, deployment.services)
        assert champion is not None
        trained = deployment.calls("CreateProjectVersion") > before
        if trained:
            trained_on = dict(team.arrived)
        if trained and (not mondays or champion.run_id != mondays[-1].champion):
            champions_data = dict(team.arrived)
        f1 = outcome_of(champion.run_id, deployment.services).holdout.f1
        mondays.append(Monday(trained, champion.run_id, f1))
    return mondays, expected


def prove(deployment: Deployment, weeks: tuple[Week, ...]) -> None:
    """Live through the weeks and hold against them what the loop promises."""
    mondays, expected = live(deployment, weeks)
    services = deployment.services
    assert services is not None
    # trained when the policy says so, and at no other time
    assert [monday.trained for monday in mondays] == expected
    # the champion is never worse than any before it by more than the margin
    scores = [monday.holdout_f1 for monday in mondays]
    best = itertools.accumulate(scores, max)
    assert all(now >= most - MAX_LOSS for now, most in zip(scores, best, strict=True)), scores
    # the bad week was trained, judged, and not promoted
    bad = next(index for index, week in enumerate(weeks) if week.mislabelled)
    assert mondays[bad].trained
    assert mondays[bad].champion == mondays[bad - 1].champion
    events = read_events(PROJECT, services.backend.identity, services.store)
    kept = [event for event in events if event.kind == "kept"]
    assert kept
    assert worst(events, services) == kept[0].run_id
    # it got better all the same
    assert len({monday.champion for monday in mondays}) >= 2
    assert scores[-1] > scores[0]
    # nothing is left running, and everything that happened is in the history
    report: dict[str, Any] = deployment.world.meter.report(deployment.world.clock.now())
    bills = report["versions"].values()
    assert all(start["ended_at"] for bill in bills for start in bill["intervals"])
    assert len(list_runs(services.store)) == sum(expected)
    history = read_history(services.store, services.workspace, PROJECT)
    (project,) = history.projects
    assert len(project.runs) == sum(expected)
    assert len(events) == sum(expected)


def worst(events: tuple[ChampionEvent, ...], services: Services) -> str:
    """Return the run with the lowest holdout score among those that were decided on."""
    return min(
        (event.run_id for event in events),
        key=lambda run_id: outcome_of(run_id, services).holdout.f1,
    )


def loop(deploy: Deploy) -> Deployment:
    """Return a deployment that looks for new images in the bucket."""
    return deploy(
        with_data=False,
        data={
            **{
                split: {"folder": f"s3://{BUCKET}/data/{split}/"}
                for split in ("train", "test", "holdout")
            },
            "arrivals": [{"folder": f"s3://{BUCKET}/arrivals/"}],
        },
        retrain={"min_new_images_per_label": MIN_NEW, "min_labels": 10},
        promotion={"max_loss": MAX_LOSS},
        gates={"min_holdout_images": 100, "min_holdout_f1": 0.5},
        executor={"shard_size": 1000},
    )


def test_five_weeks_with_a_bad_one(deploy: Deploy) -> None:
    """The short form: two trainings, of which the mislabelled one is not promoted."""
    prove(loop(deploy), (Week(), Week(3), Week(6), Week(8, mislabelled=True), Week(corrected=True)))


@pytest.mark.slow
def test_twelve_weeks_with_a_bad_one(deploy: Deploy) -> None:
    """A quarter of a year: seven trainings, and a champion that only gets better."""
    prove(loop(deploy), WEEKS)
