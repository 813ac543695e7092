"""How often the audit's statistics accuse what is alike, and how surely they see what is not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Goal, at_most, growth
from benchmarks.figures import Subject as Benchmark
from benchmarks.measuring import cpu_seconds
from rcl_flow.core.audit import looks, oddities, shares, shift, spread, taxonomy, variety
from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules, FactorRules
from rcl_flow.core.audit.subject import Evidence, Subject
from rcl_flow.core.datasets.dataset import Datasets, Split
from rcl_flow.core.measures import ImageMeasures
from tests.builders import dataset, image
from tests.unit.core.audit.measured import Shooting, Shot, remeasured, subject

FAMILIES = 600
POWER_FAMILIES = 60
SHARES = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
SIZES: dict[Split, int] = {"train": 400, "test": 120, "holdout": 250}
STATISTICS = {
    "factor-shift": shift.check,
    "label-shift": shares.check,
    "narrow, gives away": spread.check,
    "narrow-variety": variety.check,
    "look-alike": looks.check,
    "similar, together": taxonomy.check,
}
CHECKS = {"odd images": oddities.check, **STATISTICS}
IMAGES, LABELS = 250_000, 250
SIZES_TO_GROW = (62_500, 125_000, IMAGES)
SURE = 3.0
"""So many standard errors of a simulated share are left to chance."""


def most_alarms(simulations: int) -> Goal:
    """Return in how many percent of simulations without a difference one may be found."""
    rate = FactorRules().false_alarm_rate
    return at_most(round(100 * (rate + SURE * (rate * (1 - rate) / simulations) ** 0.5), 2))


BARE = AuditRules(factors=FactorRules(min_shift=0, min_spread=1))
"""Significance decides alone: what is left of a false alarm without a least effect."""

Family = dict[Split, list[Shot]]


def family(seed: int, *, several: bool) -> Family:
    """Return three splits drawn alike: each label with a light of its own, one or several each."""
    shooting = Shooting(np.random.default_rng(seed))
    return {split: list(scenes(shooting, images, several)) for split, images in SIZES.items()}


def scenes(shooting: Shooting, images: int, several: bool) -> Iterator[Shot]:
    """Yield images whose brightness depends on what they show."""
    rng = shooting.rng
    for _ in range(images):
        flags = rng.random(5) < SHARES * 2 if several else np.arange(5) == rng.choice(5, p=SHARES)
        shown = np.flatnonzero(flags)
        light = float(rng.beta(4 + (shown.mean() if shown.size else 2), 6))
        yield shooting.shot(*(f"thing {n}" for n in shown), brightness=light)


def darker(shots: list[Shot], by: float, *, label: str = "") -> list[Shot]:
    """Return the images with less light, all of them or those of a label."""
    return [
        remeasured(shot, brightness=max(shot[1].brightness - by, 0.0))
        if label in ("", *shot[0].labels)
        else shot
        for shot in shots
    ]


def alarms(check: Callable[[Subject], Iterator[Finding]], given: Subject) -> bool:
    """Say whether a check finds anything but the note that there is no negative label."""
    return any(finding.rule != "no-negative-label" for finding in check(given))


def false_alarms() -> Iterator[Figure]:
    """Yield in how many families of alike splits each statistic finds something."""
    counts, bare = dict.fromkeys(STATISTICS, 0), dict.fromkeys(STATISTICS, 0)
    for seed in range(FAMILIES):
        given = subject(family(seed, several=seed % 2 == 1))
        for name, check in STATISTICS.items():
            counts[name] += alarms(check, given)
            bare[name] += alarms(check, replace(given, rules=BARE))
    for name, count in counts.items():
        told = f"{count} of {FAMILIES}; by significance alone {bare[name]}"
        percent = round(100 * count / FAMILIES, 2)
        yield Figure(f"{name}: alarms on alike splits", percent, "%", most_alarms(FAMILIES), told)
    total = round(100 * sum(counts.values()) / FAMILIES, 2)
    yield Figure("all of them together", total, "%", detail="a family may have several")


def power() -> Iterator[Figure]:
    """Yield how often a darker holdout is found, as a whole and in one label."""
    for by in (0.05, 0.1, 0.15, 0.2, 0.3):
        seen = {"whole": 0, "one label": 0}
        for seed in range(POWER_FAMILIES):
            splits = family(10_000 + seed, several=False)
            for name, label in (("whole", ""), ("one label", "thing 2")):
                moved = {**splits, "holdout": darker(splits["holdout"], by, label=label)}
                seen[name] += any(
                    finding.split == "train+holdout" and "bright" in finding.hint
                    for finding in shift.check(subject(moved))
                )
        for name, count in seen.items():
            what = f"holdout darker by {by:.2f} (sd 0.15), {name}: found"
            yield Figure(what, round(100 * count / POWER_FAMILIES, 1), "%")


def size() -> Iterator[Figure]:
    """Yield the cost of all statistics at three sizes, and against reading the measures once."""
    costs = [costs_over(images) for images in SIZES_TO_GROW]
    *_, (spent, floor) = costs
    told = ", ".join(f"{name} {seconds:.2f}" for name, seconds in spent.items())
    total = sum(spent.values())
    yield Figure(f"all statistics over {IMAGES:,} images: CPU", round(total, 2), "s", None, told)
    what, ratio = "the same against reading each measure once", round(total / floor, 2)
    yield Figure(what, ratio, "x", detail=f"reading takes {floor:.2f} s")
    yield growth(
        "all statistics", SIZES_TO_GROW, [sum(each.values()) for each, _ in costs], NEARLY_LINEAR
    )


def costs_over(images: int) -> tuple[dict[str, float], float]:
    """Return the CPU seconds of each statistic over so many images, and of reading the measures."""
    given = large(images)
    spent = {
        name: cpu_seconds(partial(_all_findings, check, given)) for name, check in CHECKS.items()
    }
    return spent, cpu_seconds(partial(read, given))


def _all_findings(check: Callable[[Subject], Iterator[Finding]], given: Subject) -> int:
    return sum(1 for _ in check(given))


def read(given: Subject) -> float:
    """Read every measure of every image once: what no audit can do without."""
    names = [name for name in ImageMeasures.__slots__ if name not in ("hashes", "colours")]
    return sum(
        len(str(getattr(measures, name)))
        for measures in given.evidence.measures.values()
        for name in names
    )


def large(count: int) -> Subject:
    """Return a classification dataset of so many images, and a holdout of a thousand."""
    shooting = Shooting(np.random.default_rng(0))
    pool = [shooting.shot("x")[1] for _ in range(20_000)]
    rng = np.random.default_rng(1)
    images = [image(f"{n}", f"part {n % LABELS}") for n in range(count + 1000)]
    measures = {
        each.sha256: remeasured(
            (each, pool[n % len(pool)]),
            hashes=(int(code),) * 8,
            brightness=float(light),
        )[1]
        for n, (each, code, light) in enumerate(
            zip(
                images,
                rng.integers(0, 2**64, len(images), dtype=np.uint64),
                rng.beta(4, 4, len(images)),
                strict=True,
            )
        )
    }
    datasets = Datasets(dataset("holdout", images[count:]), dataset("train", images[:count]))
    return Subject(datasets, AuditRules(), Evidence(measures=measures))


def measure(form: Form) -> Iterator[Figure]:
    """Yield everything; there is no short form."""
    yield from false_alarms()
    yield from power()
    yield from size()


SUBJECT = Benchmark("audit_false_alarms", measure)
