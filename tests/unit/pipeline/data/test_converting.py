"""Tests of conversions on real files, from format to format."""

from pathlib import Path

import pytest

from rcl_flow.aws.s3 import S3
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest, parse_manifest
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError, CredentialsError, DataNotFoundError
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.reading import READERS, read_source
from rcl_flow.formats.source import SourceImage
from rcl_flow.pipeline.data.converting import ConversionWanted, convert
from rcl_flow.pipeline.images.access import make_access
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.data.conversions import LOCAL, picture, run

BOX = PixelBox("bolt", 5, 6, 20, 30)
BOXED: list[SourceKind] = ["csv", "coco", "yolo", "voc", "label-studio", "cvat"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three images with labels, one of them without any."""
    for name in ("cat/1.png", "dog/x/2.png", "3.png"):
        picture(tmp_path / "src" / name)
    (tmp_path / "src" / "labels.csv").write_text("3.png\ncat/1.png,cat,wet\n")
    return tmp_path / "src"


@pytest.fixture
def boxed(tmp_path: Path) -> Path:
    """Return a manifest of a boxed image and one without boxes, both local."""
    picture(tmp_path / "src" / "img" / "1.png")
    picture(tmp_path / "src" / "img" / "2.png")
    lines = [
        ManifestLine("img/1.png", ("bolt",), (BOX,), 100, 90),
        ManifestLine("img/2.png", ()),
    ]
    (tmp_path / "src" / "train.manifest").write_bytes(format_manifest(lines))
    return tmp_path / "src" / "train.manifest"


def same(first: str, second: str) -> bool:
    """Say whether two paths lead to the same file."""
    return Path(first).resolve() == Path(second).resolve()


@pytest.mark.parametrize("kind", BOXED)
def test_boxes_go_through_every_format_and_back(
    tmp_path: Path, boxed: Path, kind: SourceKind
) -> None:
    """What is written refers to the images where they are, and is told without --format."""
    done = run(boxed, tmp_path / "out", kind)
    assert (done.source_kind, done.boxes, done.labels) == ("manifest", 1, ("bolt",))
    assert done.losses.losses == ()
    first, second = read_source(kind, run_source(tmp_path / "out", kind), LOCAL)
    assert isinstance(first, SourceImage)
    assert (first.boxes, first.size_pixels) == ((BOX,), (100, 90))
    assert same(first.uri, str(boxed.parent / "img" / "1.png"))
    assert second.uri.endswith("img/2.png")
    assert not list((tmp_path / "out").rglob("*.png"))
    assert run(tmp_path / "out", tmp_path / "back", "csv").source_kind == kind


def run_source(folder: Path, kind: SourceKind) -> str:
    """Return what a reader is given: the one file of a format, or the folder."""
    return str(folder if kind in ("yolo", "voc") else next(folder.iterdir()))


@pytest.mark.parametrize("kind", ["csv", "label-studio", "cvat"])
def test_labels_go_through_every_format_and_back(
    tmp_path: Path, folder: Path, kind: SourceKind
) -> None:
    """Several labels and none come back as a folder, with the same content."""
    run(folder, tmp_path / "out", kind)
    done = run(tmp_path / "out", tmp_path / "back", "folder")
    assert done.losses.losses == ()
    names = {"3.png", "cat/1.png", "dog/dog/x/2.png", "dog/x/2.png"}
    found = {
        p.relative_to(tmp_path / "back").as_posix() for p in (tmp_path / "back").rglob("*.png")
    }
    assert len(found) == 3
    assert found <= names
    assert (tmp_path / "back" / "labels.csv").read_text() == "3.png\ncat/1.png,cat,wet\n"


def test_manifest_names_uploaded_images(tmp_path: Path, folder: Path) -> None:
    """Names below the source's folder follow the prefix."""
    target = tmp_path / "train.manifest"
    done = run(folder, target, "manifest", images_prefix="s3://bkt/p/")
    lines = [line for line in parse_manifest(target.read_bytes()) if isinstance(line, ManifestLine)]
    assert [(line.source_ref, line.labels) for line in lines] == [
        ("s3://bkt/p/3.png", ()),
        ("s3://bkt/p/cat/1.png", ("cat", "wet")),
        ("s3://bkt/p/dog/x/2.png", ("dog",)),
    ]
    assert done.files == ("train.manifest",)
    assert done.example == (str(folder / "3.png"), "s3://bkt/p/3.png")
    assert done.losses.count("unlabelled") == 1


def test_manifest_of_local_images_is_refused(tmp_path: Path, folder: Path) -> None:
    """The service reads from S3 alone; nothing is written."""
    with pytest.raises(ConfigError, match=r"3\.png is a local file") as raised:
        run(folder, tmp_path / "out", "manifest")
    assert "--images-prefix" in raised.value.hint
    assert not (tmp_path / "out").exists()


def test_manifest_of_several_buckets_is_refused(tmp_path: Path) -> None:
    """All images of a manifest are in one."""
    (tmp_path / "x.csv").write_text("s3://one/a.png,x\ns3://two/a.png,y\n")
    with pytest.raises(ConfigError, match="several buckets: one, two"):
        run(tmp_path / "x.csv", tmp_path / "out", "manifest")
    done = run(tmp_path / "x.csv", tmp_path / "out", "manifest", images_prefix="s3://bkt")
    assert done.example[1] == "s3://bkt/one/a.png"


@pytest.mark.parametrize("prefix", ["s3://x", "s3://a b/c", "s3:///p"])
def test_prefix_that_is_no_place_in_s3_is_refused(
    tmp_path: Path, folder: Path, prefix: str
) -> None:
    """A bucket has three characters at least."""
    with pytest.raises(ConfigError, match="is no S3 prefix"):
        run(folder, tmp_path / "out", "manifest", images_prefix=prefix)


@pytest.mark.parametrize("kind", ["coco", "yolo", "voc"])
def test_labels_alone_are_refused_where_boxes_are_needed(
    tmp_path: Path, folder: Path, kind: SourceKind
) -> None:
    """Nothing would be left of them."""
    with pytest.raises(ConfigError, match=f"{kind} holds boxes only"):
        run(folder, tmp_path / "out", kind)


@pytest.mark.parametrize("destination", ["src", "src/cat/1.png"])
def test_destination_with_content_is_refused(
    tmp_path: Path, folder: Path, destination: str
) -> None:
    """Nothing is overwritten without being asked."""
    with pytest.raises(ConfigError, match="exists and is not empty") as raised:
        run(folder, tmp_path / destination, "csv")
    assert "--force" in raised.value.hint


def test_destination_with_content_is_written_with_force(tmp_path: Path, folder: Path) -> None:
    """And an empty one without it."""
    (tmp_path / "out").mkdir()
    run(folder, tmp_path / "out", "csv")
    before = (tmp_path / "out" / "images.csv").read_text()
    run(folder, tmp_path / "out", "csv", force=True)
    assert (tmp_path / "out" / "images.csv").read_text() == before


@pytest.mark.parametrize(
    ("kind", "into"),
    [("coco", "src/a.json"), ("voc", "src"), ("folder", "src"), ("csv", "link/b.csv")],
)
def test_no_file_of_the_source_is_replaced(tmp_path: Path, kind: SourceKind, into: str) -> None:
    """What the new format cannot hold would be gone for good, so --force does not do it."""
    picture(tmp_path / "src" / "cat" / "1.png")
    line = ManifestLine("cat/1.png", ("bolt",), (BOX,), 100, 90)
    first = tmp_path / "src" / "x.manifest"
    first.write_bytes(format_manifest([line]))
    source = {"coco": "a.json", "voc": "Annotations", "csv": "b.csv"}.get(kind)
    if source is not None:
        run(first, tmp_path / "src" / ("" if kind == "voc" else source), kind, force=True)
    first.unlink()
    (tmp_path / "link").symlink_to(tmp_path / "src")
    before = {one: one.read_bytes() for one in (tmp_path / "src").rglob("*") if one.is_file()}
    given = {"coco": "src/a.json", "csv": "src/b.csv"}.get(kind, "src")
    with pytest.raises(ConfigError, match="would replace a file of the source") as told:
        run(tmp_path / given, tmp_path / into, kind, force=True)
    assert "another destination" in told.value.hint
    after = {one: one.read_bytes() for one in (tmp_path / "src").rglob("*") if one.is_file()}
    assert after == before


def test_what_was_written_beside_the_images_is_replaced(tmp_path: Path, folder: Path) -> None:
    """A folder of labels does not read it, so the same command goes a second time."""
    written = folder / "list.csv"
    run(folder, written, "csv", force=True, source_kind="folder")
    before = written.read_bytes()
    run(folder, written, "csv", force=True, source_kind="folder")
    assert written.read_bytes() == before


def test_destination_in_s3_is_refused(folder: Path) -> None:
    """A hint says how to get it there."""
    with pytest.raises(ConfigError, match="is no local path"):
        convert(ConversionWanted(str(folder), "s3://b/p", "csv"), LOCAL)


@pytest.mark.parametrize("kind", sorted(READERS))
def test_source_that_is_not_there_is_refused(tmp_path: Path, kind: SourceKind) -> None:
    """Whatever it should have been."""
    with pytest.raises(DataNotFoundError, match="There is nothing at"):
        run(tmp_path / "none", tmp_path / "out", "csv", source_kind=kind)


def test_source_without_usable_images_is_refused(tmp_path: Path) -> None:
    """The first reason is told."""
    (tmp_path / "x.manifest").write_text("{\n")
    with pytest.raises(DataNotFoundError, match=r"None of the 1 images .* not a JSON object"):
        run(tmp_path / "x.manifest", tmp_path / "out", "csv")


def test_image_that_cannot_be_copied_is_told(tmp_path: Path) -> None:
    """The others are copied."""
    picture(tmp_path / "1.png")
    (tmp_path / "x.csv").write_text("1.png,cat\n2.png,cat\n")
    done = run(tmp_path / "x.csv", tmp_path / "out", "folder")
    assert done.files == ("cat/1.png",)
    (problem,) = done.unusable
    assert problem.uri == "cat/2.png"
    assert "No such file" in problem.reason


@pytest.mark.parametrize("target", ["folder", "csv"])
def test_missing_credentials_end_a_conversion(tmp_path: Path, target: SourceKind) -> None:
    """They would be missing for every other image too: no list of unusable images."""

    def connect() -> S3:
        raise CredentialsError("no credentials", hint="log in", operation="GetObject", code="")

    head = "image,label,left,top,width,height\n"
    (tmp_path / "x.csv").write_text(f"{head}s3://b/1.png,cat,1,2,3,4\n")
    if target == "folder":
        (tmp_path / "x.csv").write_text("s3://b/1.png,cat\n")
    wanted = ConversionWanted(str(tmp_path / "x.csv"), str(tmp_path / "out"), target)
    with pytest.raises(CredentialsError):
        convert(wanted, make_access(connect))


def test_images_that_are_not_where_they_should_be_are_told(tmp_path: Path) -> None:
    """What is written would lead nowhere; objects in S3 are not looked for."""
    picture(tmp_path / "1.png")
    (tmp_path / "x.csv").write_text("1.png,cat\n2.png,cat\n3.png,cat\ns3://b/4.png,cat\n")
    done = run(tmp_path / "x.csv", tmp_path / "out", "label-studio")
    assert (done.looked_for, done.absent) == (3, (f"{tmp_path}/2.png", f"{tmp_path}/3.png"))
    (tmp_path / "many.csv").write_text("".join(f"{n}.png,cat\n" for n in range(1000)))
    done = run(tmp_path / "many.csv", tmp_path / "many", "label-studio")
    assert (done.looked_for, len(done.absent)) == (100, 100)


def test_unusable_entries_are_handed_on(tmp_path: Path) -> None:
    """With their places."""
    (tmp_path / "x.csv").write_text("1.png,cat\nhttp://h/2.png,cat\n")
    done = run(tmp_path / "x.csv", tmp_path / "out", "label-studio")
    assert [one.uri for one in done.unusable] == [f"{tmp_path}/x.csv:2"]
    assert all(isinstance(one, UnusableImage) for one in done.unusable)


def test_pattern_of_images_keeps_its_names(tmp_path: Path, folder: Path) -> None:
    """They start at the folder above the first sign."""
    done = run(f"{folder}/*/*.png", tmp_path / "out", "label-studio", images_prefix="s3://bkt/p")
    assert done.source_kind == "folder"
    assert done.example == (f"{folder}/cat/1.png", "s3://bkt/p/cat/1.png")
    assert done.read_images == 2


def test_images_lie_where_the_user_says(tmp_path: Path, boxed: Path) -> None:
    """Names start there, on both sides."""
    run(boxed, tmp_path / "ann" / "a.json", "coco", images_prefix="pictures")
    picture(tmp_path / "all" / "pictures" / "img" / "1.png")
    options = SourceOptions(images=str(tmp_path / "all"))
    done = run(tmp_path / "ann", tmp_path / "out", "csv", options=options)
    assert done.example[0] == f"{tmp_path}/all/pictures/img/1.png"


def test_source_in_s3_is_read_without_its_images(tmp_path: Path, bench: Bench) -> None:
    """Only the annotations are downloaded."""
    lines = [ManifestLine("s3://pictures/a/1.png", ("bolt",), (BOX,), 100, 90)]
    bench.s3_client.put_object(Bucket=BUCKET, Key="x.manifest", Body=format_manifest(lines))
    access = make_access(lambda: bench.services().s3)
    source = f"s3://{BUCKET}/x.manifest"
    done = convert(ConversionWanted(source, str(tmp_path / "out"), "coco"), access)
    assert done.example == ("s3://pictures/a/1.png", "s3://pictures/a/1.png")
    (back,) = read_source("coco", str(tmp_path / "out" / "annotations.json"), LOCAL)
    assert back == SourceImage("s3://pictures/a/1.png", ("bolt",), (BOX,), (100, 90))


def test_folder_with_annotations_below_is_no_folder_of_labels(tmp_path: Path) -> None:
    """No label is called `images`; whoever means that says so."""
    picture(tmp_path / "set" / "images" / "1.png")
    (tmp_path / "set" / "notes").mkdir()
    (tmp_path / "set" / "notes" / "all.json").write_text('{"images": []}')
    with pytest.raises(ConfigError, match=r"all\.json \(coco\)"):
        run(tmp_path / "set", tmp_path / "out.csv", "csv")
    done = run(tmp_path / "set", tmp_path / "out.csv", "csv", source_kind="folder")
    assert done.labels == ("images",)
