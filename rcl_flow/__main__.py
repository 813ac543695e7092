"""The entry point of `rcl-flow` and `python -m rcl_flow`."""

import gc
import signal
import sys

from rcl_flow.pipeline.runs.signals import interrupt_once

_SELDOM = (100_000, 20, 20)
"""Commands make next to no cycles: what imports and files bring in is looked through in vain."""
_INTERRUPTED = 130
"""128 and the number of SIGINT, as every shell tells of Ctrl-C."""


def main() -> None:
    """Run the command line and exit with its code.

    Ctrl-C ends it once. What is pressed after that, or while the process ends, is not heard:
    Python would tell of it in its own words.
    """
    gc.set_threshold(*_SELDOM)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not in the background
        signal.signal(signal.SIGINT, interrupt_once)
    try:
        from rcl_flow.cli.app import run_app
        from rcl_flow.cli.streams import ready_streams

        with ready_streams():
            code = run_app(sys.argv[1:])
    except KeyboardInterrupt:  # before the command line was read: nothing was done
        code = _INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # the process ends: what it holds needs no last look for cycles
    sys.exit(code)


if __name__ == "__main__":
    main()
