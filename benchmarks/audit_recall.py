"""What the audit finds of planted faults, and what it says of clean data, on corpora on disk."""

import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rcl_flow.core.audit import (
    counts,
    looks,
    oddities,
    relations,
    shares,
    shift,
    spread,
    taxonomy,
    variety,
)
from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.subject import Evidence, Subject
from rcl_flow.core.dataset import Dataset, DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures
from tests.corpus.corpora import CLASSIFIED, Corpus, clean_corpus
from tests.corpus.faults import CLEAN, GROUPS, RULES, Group
from tests.corpus.judged import Auditor, Score, judge
from tests.corpus.nearness import expected_near

SEEDS = range(1, 4)
CLEAN_SEEDS = range(101, 107)
DEALS = 2000
"""How often the clean images are dealt out anew to the splits: each is another clean set."""
CHECKS = (counts, relations, oddities, variety, spread, shift, shares, taxonomy, looks)
"""All that compare splits or labels, or an image with its split. Whether an image or a pair of
images is sound does not depend on how they are dealt out."""


@contextmanager
def new_folder() -> Iterator[Path]:
    """Yield an empty folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def bench_planted(auditor: Auditor) -> None:
    """Planted, found and falsely alarmed of each rule, over several seeds."""
    scores: dict[str, Score] = defaultdict(Score)
    copies: Counter[tuple[str, bool]] = Counter()
    for seed in SEEDS:
        for group in GROUPS:
            corpus, expected = group.plant(seed)
            if group.name == "copies":
                copies.update(near_or_not(corpus, group.radius))
            with new_folder() as folder:
                judgement = judge(auditor.audit(group, corpus, folder), expected, folder)
            for rule, score in judgement.scores.items():
                scores[rule].planted += score.planted
                scores[rule].found += score.found
                scores[rule].false_alarms += score.false_alarms
            for told in (*judgement.missed, *judgement.made_up):
                print(f"  seed {seed}, {group.name}: missed or made up {told}")
    for rule, score in sorted(scores.items()):
        show(rule, score)
    everything = scores.values()
    show(
        f"together, {len(SEEDS)} seeds",
        Score(
            sum(score.planted for score in everything),
            sum(score.found for score in everything),
            sum(score.false_alarms for score in everything),
        ),
    )
    for kind in sorted({kind for kind, _ in copies}):
        total = copies[kind, True] + copies[kind, False]
        name = f"copies of kind {kind} that are within {RULES.duplicates.near_duplicate_bits} bits"
        print(f"{name:<66} {copies[kind, True]:4d} of {total}")


def show(name: str, score: Score) -> None:
    """Print one line."""
    print(
        f"{name:<36} planted {score.planted:5d}  found {score.found:5d}  recall "
        f"{score.found / max(score.planted, 1):7.1%}  false alarms {score.false_alarms:3d}"
    )


def near_or_not(corpus: Corpus, radius: int) -> Iterator[tuple[str, bool]]:
    """Yield the kind of each planted copy, and whether brute force finds it at this radius."""
    found = {file for each in expected_near(corpus, radius) for file in each.files}
    planted = set(corpus.samples) - set(corpus.clean)
    for sample in planted:
        kind = sample.name.split("/")[1].rsplit("-", 3)[0]
        if kind.startswith("near-"):
            yield kind, sample.path in found


def bench_clean(auditor: Auditor) -> None:
    """Findings on corpora without a fault, and on their images dealt out to the splits anew."""
    read = [(group, *clean_data(auditor, group, seed)) for seed in CLEAN_SEEDS for group in CLEAN]
    reports = [
        audit_datasets(datasets, group.rules, Evidence(measures=measures))
        for group, datasets, measures in read
    ]
    findings = [finding for report in reports for finding in report.findings]
    accused = {place.uri for finding in findings for place in finding.places}
    images = sum(len(measures) for _, _, measures in read)
    alarmed = sum(bool(report.findings) for report in reports)
    print(f"{'clean images that a finding names':<66} {len(accused):4d} of {images:,}")
    print(f"{'clean corpora with a finding':<66} {alarmed:4d} of {len(reports)}")
    for finding in findings:
        print(f"  {finding.rule}: {finding.message}")
    bench_deals([each for each in read if each[0].task == "classification"])


def clean_data(
    auditor: Auditor, group: Group, seed: int
) -> tuple[Datasets, dict[str, ImageMeasures]]:
    """Return a clean corpus as it is read, with what its images measure."""
    with new_folder() as folder:
        return auditor.read(clean_corpus(seed, group.task), folder)


def bench_deals(read: list[tuple[Group, Datasets, dict[str, ImageMeasures]]]) -> None:
    """Deal clean images out to the splits again and again: how many audits find anything."""
    measures = {sha256: seen for *_, measured in read for sha256, seen in measured.items()}
    pool: dict[str, list[DatasetImage]] = defaultdict(list)
    for image in (image for _, datasets, _ in read for split in datasets for image in split.images):
        pool[image.labels[0]].append(image)
    rng = random.Random(0)
    rules: Counter[str] = Counter()
    alarmed = 0
    started = time.process_time()
    for _ in range(DEALS):
        subject = Subject(deal(pool, rng), RULES, Evidence(measures=measures))
        findings = [finding for each in CHECKS for finding in each.check(subject)]
        alarmed += bool(findings)
        rules.update({finding.rule for finding in findings})
    spent = (time.process_time() - started) / DEALS
    print(
        f"{'clean images dealt out to splits anew: audits with a finding':<66} {alarmed:4d} of "
        f"{DEALS:,} ({alarmed / DEALS:.2%}), {spent:.3f} CPU s each"
    )
    for rule, count in rules.most_common():
        print(f"  {rule}: {count}")


def deal(pool: dict[str, list[DatasetImage]], rng: random.Random) -> Datasets:
    """Return three splits of the usual sizes, drawn from all clean images of each label."""
    splits: dict[str, list[DatasetImage]] = defaultdict(list)
    for images in pool.values():
        drawn = iter(rng.sample(images, sum(CLASSIFIED.values())))
        for split, count in CLASSIFIED.items():
            splits[split] += [next(drawn) for _ in range(count)]
    return Datasets(
        train=Dataset("train", tuple(splits["train"])),
        test=Dataset("test", tuple(splits["test"])),
        holdout=Dataset("holdout", tuple(splits["holdout"])),
    )


def bench_audit_recall() -> None:
    """Print everything."""
    auditor = Auditor()
    bench_planted(auditor)
    bench_clean(auditor)


if __name__ == "__main__":
    bench_audit_recall()
