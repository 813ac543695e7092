"""Who acts: a process on a machine, and whether it still lives."""

import os
import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """A process on a machine."""

    host: str
    pid: int

    def knows_dead(self, host: str, pid: int) -> bool:
        """Say whether a process is known from here to have ended; of other machines none is."""
        return host == self.host and pid != self.pid and not is_alive(pid)


def this_process() -> Holder:
    """Return this process."""
    return Holder(socket.gethostname(), os.getpid())


def is_alive(pid: int) -> bool:
    """Say whether a process of that id exists."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)  # signal 0 asks and changes nothing
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
