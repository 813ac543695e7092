"""Tests of CVAT's XML for images: what is read of it, what is lost, and what is written."""

import pytest

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import image, problem_of, read_all, read_one, written

URI = "/d/annotations.xml"
BOX = '<box label="cat" occluded="0" xtl="10" ytl="20" xbr="40.5" ybr="60"/>'


def cvat(inside: str = BOX, head: str = 'width="640" height="480"') -> str:
    """Return a file of one image."""
    return (
        "<annotations><version>1.1</version><meta><task/></meta>"
        f'<image id="0" name="x/a.jpg" {head}>{inside}</image></annotations>'
    )


def test_cvat_gives_boxes_and_tags() -> None:
    """Tags are labels of the whole image."""
    found = read_one("cvat", URI, {URI: cvat(f'<tag label="sunny"/>{BOX}')})
    assert found == SourceImage(
        "/d/x/a.jpg", ("cat", "sunny"), (PixelBox("cat", 10, 20, 30.5, 40),), (640, 480)
    )
    assert found.image_labels == ("sunny",)


@pytest.mark.parametrize(
    ("there", "images", "uri"),
    [
        ("/d/images/x/a.jpg", None, "/d/images/x/a.jpg"),
        ("/d/x/a.jpg", None, "/d/x/a.jpg"),
        ("/d/images/x/a.jpg", "s3://b/p", "s3://b/p/x/a.jpg"),
    ],
)
def test_cvat_finds_images_where_its_export_puts_them(
    there: str, images: str | None, uri: str
) -> None:
    """In the folder `images`, beside the file, or where the user says."""
    options = SourceOptions(images=images)
    assert read_one("cvat", URI, {URI: cvat(), there: ""}, options=options).uri == uri


@pytest.mark.parametrize(
    ("inside", "box", "kind"),
    [
        (
            '<polygon label="cat" points="1,2;5.5,9;3,4"/>',
            PixelBox("cat", 1, 2, 4.5, 7),
            "polygons",
        ),
        ('<polyline label="cat" points="1,2;5,9"/>', PixelBox("cat", 1, 2, 4, 7), "polygons"),
        (
            '<ellipse label="cat" cx="50" cy="40" rx="10" ry="5"/>',
            PixelBox("cat", 40, 35, 20, 10),
            "polygons",
        ),
        (
            '<mask label="cat" rle="1,2" left="3" top="4" width="5" height="6"/>',
            PixelBox("cat", 3, 4, 5, 6),
            "polygons",
        ),
        (
            '<box label="cat" xtl="10" ytl="20" xbr="30" ybr="30" rotation="90"/>',
            PixelBox("cat", 15, 15, 10, 20),
            "rotation",
        ),
        (
            BOX.replace("/>", '><attribute name="sex">m</attribute></box>'),
            PixelBox("cat", 10, 20, 30.5, 40),
            "attributes",
        ),
        (BOX.replace('"0"', '"1"'), PixelBox("cat", 10, 20, 30.5, 40), "attributes"),
        ('<points label="cat" points="1,2"/>', None, "keypoints"),
        ('<skeleton label="cat"><points label="paw"/></skeleton>', None, "keypoints"),
        ('<cuboid label="cat"/>', None, "shapes"),
    ],
)
def test_cvat_tells_what_a_box_cannot_hold(inside: str, box: PixelBox | None, kind: str) -> None:
    """Shapes become boxes where they can, and the rest is counted."""
    (only,), report = read_all("cvat", URI, {URI: cvat(inside)})
    assert isinstance(only, SourceImage)
    assert only.boxes == ((box,) if box else ())
    assert [(loss.kind, loss.count) for loss in report.losses] == [(kind, 1)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (cvat(BOX.replace("40.5", "x")), "xbr of <box> is 'x'"),
        (cvat(BOX.replace('label="cat"', "")), "a <box> has no label"),
        (cvat('<star label="cat"/>'), "<star> is no shape of CVAT"),
        (cvat('<polygon label="cat" points="1;2"/>'), "a point is '' and no usable number"),
        (cvat(head='width="0" height="1"'), "its size is '0' x '1' pixels"),
        (cvat(head=""), "its boxes need its size"),
        (cvat().replace('name="x/a.jpg"', ""), "a <image> has no name"),
        (cvat().replace("x/a.jpg", "https://x/a.jpg"), "its image is at https://x/a.jpg"),
    ],
)
def test_cvat_names_an_image_that_it_cannot_use(content: str, says: str) -> None:
    """The image's number in the file is its place."""
    problem = problem_of("cvat", URI, {URI: content})
    assert problem.uri == f"{URI}: image 1"
    assert problem.reason.startswith(says)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<annotation/>", "its root is <annotation>"),
        ("<annotations><track/></annotations>", "it is CVAT for video"),
        ("<annotations>", "it is not XML"),
    ],
)
def test_cvat_refuses_other_files(content: str, says: str) -> None:
    """The file is named, and what to export instead."""
    with pytest.raises(ConfigError) as raised:
        read_all("cvat", URI, {URI: content})
    assert raised.value.message.startswith(f"{URI}: {says}")


def test_cvat_reads_one_subset() -> None:
    """Subsets are CVAT's splits; all of them become one set unless one is asked for."""
    content = (
        '<annotations><image id="0" name="a.jpg" subset="train"/>'
        '<image id="1" name="b.jpg" subset="test"/></annotations>'
    )
    entries, report = read_all("cvat", URI, {URI: content})
    assert [entry.uri for entry in entries] == ["/d/a.jpg", "/d/b.jpg"]
    assert report.count("splits") == 1
    options = SourceOptions(split="test")
    assert read_one("cvat", URI, {URI: content}, options=options).uri == "/d/b.jpg"
    with pytest.raises(ConfigError, match="no image of the subset 'val'"):
        read_all("cvat", URI, {URI: content}, options=SourceOptions(split="val"))


def test_cvat_leaves_out_what_xml_cannot_hold() -> None:
    """The image is counted and not written with another label."""
    files, report = written("cvat", [image("a.png", "a\x02"), image("b.png", "b")])
    assert files["annotations.xml"].count(b"<image") == 1
    assert report.count("unwritable") == 1


def test_cvat_finds_images_named_from_its_own_folder_on() -> None:
    """That is how `convert` writes them; an image that is nowhere is meant to be in images/."""
    inside = "".join(
        f'<image id="1" name="{name}" width="640" height="480"></image>'
        for name in ("images/a.jpg", "b.jpg", "c.jpg", "d.jpg")
    )
    files = {
        "/d/annotations.xml": f"<annotations>{inside}</annotations>",
        **dict.fromkeys(("/d/images/a.jpg", "/d/images/b.jpg", "/d/c.jpg"), ""),
    }
    entries, _ = read_all("cvat", "/d/annotations.xml", files)
    assert [entry.uri for entry in entries] == [
        *("/d/images/a.jpg", "/d/images/b.jpg", "/d/c.jpg", "/d/images/d.jpg")
    ]
