"""A corpus of photographs with planted faults, and what a tool says of it.

`python -m benchmarks.audit_corpus FOLDER` measures and audits a folder as `rcl-flow audit` does and
prints what it flags, as `audit_peers` does for the peers.
"""

import io
import json
import sys
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from benchmarks.measuring import used_by
from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.audit.subject import Evidence
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.measuring import UnusableContent
from rcl_flow.pipeline.images.measuring import MeasureCache, MeasuredContent, measure_all
from tests.corpus.photographs import Photograph, Planted, framed, good, photographs, planted

PEERS = Path(".bench/peers")
BROKEN = ("corrupt", "garbage", "ended", "format")
"""Kinds that cannot be decoded, or not wholly."""
UNREADABLE = (*BROKEN, "tiny")
WANTED: Mapping[str, str] = {
    "corrupt": "corrupt", "garbage": "corrupt", "ended": "corrupt", "format": "corrupt",
    "tiny": "odd_size", "dark": "dark", "bright": "light", "blurred": "blurry",
    "flat": "low_information", "gray": "grayscale", "aspect": "odd_aspect_ratio", "cmyk": "cmyk",
}  # fmt: skip
"""What a tool calls a kind of fault."""
_RULES = {"dark-image": "dark", "bright-image": "light", "blurred-image": "blurry",
          "flat-image": "low_information", "damaged-image": "corrupt"}  # fmt: skip
_ODD_ASPECT = 3.0
_QUALITY = 85
_SOURCES = ("astronaut.png", "motorcycle_left.png", "ihc.png", "coffee.png", "chelsea.png",
            "retina.jpg", "rocket.jpg", "grass.png", "gravel.png", "brick.png", "camera.png",
            "coins.png", "moon.png")  # fmt: skip
"""Of scikit-image, which the peers' environment has."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a tool says of a corpus."""

    flags: Mapping[str, set[str]]
    pairs: set[frozenset[str]]
    cpu_seconds: float
    """With its start."""

    def recalls(self, each: Planted) -> bool:
        """Say whether a planted fault was found."""
        if each.twin:
            return any(each.name in pair and each.twin in pair for pair in self.pairs)
        return each.name in self.flags.get(WANTED[each.kind], set())


def plant(
    folder: Path, *, clean: int, each: int, kinds: Container[str] | None = None
) -> list[Planted]:
    """Write images without a fault and `each` of every kind of fault into a new folder."""
    sources = _sources()
    whole = list(good(clean, seed=1, sources=sources))
    corpus = whole + list(planted(whole[1:], each, seed=2, sources=sources, kinds=kinds))
    folder.mkdir(parents=True)
    for one in corpus:
        (folder / one.name).write_bytes(one.content)
    return corpus


def doubled(corpus: Sequence[Planted], folder: Path) -> Path:
    """Return a new folder with these files, and each once more as the mirror shows it."""
    folder.mkdir()
    for each in corpus:
        (folder / each.name).write_bytes(each.content)
        with Image.open(io.BytesIO(each.content)) as shown:
            mirrored = ImageOps.mirror(shown)
            mirrored.save(folder / f"mirrored-{each.name}", shown.format, quality=_QUALITY)
    return folder


def _sources() -> list[Photograph]:
    found = [*photographs()]
    for name in _SOURCES:
        for path in PEERS.glob(f"lib/python*/site-packages/skimage/data/{name}"):
            with Image.open(path) as image:
                found.append(framed(image.convert("RGB")))
    return found


def has_peers() -> bool:
    """Say whether the peers are installed; if not, tell how to."""
    if (PEERS / "bin" / "python").exists():
        return True
    print("no peers of the audit: make .bench/peers/.installed", file=sys.stderr)
    return False


def verdict_of(tool: str, folder: Path) -> Verdict:
    """Return what a tool says of the files in a folder: `ours` or one of `audit_peers`."""
    if tool == "ours":
        command = [sys.executable, "-m", "benchmarks.audit_corpus", str(folder)]
    else:
        script = str(Path(__file__).with_name("audit_peers.py"))
        command = [str(PEERS / "bin" / "python"), script, tool, str(folder)]
    used = used_by(command)
    told = json.loads(used.output)
    pairs = {frozenset(pair) for pair in told.pop("pairs")}
    return Verdict({issue: set(names) for issue, names in told.items()}, pairs, used.cpu_seconds)


def audited(paths: Sequence[Path]) -> tuple[dict[Path, MeasuredContent], AuditReport]:
    """Measure and audit files, as `rcl-flow audit` does."""
    cache = MeasureCache()
    measured = dict(measure_all(paths, Path.read_bytes, cache))
    images = tuple(
        DatasetImage(path.name, of.sha256, of.size_bytes, "JPEG", ("thing",))
        for path, of in measured.items()
        if of.sha256 in cache.known
    )
    datasets = Datasets(holdout=Dataset("holdout", images))
    return measured, audit_datasets(datasets, AuditRules(), Evidence(measures=cache.known))


def _flagged(paths: Sequence[Path]) -> dict[str, list[object]]:
    measured, report = audited(paths)
    flags: dict[str, set[str]] = {issue: set() for issue in WANTED.values()}
    pairs: set[frozenset[str]] = set()
    for finding in report.findings:
        for place in finding.places:
            if place.twin_uri:
                pairs.add(frozenset({place.uri, place.twin_uri}))
            elif finding.rule in _RULES:
                flags[_RULES[finding.rule]].add(place.uri)
    for path, of in measured.items():
        for issue in _told(of.found):
            flags[issue].add(path.name)
    told: dict[str, list[object]] = {issue: [*sorted(names)] for issue, names in flags.items()}
    return {**told, "pairs": [sorted(pair) for pair in _closed(pairs)]}


def _told(found: ImageMeasures | UnusableContent) -> list[str]:
    if isinstance(found, UnusableContent):
        return ["corrupt", "odd_size"]
    longer = max(found.aspect_ratio, 1 / found.aspect_ratio)
    told = {
        "grayscale": found.colour_mode == "L",
        "odd_aspect_ratio": longer > _ODD_ASPECT,
        "cmyk": found.colour_mode == "CMYK",
    }
    return [issue for issue, holds in told.items() if holds]


def _closed(pairs: set[frozenset[str]]) -> set[frozenset[str]]:
    """Return all pairs of each group: an audit names every image once, with one that is near."""
    group: dict[str, set[str]] = {}
    for first, second in map(tuple, pairs):
        joined = group.get(first, {first}) | group.get(second, {second})
        group.update(dict.fromkeys(joined, joined))
    return {frozenset({a, b}) for a, near in group.items() for b in near if a != b}


if __name__ == "__main__":
    print(json.dumps(_flagged(sorted(Path(sys.argv[1]).iterdir()))))
