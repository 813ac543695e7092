"""Tests of splits that are written, and kept."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from rcl_flow.config import ImageSource
from rcl_flow.core.augmenting.lineage import format_mark
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.dividing.grouping import GroupRules
from rcl_flow.core.dividing.split import SplitRules
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.errors import ConfigError
from rcl_flow.formats.manifest import read_manifest
from rcl_flow.pipeline.data.splitting import SplitMade, SplitWanted, make_split
from tests.builders import dataset, image
from tests.unit.core.audit.measured import measures

PLAIN = SplitRules()
HALVES = SplitRules(train=0.5, test=0.25, holdout=0.25)


def pictures(folder: Path, count: int, label: str = "a") -> list[DatasetImage]:
    """Return images that would lie in a folder of a label."""
    names = [f"{label}-{number:03}" for number in range(count)]
    return [image(name, label, uri=str(folder / label / f"{name}.png")) for name in names]


def make(
    folder: Path,
    images: Sequence[DatasetImage],
    rules: SplitRules = PLAIN,
    *,
    known: Mapping[str, ImageMeasures] | None = None,
    redraw: bool = False,
) -> SplitMade:
    """Split images of `folder` into `folder/out`."""
    wanted = SplitWanted(ImageSource(folder=str(folder)), folder / "out", rules, redraw)
    return make_split(wanted, dataset("holdout", images), known or {})


def written(made: SplitMade) -> dict[str, set[str]]:
    """Return the names of the images in each manifest that was written."""
    return {
        split: {
            Path(entry.uri).stem
            for entry in read_manifest(path, lambda uri: Path(uri).read_bytes())
        }
        for split, path in made.manifests.items()
    }


def test_split_writes_plan_and_manifests_that_agree(tmp_path: Path) -> None:
    """Each image is in the manifest of the split that the plan says."""
    images = pictures(tmp_path, 40)
    made = make(tmp_path, images)
    plan = json.loads(Path(made.plan_file).read_bytes())["splits"]
    for split, names in written(made).items():
        assert names == {i.uri[-9:-4] for i in images if plan[i.sha256] == split}
    assert made.contents == {"train": 28, "test": 6, "holdout": 6}
    assert made.labels == {"a": {"train": 28, "test": 6, "holdout": 6}}


def test_split_goes_on_from_the_plan_that_is_there(tmp_path: Path) -> None:
    """A second run draws nothing again."""
    images = pictures(tmp_path, 40)
    before = written(make(tmp_path, images))
    after = make(tmp_path, [*images, *pictures(tmp_path, 20, "b")])
    assert len(after.draw.drawn) == 20
    assert all(before[split] < names for split, names in written(after).items())


def test_split_is_written_the_same_for_the_same_images(tmp_path: Path) -> None:
    """Under version control nothing changes when nothing has changed."""
    images = pictures(tmp_path, 20)
    first = Path(make(tmp_path, images).plan_file).read_bytes()
    assert Path(make(tmp_path, images[::-1]).plan_file).read_bytes() == first


def test_split_by_other_rules_leaves_the_old_one_untouched(tmp_path: Path) -> None:
    """What is refused changes no file."""
    images = pictures(tmp_path, 40)
    made = make(tmp_path, images)
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(ConfigError, match="drawn by other rules"):
        make(tmp_path, images, HALVES)
    assert before == {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert made.moved.total() == 0


def test_redraw_tells_what_has_moved(tmp_path: Path) -> None:
    """Which images changed sides is counted, by from and to."""
    images = pictures(tmp_path, 40)
    make(tmp_path, images)
    made = make(tmp_path, images, HALVES, redraw=True)
    assert made.contents == {"train": 20, "test": 10, "holdout": 10}
    assert made.moved.total() >= 8
    assert all(before != after for before, after in made.moved)


def test_redraw_leaves_no_images_in_a_split_that_is_not_made(tmp_path: Path) -> None:
    """An old holdout must not be taken for one that training does not know."""
    images = pictures(tmp_path, 40)
    make(tmp_path, images)
    rules = SplitRules(train=0.8, test=0.2, holdout=0)
    made = make(tmp_path, images, rules, redraw=True)
    assert made.manifests.keys() == {"train", "test"}
    assert (tmp_path / "out" / "holdout.manifest").read_bytes() == b""


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format_version": 1', b"\xff"])
def test_plan_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes) -> None:
    """A damaged plan is not taken for none."""
    images = pictures(tmp_path, 10)
    plan = Path(make(tmp_path, images).plan_file)
    plan.write_bytes(content)
    with pytest.raises(ConfigError, match="Cannot read"):
        make(tmp_path, images)
    assert make(tmp_path, images, redraw=True).draw.drawn


def test_manifests_without_their_plan_are_refused(tmp_path: Path) -> None:
    """Who loses the plan would draw another test set without knowing."""
    images = pictures(tmp_path, 10)
    Path(make(tmp_path, images).plan_file).unlink()
    with pytest.raises(ConfigError, match=r"train\.manifest, but not its plan"):
        make(tmp_path, images)


def test_path_pattern_sees_the_path_below_the_source(tmp_path: Path) -> None:
    """The label's folder counts, the folders above the source do not."""
    images = [*pictures(tmp_path, 20), *pictures(tmp_path, 20, "b")]
    rules = SplitRules(groups=GroupRules(path_pattern=r"^([^/]+)/"))
    assert make(tmp_path, images, rules).draw.groups == 2


def test_near_duplicates_stay_together(tmp_path: Path) -> None:
    """Hashes within the radius are one group, in chains; images without a hash are alone."""
    images = pictures(tmp_path, 40)
    hashes = [(0,), (0b11,), (0b1111,), (0,), *[(0xFFFF << 4 * n,) for n in range(3, 12)]]
    known = {
        entry.sha256: measures(hashes=hashes[number] if number < len(hashes) else ())
        for number, entry in enumerate(images)
    }
    rules = SplitRules(groups=GroupRules(near_duplicate_bits=2))
    made = make(tmp_path, images, rules, known=known)
    assert made.draw.groups == 37
    together = {entry.uri[-9:-4] for entry in images[:4]}
    assert any(together <= names for names in written(made).values())


def test_mirrored_and_turned_copies_stay_together(tmp_path: Path) -> None:
    """What the audit would refuse in two splits is drawn as one, in chains with near ones."""
    images = pictures(tmp_path, 40)
    rows = [
        (0b1, *[0xF << 40] * 7),
        (0xFF << 20, *[0xF << 50] * 6, 0b111),
        (0b11, *[0xF << 40] * 7),
    ]
    known = {
        entry.sha256: measures(hashes=hashes) for entry, hashes in zip(images, rows, strict=False)
    }
    rules = SplitRules(groups=GroupRules(near_duplicate_bits=2))
    made = make(tmp_path, images, rules, known=known)
    together = {entry.uri[-9:-4] for entry in images[:3]}
    assert any(together <= names for names in written(made).values())
    assert made.draw.groups == 38


def test_bursts_stay_together(tmp_path: Path) -> None:
    """Pictures of one second are one group."""
    images = pictures(tmp_path, 10)
    shot = measures(camera="Maker", captured_at="2026:01:01 10:00:00")
    rules = SplitRules(groups=GroupRules(burst_seconds=1))
    made = make(tmp_path, images, rules, known={i.sha256: shot for i in images[:5]})
    assert made.draw.groups == 6


def test_augmented_images_are_known_by_their_mark_and_trained_on(tmp_path: Path) -> None:
    """A copy in the source never judges, nor does what it was made of."""
    images = pictures(tmp_path, 40)
    marked = {images[0].sha256: measures(origin=format_mark(images[1].sha256))}
    made = make(tmp_path, images, known=marked)
    assert {"a-000", "a-001"} <= written(made)["train"]


def test_labels_are_counted_by_boxes_where_there_are_any(tmp_path: Path) -> None:
    """For detection the table shows how many objects each split has."""
    boxes = (PixelBox("a", 0, 0, 9, 9), PixelBox("a", 20, 20, 9, 9))
    images = [
        DatasetImage(i.uri, i.sha256, 1, "PNG", ("a",), boxes, 96, 96)
        for i in pictures(tmp_path, 20)
    ]
    made = make(tmp_path, images)
    assert made.counts_boxes
    assert made.labels == {"a": {"train": 28, "test": 6, "holdout": 6}}
