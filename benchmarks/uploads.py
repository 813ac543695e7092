"""Uploading images: our side against the AWS CLI, boto3 in threads and s5cmd, to a sink.

The sink answers each request 30 ms after it is there. Our side is all that a run does from the
measured images on, in a fresh process: it checks the manifests, lists what is there, reads and
verifies each file, and sends it with a checksum.
"""

import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.figures import (
    NEARLY_LINEAR,
    Figure,
    Form,
    Goal,
    Subject,
    at_least,
    at_most,
    growth,
)
from benchmarks.measuring import Compared, compare, cpu_seconds, ratio_figure
from benchmarks.s3_sink import RunningSink, running_sink
from benchmarks.upload_boto3 import put_all
from benchmarks.upload_clients import (
    AT_ONCE,
    AWS,
    BOTO3_THREADS,
    S5CMD,
    Clients,
    OurUpload,
    Upload,
)
from benchmarks.upload_files import Files, make_files, surroundings
from benchmarks.upload_ours import make_run, wanted_of
from rcl_flow.pipeline.training.uploading import upload

SIZES = (750, 1_500, 3_000)
ROUNDS = 3
LATENCY_MS = 30.0
VERIFIED_FILES = 300
SHORT_FILES = 150
SHORT_ROUNDS = 3
MANIFESTS = 2
PAGE_KEYS = 1_000


def measure(form: Form) -> Iterator[Figure]:
    """Yield the figures of the form."""
    with surroundings() as root:
        if form == "short":
            yield from _in_one_process(root)
        else:
            yield from _in_fresh_processes(root)


def _in_fresh_processes(root: Path) -> Iterator[Figure]:
    corpora = [make_files(root, size) for size in SIZES]
    files = corpora[-1]
    with running_sink(LATENCY_MS) as sink:
        if not sink.is_native:
            print("uploads: without `cc` a slower sink holds all of them up", file=sys.stderr)
        clients = Clients(sink, root)
        yield from _against_the_cli(clients, corpora)
        ours = [clients.ours(each) for each in corpora]
        yield from _of_ours(ours, corpora)
        yield _skipped(clients.ours(files, anew=False), files)
        yield from _against_others(clients, files)
    yield _durability(root, make_files(root, VERIFIED_FILES))


def _against_the_cli(clients: Clients, corpora: Sequence[Files]) -> Iterator[Figure]:
    if not AWS.exists():
        print("uploads: there is no AWS CLI: make environments", file=sys.stderr)
        return
    few, files = corpora[0], corpora[-1]
    rounds = [
        (
            clients.aws(files, "default"),
            clients.ours(files),
            clients.aws(files, "wide"),
            clients.aws(few, "default"),
            clients.ours(few),
        )
        for _ in range(ROUNDS)
    ]
    cli, _, wide, few_cli, few_ours = ([each[place] for each in rounds] for place in range(5))
    ours = [each[1] for each in rounds]
    yield _wall("files a second by `aws s3 sync`", cli, ours, at_least(4))
    yield _cpu("CPU by `aws s3 sync`", ours, cli, at_most(0.25))
    further = [
        (_further_ms(files, few, a, b), _further_ms(files, few, c, d))
        for a, b, c, d in zip(ours, few_ours, cli, few_cli, strict=True)
    ]
    what = "CPU of a further file by `aws s3 sync`, without start-up"
    yield ratio_figure(what, _compared(further), "ms", at_most(0.25))
    yield _wall("files a second by `aws s3 sync`, 64 at once", wide, ours)
    yield _cpu("CPU by `aws s3 sync`, 64 at once", ours, wide)
    bound = files.count * LATENCY_MS / 1000 / AT_ONCE
    spans = [each.counts.all_but_two_ns / 1e9 for each in ours]
    share = 100 * bound / statistics.median(spans)
    told = f"{bound:.3g} s by {statistics.median(spans):.3g} s, median of {ROUNDS}"
    yield Figure(
        "speed by the bound of 64 at once at 30 ms", round(share, 1), "%", at_least(85), told
    )


def _further_ms(files: Files, few: Files, many: Upload, less: Upload) -> float:
    """Return the CPU time that each file takes beyond those of a smaller upload."""
    more_ms = 1000 * (many.used.cpu_seconds - less.used.cpu_seconds)
    return more_ms / (files.count - few.count)


def _of_ours(ours: Sequence[OurUpload], corpora: Sequence[Files]) -> Iterator[Figure]:
    last, files = ours[-1], corpora[-1]
    whole = last.counts.put_bytes >= files.size_bytes and last.sent == files.count
    share = last.counts.checksummed / last.counts.puts if whole else 0.0
    told = f"{last.sent:,} images, {last.counts.put_bytes / 1e6:.0f} MB"
    yield Figure("objects that came whole, with a checksum", 100 * share, "%", at_least(100), told)
    peaks = [each.peak_mb for each in ours]
    told = ", ".join(f"{size:,}: {peak:.0f} MB" for size, peak in zip(SIZES, peaks, strict=True))
    yield Figure(
        "peak memory, four times the images",
        round(peaks[-1] / peaks[0], 2),
        "x",
        at_most(1.25),
        told,
    )
    costs = [each.upload_cpu_seconds for each in ours]
    yield growth("CPU of an upload", SIZES, costs, NEARLY_LINEAR)


def _skipped(again: OurUpload, files: Files) -> Figure:
    """Return how many calls it takes to find that all images are there."""
    pages = -(-files.count // PAGE_KEYS)
    # the first upload's listing and manifests are counted, too, and its images
    calls = again.counts.lists - 1 + again.counts.puts - files.count - 2 * MANIFESTS + again.sent
    told = f"{files.count:,} images, {PAGE_KEYS:,} a page"
    return Figure("calls to skip what is there", calls, "", at_most(pages), told)


def _against_others(clients: Clients, files: Files) -> Iterator[Figure]:
    ours, boto3 = [clients.ours(files)], [clients.boto3(files)]
    yield _wall(f"files a second by boto3 in {BOTO3_THREADS} threads", boto3, ours)
    yield _cpu(f"CPU by boto3 in {BOTO3_THREADS} threads", ours, boto3)
    if not S5CMD.exists():
        print("uploads: there is no s5cmd: make .bench/peers/.installed", file=sys.stderr)
        return
    s5cmd = [clients.s5cmd(files)]
    yield _wall("files a second by s5cmd", s5cmd, ours)
    yield _cpu("CPU by s5cmd", ours, s5cmd)


def _in_one_process(root: Path) -> Iterator[Figure]:
    files = make_files(root, SHORT_FILES)
    with running_sink(0) as sink:
        uploads = _uploads(sink, root, files)
        paths = sorted(files.folder.iterdir())

        def theirs() -> float:
            return cpu_seconds(lambda: put_all(paths, sink.endpoint_url, BOTO3_THREADS))

        uploads(), theirs()
        found = compare(theirs, uploads, rounds=SHORT_ROUNDS)
        yield ratio_figure("CPU, boto3 in threads by ours", found, "s", at_least(2))
    yield _durability(root, files)


def _uploads(sink: RunningSink, root: Path, files: Files) -> Callable[[], float]:
    """Return what uploads in this process, to nothing, and returns the CPU time of it."""
    run = make_run(sink.endpoint_url, root / "workspace", AT_ONCE)
    wanted = wanted_of(files.entries, files.folder, run.config)

    def measured() -> float:
        sink.begin_anew()
        used = cpu_seconds(lambda: upload(wanted, run))
        if sink.counts().puts != files.count + MANIFESTS:
            raise RuntimeError(f"{sink.counts().puts} of {files.count} images were sent")
        return used

    return measured


def _durability(root: Path, files: Files) -> Figure:
    """Return how many objects are what their key and their checksum say."""
    with running_sink(0, looks_at_all=True) as sink:
        counts = Clients(sink, root).ours(files).counts
    right = 100 * counts.verified / (files.count + MANIFESTS)
    told = f"{counts.puts:,} objects, SHA-256 of each by its checksum and its key"
    return Figure("objects with the right bytes and checksum", right, "%", at_least(100), told)


def _wall(
    what: str, theirs: Sequence[Upload], ours: Sequence[Upload], goal: Goal | None = None
) -> Figure:
    pairs = [(a.used.wall_seconds, b.used.wall_seconds) for a, b in zip(theirs, ours, strict=True)]
    return ratio_figure(what, _compared(pairs), "s", goal)


def _cpu(
    what: str, ours: Sequence[Upload], theirs: Sequence[Upload], goal: Goal | None = None
) -> Figure:
    pairs = [(a.used.cpu_seconds, b.used.cpu_seconds) for a, b in zip(ours, theirs, strict=True)]
    return ratio_figure(what, _compared(pairs), "s", goal)


def _compared(pairs: Sequence[tuple[float, float]]) -> Compared:
    return Compared(
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
        len(pairs),
    )


SUBJECT = Subject("uploads", measure, has_short_form=True)
