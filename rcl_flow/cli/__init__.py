"""The command line: wiring, console and commands."""
