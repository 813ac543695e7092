"""Audit a corpus as the product does, and hold the findings against what was planted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3
from rcl_flow.aws.session import AwsAccess, make_session, s3_client
from rcl_flow.clock import SystemClock
from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.core.audit.subject import Evidence
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.pipeline.images.measuring import MeasureCache
from rcl_flow.pipeline.images.reading import read_datasets
from tests.corpus.corpora import Corpus, Expected
from tests.corpus.faults import Group

_ONE_SIDED: Final = ("near-overlap", "turned-overlap")
"""Of these the image in the second split counts: the first may have several that are as near."""
_EXAMPLES: Final = ("look-alike", "factor-shift", "narrow-", "factor-gives-label")
"""Rules about a label or split as a whole, whose places are examples."""

Key = tuple[str, str, str]
"""Rule, split and label."""


class Auditor:
    """Reads corpora from disk and audits them; a content is measured once."""

    def __init__(self) -> None:
        """Begin without measures; nothing here reaches AWS."""
        access = AwsAccess("us-east-1", emulated=True)
        client = s3_client(make_session(access), access)
        self._s3 = S3(client, Caller(SystemClock()), region="us-east-1")
        self._cache = MeasureCache()

    def audit(self, group: Group, corpus: Corpus, folder: Path) -> AuditReport:
        """Write a corpus into an empty folder, read it and audit it as its group says."""
        datasets, measures = self.read(corpus, folder)
        evidence = Evidence(measures=measures, region=group.region, holdout_uses=group.holdout_uses)
        return audit_datasets(datasets, group.rules, evidence)

    def read(self, corpus: Corpus, folder: Path) -> tuple[Datasets, dict[str, ImageMeasures]]:
        """Write a corpus into an empty folder, read it and measure its images."""
        datasets = read_datasets(corpus.write(folder), self._s3, self._cache)
        seen = {image.sha256 for split in datasets for image in split.images}
        return datasets, {sha256: self._cache.known[sha256] for sha256 in seen}


@dataclass(slots=True)
class Score:
    """How many things of one rule were planted, found, and found without being there."""

    planted: int = 0
    found: int = 0
    false_alarms: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an audit missed and made up."""

    scores: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    missed: list[str] = field(default_factory=list)
    made_up: list[str] = field(default_factory=list)


def judge(report: AuditReport, expected: Iterable[Expected], folder: Path) -> Judgement:
    """Hold the findings against what must be found: file by file where findings name all."""
    every = list(expected)
    wanted = _wanted(each for each in every if each.certain)
    there = _found(report.findings, folder)
    for each in every:
        if not each.certain:
            there.pop((each.rule, each.split, each.label), None)
    told = {key: [f.message for f in report.findings if _key(f) == key] for key in wanted}
    judgement = Judgement()
    for key in wanted.keys() | there.keys():
        wishes, things = wanted.get(key, set()), there.get(key, set())
        if any(isinstance(wish, _Told) for wish in wishes):
            things = {wish for wish in wishes if _is_told(wish, told[key])} if things else set()
        elif wishes == {_WHOLE} and things:
            things = {_WHOLE}
        _count(judgement, key, wishes, things)
    return judgement


class _Told(str):
    """A text that a message must have, in place of a file."""

    __slots__ = ()


_WHOLE: Final = "(the split or label as a whole)"


def _count(judgement: Judgement, key: Key, wishes: set[str], things: set[str]) -> None:
    score = judgement.scores[key[0]]
    score.planted += len(wishes)
    score.found += len(wishes & things)
    score.false_alarms += len(things - wishes)
    where = " ".join(filter(None, key))
    judgement.missed.extend(f"{where}: {name}" for name in sorted(wishes - things))
    judgement.made_up.extend(f"{where}: {name}" for name in sorted(things - wishes))


def _is_told(wish: str, messages: Sequence[str]) -> bool:
    return any(wish in message for message in messages)


def _wanted(expected: Iterable[Expected]) -> dict[Key, set[str]]:
    wanted: dict[Key, set[str]] = defaultdict(set)
    for each in expected:
        files = _second(each.files, each.split) if each.rule in _ONE_SIDED else each.files
        wishes = set(files) or set(map(_Told, each.told)) or {_WHOLE}
        wanted[each.rule, each.split, each.label] |= wishes
    return wanted


def _second(files: Iterable[str], splits: str) -> set[str]:
    return {path for path in files if path.startswith(splits.split("+")[1] + "/")}


def _found(findings: Iterable[Finding], folder: Path) -> dict[Key, set[str]]:
    there: dict[Key, set[str]] = defaultdict(set)
    for finding in findings:
        there[_key(finding)] |= _names(finding, folder) or {_WHOLE}
    return there


def _key(finding: Finding) -> Key:
    return finding.rule, finding.split, finding.label


def _names(finding: Finding, folder: Path) -> set[str]:
    if finding.rule.startswith(_EXAMPLES):
        return set()
    uris = {place.twin_uri for place in finding.places if place.twin_uri}
    if finding.rule not in _ONE_SIDED:
        uris |= {place.uri for place in finding.places}
    return {Path(uri).relative_to(folder).as_posix() for uri in uris}
