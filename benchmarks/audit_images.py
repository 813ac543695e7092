"""Measuring and judging images: against the decoding alone, in two threads, and against peers."""

import io
import json
import os
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.measuring import ratio, show, wall_seconds
from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.audit.subject import Evidence
from rcl_flow.core.dataset import Dataset, DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from rcl_flow.pipeline.executors import map_in_threads
from rcl_flow.pipeline.measuring import MeasureCache, MeasuredContent, measure_all
from tests.corpus.photographs import Photograph, Planted, framed, good, photographs, planted

PEERS = Path(".bench/peers")
_GOOD, _EACH = 400, 24
_UNREADABLE = ("corrupt", "garbage", "ended", "format", "tiny")
_SOURCES = ("astronaut.png", "motorcycle_left.png", "ihc.png", "coffee.png", "chelsea.png",
            "retina.jpg", "rocket.jpg", "grass.png", "gravel.png", "brick.png", "camera.png",
            "coins.png", "moon.png")  # fmt: skip
_WANTED = {
    "corrupt": "corrupt", "garbage": "corrupt", "ended": "corrupt", "format": "corrupt",
    "tiny": "odd_size", "dark": "dark", "bright": "light", "blurred": "blurry",
    "flat": "low_information", "gray": "grayscale", "aspect": "odd_aspect_ratio", "cmyk": "cmyk",
}  # fmt: skip
"""What a tool calls a kind of fault."""
_RULES = {"dark-image": "dark", "bright-image": "light", "blurred-image": "blurry",
          "flat-image": "low_information", "damaged-image": "corrupt"}  # fmt: skip
_ODD_ASPECT = 3.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a tool says of a corpus."""

    flags: dict[str, set[str]]
    pairs: set[frozenset[str]]
    cpu_seconds: float


def bench_audit_images(folder: Path) -> None:
    """Print cost and recall on one corpus."""
    corpus = _corpus(folder)
    whole = [each.content for each in corpus if each.kind not in _UNREADABLE]
    paths = [folder / each.name for each in corpus if each.kind not in _UNREADABLE]
    print(f"{len(corpus)} images, {sum(len(c) for c in whole) / len(whole) / 1e3:.0f} KB each")
    figures = ratio(
        lambda: _cpu(lambda: [measure_image(p.read_bytes()) for p in paths]),
        lambda: _cpu(lambda: [_decode(p.read_bytes()) for p in paths]),
    )
    show("measuring, against reading and 1/8 gray decoding", figures, "CPU s")
    figures = ratio(
        lambda: wall_seconds(lambda: list(map_in_threads(measure_image, whole, concurrency=1))),
        lambda: wall_seconds(lambda: list(map_in_threads(measure_image, whole, concurrency=2))),
    )
    show("measuring in one thread, against two", figures, "s")
    cache = folder.parent / "measures"
    figures = ratio(
        lambda: wall_seconds(
            lambda: list(measure_all(paths, Path.read_bytes, MeasureCache(cache)))
        ),
        lambda: wall_seconds(lambda: list(measure_all(paths, Path.read_bytes, MeasureCache()))),
    )
    show("measuring again with the cache, against without", figures, "s")
    _against_peers(corpus, folder)


def _pass(paths: Sequence[Path], cache: MeasureCache) -> None:
    for _ in measure_all(paths, Path.read_bytes, cache):
        pass


def _corpus(folder: Path) -> list[Planted]:
    sources = _sources()
    clean = list(good(_GOOD, seed=1, sources=sources))
    corpus = clean + list(planted(clean[1:], _EACH, seed=2, sources=sources))
    folder.mkdir(parents=True)
    for each in corpus:
        (folder / each.name).write_bytes(each.content)
    return corpus


def _sources() -> list[Photograph]:
    found = [*photographs()]
    for name in _SOURCES:
        for path in PEERS.glob(f"lib/python*/site-packages/skimage/data/{name}"):
            with Image.open(path) as image:
                found.append(framed(image.convert("RGB")))
    return found


def _decode(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as image:
        image.draft("L", (max(image.width // 8, 1), max(image.height // 8, 1)))
        image.load()
        return image


def _cpu(action: Callable[[], object]) -> float:
    started = time.process_time()
    action()
    return time.process_time() - started


def _against_peers(corpus: Sequence[Planted], folder: Path) -> None:
    verdicts = {"ours": _ours(corpus)}
    python = PEERS / "bin" / "python"
    if not python.exists():
        print(f"no peers in {PEERS}: see `make bench`")
    else:
        readable = folder.parent / "readable"
        readable.mkdir()
        for each in corpus:
            if each.kind not in _UNREADABLE:
                os.link(folder / each.name, readable / each.name)
        verdicts["cleanvision"] = _peer(python, "cleanvision", readable)
        verdicts["imgeda"] = _peer(python, "imgeda", folder)
        verdicts["imagehash"] = _peer(python, "imagehash", folder)
    print(f"{'class':<20}{'images':>7}" + "".join(f"{name:>14}" for name in verdicts))
    for kind in dict.fromkeys(each.kind for each in corpus if each.kind != "good"):
        of = [each for each in corpus if each.kind == kind]
        recalled = [f"{sum(_recalls(each, v) for each in of):>14}" for v in verdicts.values()]
        print(f"{kind:<20}{len(of):>7}" + "".join(recalled))
    _print_false_alarms(corpus, verdicts)
    ours = verdicts["ours"].cpu_seconds
    for name, verdict in verdicts.items():
        print(
            f"{name:<14} {verdict.cpu_seconds:8.1f} CPU s  {verdict.cpu_seconds / ours:6.1f} x ours"
        )


def _print_false_alarms(corpus: Sequence[Planted], verdicts: dict[str, Verdict]) -> None:
    clean = {each.name for each in corpus if each.kind == "good"}
    for issue in dict.fromkeys([*_WANTED.values()]):
        counts = [f"{len(v.flags.get(issue, set()) & clean):>14}" for v in verdicts.values()]
        print(f"{'  ' + issue + ' in good':<27}" + "".join(counts))
    kin = {each.name: each.twin or each.name for each in corpus}
    wrong = [
        sum(len({kin[name] for name in pair}) > 1 for pair in v.pairs) for v in verdicts.values()
    ]
    print(f"{'  pairs of strangers':<27}" + "".join(f"{count:>14}" for count in wrong))


def _recalls(each: Planted, verdict: Verdict) -> bool:
    if each.twin:
        return any(each.name in pair and each.twin in pair for pair in verdict.pairs)
    return each.name in verdict.flags.get(_WANTED[each.kind], set())


def _ours(corpus: Sequence[Planted]) -> Verdict:
    """Measure and audit everything, as `rcl-flow audit` does."""
    started, cache = time.process_time(), MeasureCache()
    measured = dict(measure_all(corpus, lambda each: each.content, cache))
    images = tuple(_image(each, of) for each, of in measured.items() if of.sha256 in cache.known)
    report = audit_datasets(
        Datasets(holdout=Dataset("holdout", images)), AuditRules(), Evidence(measures=cache.known)
    )
    seconds = time.process_time() - started
    flags: dict[str, set[str]] = {issue: set() for issue in _WANTED.values()}
    pairs: set[frozenset[str]] = set()
    for finding in report.findings:
        for place in finding.places:
            if place.twin_uri:
                pairs.add(frozenset({place.uri, place.twin_uri}))
            elif finding.rule in _RULES:
                flags[_RULES[finding.rule]].add(place.uri)
    for each, of in measured.items():
        for issue in (
            _told(of.found) if isinstance(of.found, ImageMeasures) else ("corrupt", "odd_size")
        ):
            flags[issue].add(each.name)
    return Verdict(flags, _closed(pairs), seconds)


def _image(each: Planted, of: MeasuredContent) -> DatasetImage:
    return DatasetImage(each.name, of.sha256, of.size_bytes, "JPEG", ("thing",))


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
    """Return the pairs, and those of images that are in pairs with the same third one."""
    near: dict[str, set[str]] = {}
    for first, second in map(tuple, pairs):
        near.setdefault(first, set()).add(second)
        near.setdefault(second, set()).add(first)
    return pairs | {
        frozenset({a, b}) for third in near.values() for a in third for b in third if a != b
    }


def _peer(python: Path, name: str, folder: Path) -> Verdict:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    script = str(Path(__file__).with_name("audit_peers.py"))
    command = [str(python), script, name, str(folder)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    pairs = {frozenset(pair) for pair in told.pop("pairs")}
    return Verdict({issue: set(names) for issue, names in told.items()}, pairs, seconds)
