"""The HTTP side of the server: keep-alive connections in, requests to the control or to AWS on."""

import re
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, SO_LINGER, SOL_SOCKET, socket
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rcl_flow.emulator.doors.control import CONTROL_PREFIX, Control, json_answer
from rcl_flow.emulator.doors.dispatch import Request, answer
from rcl_flow.emulator.doors.wire import TARGET_PREFIX, Answer, ConnectionResetFault

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
MOTO_API_PREFIX = "/moto-api/"
SCOPE = re.compile(r"Credential=[^/]*/[^/]*/([^/]+)/([^/]+)/")
BODILESS_STATUSES = frozenset({204, 304})
CHUNK_END_BYTES = 2
REQUEST_LINE = ("method", "path", "version")
VERSIONS = ("HTTP/1.0", "HTTP/1.1")
MOST_HEADERS = 200
LONGEST_HEADER_BYTES = 65_536


@dataclass(frozen=True)
class Desk:
    """What a connection needs to answer: the control, the default region, and a bell to ring."""

    control: Control
    region: str
    touched: Callable[[], None]


class EmulatorServer(ThreadingHTTPServer):
    """A server on the loopback interface, with a thread per connection."""

    daemon_threads = True
    request_queue_size = 128
    desk: Desk

    def __init__(self, port: int) -> None:
        """Listen on `port` of the loopback interface; 0 takes a free one."""
        super().__init__((LOOPBACK, port), Connection)
        self._open: set[socket] = set()

    @property
    def endpoint_url(self) -> str:
        """The address for clients."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without the name look-up that the standard library makes, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # base
        """Answer a new connection in a thread of its own."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  # the base's signature
        """Close a connection that has ended."""
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open."""
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # base
        """Ignore a client that went away; a server outlives its clients."""


class Connection(BaseHTTPRequestHandler):
    """One client's connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: EmulatorServer
    raw_requestline: bytes

    def parse_request(self) -> bool:
        """Read the request line and the headers, as the base does but without its mail parser.

        That parser takes longer than all else that a control call needs.
        """
        words = str(self.raw_requestline, "iso-8859-1").split()
        if len(words) != len(REQUEST_LINE) or words[2] not in VERSIONS:
            return super().parse_request()
        self.requestline = " ".join(words)
        self.command, self.path, self.request_version = words
        headers = self._read_headers()
        if headers is None:
            return False
        self.headers = headers
        wanted = headers.get("Connection", "").lower()
        self.close_connection = wanted == "close" or (
            self.request_version == VERSIONS[0] and wanted != "keep-alive"
        )
        if headers.get("Expect", "").lower() == "100-continue":
            return self.handle_expect_100()
        return True

    def _read_headers(self) -> "Message[str, str] | None":
        headers: Message[str, str] = Message()
        for _ in range(MOST_HEADERS):
            raw = self.rfile.readline(LONGEST_HEADER_BYTES + 1)
            if raw in {b"\r\n", b"\n", b""}:
                return headers
            name, colon, value = raw.decode("iso-8859-1").partition(":")
            if not colon or name != name.strip() or len(raw) > LONGEST_HEADER_BYTES:
                self.send_error(400, "a header is not understood")
                return None
            headers[name] = value.strip()
        self.send_error(431, "there are too many headers")
        return None

    def handle_expect_100(self) -> bool:
        """Tell a client that waits for it to send its body now, not when a buffer is full."""
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def log_message(self, format: str, *args: object) -> None:
        """Log no requests: the counted calls tell more."""

    def do_any(self) -> None:
        """Answer one request."""
        self.server.desk.touched()
        body = self._read_body()
        path = urlsplit(self.path).path
        if path.startswith(CONTROL_PREFIX):
            found = self._control(path, body)
        else:
            try:
                found = answer(Request(self.command, self._aws_url(), self.headers, body))
            except ConnectionResetFault:
                self._reset()
                return
        self._send(found)
        self.server.desk.touched()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_any  # noqa: N815

    def _control(self, path: str, body: bytes) -> Answer:
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host not in LOOPBACK_NAMES or "Origin" in self.headers:
            return json_answer(403, {"error": "only programs on this machine may ask this"})
        return self.server.desk.control.answer(self.command, path, body)

    def _reset(self) -> None:
        """Break the connection, so that the client sees a reset and no end of an answer."""
        self.close_connection = True
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _aws_url(self) -> str:
        if self.path.startswith(MOTO_API_PREFIX):
            return f"http://motoapi.amazonaws.com{self.path}"
        region, service = self._scope()
        return f"https://{service}.{region}.amazonaws.com{self.path}"

    def _scope(self) -> tuple[str, str]:
        signed = SCOPE.search(self.headers.get("Authorization", ""))
        if signed:
            return signed[1], signed[2]
        presigned = parse_qs(urlsplit(self.path).query).get("X-Amz-Credential", [""])[0].split("/")
        if len(presigned) > 3:  # noqa: PLR2004  # key, day, region, service, aws4_request
            return presigned[2], presigned[3]
        unsigned = self.headers.get("X-Amz-Target", "").startswith(TARGET_PREFIX)
        return self.server.desk.region, "rekognition" if unsigned else "s3"

    def _read_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.read(CHUNK_END_BYTES)
        while self.rfile.readline().strip():
            pass
        body = b"".join(parts)
        del self.headers["Transfer-Encoding"]
        self.headers["Content-Length"] = str(len(body))
        return body

    def _send(self, found: Answer) -> None:
        self.send_response_only(found.status)
        lengths = [v for k, v in found.headers.items() if k.lower() == "content-length"]
        for name, value in found.headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        bodiless = self.command == "HEAD" or found.status in BODILESS_STATUSES
        if not bodiless:
            self.send_header("Content-Length", str(len(found.body)))
        elif self.command == "HEAD":
            self.send_header("Content-Length", lengths[0] if lengths else "0")
        self.end_headers()
        if not bodiless:
            self.wfile.write(found.body)
        self.wfile.flush()
