"""Run one peer over a folder of images and print what it flags, as JSON.

Runs in the peers' own environment (`make bench` makes it), so it imports nothing of ours.
"""

import contextlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

Flags = dict[str, list[Any]]


def cleanvision(folder: Path) -> Flags:
    """All issues that cleanvision looks for; it stops at the first unreadable file."""
    from cleanvision import Imagelab  # type: ignore[import-not-found]  # the peers' own

    with contextlib.redirect_stdout(io.StringIO()):
        lab = Imagelab(data_path=str(folder))
        lab.find_issues(n_jobs=1, verbose=False)
    flags: Flags = {}
    for column in lab.issues.columns:
        if column.startswith("is_"):
            named = lab.issues.index[lab.issues[column]]
            flags[column[3:-6]] = [Path(path).name for path in named]
    sets = [s for kind in ("exact", "near") for s in lab.info[f"{kind}_duplicates"]["sets"]]
    flags["pairs"] = [pair for one in sets for pair in _pairs([Path(path).name for path in one])]
    return flags


def imgeda(folder: Path) -> Flags:
    """What imgeda's scan records, and its duplicates."""
    from imgeda.core import duplicates  # type: ignore[import-not-found]  # the peers' own
    from imgeda.models import manifest  # type: ignore[import-not-found]  # the peers' own

    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "scan.jsonl"
        program = Path(sys.executable).with_name("imgeda")
        command = [str(program), "scan", str(folder), "-o", str(output), "--workers", "1"]
        subprocess.run(command, check=True, capture_output=True)
        lines = [json.loads(line) for line in output.read_text().splitlines()[1:]]
    records = [manifest.ImageRecord.from_dict(line) for line in lines]
    groups = [
        *duplicates.find_exact_duplicates(records).values(),
        *duplicates.find_near_duplicates(records),
    ]
    return {
        "dark": [r.filename for r in records if r.is_dark],
        "light": [r.filename for r in records if r.is_overexposed],
        "blurry": [r.filename for r in records if r.is_blurry],
        "corrupt": [r.filename for r in records if r.is_corrupt],
        "pairs": [pair for group in groups for pair in _pairs([r.filename for r in group])],
    }


def imagehash(folder: Path) -> Flags:
    """The usual loop: open, pHash, compare all."""
    from imagehash import phash  # type: ignore[import-not-found]  # the peers' own
    from PIL import Image

    hashes: dict[str, Any] = {}
    corrupt = []
    for path in sorted(folder.iterdir()):
        try:
            with Image.open(path) as image:
                hashes[path.name] = int(str(phash(image)), 16)
        except (OSError, SyntaxError):
            corrupt.append(path.name)
    names = list(hashes)
    pairs = [
        (a, b)
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if (hashes[a] ^ hashes[b]).bit_count() <= 6
    ]
    return {"corrupt": corrupt, "pairs": pairs}


def _pairs(names: list[str]) -> list[tuple[str, str]]:
    return [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]


def main() -> None:
    """Run the peer that the command line names."""
    tool = {"cleanvision": cleanvision, "imgeda": imgeda, "imagehash": imagehash}[sys.argv[1]]
    print(json.dumps(tool(Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
