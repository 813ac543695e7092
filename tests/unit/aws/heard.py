"""A server on this machine that keeps the head of each request and says 200 to all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket


@dataclass(frozen=True, slots=True)
class Heard:
    """One request."""

    line: str
    headers: dict[str, str]
    """By name in small letters."""
    body: bytes


@dataclass(slots=True)
class Ear:
    """Where the server is, and what it heard."""

    endpoint_url: str = ""
    requests: list[Heard] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Ear]:
    """Run the server until the block ends."""
    ear = Ear()
    connections: list[socket] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            connections.append(self.connection)

        def do_PUT(self) -> None:  # the base's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            ear.requests.append(Heard(self.requestline, headers, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.send_header("ETag", '"0"')
            self.end_headers()

        def log_message(self, *_given: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ear.endpoint_url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield ear
    finally:
        server.shutdown()
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)
        server.server_close()
        thread.join()
