"""The entry point of `rcl-flow` and `python -m rcl_flow`."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from rcl_flow.cli.app import run_app

    sys.exit(run_app(sys.argv[1:]))


if __name__ == "__main__":
    main()
