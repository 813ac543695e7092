"""The entry point of `rcl-flow` and `python -m rcl_flow`."""

import gc
import sys

_SELDOM = (100_000, 20, 20)
"""Commands make next to no cycles: what imports and files bring in is looked through in vain."""
_INTERRUPTED = 130
"""128 and the number of SIGINT, as every shell tells of Ctrl-C."""


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(*_SELDOM)
    try:
        from rcl_flow.cli.app import run_app
        from rcl_flow.cli.streams import ready_streams

        with ready_streams():
            code = run_app(sys.argv[1:])
    except KeyboardInterrupt:  # before the command line was read: nothing was done
        sys.exit(_INTERRUPTED)
    gc.freeze()  # the process ends: what it holds needs no last look for cycles
    sys.exit(code)


if __name__ == "__main__":
    main()
