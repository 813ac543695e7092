"""The command line: what is typed, what is printed, and one module for each command."""
