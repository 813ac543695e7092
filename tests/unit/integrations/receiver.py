"""A real HTTP server on this machine that takes what is posted, and answers as a test says."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """What has arrived, and what is answered next."""

    statuses: list[int] = field(default_factory=list)
    """Of the next answers; 200 when there are no more."""
    location: str = ""
    """Of a redirect."""
    answers: threading.Event = field(default_factory=threading.Event)
    """Unset while answers are held back."""
    url: str = ""
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Paths with the documents that were posted there."""
    methods: list[str] = field(default_factory=list)

    @property
    def documents(self) -> list[dict[str, Any]]:
        """What was posted, in order."""
        return [document for _, document in self.requests]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Have a server on 127.0.0.1 in this block, at an address that is a secret."""
    receiver = Receiver()
    receiver.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.methods.append("POST")
            receiver.requests.append((self.path, json.loads(body)))
            receiver.answers.wait(10)
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            self.send_response(status)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            receiver.methods.append("GET")
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                """The client has given up."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/T0SECRET/B0SECRET"
    try:
        yield receiver
    finally:
        receiver.answers.set()
        server.shutdown()
        server.server_close()
        thread.join()
