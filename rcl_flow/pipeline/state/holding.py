"""Who acts: a process on a machine, and whether it still lives."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from rcl_flow.core.naming import digest_of


@dataclass(frozen=True, slots=True)
class Holder:
    """A process on a machine, or in a container of one."""

    host: str
    pid: int

    def knows_dead(self, host: str, pid: int) -> bool:
        """Say whether a process is known from here to have ended; of other machines none is."""
        return host == self.host and pid != self.pid and not is_alive(pid)


def this_process() -> Holder:
    """Return this process.

    Names of machines are not unique, least of all of containers, so the boot and the process
    namespace, where the system tells them, are part of where a process lives.
    """
    return Holder(f"{socket.gethostname()}{_space()}", os.getpid())


def _space() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        space = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        return ""
    return f"/{digest_of([boot.strip(), space])[:8]}"


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
