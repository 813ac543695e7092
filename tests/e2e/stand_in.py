"""Stands in for `python` in a forked child: what it is told to start is forked as well.

A command starts the emulator by `sys.executable -P -m rcl_flow.emulator.serve ...`. This takes the
place of that interpreter, hands the order with all open files to the parent, and lives as long as
the emulator does. It imports little, for it is started often.
"""

import json
import os
import socket
import sys

_FIRST_FREE, _LAST = 3, 64
_MODULE = ["-P", "-m"]


def open_files() -> list[int]:
    """Return the numbers of the files that are to be the child's."""
    found = [0, 1, 2]
    for number in range(_FIRST_FREE, _LAST):
        try:
            inherited = os.get_inheritable(number)
        except OSError:
            continue
        if inherited:
            found.append(number)
    return found


def main(place: str, python: str, *arguments: str) -> int:
    """Have the command forked, or become it where it is none that can be, and return its code."""
    if list(arguments[:2]) != _MODULE:
        os.execv(python, [python, *arguments])  # noqa: S606  # the command as it was given
    files = open_files()
    order = {
        "module": arguments[2],
        "arguments": list(arguments[3:]),
        "folder": os.getcwd(),  # noqa: PTH109  # pathlib takes long to import
        "environment": dict(os.environ),
        "files": files,
        "executable": python,
        "in_a_new_session": True,
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(place)
        socket.send_fds(connection, [json.dumps(order).encode()], files)
        for number in files:
            os.close(number)
        connection.recv(64)
        return int(connection.recv(64))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
