"""Tests of Pascal VOC: what is read of it, what is lost, and what is written."""

import posixpath

import pytest

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import image, problem_of, read_all, read_one, written

XML = "/d/Annotations/a.xml"
SIZE = "<size><width>640</width><height>480</height><depth>3</depth></size>"
BOX = "<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>40.5</xmax><ymax>60</ymax></bndbox>"


def voc(inside: str = f"<object><name> cat\n</name>{BOX}</object>", head: str = SIZE) -> str:
    """Return a file about a.jpg."""
    return f"<annotation><filename>a.jpg</filename>{head}{inside}</annotation>"


def test_voc_gives_boxes_between_corners() -> None:
    """Corners become sides; spaces around a label are not part of it."""
    assert read_one("voc", XML, {XML: voc()}) == SourceImage(
        "/d/a.jpg", ("cat",), (PixelBox("cat", 10, 20, 30.5, 40),), (640, 480)
    )


@pytest.mark.parametrize(
    ("head", "there", "images", "uri"),
    [
        ("", "/d/JPEGImages/a.jpg", None, "/d/JPEGImages/a.jpg"),
        ("", "/d/images/a.jpg", None, "/d/images/a.jpg"),
        ("", "/d/Annotations/a.jpg", None, "/d/Annotations/a.jpg"),
        ("<path>/home/x/a.jpg</path>", "/d/a.jpg", None, "/d/a.jpg"),
        ("<path>../x/a.jpg</path>", "/e", None, "/d/../x/a.jpg"),
        ("<path>s3://b/k.jpg</path>", "/d/a.jpg", None, "s3://b/k.jpg"),
        ("<path>/home/x/a.jpg</path>", "/d/a.jpg", "s3://b/p", "s3://b/p/a.jpg"),
        (r"<path>C:\x\b.JPG</path>", "/d/JPEGImages/b.JPG", None, "/d/JPEGImages/b.JPG"),
    ],
)
def test_voc_finds_images(head: str, there: str, images: str | None, uri: str) -> None:
    """As told; else as found; a path of another machine counts last."""
    files = {XML: voc(head=head + SIZE), there: ""}
    (only,), _ = read_all("voc", "/d", files, options=SourceOptions(images=images))
    assert only.uri == uri


@pytest.mark.parametrize("name", ["a.jpeg", "a.PNG", "a.v2.jpg"])
@pytest.mark.parametrize("also", [".jfif", ".gif"])
def test_voc_finds_an_image_that_is_named_without_its_extension(name: str, also: str) -> None:
    """As some tools write it; a usual name is meant before a seldom one."""
    told = name.rpartition(".")[0]
    beside = f"/d/JPEGImages/{told}{also}"
    files = {XML: voc().replace("a.jpg", told), f"/d/JPEGImages/{name}": "", beside: ""}
    (only,), _ = read_all("voc", "/d", files)
    assert only.uri == f"/d/JPEGImages/{name}"


def test_voc_reads_one_split_of_a_folder() -> None:
    """ImageSets/Main names the files of each split."""
    files = {
        "/d/Annotations/a.xml": voc(),
        "/d/Annotations/b.xml": voc().replace("a.jpg", "b.jpg"),
        "/d/ImageSets/Main/val.txt": "b\n",
    }
    entries, _ = read_all("voc", "/d", files, options=SourceOptions(split="val"))
    assert [entry.uri for entry in entries] == ["/d/b.jpg"]
    with pytest.raises(ConfigError, match=r"/d: it has no ImageSets/Main/test\.txt"):
        read_all("voc", "/d", files, options=SourceOptions(split="test"))


@pytest.mark.parametrize(
    ("inside", "box", "kind"),
    [
        (f"<truncated>1</truncated>{BOX}", PixelBox("cat", 10, 20, 30.5, 40), "attributes"),
        (f"<pose>Left</pose>{BOX}", PixelBox("cat", 10, 20, 30.5, 40), "attributes"),
        (f"{BOX}<part><name>head</name></part>", PixelBox("cat", 10, 20, 30.5, 40), "attributes"),
        (
            "<polygon><x1>1</x1><y1>2</y1><x2>5</x2><y2>9</y2></polygon>",
            PixelBox("cat", 1, 2, 4, 7),
            "polygons",
        ),
        (
            "<robndbox><cx>50</cx><cy>40</cy><w>20</w><h>10</h><angle>1.5707963267948966</angle>"
            "</robndbox>",
            PixelBox("cat", 45, 30, 10, 20),
            "rotation",
        ),
    ],
)
def test_voc_tells_what_a_box_cannot_hold(inside: str, box: PixelBox, kind: str) -> None:
    """The box is kept or made, and the rest is counted."""
    files = {XML: voc(f"<object><name>cat</name>{inside}</object>")}
    (only,), report = read_all("voc", XML, files)
    assert isinstance(only, SourceImage)
    assert only.boxes == (box,)
    assert [(loss.kind, loss.count) for loss in report.losses] == [(kind, 1)]


def test_voc_says_nothing_of_ordinary_attributes() -> None:
    """Every tool writes them, with nothing in them."""
    usual = "<pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>"
    _, report = read_all("voc", XML, {XML: voc(f"<object><name>cat</name>{usual}{BOX}</object>")})
    assert report.losses == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (voc(f"<object>{BOX}</object>"), "it has no <name>"),
        (voc("<object><name>cat</name></object>"), "an object 'cat' has no <bndbox>"),
        (voc().replace("40.5", "wide"), "<bndbox/xmax> is 'wide'"),
        (voc().replace("<xmax>40.5</xmax>", ""), "<bndbox/xmax> is missing"),
        (voc().replace("640", "-1"), "its size is '-1' x '480' pixels"),
        (voc(head=""), "its boxes need its size"),
        ("<annotation/>", "it has neither <filename> nor <path>"),
        ("<annotations/>", "its root is <annotations>, not <annotation>"),
        ("<annotation>", "it is not XML"),
        ("", "it is not XML"),
    ],
)
def test_voc_names_a_file_that_it_cannot_use(content: str, says: str) -> None:
    """One broken file costs one image."""
    problem = problem_of("voc", "/d", {XML: content})
    assert problem.uri == XML
    assert problem.reason.startswith(says)


def test_voc_refuses_a_folder_without_files() -> None:
    """The folder is named."""
    with pytest.raises(ConfigError, match="/d: there are no XML files in it"):
        read_all("voc", "/d", {"/d/a.jpg": ""})


def test_voc_writes_nested_files_with_the_images_reference() -> None:
    """Names stay apart, and other tools find filename, path and size."""
    files, _ = written("voc", [image("x/a.png", boxes=[PixelBox("cat & dog", 1, 2, 3, 4.5)])])
    text = files["Annotations/x/a.xml"].decode()
    for part in ("<filename>a.png<", "<width>640<", "<name>cat &amp; dog<", "<ymax>6.5<"):
        assert part in text


@pytest.mark.parametrize("label", ["a\nb", "\x01", " a", "a\u2028b".replace("\u2028", "\x85")])
def test_voc_leaves_out_what_xml_cannot_hold(label: str) -> None:
    """The image is counted and not written with another label."""
    files, report = written("voc", [image("a.png", boxes=[PixelBox(label, 1, 2, 3, 4)])])
    assert files == {}
    assert report.count("unwritable") == 1


def test_voc_leaves_out_a_second_image_of_one_name() -> None:
    """a.png and a.jpg would share a file."""
    files, report = written("voc", [image("a.png"), image("a.jpg")])
    assert list(files) == ["Annotations/a.xml"]
    assert report.count("name-clashes") == 1


@pytest.mark.parametrize("listed", ["my img 1\nb\n", "my img 1 -1\nb  1\n", "x/my img 1\nb\n"])
def test_voc_split_names_files_with_spaces_and_in_folders(listed: str) -> None:
    """A line is a name; in a list of a label, whether the image shows it comes after."""
    files = {
        "/d/Annotations/x/my img 1.xml": voc(),
        "/d/Annotations/b.xml": voc().replace("a.jpg", "b.jpg"),
        "/d/Annotations/my.xml": voc().replace("a.jpg", "c.jpg"),
        "/d/ImageSets/Main/train.txt": listed,
    }
    entries, _ = read_all("voc", "/d", files, options=SourceOptions(split="train"))
    assert [entry.uri for entry in entries] == ["/d/b.jpg", "/d/a.jpg"]


@pytest.mark.parametrize("place", ["JPEGImages", "images", "."])
def test_voc_finds_images_in_the_folder_of_their_file(place: str) -> None:
    """Two cameras may name their pictures alike."""
    images = [posixpath.normpath(f"/d/{place}/{camera}/a.jpg") for camera in ("x", "y")]
    files = {f"/d/Annotations/{camera}/1.xml": voc() for camera in ("x", "y")}
    entries, _ = read_all("voc", "/d", files | dict.fromkeys(images, ""))
    assert [posixpath.normpath(entry.uri) for entry in entries] == images


def test_voc_path_that_leads_to_an_image_counts_before_its_name() -> None:
    """Another image may be called so; that is how `convert` tells the two apart."""
    head = f"<path>../other/a.jpg</path>{SIZE}"
    files = {"/d/Annotations/1.xml": voc(head=head), "/d/a.jpg": "", "/d/../other/a.jpg": ""}
    (only,), _ = read_all("voc", "/d", files)
    assert only.uri == "/d/../other/a.jpg"
