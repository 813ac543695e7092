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
    judges: tuple[str, ...]
    """The tests of the tree that fail where the recipe was followed by half."""


STEP: Final = Recipe(
    {"rcl_flow/pipeline/training/weighing.py": "weighing.py"},
    (
        Insertion(
            "rcl_flow/pipeline/flow.py",
            "    upload,\n    upload_wanted,\n)\n",
            "from rcl_flow.pipeline.training.weighing import weigh_summary\n",
        ),
        Insertion(
            "rcl_flow/pipeline/flow.py",
            "        test = run.once(fetch_evaluation, version)\n",
            "        run.once(weigh_summary, version)\n",
        ),
        Insertion("docs/architecture.md", "`trained_on`, ", "`weighing`, "),
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
    ("tests/test_architecture.py", "tests/test_house_rules.py"),
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
    ("tests/test_docs.py", "tests/test_site.py", "tests/unit/config/test_schema.py"),
)

FINDING: Final = Recipe(
    {"rcl_flow/core/audit/screens.py": "screens.py"},
    (
        Insertion(
            "rcl_flow/core/audit/catalogue.py",
            "RULES: Final[Mapping[str, Rule]] = {\n",
            '    "picture-of-screen": Rule("D3", "note", "Pictures of a screen in the holdout"),\n',
        ),
        Insertion("rcl_flow/core/audit/auditing.py", "    relations,\n", "    screens,\n"),
        Insertion(
            "rcl_flow/core/audit/auditing.py", "    relations.check,\n", "    screens.check,\n"
        ),
        Insertion(
            "docs/06-your-data.md",
            "\n### look-alike\n",
            "\n### picture-of-screen\nSomebody has photographed a screen.\n",
        ),
        Insertion(
            "docs/improving.md",
            "| D3 | the variations that production will show | ",
            "[picture-of-screen](06-your-data.md#picture-of-screen); ",
        ),
    ),
    """
from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets
image = DatasetImage("data/Screenshot 1.png", "0" * 64, 1, "PNG", ("cat",))
datasets = Datasets(train=None, test=None, holdout=Dataset("holdout", (image,)))
rules = AuditRules.model_validate({"severities": {"picture-of-screen": "error"}})
(finding,) = [
    one for one in audit_datasets(datasets, rules).findings if one.rule == "picture-of-screen"
]
assert finding.severity == "error"
assert finding.docs == "docs/06-your-data.md#picture-of-screen"
""",
    (
        "tests/test_docs.py",
        "tests/test_site.py",
        "tests/unit/config/test_published.py",
        "tests/unit/core/audit/test_auditing.py",
    ),
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
            "rcl_flow/emulator/operations.py",
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
    ("tests/test_architecture.py", "tests/emulator/service/test_projects.py"),
)

ERROR: Final = Recipe(
    {},
    (
        Insertion(
            "rcl_flow/errors/datasets.py",
            '    slug = "holdouts-differ"\n',
            """

class HoldoutTornError(DatasetGateError):
    \"\"\"Images of the holdout went away while it was read.\"\"\"

    slug = "holdout-torn"
""",
        ),
        Insertion(
            "rcl_flow/errors/__init__.py",
            "├── DatasetGateError 3       dataset-gate\n",
            "│   ├── HoldoutTornError     holdout-torn\n",
        ),
        Insertion(
            "rcl_flow/errors/__init__.py",
            "import (\n    DatasetGateError,\n    HoldoutsDifferError,\n",
            "    HoldoutTornError,\n",
        ),
        Insertion(
            "rcl_flow/errors/__init__.py",
            '    "ForeignVersionError",\n',
            '    "HoldoutTornError",\n',
        ),
        Insertion(
            "docs/errors.md",
            "with a reason: [your data](06-your-data.md).\n",
            """
## holdout-torn
Exit 3. Images of the holdout went away while it was read. Nothing was created.

Why: another program moves them.

What to do: let it end, then type the same command again.
""",
        ),
        Insertion(
            "tests/unit/test_errors.py",
            "    ConfigError,\n    DatasetGateError,\n",
            "    HoldoutTornError,\n",
        ),
        Insertion(
            "tests/unit/test_errors.py",
            '    assert DatasetGateError("m", hint="h").findings == ()\n',
            """

def test_torn_holdout_closes_the_gate() -> None:
    \"\"\"Scripts see the gate's exit code.\"\"\"
    with pytest.raises(HoldoutTornError) as caught:
        raise HoldoutTornError("m", hint="h")
    assert caught.value.exit_code == 3
""",
        ),
        Insertion(
            "tests/unit/test_every_error.py",
            "ELSEWHERE = {\n",
            '    "holdout-torn": "unit/test_errors.py::test_torn_holdout_closes_the_gate",\n',
        ),
    ),
    """
import subprocess, sys
explain = [sys.executable, "-m", "rcl_flow", "explain", "holdout-torn"]
assert "another program moves them" in subprocess.check_output(explain, text=True)
""",
    ("tests/test_docs.py", "tests/unit/test_errors.py", "tests/unit/test_every_error.py"),
)

FIELD: Final = Recipe(
    {},
    (
        Insertion(
            "rcl_flow/config/safety.py",
            'lets a model run before it is asked again.",\n    )\n',
            """    quiet_minutes: float = Field(
        0.0, ge=0, le=1_440, description="How long nothing is started after a failure."
    )
""",
        ),
        Insertion(
            "config/example.yaml",
            "  max_kept_hours: 24.0\n",
            "  # How long nothing is started after a failure.\n  quiet_minutes: 0.0\n",
        ),
    ),
    """
from rcl_flow.config import parse_config
sets = "data: {train: {folder: a}, test: {folder: b}, holdout: {folder: c}}"
config = parse_config(f"project: p\\n{sets}\\nsafety: {{quiet_minutes: 5}}\\n")
assert config.safety.quiet_minutes == 5
""",
    ("tests/test_docs.py", "tests/test_site.py", "tests/unit/config/test_schema.py"),
)

COMMAND: Final = Recipe(
    {"rcl_flow/cli/commands/weigh.py": "weigh.py"},
    (
        Insertion(
            "rcl_flow/cli/command_table.py",
            '        "power": "Say how much a holdout of some size can tell",\n',
            '        "weigh": "Say how much the images of a folder weigh",\n',
        ),
        Insertion(
            "README.md",
            "| command | does |\n|---|---|\n",
            "| `rcl-flow weigh DIR` | how much the images of a folder weigh |\n",
        ),
    ),
    """
import subprocess, sys
weigh = [sys.executable, "-m", "rcl_flow", "weigh", "images/holdout", "--json"]
assert '"bytes":' in subprocess.check_output(weigh, text=True)
""",
    (
        "tests/test_docs.py",
        "tests/test_site.py",
        "tests/unit/cli/test_app.py",
        "tests/unit/test_startup.py",
    ),
)

RECIPES: Final[Mapping[str, Recipe]] = {
    "Add a step": STEP,
    "Add a format": FORMAT,
    "Add a finding": FINDING,
    "Add an emulated operation": OPERATION,
    "Add an error": ERROR,
    "Add a config field": FIELD,
    "Add a command": COMMAND,
}
"""By the section of CONTRIBUTING.md."""
