"""Measuring and auditing images: against the decoding alone, in two threads, and against peers."""

import io
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PIL import Image
from simplejpeg import decode_jpeg  # type: ignore[import-untyped]  # it has no marker

from benchmarks.audit_corpus import (
    BROKEN,
    UNREADABLE,
    WANTED,
    Verdict,
    audited,
    doubled,
    has_peers,
    plant,
    verdict_of,
)
from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Goal, Subject, at_least, at_most, growth
from benchmarks.measuring import compare, cpu_seconds, ratio_figure, wall_seconds
from rcl_flow.imaging.measuring import DecodedImage, decode_image, measure_decoded
from rcl_flow.pipeline.images.measuring import MeasureCache, measure_all
from tests.corpus.photographs import Planted

_GOOD, _EACH = 240, 10
_FEW_GOOD, _FEW_BROKEN = 26, 5
_ROUNDS, _TURNS, _AT_A_TURN = 3, 5, 8
_MOST_FALSE_ALARMS_PERCENT = 1.0

_Reader = Callable[[Sequence[Path]], object]


def measure(form: Form) -> Iterator[Figure]:
    """Yield what measuring costs, and what it finds."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "all"
        if form == "short":
            corpus = plant(folder, clean=_FEW_GOOD, each=_FEW_BROKEN, kinds=BROKEN)
            yield _against_decoding(_usual(corpus, folder))
            yield from _broken_found(corpus, verdict_of("ours", folder))
            return
        corpus = plant(folder, clean=_GOOD, each=_EACH)
        usual, paths = _usual(corpus, folder), _paths(corpus, folder)
        yield _against_decoding(usual)
        jpeg = [path for path in usual if path.suffix == ".jpg"]
        yield replace(_against_decoding(jpeg, ", JPEG alone"), goal=None)
        yield from _in_threads(paths, Path(scratch) / "measures")
        yield _growth(paths)
        yield from _recall(corpus, folder)


def _usual(corpus: Sequence[Planted], folder: Path) -> list[Path]:
    """Return readable files of which one in eight is dark, flat, small or otherwise at fault."""
    readable = [each for each in corpus if each.kind not in UNREADABLE]
    odd = [each for each in readable if each.kind != "good" and not each.twin]
    sound = [each for each in readable if each not in odd]
    few = random.Random(0).sample(odd, min(len(odd), len(sound) // 7))
    return [folder / each.name for each in (*sound, *few)]


def _paths(corpus: Sequence[Planted], folder: Path) -> list[Path]:
    return [folder / each.name for each in corpus if each.kind not in UNREADABLE]


def _against_decoding(paths: Sequence[Path], of: str = "") -> Figure:
    """Compare with the faster of the two decoders there are, which do nothing else.

    The three take turns of as many images as an audit's thread takes together; of each turn the
    best of several rounds counts, so that what else the machine does meets all alike, and little.
    """
    turns = [paths[start : start + _AT_A_TURN] for start in range(0, len(paths), _AT_A_TURN)]
    best: dict[tuple[int, _Reader], float] = {}
    for place, turn in list(enumerate(turns)) * _TURNS:
        _read(turn)  # or the first of the three would fetch the files for the others
        for do in _READERS:
            cost = cpu_seconds(partial(do, turn))
            best[place, do] = min(cost, best.get((place, do), cost))
    ours, pillow, simplejpeg = (
        sum(best[place, do] for place in range(len(turns))) for do in _READERS
    )
    told = f"{ours:.4g} s by {simplejpeg:.4g} s of simplejpeg, {pillow:.4g} s of Pillow"
    what = f"CPU, measuring against reading and 1/8 gray decoding{of}"
    ratio = round(ours / min(pillow, simplejpeg), 3)
    return Figure(what, ratio, "x", at_most(1.45), f"{told}, best of {_TURNS}")


def _read(paths: Sequence[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def _measured(paths: Sequence[Path]) -> None:
    decoded = [decode_image(path.read_bytes()) for path in paths]
    measure_decoded([each for each in decoded if isinstance(each, DecodedImage)])


def _decoded_by_pillow(paths: Sequence[Path]) -> None:
    for path in paths:
        _decode_with_pillow(path.read_bytes())


def _decoded_by_simplejpeg(paths: Sequence[Path]) -> None:
    for path in paths:
        content = path.read_bytes()
        try:
            decode_jpeg(content, colorspace="GRAY", min_height=1, min_width=1)
        except ValueError:  # PNG, and JPEG of four colours
            _decode_with_pillow(content)


_READERS: tuple[_Reader, ...] = (_measured, _decoded_by_pillow, _decoded_by_simplejpeg)


def _decode_with_pillow(content: bytes) -> None:
    with Image.open(io.BytesIO(content)) as image:
        image.draft("L", (max(image.width // 8, 1), max(image.height // 8, 1)))
        image.load()


def _in_threads(paths: Sequence[Path], cache: Path) -> Iterator[Figure]:
    def threads(count: int) -> float:
        measured = measure_all(paths, Path.read_bytes, MeasureCache(), concurrency=count)
        return wall_seconds(lambda: list(measured))

    found = compare(partial(threads, 1), partial(threads, 2), rounds=_ROUNDS)
    yield ratio_figure("wall, one thread against two", found, "s", at_least(1.8))

    def measured(cached: bool) -> float:
        opened = MeasureCache(cache) if cached else MeasureCache()
        return cpu_seconds(lambda: list(measure_all(paths, Path.read_bytes, opened)))

    measured(cached=True)
    found = compare(partial(measured, False), partial(measured, True), rounds=_ROUNDS)
    yield ratio_figure("CPU, measuring with digests against knowing from the cache", found, "s")


def _growth(paths: Sequence[Path]) -> Figure:
    mixed = random.Random(0).sample(paths, len(paths))
    sizes = [len(mixed) // 4, len(mixed) // 2, len(mixed)]
    costs = [_median(lambda size=size: audited(mixed[:size])) for size in sizes]  # type: ignore[misc]  # a lambda's default
    return growth("measuring and auditing", sizes, costs, NEARLY_LINEAR)


def _median(action: Callable[[], object]) -> float:
    return statistics.median(cpu_seconds(action) for _ in range(_ROUNDS))


def _recall(corpus: Sequence[Planted], folder: Path) -> Iterator[Figure]:
    """Compare costs on the readable files, and what is found among all that a tool survives."""
    ours = verdict_of("ours", folder)
    yield from _broken_found(corpus, ours)
    if not has_peers():
        return
    found: dict[str, Verdict] = {}
    yield _against_cleanvision(corpus, folder, found)
    for peer in ("imgeda", "imagehash"):
        found[peer] = verdict_of(peer, folder)
        ratio = round(found[peer].cpu_seconds / ours.cpu_seconds, 2)
        told = f"{found[peer].cpu_seconds:.4g} s by {ours.cpu_seconds:.4g} s, one round"
        yield Figure(f"CPU with the start, {peer} against ours", ratio, "x", at_least(1), told)
    yield from _recall_by_class(corpus, ours, found)
    yield from _near(corpus, ours, found["imagehash"])
    yield _false_alarms(corpus, ours)


def _against_cleanvision(
    corpus: Sequence[Planted], folder: Path, found: dict[str, Verdict]
) -> Figure:
    """Compare on the readable files, since it ends at the first one that it cannot read."""
    readable = [each for each in corpus if each.kind not in UNREADABLE]
    target = doubled(readable, folder.with_name("readable"))

    def cost() -> float:
        found["cleanvision"] = verdict_of("cleanvision", target)
        return found["cleanvision"].cpu_seconds

    compared = compare(cost, lambda: verdict_of("ours", target).cpu_seconds, rounds=_ROUNDS)
    what = f"CPU with the start, cleanvision against ours, {2 * len(readable)} files"
    return ratio_figure(what, compared, "s", at_least(12))


def _broken_found(corpus: Sequence[Planted], ours: Verdict) -> Iterator[Figure]:
    for kind in BROKEN:
        of = [each for each in corpus if each.kind == kind]
        yield _share(f"found of files of kind {kind}", of, ours, at_least(100))


def _recall_by_class(
    corpus: Sequence[Planted], ours: Verdict, peers: dict[str, Verdict]
) -> Iterator[Figure]:
    """Yield our recall of each class; the goal is the better one of the peers that do as much."""
    for kind in dict.fromkeys(each.kind for each in corpus if each.kind not in ("good", *BROKEN)):
        of = [each for each in corpus if each.kind == kind]
        theirs = {
            name: _percent(of, peers[name]) for name in ("cleanvision", "imgeda", "imagehash")
        }
        told = ", ".join(f"{name} {share:.0f} %" for name, share in theirs.items())
        best = max(theirs["cleanvision"], theirs["imgeda"])
        yield _share(f"found of {kind}", of, ours, at_least(best), told)


def _near(corpus: Sequence[Planted], ours: Verdict, imagehash: Verdict) -> Iterator[Figure]:
    copies = [each for each in corpus if each.kind.startswith("near-")]
    found = [sum(map(verdict.recalls, copies)) for verdict in (imagehash, ours)]
    told = f"{found[0]} and {found[1]} of {len(copies)}, both at 6 bits"
    what = "near duplicates that imagehash finds more than ours"
    yield Figure(what, max(found[0] - found[1], 0), "images", at_most(2), told)
    kin = {each.name: each.twin or each.name for each in corpus}
    wrong = [_strangers(verdict, kin) for verdict in (imagehash, ours)]
    told = f"imagehash {wrong[0]}"
    yield Figure("pairs of strangers", wrong[1], "pairs", at_most(wrong[0]), told)


def _strangers(verdict: Verdict, kin: dict[str, str]) -> int:
    return sum(len({kin[name] for name in pair}) > 1 for pair in verdict.pairs)


def _false_alarms(corpus: Sequence[Planted], ours: Verdict) -> Figure:
    clean = {each.name for each in corpus if each.kind == "good"}
    flagged = {issue: len(ours.flags[issue] & clean) for issue in dict.fromkeys(WANTED.values())}
    told = ", ".join(f"{issue} {count}" for issue, count in flagged.items() if count)
    accused = set().union(*(ours.flags[issue] & clean for issue in flagged))
    percent = 100 * len(accused) / len(clean)
    goal = at_most(_MOST_FALSE_ALARMS_PERCENT)
    return Figure("good images that are called faulty", round(percent, 2), "%", goal, told)


def _share(
    what: str, of: Sequence[Planted], verdict: Verdict, goal: Goal, detail: str = ""
) -> Figure:
    told = f"of {len(of)}" + (f"; {detail}" if detail else "")
    return Figure(what, round(_percent(of, verdict), 1), "%", goal, told)


def _percent(of: Sequence[Planted], verdict: Verdict) -> float:
    return 100 * sum(map(verdict.recalls, of)) / len(of)


SUBJECT = Subject("audit_images", measure, has_short_form=True)
