"""Plant files that are broken, odd or made by a program."""

import hashlib
import io
from collections.abc import Iterator
from typing import Final

import numpy as np
from PIL import Image, ImageFilter, PngImagePlugin

from rcl_flow.core.augmenting.lineage import format_mark
from rcl_flow.core.datasets.dataset import Split
from tests.corpus.corpora import NOTHING, SPLITS, Corpus, Expected, Sample
from tests.corpus.photographs import jpeg
from tests.corpus.pictures import Look, png

_JUDGING: Final[tuple[Split, ...]] = ("test", "holdout")
_ORIENTATION, _SOFTWARE, _COMMENT_FOLDER, _COMMENT = 0x0112, 0x0131, 0x8769, 0x9286
_EXIF_TURNED: Final = 6


def unusable(corpus: Corpus) -> Iterator[Expected]:
    """Plant files that are no images, are cut short, or have a size that is refused."""
    for split in SPLITS:
        shown = _picture(corpus)
        whole = jpeg(shown, 88)
        contents = {
            "empty.jpg": b"",
            "page.jpg": b"<html><body>404</body></html>",
            "start.jpg": whole[:100],
            "cut.jpg": whole[: len(whole) // 2],
            "cut.png": png(shown)[:3000],
            "small.jpg": jpeg(shown.resize((63, 80))),
            "long.png": png(shown.resize((1300, 65))),
            "huge.png": png(Image.new("L", (4097, 100), 90)),
            "bitmap.bmp": _saved(shown, "BMP"),
            "bitmap.jpg": _saved(shown, "BMP"),
            "web.webp": _saved(shown, "WEBP"),
            "gif.png": _saved(shown, "GIF"),
        }
        samples = [_added(corpus, split, name, content) for name, content in contents.items()]
        yield _expected("unusable-image", split, samples)


def damaged(corpus: Corpus) -> Iterator[Expected]:
    """Plant files that can be opened although something of their data is missing."""
    for split in SPLITS:
        whole = jpeg(_picture(corpus), 88)
        ended = {share: whole[: len(whole) * share // 100] + b"\xff\xd9" for share in (60, 90)}
        samples = [
            _added(corpus, split, f"ended-{share}.jpg", content) for share, content in ended.items()
        ]
        yield _expected("damaged-image", split, samples)


def animated(corpus: Corpus) -> Iterator[Expected]:
    """Plant files of several pictures: an animated PNG, and a JPEG as phones write it."""
    for split in SPLITS:
        samples = []
        for name, image_format in (("moving.png", "PNG"), ("several.jpg", "MPO")):
            first, second = (corpus.studio.take(look=Look(size=(180, 150))).picture for _ in "12")
            content = _saved(first, image_format, save_all=True, append_images=[second])
            samples.append(_added(corpus, split, name, content))
        yield _expected("animated-image", split, samples)


def odd_light(corpus: Corpus) -> Iterator[Expected]:
    """Plant dark and overexposed photographs."""
    for split in SPLITS:
        for rule, contrast, light in (("dark-image", 0.2, 12), ("bright-image", 0.8, 270)):
            levels = np.asarray(_picture(corpus), np.float32)
            levels = (levels - levels.mean()) * contrast + light
            content = jpeg(Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)), 92)
            yield _expected(rule, split, [_added(corpus, split, f"{rule}.jpg", content)])


def blurred(corpus: Corpus) -> Iterator[Expected]:
    """Plant photographs that are out of focus, little and much, and one that was enlarged."""
    for split in SPLITS:
        samples = []
        for radius in (2, 3, 5):
            soft = _picture(corpus).filter(ImageFilter.GaussianBlur(radius))
            samples.append(_added(corpus, split, f"soft-{radius}.jpg", jpeg(soft, 92)))
        small = _picture(corpus)
        enlarged = small.reduce(5).resize(small.size, Image.Resampling.BICUBIC)
        samples.append(_added(corpus, split, "enlarged.jpg", jpeg(enlarged, 92)))
        yield _expected("blurred-image", split, samples)


def flat(corpus: Corpus) -> Iterator[Expected]:
    """Plant images of one even surface."""
    for place, split in enumerate(SPLITS):
        surface = Image.new("RGB", (160, 140), (60 * place + 60, 120, 140))
        yield _expected("flat-image", split, [_added(corpus, split, "flat.png", png(surface))])


def turned_by_exif(corpus: Corpus) -> Iterator[Expected]:
    """Plant images with an EXIF tag that turns them."""
    for split in SPLITS:
        exif = Image.Exif()
        exif[_ORIENTATION] = _EXIF_TURNED
        content = _saved(_picture(corpus), "JPEG", quality=88, exif=exif)
        yield _expected("turned-by-exif", split, [_added(corpus, split, "exif.jpg", content)])


def synthetic(corpus: Corpus) -> Iterator[Expected]:
    """Plant images that say that a program made them; in training they are allowed."""
    for split in SPLITS:
        pictures = [_picture(corpus) for _ in range(4)]
        software = Image.Exif()
        software[_SOFTWARE] = "Stable Diffusion 2.1"
        settings = Image.Exif()
        settings.get_ifd(_COMMENT_FOLDER)[_COMMENT] = b"ASCII\0\0\0Steps: 20, Sampler: Euler"
        texts = PngImagePlugin.PngInfo()
        texts.add_text("parameters", "a bolt\nSteps: 20, Sampler: Euler a")
        packet = b"<x>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</x>"
        contents = {
            "software.jpg": _saved(pictures[0], "JPEG", quality=88, exif=software),
            "settings.jpg": _saved(pictures[1], "JPEG", quality=88, exif=settings),
            "texts.png": png(pictures[2], pnginfo=texts),
            "packet.jpg": _saved(pictures[3], "JPEG", quality=88, xmp=packet),
        }
        samples = [_added(corpus, split, name, content) for name, content in contents.items()]
        if split in _JUDGING:
            yield _expected("synthetic-image", split, samples)


def augmented(corpus: Corpus) -> Iterator[Expected]:
    """Plant augmented images in test and holdout, and one in training of an image of theirs."""
    parent = corpus.of("train", NOTHING)[0]
    for split in _JUDGING:
        child = _added(corpus, split, "child.jpg", _marked(corpus, parent))
        yield _expected("augmented-image", f"train+{split}", [child])
        original = corpus.of(split, NOTHING)[0]
        _added(corpus, "train", f"{split}-child.jpg", _marked(corpus, original))
        yield _expected("augmented-image", f"train+{split}", [original])


def _marked(corpus: Corpus, parent: Sample) -> bytes:
    mark = format_mark(hashlib.sha256(parent.content).hexdigest())
    return _saved(_picture(corpus), "JPEG", quality=88, comment=mark.encode())


def _picture(corpus: Corpus) -> Image.Image:
    return corpus.studio.take().picture


def _added(corpus: Corpus, split: Split, name: str, content: bytes) -> Sample:
    sample = Sample(split, f"{NOTHING}/{name}", content, (NOTHING,))
    corpus.add(sample)
    return sample


def _expected(rule: str, split: str, samples: list[Sample]) -> Expected:
    return Expected(rule, split, frozenset(each.path for each in samples))


def _saved(shown: Image.Image, image_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    shown.save(buffer, image_format, **options)
    return buffer.getvalue()
