"""Tell what `init` understood, proposed and wrote: lines for a person, an object for a machine."""

import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rcl_flow.cli.console import FORMAT_VERSION
from rcl_flow.cli.table import table
from rcl_flow.core.dividing.split import SPLITS
from rcl_flow.core.label_text import plain_text, short_label
from rcl_flow.core.proposing.first_config import FirstSettings
from rcl_flow.core.scoring.power import Power
from rcl_flow.pipeline.data.initialising import Initialised
from rcl_flow.report.figures import format_count, format_ratio

_WIDTH: Final = 80
_INDENT: Final = 12
_SHOWN_LABELS: Final = 12
_SHOWN_FILES: Final = 3


def init_lines(done: Initialised, settings: FirstSettings) -> Iterator[str]:
    """Yield what a person reads, at most 80 columns wide but for long paths."""
    yield from _seen(done)
    yield ""
    yield from _table(done).splitlines()
    yield ""
    yield from _told("Holdout", _power(done.power))
    for missing in done.missing:
        yield from _told("Missing", f"{missing.message} {missing.cure}")
    if settings.backend == "aws":
        yield from _told("AWS", f"The bucket {settings.bucket}, in {settings.region}.")
    yield from _listed("Kept", map(str, done.kept))
    yield from _listed("Wrote", [str(path) for path in done.files if path not in done.kept])
    yield from _listed("Next", _next(done, settings))


def init_document(done: Initialised, settings: FirstSettings) -> dict[str, object]:
    """Return the same for a machine."""
    return {
        "format_version": FORMAT_VERSION,
        "status": "written",
        "config": str(done.files[0]),
        "project": settings.project,
        "backend": settings.backend,
        "region": settings.region,
        "task": done.task,
        "sources": {
            split: {
                "format": found.kind,
                "uri": found.uri,
                "images": found.images,
                "split": found.split,
            }
            for split, found in done.layout.sets.items()
        },
        "sets": {
            split: {
                "images": counts.images,
                "labels": dict(counts.labels),
                "drawn": done.made is not None and split in done.made.images,
            }
            for split, counts in done.counts.items()
        },
        "groups": None
        if done.groups is None
        else {
            "pattern": done.groups.pattern,
            "groups": done.groups.groups,
            "largest_images": done.groups.largest_images,
        },
        "rules": done.made.draw.plan.rules.model_dump(mode="json") if done.made else None,
        "unusable": [
            {"uri": one.uri, "reason": one.reason}
            for dataset in done.datasets.values()
            for one in dataset.unusable
        ],
        "unnamed_images": done.unnamed_images,
        "copies": _copies(done),
        "unlabelled_images": _unlabelled(done),
        "notes": list(done.layout.notes),
        "power": done.power.model_dump(mode="json"),
        "missing": [{"message": one.message, "cure": one.cure} for one in done.missing],
        "files": [str(path) for path in done.files],
        "kept": [str(path) for path in done.kept],
        "next": list(_next(done, settings)),
    }


def _seen(done: Initialised) -> Iterator[str]:
    for split, found in done.layout.sets.items():
        whose = "" if len(done.layout.sets) == 1 else f"{split}: "
        part = f", its split `{found.split}`" if found.split else ""
        where = f", images in {found.images}" if found.images else ""
        yield from _told("Found", f"{whose}{found.uri} ({found.kind}{part}){where}")
    yield from _told("Understood", _understood(done))
    for note in done.layout.notes:
        yield from _told("Note", note)
    if done.unnamed_images:
        count = format_count(done.unnamed_images, "image file")
        yield from _told("Note", f"Not used, since no usable annotation names them: {count}.")
    for note in _not_counted(done):
        yield from _told("Note", note)
    if done.groups is not None:
        examples = ", ".join(f"`{name}`" for name in done.groups.examples)
        yield from _told(
            "Together",
            f"Names tell {done.groups.groups:,} groups, such as {examples}: each stays in one set "
            "(--group-by '' parts them).",
        )
    yield from _unusable(done)


def _not_counted(done: Initialised) -> Iterator[str]:
    """Yield why the table below counts fewer images than were understood, or fewer labels."""
    copies = _copies(done)
    if copies:
        count = format_count(copies, "image")
        yield f"Counted once below, since the same file comes again: {count}; see `audit`."
    unlabelled = _unlabelled(done)
    if unlabelled:
        what = "box" if done.task == "detection" else "label"
        yield f"Without any {what}, and not trained on: {format_count(unlabelled, 'image')}."


def _copies(done: Initialised) -> int:
    return sum(one.copies for one in done.datasets.values())


def _unlabelled(done: Initialised) -> int:
    return sum(not image.labels for one in done.datasets.values() for image in one.distinct())


def _understood(done: Initialised) -> str:
    images = sum(len(dataset.images) for dataset in done.datasets.values())
    labels = {label for dataset in done.datasets.values() for label in dataset.labels}
    boxes = sum(len(i.boxes) for dataset in done.datasets.values() for i in dataset.images)
    kind = "object detection" if done.task == "detection" else "labels of whole images"
    told = f", {format_count(boxes, 'box', ending='es')}" if boxes else ""
    return f"{kind}: {format_count(images, 'image')}, {format_count(len(labels), 'label')}{told}"


def _unusable(done: Initialised) -> Iterator[str]:
    unusable = [one for dataset in done.datasets.values() for one in dataset.unusable]
    if unusable:
        count = format_count(len(unusable), "file")
        yield from _told("Not usable", f"{count}, left out:")
        yield from _indented(
            [plain_text(f"{one.uri}: {one.reason}") for one in unusable[:_SHOWN_FILES]]
            + _more(len(unusable) - _SHOWN_FILES)
        )
    dropped = sum(len(i.dropped_boxes) for d in done.datasets.values() for i in d.images)
    if dropped:
        yield from _told(
            "Not usable",
            f"{format_count(dropped, 'box', ending='es')} outside the image, without area or too "
            "small: see `audit`.",
        )


def _table(done: Initialised) -> str:
    names = sorted({name for counts in done.counts.values() for name in counts.weights})
    unit = "boxes" if done.task == "detection" else "images"
    rows: list[Sequence[object]] = [[f"label ({unit})", *SPLITS]]
    for name in names[:_SHOWN_LABELS]:
        weights = (done.counts[split].weights.get(name, 0) for split in SPLITS)
        rows.append([short_label(name), *weights])
    if len(names) > _SHOWN_LABELS:
        rest = names[_SHOWN_LABELS:]
        sums = (sum(done.counts[s].weights.get(name, 0) for name in rest) for s in SPLITS)
        rows.append([f"{len(rest):,} other labels", *sums])
    rows.append(["all images", *(done.counts[split].images for split in SPLITS)])
    drawn = [
        "drawn" if done.made is not None and split in done.made.images else "given"
        for split in SPLITS
    ]
    return table([*rows, ["", *(text.rjust(len("holdout")) for text in drawn)]])


def _power(power: Power) -> str:
    told = (
        f"{format_count(power.images, 'image')} measure an F1 of {power.f1:g} to "
        f"+-{format_ratio(power.half_width)}"
    )
    if power.detectable_fall is None:
        told += "; no fall from test to holdout is so large that they find it."
    else:
        told += (
            f"; a fall of {format_ratio(power.detectable_fall)} from test to holdout is found four "
            "times in five."
        )
    few = " These are too few images for such figures to be relied on." if power.too_few else ""
    return f"{told}{few} `rcl-flow power` reckons with other sizes."


def _next(done: Initialised, settings: FirstSettings) -> Iterator[str]:
    config = str(done.files[0])
    path = shlex.quote(config)
    yield f"rcl-flow validate {path}"
    yield f"rcl-flow audit {path}"
    if settings.backend == "aws":
        yield f"rcl-flow doctor {path}"
        yield f"rcl-flow plan {path}"
    yield f"rcl-flow run {path}"


def _told(head: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=head.ljust(_INDENT),
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _listed(head: str, lines: Iterable[str]) -> list[str]:
    heads = [head]
    return [f"{heads.pop() if heads else '':<{_INDENT}}{line}" for line in lines]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"{'':<{_INDENT}}{line}" for line in lines]


def _more(count: int) -> list[str]:
    return [f"and {count:,} more (--json lists them)"] if count > 0 else []
