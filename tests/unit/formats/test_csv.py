"""Tests of CSV files: AWS's layout, named columns, and what is written."""

import pytest

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.columns import parse_mapping
from rcl_flow.formats.csv import csv_rows
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import ROOT, SIZE, image, problem_of, read_all, written

URI = "/d/x.csv"


def read(content: str | bytes, mapping: str = "", images: str | None = None) -> list[object]:
    """Read a file with a mapping as a user writes it."""
    options = SourceOptions(images, parse_mapping(mapping) if mapping else None)
    entries, report = read_all("csv", URI, {URI: content}, options=options)
    assert report.losses == ()
    return list(entries)


def test_csv_reads_awss_layout() -> None:
    """An image and its labels a row, without a header; names start at the file."""
    assert read("a.jpg,cat\n\nb.jpg,dog,cat,\ns3://b/c.jpg\n") == [
        SourceImage("/d/a.jpg", ("cat",)),
        SourceImage("/d/b.jpg", ("cat", "dog")),
        SourceImage("s3://b/c.jpg", ()),
    ]


def test_csv_reads_what_a_spreadsheet_writes() -> None:
    """Where the comma is the decimal sign, a semicolon stands between the columns.

    A comma in the first row need not part columns: what it leaves must be an image or known names.
    """
    assert read("a.jpg;cat\nb.jpg;dog,old;cat\n") == [
        SourceImage("/d/a.jpg", ("cat",)),
        SourceImage("/d/b.jpg", ("cat", "dog,old")),
    ]
    assert read("a;b.jpg\n") == [SourceImage("/d/a;b.jpg", ())]
    assert read("a.jpg;cat, small\n") == [SourceImage("/d/a.jpg", ("cat, small",))]
    assert read("a;b.jpg,cat\n") == [SourceImage("/d/a;b.jpg", ("cat",))]
    assert read('"image";label;"seen, by"\na.jpg;cat;x\n') == [SourceImage("/d/a.jpg", ("cat",))]


def test_csv_names_start_where_the_user_says() -> None:
    """AWS's script has an option for it too."""
    assert read("a.jpg,cat", images="s3://b/p/") == [SourceImage("s3://b/p/a.jpg", ("cat",))]


@pytest.mark.parametrize("head", ["filename, cat, wet dog", "image,cat,wet dog"])
@pytest.mark.parametrize(("yes", "no"), [("1", "0"), (" 1", " 0"), ("1.0", "0.0")])
def test_csv_reads_a_column_for_each_label(head: str, yes: str, no: str) -> None:
    """The names in the first row are the labels, and not the figures below them."""
    content = f"{head}\na.jpg,{yes},{no}\nb.jpg,{yes},{yes}\nc.jpg,{no},{no}\n"
    assert read(content) == [
        SourceImage("/d/a.jpg", ("cat",)),
        SourceImage("/d/b.jpg", ("cat", "wet dog")),
        SourceImage("/d/c.jpg", ()),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "a.jpg,0,1\nb.jpg,1,0\n",  # labels of AWS's layout may be figures
        "x,y,z\nb.jpg,1,2\n",
        "x,y,z\nb.jpg,1\n",
        "x,y,y\nb.jpg,1,0\n",
        "x,y\nb.jpg,1\n",
    ],
)
def test_csv_of_figures_may_be_awss_layout(content: str) -> None:
    """Only a table that can mean nothing else is read by its columns."""
    last = read(content)[-1]
    assert isinstance(last, SourceImage)
    assert set(last.labels) <= {"0", "1", "2"}


def test_csv_tells_a_row_of_too_many_fields() -> None:
    """A label with a comma and without quotes would lose its end; empty fields say nothing."""
    good, bad = read("image,label\na.jpg,cat,,\nb.jpg,cat, big\n")
    assert good == SourceImage("/d/a.jpg", ("cat",))
    assert isinstance(bad, UnusableImage)
    assert "line 3: it has more fields than there are columns: ' big'" in bad.reason


def test_csv_tells_a_first_row_of_unknown_names() -> None:
    """It is no image, and the option that tells the columns is named."""
    problem, *images = read("file,defect\na.jpg,cat\n")
    assert isinstance(problem, UnusableImage)
    assert problem.uri == f"{URI}:1"
    assert "--columns" in problem.reason
    assert images == [SourceImage("/d/a.jpg", ("cat",))]


def test_csv_names_a_repeated_image_of_awss_layout() -> None:
    """AWS's script refuses it; the first row counts here."""
    assert read("a.jpg,cat\nb.jpg,cat\na.jpg,dog\n")[2] == UnusableImage(
        f"{URI}:3", "its image stands in line 1 already"
    )


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        ("image,label\na.jpg,cat\na.jpg,dog\n", ""),
        ("\ufeffFilename,Class,notes\na.jpg,cat,x\na.jpg,dog,y\n", ""),
        ("file;kind\na.jpg;cat|dog\n", "image=file,label=kind,separator=|,delimiter=semicolon"),
        ("image;label\r\na.jpg;cat\r\na.jpg;dog\r\n", ""),
        ("file\tkind\na.jpg\tcat\na.jpg\tdog\n", "image=file,label=kind"),
        ("file\tk1\tk2\na.jpg\tcat\tdog\n", "image=file,label=k1,label=k2,delimiter=tab"),
        ("cat,a.jpg\ndog,a.jpg\n", "image=2,label=1"),
    ],
)
def test_csv_reads_named_columns(content: str, mapping: str) -> None:
    """Rows of one image are one image."""
    assert read(content, mapping) == [SourceImage("/d/a.jpg", ("cat", "dog"))]


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        (
            "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,640,480,cat,10,20,40,60\n",
            "",
        ),
        (
            "image,label,left,top,width,height,image_width,image_height\n"
            "a.jpg,cat,10,20,30,40,640,480\n",
            "",
        ),
        (
            "f,l,a,b,c,d,w,h\na.jpg,cat,10,20,40,60,640,480\n",
            "image=f,label=l,xmin=a,ymin=b,xmax=c,ymax=d,image_width=w,image_height=h",
        ),
    ],
)
def test_csv_reads_boxes(content: str, mapping: str) -> None:
    """Sides or corners, and the image's own size."""
    assert read(content, mapping) == [
        SourceImage("/d/a.jpg", ("cat",), (PixelBox("cat", 10, 20, 30, 40),), (640, 480))
    ]


def test_csv_looks_up_a_size_that_no_column_tells() -> None:
    """A manifest needs it."""
    content = "image,label,left,top,width,height\na.jpg,cat,1,2,3,4\nb.jpg,cat,,,,\n"
    entries, _ = read_all("csv", URI, {URI: content}, sizes={"/d/a.jpg": (640, 480)})
    assert entries == [
        SourceImage("/d/a.jpg", ("cat",), (PixelBox("cat", 1, 2, 3, 4),), (640, 480)),
        SourceImage("/d/b.jpg", ("cat",)),
    ]


HEAD = "image,label,left,top,width,height,image_width,image_height\n"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("a.jpg,cat,1,2,3,x,9,9", "line 2: a side of its box is 'x'"),
        ("a.jpg,cat,1,2,3,,9,9", "line 2: a side of its box is ''"),
        ("a.jpg,,1,2,3,4,9,9", "line 2: its box has no label"),
        ("a.jpg,cat,1,2,3,4,9,9\na.jpg,cat,1,2,3,4,9,8", "line 3: its rows tell different"),
        ("a.jpg,cat,1,2,3,4,0,9", "line 2: its size is '0' x '9'"),
        ("a.jpg,cat,1,2,3,4", "its boxes need its size"),
        (",cat,1,2,3,4,9,9", "its image has no usable name"),
    ],
)
def test_csv_gives_up_an_image_with_a_faulty_row(rows: str, says: str) -> None:
    """The line is named."""
    problem = problem_of("csv", URI, {URI: HEAD + rows})
    assert problem.uri.startswith(f"{URI}: ")
    assert problem.reason.startswith(says)


@pytest.mark.parametrize(
    ("content", "mapping", "says"),
    [
        (b"a.jpg,caf\xe9\n", "", "it is not UTF-8 (byte 9)"),
        ('a.jpg,"cat\n', "", "it is not CSV, at line 1"),
        ("a,b\n", "image=file,label=b", "it has no column 'file'; its columns: 'a', 'b'"),
    ],
)
def test_csv_refuses_other_files(content: str | bytes, mapping: str, says: str) -> None:
    """The file is named, and what is wrong with it."""
    with pytest.raises(ConfigError) as raised:
        read(content, mapping)
    assert raised.value.message.startswith(f"{URI}: {says}")


def test_csv_is_written_in_awss_layout_without_boxes() -> None:
    """AWS's own script can read it."""
    files, _ = written("csv", [image("a.png", "cat"), image("b.png", "x", "y, z"), image("c.png")])
    assert files["images.csv"].decode() == (
        f'{ROOT}/a.png,cat\n{ROOT}/b.png,x,"y, z"\n{ROOT}/c.png\n'
    )


def test_csv_is_written_with_columns_when_there_are_boxes() -> None:
    """A row a box, and one for each label of the whole image."""
    boxed = image("a.png", "sunny", boxes=[PixelBox("cat", 1, 2.5, 3, 4)])
    files, _ = written("csv", [boxed, image("b.png")])
    assert files["images.csv"].decode().splitlines() == [
        "image,label,left,top,width,height,image_width,image_height",
        f"{ROOT}/a.png,sunny,,,,,{SIZE[0]},{SIZE[1]}",
        f"{ROOT}/a.png,cat,1,2.5,3,4,{SIZE[0]},{SIZE[1]}",
        f"{ROOT}/b.png,,,,,,,",
    ]


def test_csv_leaves_out_what_no_text_file_can_hold() -> None:
    """A zero byte ends a text in many programs."""
    files, report = written("csv", [image("a.png", "a\0b")])
    assert files == {"images.csv": b""}
    assert report.count("unwritable") == 1


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1.jpg\n2.jpg;cat\n3.jpg;dog;my cat\n", ["1.jpg", "2.jpg cat", "3.jpg dog my cat"]),
        ("1.jpg\n2.jpg\tcat\n", ["1.jpg", "2.jpg cat"]),
        ("1.jpg\n2.jpg\n", ["1.jpg", "2.jpg"]),
        ('"semi;x.jpg"\n2.jpg,cat\n', ["semi;x.jpg", "2.jpg cat"]),
        ('"semi;x/q""uote.jpg"\n', ['semi;x/q"uote.jpg']),
        ('"a;b.jpg",cat\n', ["a;b.jpg cat"]),
    ],
)
def test_sign_between_columns_is_that_of_the_first_row_which_has_one(
    text: str, read: list[str]
) -> None:
    """A row of an image without a label has none, and what is in quotes is none."""
    assert [" ".join(fields) for _, fields in csv_rows(text.encode())] == read
