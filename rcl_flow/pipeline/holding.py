"""Who uses an armed model: this process, another that lives, or nobody any more."""

import os
import socket

from rcl_flow.pipeline.records import ArmedModel


def is_held_elsewhere(armed: ArmedModel) -> bool:
    """Say whether another process on this host that still lives uses the model.

    Of processes on other hosts nothing is known; a workspace belongs to one host.
    """
    if armed.holder_host != socket.gethostname() or armed.holder_pid == os.getpid():
        return False
    return is_alive(armed.holder_pid)


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
