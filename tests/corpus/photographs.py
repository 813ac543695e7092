"""A corpus of photographs' crops with planted faults, each told by its kind.

The crops are of china.jpg and flower.jpg, which scikit-learn installs (CC BY 2.0, see
`rcl_flow.imaging.scenes`), or of photographs that the caller gives.
"""

import io
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

SIZES = ((640, 480), (800, 600), (1280, 853), (1024, 768), (960, 720), (1600, 1067))
BLURS = (0.004, 0.01, 0.03)
"""Of the longer side."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One file of the corpus."""

    name: str
    content: bytes
    kind: str
    """Such as `good`, `exact`, `near-crop`, `dark`."""
    twin: str = ""
    """The name of the file that it is a copy of."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph, continued beyond its edges."""

    width: int
    height: int
    edge: int
    """How far it was continued on each side, in pixels."""
    wider: Image.Image


@cache
def photographs() -> tuple[Photograph, ...]:
    """Return the two photographs that scikit-learn installs."""
    from sklearn.datasets import load_sample_images

    return tuple(framed(Image.fromarray(pixels)) for pixels in load_sample_images().images)


def framed(source: Image.Image) -> Photograph:
    """Return a photograph continued beyond its edges, for turned crops."""
    edge = max(source.size) // 2
    pixels = np.asarray(source.convert("RGB"))
    wider = np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), "reflect")
    return Photograph(source.width, source.height, edge, Image.fromarray(wider))


def crop(sources: Sequence[Photograph], rng: np.random.Generator) -> Image.Image:
    """Return a turned, zoomed and slightly noisy crop of one of the photographs."""
    source = sources[int(rng.integers(len(sources)))]
    width, height = SIZES[int(rng.integers(len(SIZES)))]
    share = float(rng.uniform(0.35, 0.75))
    wide = min(source.width, source.height * width / height) * share
    high = wide * height / width
    middle = [float(rng.uniform(0.3, 0.7)) * side for side in (source.width, source.height)]
    angle = np.radians(float(rng.uniform(-180, 180)))
    x, y = np.cos(angle) * wide / width, np.sin(angle) * wide / width
    start = (middle[0] - x * width / 2 + y * height / 2, middle[1] - y * width / 2 - x * high / 2)
    edge = source.edge
    matrix = (x, -y, start[0] + edge, y, x, start[1] + edge)
    shown = source.wider.transform(
        (width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC
    )
    if rng.random() < 0.5:
        shown = ImageOps.mirror(shown)
    shown = shown.filter(ImageFilter.UnsharpMask(radius=2, percent=120))
    noise = rng.standard_normal((height, width, 1), np.float32) * 4
    return Image.fromarray(np.clip(np.asarray(shown) + noise, 0, 255).astype(np.uint8))


def jpeg(shown: Image.Image, quality: int = 85, **options: bool) -> bytes:
    """Return a picture as a JPEG file."""
    return _encoded(shown, "JPEG", quality=quality, **options)


def good(count: int, *, seed: int, sources: Sequence[Photograph] = ()) -> Iterator[Planted]:
    """Yield `count` images without a fault: JPEG, some of them progressive, and some PNG."""
    rng = np.random.default_rng(seed)
    sources = sources or photographs()
    for number in range(count):
        shown = crop(sources, rng)
        if number % 25 == 0:
            yield Planted(f"good-{number}.png", _encoded(shown, "PNG"), "good")
        else:
            content = jpeg(shown, int(rng.integers(75, 95)), progressive=number % 12 == 1)
            yield Planted(f"good-{number}.jpg", content, "good")


def planted(
    originals: Sequence[Planted],
    each: int,
    *,
    seed: int,
    sources: Sequence[Photograph] = (),
    kinds: Container[str] | None = None,
) -> Iterator[Planted]:
    """Yield `each` images of every kind of fault, the copies among them made of `originals`.

    Args:
        originals: of which copies are made.
        each: how many of a kind.
        seed: decides all that is random.
        sources: photographs; those of scikit-learn without any.
        kinds: these alone; without any all.
    """
    rng = np.random.default_rng(seed)
    sources = sources or photographs()
    for kind, copy in _COPIES.items():
        if kinds is not None and kind not in kinds:
            continue
        for number, original in enumerate(originals[:each]):
            with Image.open(io.BytesIO(original.content)) as opened:
                content = copy(opened.convert("RGB"), original.content, rng)
            yield Planted(f"{kind}-{number}.jpg", content, kind, original.name)
    for kind, make in _FAULTS.items():
        if kinds is not None and kind not in kinds:
            continue
        for number in range(each):
            yield Planted(f"{kind}-{number}.jpg", make(crop(sources, rng), number, rng), kind)


def _encoded(shown: Image.Image, image_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    shown.save(buffer, image_format, **options)
    return buffer.getvalue()


Copy = Callable[[Image.Image, bytes, np.random.Generator], bytes]
Fault = Callable[[Image.Image, int, np.random.Generator], bytes]


def _resized(shown: Image.Image, _: bytes, rng: np.random.Generator) -> bytes:
    scale = float(rng.uniform(0.4, 0.9))
    size = (round(shown.width * scale), round(shown.height * scale))
    return jpeg(shown.resize(size, Image.Resampling.BICUBIC))


def _brightened(shown: Image.Image, _: bytes, rng: np.random.Generator) -> bytes:
    factor = float(rng.choice([rng.uniform(0.75, 0.9), rng.uniform(1.1, 1.25)]))
    return jpeg(ImageEnhance.Brightness(shown).enhance(factor))


def _cropped(share: float) -> Copy:
    def cut(shown: Image.Image, _: bytes, rng: np.random.Generator) -> bytes:
        wide, high = shown.width * share, shown.height * share
        left, top = float(rng.uniform(0, wide)), float(rng.uniform(0, high))
        box = (left, top, left + shown.width - wide, top + shown.height - high)
        return jpeg(shown.crop(tuple(map(round, box))))  # type: ignore[arg-type]  # four numbers

    return cut


def _turned(shown: Image.Image, _: bytes, rng: np.random.Generator) -> bytes:
    return jpeg(shown.transpose(Image.Transpose(int(rng.integers(7)))))


_COPIES: Mapping[str, Copy] = {
    "exact": lambda _, content, __: content,
    "near-recompressed": lambda shown, _, rng: jpeg(shown, int(rng.integers(35, 70))),
    "near-resized": _resized,
    "near-brightness": _brightened,
    "near-crop": _cropped(0.03),
    "turned": _turned,
}


def _garbled(shown: Image.Image, _: int, rng: np.random.Generator) -> bytes:
    content = jpeg(shown)
    middle = len(content) // 2
    return content[:middle] + rng.bytes(4096) + content[middle + 4096 :]


def _broken(shown: Image.Image, number: int, rng: np.random.Generator) -> bytes:
    content = jpeg(shown)
    kinds = (content[: len(content) * 3 // 5], content[: len(content) * 19 // 20], b"",
             b"<html><body>404</body></html>", content[:100])  # fmt: skip
    return kinds[number % len(kinds)]


def _ended(shown: Image.Image, _: int, rng: np.random.Generator) -> bytes:
    content = jpeg(shown)
    return content[: len(content) * int(rng.integers(50, 99)) // 100] + b"\xff\xd9"


def _blurred(shown: Image.Image, number: int, _: np.random.Generator) -> bytes:
    radius = BLURS[number % len(BLURS)] * max(shown.size)
    return jpeg(shown.filter(ImageFilter.GaussianBlur(radius)))


def _narrow(shown: Image.Image, number: int, _: np.random.Generator) -> bytes:
    size = (shown.width, shown.width // (6 + number % 5))
    return jpeg(shown.resize(size if number % 2 else size[::-1]))


def _flat(shown: Image.Image, number: int, rng: np.random.Generator) -> bytes:
    colour = rng.integers(20, 236, 3)
    noise = rng.standard_normal((shown.height, shown.width, 1), np.float32) * (0.5 * (number % 4))
    return jpeg(Image.fromarray(np.clip(colour + noise, 0, 255).astype(np.uint8)))


def _exposed(low: float, high: float, lift: float) -> Fault:
    def expose(shown: Image.Image, _: int, rng: np.random.Generator) -> bytes:
        levels = np.asarray(shown, np.float32) * float(rng.uniform(low, high)) + lift
        return jpeg(Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)))

    return expose


_FAULTS: Mapping[str, Fault] = {
    "corrupt": _broken,
    "garbage": _garbled,
    "ended": _ended,
    "dark": _exposed(0.03, 0.12, 0),
    "bright": _exposed(1.8, 3.0, 120),
    "blurred": _blurred,
    "aspect": _narrow,
    "tiny": lambda shown, number, _: jpeg(shown.resize((40 + number % 23, 48))),
    "format": lambda shown, n, _: _encoded(shown, ("BMP", "GIF", "WEBP")[n % 3]),
    "cmyk": lambda shown, _, __: jpeg(shown.convert("CMYK")),
    "flat": _flat,
    "gray": lambda shown, _, __: jpeg(shown.convert("L")),
}
