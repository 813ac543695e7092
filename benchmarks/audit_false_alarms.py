"""How often the audit's statistics accuse what is alike, and how surely they see what is not."""

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from rcl_flow.core.audit import looks, oddities, shares, shift, spread, taxonomy, variety
from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules, FactorRules
from rcl_flow.core.audit.subject import Evidence, Subject
from rcl_flow.core.dataset import Datasets, Split
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
IMAGES, LABELS = 250_000, 250

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


def bench_false_alarms() -> None:
    """Families of alike splits: how many get a finding of each kind."""
    counts, bare = dict.fromkeys(STATISTICS, 0), dict.fromkeys(STATISTICS, 0)
    for seed in range(FAMILIES):
        given = subject(family(seed, several=seed % 2 == 1))
        for name, check in STATISTICS.items():
            counts[name] += alarms(check, given)
            bare[name] += alarms(check, replace(given, rules=BARE))
    for name, count in counts.items():
        told = f"{count:4d}, by significance alone {bare[name]:3d}"
        print(f"{f'{name}: alarms in {FAMILIES} families of alike splits':<66} {told}")
    total = sum(counts.values()) / FAMILIES
    print(f"{'together, for each family':<66} {total:8.3%}")


def bench_power() -> None:
    """A holdout that is darker: how often it is found, as a whole and in one label."""
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
        told = ", ".join(f"{name} {count / POWER_FAMILIES:4.0%}" for name, count in seen.items())
        print(f"{f'holdout darker by {by:.2f} (sd 0.15): found':<66} {told}")


def bench_size() -> None:
    """All statistics over 250,000 images of 250 labels, against reading their measures once."""
    given = large()
    started = time.process_time()
    read(given)
    floor = time.process_time() - started
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    total = 0.0
    for name, check in {"odd images": oddities.check, **STATISTICS}.items():
        started = time.process_time()
        findings = sum(1 for _ in check(given))
        spent = time.process_time() - started
        total += spent
        print(f"{f'{name} over {IMAGES:,} images: {findings} findings':<66} {spent:8.2f} CPU s")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{'together, and over reading each measure once':<66} {total:8.2f} CPU s  ", end="")
    print(f"ratio {total / floor:6.2f}, {grown:.0f} MB more")


def read(given: Subject) -> float:
    """Read every measure of every image once: what no audit can do without."""
    names = [name for name in ImageMeasures.__slots__ if name not in ("hashes", "colours")]
    return sum(
        len(str(getattr(measures, name)))
        for measures in given.evidence.measures.values()
        for name in names
    )


def large() -> Subject:
    """Return a large classification dataset and a holdout of a thousand."""
    shooting = Shooting(np.random.default_rng(0))
    pool = [shooting.shot("x")[1] for _ in range(20_000)]
    rng = np.random.default_rng(1)
    images = [image(f"{n}", f"part {n % LABELS}") for n in range(IMAGES + 1000)]
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
    datasets = Datasets(dataset("holdout", images[IMAGES:]), dataset("train", images[:IMAGES]))
    return Subject(datasets, AuditRules(), Evidence(measures=measures))


def bench_audit_statistics() -> None:
    """Print everything."""
    bench_false_alarms()
    bench_power()
    bench_size()


if __name__ == "__main__":
    bench_audit_statistics()
