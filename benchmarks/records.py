"""One table of all figures, and the same as JSON with the date, the versions and the machine."""

import importlib.metadata
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, Form

LIBRARIES = ("boto3", "botocore", "moto", "numpy", "obstore", "orjson", "pillow", "pycocotools",
             "pydantic", "rcl-flow", "scikit-learn", "simplejpeg", "typer")  # fmt: skip
Found = Mapping[str, Sequence[Figure]]
"""Figures by subject."""


def versions() -> dict[str, str]:
    """Return the version of every library that is installed here and bears on a figure."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str | int | float]:
    """Return what the figures were measured on, and how busy it was with other things."""
    told = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(":")[2].strip() for line in told.splitlines() if "model name" in line]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count() or 1,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def as_json(found: Found, form: Form, began_at: datetime) -> dict[str, object]:
    """Return all figures with what they depend on."""
    return {
        "began_at": began_at.isoformat(timespec="seconds"),
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "form": form,
        "machine": machine(),
        "versions": versions(),
        "figures": [
            {
                "subject": subject,
                "what": each.what,
                "measured": each.measured,
                "unit": each.unit,
                "goal": each.goal.told if each.goal else None,
                "met": each.is_met,
                "detail": each.detail,
            }
            for subject, figures in found.items()
            for each in figures
        ],
    }


def line(figure: Figure) -> str:
    """Return a figure as one line of the table."""
    goal = figure.goal.told if figure.goal else ""
    verdict = {True: "met", False: "MISSED", None: ""}[figure.is_met]
    measured = f"{figure.measured:.4g} {figure.unit}"
    return f"  {figure.what:<62} {measured:>14} {goal:>10} {verdict:<7} {figure.detail}"


def table(found: Found) -> str:
    """Return the whole table."""
    head = f"  {'figure':<62} {'measured':>14} {'goal':>10} {'':<7} how"
    parts = [head]
    for subject, figures in found.items():
        parts += [subject, *map(line, figures)]
    return "\n".join(parts)
