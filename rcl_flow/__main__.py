"""The entry point of `rcl-flow` and `python -m rcl_flow`."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rcl_flow.pipeline.runs.signals import interrupt_once

_SELDOM = (100_000, 20, 20)
"""Commands make next to no cycles: what imports and files bring in is looked through in vain."""
_INTERRUPTED = 130
"""128 and the number of SIGINT, as every shell tells of Ctrl-C."""

_PLUGINS_OFF = "PYDANTIC_DISABLE_PLUGINS"


@contextmanager
def _no_plugins() -> Iterator[None]:
    """Keep pydantic from looking for plugins, in the data of every package that is installed."""
    is_said = _PLUGINS_OFF in os.environ
    os.environ.setdefault(_PLUGINS_OFF, "__all__")
    try:
        yield
    finally:
        if not is_said:
            del os.environ[_PLUGINS_OFF]


def main() -> None:
    """Run the command line and exit with its code.

    Ctrl-C ends it once. What is pressed after that, or while the process ends, is not heard:
    Python would tell of it in its own words. Outside the main thread, which alone is interrupted,
    nothing changes; in an interactive session, which goes on, Ctrl-C is heard again afterwards.
    """
    gc.set_threshold(*_SELDOM)
    before = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and before is signal.default_int_handler:  # not in the background
        signal.signal(signal.SIGINT, interrupt_once)
    try:
        from rcl_flow.cli.app import run_app
        from rcl_flow.cli.streams import ready_streams

        with ready_streams(), _no_plugins():
            code = run_app(sys.argv[1:])
    except KeyboardInterrupt:  # before the command line was read: nothing was done
        code = _INTERRUPTED
    if is_main:
        goes_on = hasattr(sys, "ps1")
        signal.signal(signal.SIGINT, before if goes_on else signal.SIG_IGN)
    gc.freeze()  # the process ends: what it holds needs no last look for cycles
    sys.exit(code)


if __name__ == "__main__":
    main()
