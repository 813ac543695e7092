"""Write the demo's images and a config that runs on them."""

from collections import Counter
from pathlib import Path

from rcl_flow.config.published import SCHEMA_NAME, schema_text
from rcl_flow.files import write_bytes, write_text
from rcl_flow.wiring.services import require_emulator

DEMO_CONFIG = """\
# yaml-language-server: $schema=flow.schema.json
# Handwritten digits, ten labels, judged on 988 images that the model has never seen.
# Runs on the emulator: no AWS account, no cost. `rcl-flow validate --schema` lists every field.
project: digits
backend: emulator
workspace: .rcl-flow
data:
  train: {{folder: {root}train}}
  test: {{folder: {root}test}}
  holdout: {{folder: {root}holdout}}
audit:
  # Scans of 8 x 8 pixels collide: of 988 holdout images, 99 lie within the usual 6 bits of another scan in training, none within 1.
  duplicates: {{near_duplicate_bits: 1}}
  waivers:
    - rule: narrow-variety
      reason: Digits of 8 x 8 pixels look alike at this radius; every image is another piece of handwriting.
gates:
  min_holdout_images: 500
  min_holdout_f1: 0.9
"""  # noqa: E501  # the lines of a config


SCENES_MADE_BY = "The scenes: `rcl-flow demo-data demo-data/scenes --kind scenes`."
SCENES_CONFIG = """\
# yaml-language-server: $schema=flow.schema.json
# Object detection: four digits on plates, pasted into photographs, judged on 500 scenes that the model has never seen.
# Runs on the emulator: no AWS account, no cost. {data}
project: scenes
backend: emulator
workspace: .rcl-flow
data:
  description: >-
    The scenes are composed, not photographed: real handwritten digits (scikit-learn's digits) on drawn plates, pasted into
    crops of two real photographs (china.jpg and flower.jpg of scikit-learn, CC BY 2.0). Training, test and holdout use
    different digits, and the holdout other parts of the photographs. A score on them says that the workflow works, not
    how well a detector does on your images.
  train: {{manifest: {root}train.manifest}}
  test: {{manifest: {root}test.manifest}}
  holdout: {{manifest: {root}holdout.manifest}}
audit:
  waivers:
    - rule: synthetic-image
      reason: The scenes are composed on purpose, of real digits and real photographs, since no photographs of plates are shipped.
    - rule: factor-shift
      split: holdout
      reason: The holdout shows other parts of the two photographs than training and test, on purpose.
    - rule: bright-image
      split: holdout
      reason: The sky in one of the two photographs is overexposed.
gates:
  min_holdout_images: 500
  min_holdout_f1: 0.85
"""  # noqa: E501  # the lines of a config


def write_scenes(folder: Path) -> dict[str, int]:
    """Write composed scenes with boxes, their manifests and rcl-flow.yaml; return images per split.

    Raises:
        EmulatorUnavailableError: scikit-learn, which holds the pictures, is not installed.
        LocalFilesError: a file cannot be written.
    """
    require_emulator()
    from rcl_flow.imaging.scenes import ATTRIBUTION, manifest_line, scenes

    lines: dict[str, list[str]] = {}
    for scene in scenes():
        _write_if_new(folder / scene.split / scene.file_name, scene.jpeg)
        lines.setdefault(scene.split, []).append(manifest_line(scene))
    for split, texts in lines.items():
        write_text(folder / f"{split}.manifest", "".join(texts))
    write_text(folder / "ATTRIBUTION.txt", ATTRIBUTION)
    _write_config(folder, SCENES_CONFIG.format(root="", data=SCENES_MADE_BY))
    return {split: len(texts) for split, texts in lines.items()}


def write_demo(folder: Path) -> dict[str, int]:
    """Write train, test and holdout below `folder`, and rcl-flow.yaml; return images per split.

    Raises:
        EmulatorUnavailableError: scikit-learn, which holds the images, is not installed.
        LocalFilesError: a file cannot be written.
    """
    require_emulator()
    from rcl_flow.imaging.digits import digit_images

    counts: Counter[str] = Counter()
    for image in digit_images():
        _write_if_new(folder / image.split / image.label / image.file_name, image.png)
        counts[image.split] += 1
    _write_config(folder, DEMO_CONFIG.format(root=""))
    return dict(counts)


def _write_config(folder: Path, text: str) -> None:
    write_text(folder / SCHEMA_NAME, schema_text())
    write_text(folder / "rcl-flow.yaml", text)


def _write_if_new(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)
