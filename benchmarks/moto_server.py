"""The peer of the emulator's server: moto's own, with the same engine behind it.

Prints its address and serves until its input ends. Needs Flask, which only moto's server does.
"""

import sys

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.moto_ext import install


def main() -> None:
    """Serve."""
    install(World())
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
