"""Write the demo's images and a config that runs on them."""

from collections import Counter
from pathlib import Path

from rcl_flow.cli.wiring import require_emulator
from rcl_flow.files import write_bytes, write_text

DEMO_CONFIG = """\
# Handwritten digits, ten labels, judged on 988 images that the model has never seen.
# Runs on the emulator: no AWS account, no cost. `rcl-flow validate --schema` lists every field.
project: digits
backend: emulator
workspace: .rcl-flow
data:
  train: {{folder: {root}train}}
  test: {{folder: {root}test}}
  holdout: {{folder: {root}holdout}}
gates:
  min_holdout_images: 500
  min_holdout_f1: 0.9
"""


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
        path = folder / image.split / image.label / image.file_name
        if not path.is_file() or path.read_bytes() != image.png:
            write_bytes(path, image.png)
        counts[image.split] += 1
    write_text(folder / "rcl-flow.yaml", DEMO_CONFIG.format(root=""))
    return dict(counts)
