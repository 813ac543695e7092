"""One worked example of each recipe: what is written where, and what then works."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Insertion:
    """A text that is put behind one that is there."""

    path: str
    behind: str
    text: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What somebody does who follows a recipe."""

    new_files: Mapping[str, str]
    """By the path in the tree, the file's name in `examples`."""
    insertions: tuple[Insertion, ...]
    tried: str
    """A script that fails as long as the recipe was not followed."""


STEP: Final = Recipe(
    {"rcl_flow/pipeline/weighing.py": "weighing.py"},
    (
        Insertion(
            "rcl_flow/pipeline/flow.py",
            "from rcl_flow.pipeline.uploading import require_bucket, training_content, upload, "
            "upload_wanted\n",
            "from rcl_flow.pipeline.weighing import weigh_summary\n",
        ),
        Insertion(
            "rcl_flow/pipeline/flow.py",
            "        test = run.once(fetch_evaluation, version)\n",
            "        run.once(weigh_summary, version)\n",
        ),
    ),
    """
import sqlite3, subprocess, sys
command = [sys.executable, "-m", "rcl_flow", "run", "flow.yaml"]
done = subprocess.run(command, capture_output=True, text=True)
assert done.returncode == 0, done.stderr
assert "ok    weigh summary " in done.stderr, done.stderr
kept = sqlite3.connect(".rcl-flow/state.sqlite").iterdump()
assert any("weigh_summary" in line for line in kept), "it is not journaled"
""",
)

FORMAT: Final = Recipe(
    {"rcl_flow/formats/image_list.py": "image_list.py"},
    (
        Insertion("rcl_flow/core/source_kinds.py", "SourceKind = Literal[", '"list", '),
        Insertion(
            "rcl_flow/config/data.py",
            'description="A CVAT for images 1.1 file.")\n',
            '    list: PathText | None = Field(None, description="A list of images and labels.")\n',
        ),
        Insertion(
            "rcl_flow/formats/reading.py",
            "from rcl_flow.formats.folder import read_labelled_folder, read_listed\n",
            "from rcl_flow.formats.image_list import read_list\n",
        ),
        Insertion(
            "rcl_flow/formats/reading.py", '    "csv": read_csv,\n', '    "list": read_list,\n'
        ),
        Insertion(
            "rcl_flow/formats/writing.py",
            "from rcl_flow.formats.folder_writing import write_folder\n",
            "from rcl_flow.formats.image_list import write_list\n",
        ),
        Insertion(
            "rcl_flow/formats/writing.py",
            '    "folder": TargetFormat(write_folder),\n',
            '    "list": TargetFormat(write_list, "images.lst", (".lst",)),\n',
        ),
        Insertion("rcl_flow/formats/detecting.py", '    ".csv": "csv",\n', '    ".lst": "list",\n'),
    ),
    """
import pathlib, subprocess, sys
from rcl_flow.config import ImageSource
assert ImageSource(list="a.lst").kind == "list"
pathlib.Path("a.lst").write_text("1.png cat\\n2.png dog\\n")
def convert(source, target, kind):
    subprocess.run(
        [sys.executable, "-m", "rcl_flow", "convert", source, target, "--to", kind], check=True
    )
convert("a.lst", "a.csv", "csv")
convert("a.csv", "b.lst", "list")
assert pathlib.Path("b.lst").read_text() == pathlib.Path("a.lst").read_text()
""",
)

FINDING: Final = Recipe(
    {"rcl_flow/core/audit/names.py": "names.py"},
    (
        Insertion(
            "rcl_flow/core/audit/catalogue.py",
            "RULES: Final[Mapping[str, Rule]] = {\n",
            '    "named-after-label": Rule("D8", "note", "Files named after their label"),\n',
        ),
        Insertion("rcl_flow/core/audit/auditing.py", "    looks,\n", "    names,\n"),
        Insertion("rcl_flow/core/audit/auditing.py", "    looks.check,\n", "    names.check,\n"),
        Insertion(
            "docs/06-your-data.md",
            "\n### look-alike\n",
            "\n### named-after-label\nThe name of the file holds its label.\n",
        ),
    ),
    """
from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.dataset import Dataset, DatasetImage, Datasets
image = DatasetImage("data/cat-1.png", "0" * 64, 1, "PNG", ("cat",))
datasets = Datasets(train=None, test=None, holdout=Dataset("holdout", (image,)))
rules = AuditRules.model_validate({"severities": {"named-after-label": "error"}})
(finding,) = [
    one for one in audit_datasets(datasets, rules).findings if one.rule == "named-after-label"
]
assert finding.severity == "error"
assert finding.docs == "docs/06-your-data.md#named-after-label"
page = open("docs/06-your-data.md").read()
assert "\\n### named-after-label\\n" in page
""",
)

OPERATION: Final = Recipe(
    {"rcl_flow/emulator/service/face_collections.py": "face_collections.py"},
    (
        Insertion(
            "rcl_flow/emulator/service/engine.py",
            "from rcl_flow.emulator.service.entries import Entries\n",
            "from rcl_flow.emulator.service.face_collections import Collections\n",
        ),
        Insertion(
            "rcl_flow/emulator/service/engine.py",
            '        "CreateProject": projects.create,\n',
            '        "ListCollections": Collections(context).list,\n',
        ),
        Insertion(
            "rcl_flow/emulator/service/engine.py",
            "OPERATIONS = frozenset(\n    {\n",
            '        "ListCollections",\n',
        ),
        Insertion(
            "rcl_flow/emulator/doors/moto_ext/resources.py",
            "UNRESTRICTED_OPERATIONS = frozenset({",
            '"ListCollections", ',
        ),
    ),
    """
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.emulator.sessions import isolated_session
client = isolated_session("us-east-1").client("rekognition")
with emulated_aws() as world:
    assert client.list_collections()["CollectionIds"] == []
    assert world.calls.counts() == {"ListCollections": 1}
""",
)

RECIPES: Final[Mapping[str, Recipe]] = {
    "Add a step": STEP,
    "Add a format": FORMAT,
    "Add a finding": FINDING,
    "Add an emulated operation": OPERATION,
}
"""By the section of CONTRIBUTING.md."""
