"""Random manifests with all kinds of faults in all places, the same for the same seed."""

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
Change = Callable[[random.Random, Document], None]

DATES = ["2024-02-03T04:05:06", "2013-11-18 02:53:27", "2021-06-22T10:10:48.492Z", "2024-02-03"]
HUGE = "%huge%"
WILD: list[Any] = [
    None, True, False, 0, 1, -1, 2, 0.5, 1.5, 0.0, 1e23, 10**30, 10**400, HUGE, "", " ", "1", "yes",
    "no", "0", "x" * 256, "x" * 257, "\ud800", [], [1], [{}], {}, {"confidence": 1},
    "groundtruth/image-classification", "groundtruth/object-detection", "other", *DATES,
]  # fmt: skip
EDGES: list[Any] = [
    -1, -0.5, 0, 0.5, 1, 1.0000001, 2, 2.0000001, 3.2, 3.2000001, 60, 99.9999999, 100.1, 150,
    160.0000005, 200, 4096, 10**400, HUGE,
]  # fmt: skip
ODD_REFS: list[Any] = [
    "https://a.b/c.png", "s3://acme-images/", "s3://x/y", "s3://acme-images", "a.png", 3,
    "s3://acme-more/1.png", "s3://acme-images//", "s3://acme-images/a\nb", "S3://acme/a.b",
]  # fmt: skip
STATES = [
    ["ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok", "invalid", "missing", "forbidden"],
    ["forbidden"],
    ["forbidden", "forbidden", "forbidden", "forbidden", "forbidden", "missing"],
]
NO_LINES = ["", " ", "{", "[]", "null", '{"a":NaN}', "[" * 5000]


@dataclass(frozen=True)
class Material:
    """What a training is asked for, and what is known of its images and buckets."""

    train: bytes
    test: bytes | None
    train_key: str
    test_key: str
    images: dict[str, str]
    buckets: dict[str, str]


def material(seed: int) -> Material:
    """Return one or two manifests, from without any fault to hopeless."""
    rng = random.Random(seed)  # noqa: S311  # for tests
    kind = rng.choice(["labels", "boxes", "mixed", "logos"])
    labels = [f"label-{n}" for n in range(rng.choice([1, 2, 2, 3, 3, 5, 8]))]
    if rng.random() < 0.02:
        labels = [f"label-{n}" for n in range(260)]
    rate = rng.choice([0.0, 0.03, 0.08, 0.12, 0.3, 0.7])
    train_kind, test_kind = ("labels", "boxes") if kind == "logos" else (kind, kind)
    train = lines(rng, train_kind, labels, rate)
    shown = rng.sample(labels, max(1, round(rng.choice([0.3, 0.5, 1.0, 1.0]) * len(labels))))
    test = lines(rng, test_kind, shown, rate) if rng.random() < 0.75 else None
    if test is not None and train and rng.random() < 0.2:
        test.append(rng.choice(train))
    refs = {f"s3://acme-images/{n}.png" for n in [*range(24), *range(100, 124)]}
    states = rng.choice([["ok"]] * 6 + STATES)
    return Material(
        train=body(rng, train),
        test=None if test is None else body(rng, test),
        train_key=rng.choice(["a.manifest"] * 30 + ["a", ".manifest", "a.", "b.c/a"]),
        test_key=rng.choice(["a.manifest"] * 30 + ["a"]),
        images={ref: rng.choice(states) for ref in sorted(refs)},
        buckets={"acme-images": rng.choice(["ok"] * 12 + ["forbidden", "foreign"])},
    )


def lines(rng: random.Random, kind: str, labels: list[str], rate: float) -> list[str]:
    """Return the lines of one manifest, each wrong with the probability `rate`."""
    made = []
    count = 300 if len(labels) > 99 else rng.choice([0, 1, 4, 8, 8, 12, 12, 16, 16, 24, 24])
    start = rng.choice([0, 100])
    for number in range(start, start + count):
        boxes = kind == "boxes" or (kind == "mixed" and rng.random() < 0.5)
        document: Document = {"source-ref": f"s3://acme-images/{number}.png"}
        label = labels[number % len(labels)]
        if boxes:
            add_boxes(rng, document, labels)
        else:
            add_label(rng, document, label, name=label)
        if rng.random() < 0.15:
            add_label(rng, document, rng.choice(labels), name="more")
        if kind != "labels" and rng.random() < 0.05:
            add_boxes(rng, document, labels, name="rest")
        for _ in range(rng.choice([1, 1, 2]) if rng.random() < rate else 0):
            rng.choice(FAULTS)(rng, document)
        made.append(text_of(document))
        if rng.random() < rate / 3:
            made.append(rng.choice([*made, *NO_LINES]))
    return made


def body(rng: random.Random, made: list[str]) -> bytes:
    """Return lines as a file, with the line ends and marks that files have."""
    end = rng.choice(["\n", "\n", "\n", "\r\n"])
    content = end.join(made).encode("utf-8", "surrogatepass") + rng.choice([b"", b"\n", b"\n\n"])
    if rng.random() < 0.1:
        content = b"\xef\xbb\xbf" + content
    if rng.random() < 0.02:
        content += b'{"source-ref": "\xff"}'
    return content


def text_of(document: Document) -> str:
    """Return a document as a line; a number too large for JSON readers stays one."""
    return json.dumps(document).replace(f'"{HUGE}"', "1e400")


def add_label(rng: random.Random, document: Document, label: str, *, name: str) -> None:
    """Add an image-level label."""
    document[name] = rng.choice([1, 1, 0, 7])
    document[f"{name}-metadata"] = {
        "class-name": label,
        "confidence": rng.choice([1, 1, 0, 0.95, 1.0]),
        "type": "groundtruth/image-classification",
        "human-annotated": rng.choice(["yes", "no"]),
        "creation-date": rng.choice(DATES[:3]),
    }


def add_boxes(
    rng: random.Random, document: Document, labels: list[str], *, name: str = "bb"
) -> None:
    """Add an attribute of up to four boxes that are all right."""
    width, height = rng.choice([(200, 100), (1280, 900), (4096, 64), (2560, 1000)])
    some = rng.sample(labels, min(len(labels), 3))
    document[name] = {
        "image_size": [{"width": width, "height": height, "depth": 3}],
        "annotations": [
            {
                "class_id": rng.randrange(len(some)),
                "left": rng.choice([0, 10, 2.5, width - 50]),
                "top": rng.choice([0, 1, 3, height - 40]),
                "width": rng.choice([50, 12.25, 4]),
                "height": rng.choice([40, 30.5, 7]),
            }
            for _ in range(rng.choice([1, 1, 2, 4]))
        ],
    }
    document[f"{name}-metadata"] = {
        "objects": [{"confidence": rng.choice([1, 0.5])} for _ in document[name]["annotations"]],
        "class-map": {str(number): label for number, label in enumerate(some)},
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": rng.choice(DATES[:3]),
    }


def places(value: object, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the keys that lead to every value inside a document."""
    found = [here] if here else []
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            found += places(inner, (*here, key))
    return found


def put_anything(rng: random.Random, document: Document) -> None:
    """Replace any value by any other."""
    _holder(document, place := rng.choice(places(document)))[place[-1]] = copy.deepcopy(
        rng.choice(WILD)
    )


def drop_anything(rng: random.Random, document: Document) -> None:
    """Remove any value."""
    place = rng.choice(places(document))
    del _holder(document, place)[place[-1]]


def put_odd_ref(rng: random.Random, document: Document) -> None:
    """Write another source-ref: malformed, repeated, or of another bucket."""
    document["source-ref"] = rng.choice(
        [*ODD_REFS, *["s3://acme-images/0.png", "s3://acme-images/101.png"] * 3]
    )


def put_odd_box(rng: random.Random, document: Document) -> None:
    """Move or resize a box to or over a limit."""
    boxes = _boxes(document)
    if boxes:
        side = rng.choice(["left", "top", "width", "height"])
        rng.choice(boxes)[side] = rng.choice(EDGES)


def put_many_boxes(rng: random.Random, document: Document) -> None:
    """Repeat a box up to or over the limit of fifty."""
    boxes = _boxes(document)
    if boxes:
        more = rng.choice([46, 49, 50, 60])
        boxes += [dict(boxes[0]) for _ in range(more)]
        metadata = document.get("bb-metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("objects"), list):
            metadata["objects"] += [{"confidence": 1} for _ in range(more)]


def put_odd_size(rng: random.Random, document: Document) -> None:
    """State another image size."""
    value = document.get("bb")
    if isinstance(value, dict):
        sides = rng.choice([(63, 100), (64, 64), (4096, 4096), (4097, 100), (800.0, 600), (0, 0)])
        value["image_size"] = [{"width": sides[0], "height": sides[1], "depth": 3}]


def strip_labels(rng: random.Random, document: Document) -> None:
    """Leave only the source-ref, or that and something that is no label attribute."""
    for key in list(document):
        if key != "source-ref":
            del document[key]
    document |= rng.choice([{}, {"errors": []}, {"cl-metadata": {"is_labeled": False}}, {"x": 1}])


def empty_boxes(rng: random.Random, document: Document) -> None:
    """Leave no annotation."""
    value = document.get("bb")
    if isinstance(value, dict):
        value["annotations"] = []
        if rng.random() < 0.3:
            del value["annotations"]


def add_service_keys(rng: random.Random, document: Document) -> None:
    """Add what the service adds to the lines that it gives back."""
    document["cl-metadata"] = {"is_labeled": True}
    document[rng.choice(["errors", "warnings", "cl-errors"])] = [{"code": "X", "message": "y"}]
    if isinstance(document.get("bb"), dict):
        document["bb"]["cl-errors"] = []


def add_odd_attribute(rng: random.Random, document: Document) -> None:
    """Add another attribute that the service does not understand."""
    document["odd"] = rng.choice(WILD)
    document["odd-metadata"] = {"type": rng.choice(["other", "x", 1]), **rng.choice([{}, {"a": 1}])}


def rename_label(rng: random.Random, document: Document) -> None:
    """Give a label a name at the limit of its length, or over it."""
    metadata = document[rng.choice(list(document))] if document else None
    if isinstance(metadata, dict) and "class-name" in metadata:
        metadata["class-name"] = rng.choice("xy") * rng.choice([256, 257])
    elif isinstance(metadata, dict) and isinstance(metadata.get("class-map"), dict):
        metadata["class-map"]["0"] = "z" * rng.choice([256, 257])


def add_many_labels(rng: random.Random, document: Document) -> None:
    """Give the image more labels than it may have."""
    for number in range(rng.choice([49, 50, 51])):
        add_label(rng, document, f"label-{number % 60}", name=f"more-{number}")


def make_long(rng: random.Random, document: Document) -> None:
    """Make the line as long as is allowed, or longer."""
    room = 100_000 - len(text_of(document | {"long": ""}))
    document["long"] = "x" * (room + rng.choice([0, 1]))


def _boxes(document: Document) -> list[Document]:
    value = document.get("bb")
    boxes = value.get("annotations") if isinstance(value, dict) else None
    if not isinstance(boxes, list) or not all(isinstance(box, dict) for box in boxes):
        return []
    return boxes


def _holder(document: Document, place: tuple[Any, ...]) -> Any:  # noqa: ANN401  # JSON
    holder: Any = document
    for key in place[:-1]:
        holder = holder[key]
    return holder


FAULTS: list[Change] = [
    put_anything,
    put_anything,
    drop_anything,
    drop_anything,
    put_odd_ref,
    put_odd_box,
    put_odd_box,
    put_many_boxes,
    put_odd_size,
    strip_labels,
    empty_boxes,
    add_service_keys,
    add_odd_attribute,
    rename_label,
    add_many_labels,
    make_long,
]
