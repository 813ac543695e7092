"""The ways in: the wire protocol, moto, HTTP and the emulator's own control paths.

Each needs the packages of the extra `emulator`; without them the import says what to install.
"""

from importlib.util import find_spec

MISSING = [name for name in ("moto", "sklearn", "threadpoolctl") if find_spec(name) is None]
if MISSING:
    raise ModuleNotFoundError(
        f"The emulator needs {', '.join(MISSING)}, not installed here. "
        "Install it: pip install 'rcl-flow[emulator]'",
        name=MISSING[0],
    )
