"""What the audit finds of planted faults, and what it says of clean data, on corpora on disk."""

import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.audit_false_alarms import most_alarms
from benchmarks.figures import Figure, Form, at_least, at_most
from benchmarks.figures import Subject as Benchmark
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
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures
from tests.corpus.corpora import CLASSIFIED, Corpus, clean_corpus
from tests.corpus.faults import CLEAN, GROUPS, RULES, Group
from tests.corpus.judged import Auditor, Score, judge
from tests.corpus.nearness import expected_near

SEEDS = range(1, 4)
CLEAN_SEEDS = range(101, 107)
DEALS = 600
"""How often the clean images are dealt out anew to the splits: each is another clean set."""
CHECKS = (counts, relations, oddities, variety, spread, shift, shares, taxonomy, looks)
"""All that compare splits or labels, or an image with its split. Whether an image or a pair of
images is sound does not depend on how they are dealt out."""


@contextmanager
def new_folder() -> Iterator[Path]:
    """Yield an empty folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def planted_found(auditor: Auditor) -> Iterator[Figure]:
    """Yield what is found and made up of the faults of every rule, over several seeds."""
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
                print(f"  seed {seed}, {group.name}: missed or made up {told}", file=sys.stderr)
    yield from _of_rules(scores)
    for kind in sorted({kind for kind, _ in copies}):
        total = copies[kind, True] + copies[kind, False]
        what = f"copies of kind {kind} within {RULES.duplicates.near_duplicate_bits} bits"
        percent = round(100 * copies[kind, True] / total, 1)
        yield Figure(what, percent, "%", detail=f"{copies[kind, True]} of {total}")


def _of_rules(scores: Mapping[str, Score]) -> Iterator[Figure]:
    """Yield a figure of all rules, and one of each rule that misses something or makes it up."""
    planted = sum(score.planted for score in scores.values())
    found = sum(score.found for score in scores.values())
    alarms = sum(score.false_alarms for score in scores.values())
    told = f"{found:,} of {planted:,} of {len(scores)} rules, {len(SEEDS)} seeds"
    yield Figure("planted faults found", round(100 * found / planted, 2), "%", at_least(100), told)
    yield Figure("faults found that nobody planted", alarms, "faults", at_most(0))
    for rule, score in sorted(scores.items()):
        if score.found < score.planted or score.false_alarms:
            percent = 100 * score.found / max(score.planted, 1)
            told = f"{score.found} of {score.planted}, {score.false_alarms} made up"
            yield Figure(f"faults of {rule} found", round(percent, 1), "%", detail=told)


def near_or_not(corpus: Corpus, radius: int) -> Iterator[tuple[str, bool]]:
    """Yield the kind of each planted copy, and whether brute force finds it at this radius."""
    found = {file for each in expected_near(corpus, radius) for file in each.files}
    planted = set(corpus.samples) - set(corpus.clean)
    for sample in planted:
        kind = sample.name.split("/")[1].rsplit("-", 3)[0]
        if kind.startswith("near-"):
            yield kind, sample.path in found


def clean_accused(auditor: Auditor) -> Iterator[Figure]:
    """Yield what is found on corpora without a fault, and when their images are dealt out anew."""
    read = [(group, *clean_data(auditor, group, seed)) for seed in CLEAN_SEEDS for group in CLEAN]
    reports = [
        audit_datasets(datasets, group.rules, Evidence(measures=measures))
        for group, datasets, measures in read
    ]
    findings = [finding for report in reports for finding in report.findings]
    accused = {place.uri for finding in findings for place in finding.places}
    images = sum(len(measures) for _, _, measures in read)
    alarmed = sum(bool(report.findings) for report in reports)
    percent = round(100 * len(accused) / images, 3)
    told = f"{len(accused)} of {images:,}"
    yield Figure("clean images that a finding names", percent, "%", at_most(0.1), told)
    rules = ", ".join(sorted({finding.rule for finding in findings}))
    told = f"of {len(reports)}" + (f"; {rules}" if rules else "")
    yield Figure("clean corpora with a finding", alarmed, "corpora", detail=told)
    yield from dealt_out([each for each in read if each[0].task == "classification"])


def clean_data(
    auditor: Auditor, group: Group, seed: int
) -> tuple[Datasets, dict[str, ImageMeasures]]:
    """Return a clean corpus as it is read, with what its images measure."""
    with new_folder() as folder:
        return auditor.read(clean_corpus(seed, group.task), folder)


def dealt_out(read: list[tuple[Group, Datasets, dict[str, ImageMeasures]]]) -> Iterator[Figure]:
    """Deal clean images out to the splits again and again: how many audits find anything."""
    measures = {sha256: seen for *_, measured in read for sha256, seen in measured.items()}
    pool: dict[str, list[DatasetImage]] = defaultdict(list)
    for image in (image for _, datasets, _ in read for split in datasets for image in split.images):
        pool[image.labels[0]].append(image)
    rng = random.Random(0)
    rules: Counter[str] = Counter()
    alarmed = 0
    for _ in range(DEALS):
        subject = Subject(deal(pool, rng), RULES, Evidence(measures=measures))
        findings = [finding for each in CHECKS for finding in each.check(subject)]
        alarmed += bool(findings)
        rules.update({finding.rule for finding in findings})
    told = ", ".join(f"{rule} {count}" for rule, count in rules.most_common())
    percent = round(100 * alarmed / DEALS, 2)
    what = "clean images dealt out to splits anew: audits with a finding"
    yield Figure(what, percent, "%", most_alarms(DEALS), f"of {DEALS:,}; {told}")


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


def measure(form: Form) -> Iterator[Figure]:
    """Yield what is found, and what is found where there is nothing; there is no short form."""
    auditor = Auditor()
    yield from planted_found(auditor)
    yield from clean_accused(auditor)


SUBJECT = Benchmark("audit_recall", measure)
