"""`python -m tests.packaging demo|bill|sizes`: what `make wheel-demo` and `make sbom` do."""

import argparse
import json
import sys
import time
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.packaging.bill import bill_command, bill_faults, installed
from tests.packaging.demo import Played, play
from tests.packaging.installing import (
    ROOT,
    Interpreter,
    done,
    install,
    interpreters,
    known,
    size_mb,
)

ENVIRONMENT = ROOT / ".venv-wheel"


def main() -> int:
    """Do what is asked for; return 1 when something is wrong with it."""
    parser = argparse.ArgumentParser(prog="python -m tests.packaging", description=__doc__)
    parser.add_argument("what", choices=("demo", "bill", "sizes"))
    parser.add_argument("--python", default=sys.executable, help="or `all` that are here")
    parser.add_argument("--wheel", type=Path, default=None, help="by default the one in dist/")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "rcl-flow.cdx.json")
    given = parser.parse_args()
    match given.what:
        case "demo":
            return demo(given.wheel or built(), wanted(given.python))
        case "bill":
            return bill(given.out)
        case _:
            return sizes(given.wheel or built())


def built() -> Path:
    """Return the wheel that `make dist` has made."""
    (wheel,) = (ROOT / "dist").glob("*.whl")
    return wheel


def wanted(python: str) -> list[Interpreter]:
    """Return the interpreters that are asked for."""
    found = list(interpreters()) if python == "all" else [known(python)]
    if not all(found):
        sys.exit(f"{python} does not run")
    return [each for each in found if each is not None]


def demo(wheel: Path, pythons: list[Interpreter]) -> int:
    """Install the wheel and run the demo on each Python, and print what came of it."""
    bad = 0
    for python in pythons:
        started = time.perf_counter()
        programs = install(wheel, python, ENVIRONMENT)
        seconds = time.perf_counter() - started
        size = size_mb(ENVIRONMENT / "lib")
        played = play(programs)
        say(f"Python {python.version}: installed in {seconds:.1f} s, {size:.0f} MB; {told(played)}")
        bad += bool(played.faults)
    return int(bad > 0)


def told(played: Played) -> str:
    """Return a demo's end in words."""
    ratio = played.help_of_aws
    start = "no AWS CLI" if ratio is None else f"{ratio:.2f} x aws --version"
    end = "; ".join(played.faults) or "passed"
    return f"demo in {played.seconds:.1f} s; --help {start}; {end}"


def bill(out: Path) -> int:
    """Write the bill of materials of the environment that the demo has left, and judge it."""
    out.parent.mkdir(exist_ok=True)
    done(bill_command(ENVIRONMENT, out), cwd=ROOT)
    written = json.loads(out.read_text(encoding="utf-8"))
    faults = list(bill_faults(written, installed(ENVIRONMENT)))
    say("\n".join(faults) or f"{out}: {len(written['components'])} components, CycloneDX, complete")
    return int(bool(faults))


def sizes(wheel: Path) -> int:
    """Print what the package and each of its extras take, as a table for docs/installing.md."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = ["", *(name for name in project["optional-dependencies"] if name != "dev")]
    with TemporaryDirectory() as place:
        folder = Path(place) / "environment"
        for extra in extras:
            install(wheel, known_here(), folder, extra=extra)
            count = len(installed(folder))
            say(f"| `{extra or '(none)'}` | {size_mb(folder / 'lib'):.0f} MB | {count} packages |")
    return 0


def known_here() -> Interpreter:
    """Return the interpreter that runs this."""
    found = known(sys.executable)
    assert found is not None
    return found


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
