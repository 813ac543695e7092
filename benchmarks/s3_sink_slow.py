"""The sink of `s3_sink.c` in Python: where there is no C compiler, and to look at every byte.

`python -m benchmarks.s3_sink_slow LATENCY_MS`; it prints its port and ends with its standard input.
"""

import asyncio
import base64
import hashlib
import json
import re
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

LOOPBACK = "127.0.0.1"
PAGE_KEYS = 1000
DIGEST = re.compile(r"[0-9a-f]{64}")
CHECKSUMS = ("x-amz-checksum-", "x-amz-trailer", "content-md5")
WHO = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>"
    "<Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>BENCH</UserId>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@dataclass
class Seen:
    """What the sink was sent; the members are those of the C sink's statistics."""

    puts: int = 0
    put_bytes: int = 0
    checksummed: int = 0
    verified: int = 0
    """Objects whose SHA-256 is the one in their header, and the one in their key if one is."""
    lists: int = 0
    heads: int = 0
    others: int = 0
    connections: int = 0
    first_put_ns: int = 0
    answered_ns: list[int] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def told(self) -> str:
        """Return the counts as JSON."""
        counts = {name: value for name, value in vars(self).items() if isinstance(value, int)}
        last = [0, 0, self.first_put_ns, *self.answered_ns]
        spans = {"all_ns": last[-1], "all_but_two_ns": last[-3]}
        since = {name: max(0, at - self.first_put_ns) for name, at in spans.items()}
        return json.dumps(counts | since)

    def keep(self, key: str, headers: dict[str, str], body: bytes) -> None:
        """Count an object and hold it against its checksum and its name."""
        size = int(headers.get("x-amz-decoded-content-length", len(body)))
        self.sizes[key] = size
        self.puts += 1
        self.put_bytes += size
        self.checksummed += any(name.startswith(CHECKSUMS) for name in headers)
        digest = hashlib.sha256(body)
        told = headers.get("x-amz-checksum-sha256", "")
        is_named = digest.hexdigest() in key or not DIGEST.search(key)
        self.verified += is_named and told == base64.b64encode(digest.digest()).decode()

    def page(self, query: str) -> str:
        """Return a page of the listing."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        prefix, start = asked.get("prefix", ""), int(asked.get("continuation-token", 0))
        keys = sorted(key for key in self.sizes if key.startswith(prefix))
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2030-01-01T00:00:00.000Z"
            f'</LastModified><ETag>"0"</ETag><Size>{self.sizes[key]}</Size></Contents>'
            for key in keys[start : start + PAGE_KEYS]
        )
        end = start + PAGE_KEYS
        more = f"<NextContinuationToken>{end}</NextContinuationToken>" if end < len(keys) else ""
        return (
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"{entries}<IsTruncated>{'true' if more else 'false'}</IsTruncated>{more}"
            "</ListBucketResult>"
        )


class Sink:
    """Answers connections, each request a fixed time after its last byte came."""

    def __init__(self, latency_seconds: float) -> None:
        """Have seen nothing yet."""
        self._latency_seconds = latency_seconds
        self.seen = Seen()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection until it ends."""
        self.seen.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        pairs = (line.partition(":") for line in lines[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        if method == "PUT":
            self.seen.first_put_ns = self.seen.first_put_ns or time.monotonic_ns()
        if "expect" in headers:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        url = urlsplit(target)
        answer = self._body(method, unquote(url.path), url.query, headers, body)
        if self._latency_seconds and not url.path.startswith("/-/"):
            await asyncio.sleep(self._latency_seconds)
        if method == "PUT":
            self.seen.answered_ns.append(time.monotonic_ns())
        head = f'HTTP/1.1 200 OK\r\nETag: "0"\r\nContent-Length: {len(answer)}\r\n\r\n'
        writer.write(head.encode() + answer)
        await writer.drain()
        return True

    def _body(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> bytes:
        if path == "/-/reset":
            self.seen = Seen(connections=1)
        if path.startswith("/-/"):
            return self.seen.told().encode()
        if method == "PUT":
            self.seen.keep(path.split("/", 2)[2], headers, body)
        elif method == "GET":
            self.seen.lists += 1
            return self.seen.page(query).encode()
        elif method == "HEAD":
            self.seen.heads += 1
        else:
            self.seen.others += 1
            return WHO.encode()
        return b""


async def main() -> None:
    """Serve until standard input ends."""
    sink = Sink(float(sys.argv[1]) / 1000)
    server = await asyncio.start_server(sink.serve, LOOPBACK, 0, limit=1 << 20, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
