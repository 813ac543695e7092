"""A DetectCustomLabels that answers so many calls a second, and counts them: as lean as can be.

It runs as a process of its own, prints its port, and ends with its standard input. The path says
which bucket a call is for: `/NAME/LIMIT/BURST/`; `GET /NAME/LIMIT/BURST/` tells what was counted.
"""

import asyncio
import json
import random
import sys
from dataclasses import dataclass, field

LATENCY_SECONDS, SPREAD_SECONDS = 0.1, 0.02
REFUSAL_SECONDS = 0.01
CODES = ("ProvisionedThroughputExceededException", "ThrottlingException")
ANSWER = b'{"CustomLabels":[{"Name":"thing","Confidence":97.5}]}'


@dataclass(slots=True)
class Bucket:
    """Fills at the limit, and begins full with the burst."""

    limit: float
    burst: float
    at: float
    left: float = field(init=False)
    answered: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        """Begin full."""
        self.left = self.burst

    def take(self, now: float) -> bool:
        """Count a call, and say whether it is answered."""
        self.left, self.at = min(self.burst, self.left + (now - self.at) * self.limit), now
        taken = self.left >= 1
        self.left -= taken
        self.answered += taken
        self.refused += not taken
        return taken


BUCKETS: dict[str, Bucket] = {}


class Connection(asyncio.Protocol):
    """Reads one request after another."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with nothing read."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._read = transport, b""
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        """Answer a request that is complete."""
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        length = next(
            (
                int(line[15:])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-l")
            ),
            0,
        )
        if found and len(body) >= length:
            self._read = b""
            method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
            self._answer(method, path)

    def _answer(self, method: str, path: str) -> None:
        now = self._loop.time()
        if path not in BUCKETS:
            _, _, limit, burst, _ = path.split("/")
            BUCKETS[path] = Bucket(float(limit), float(burst), now)
        bucket = BUCKETS[path]
        if method == "GET":
            self._write(200, json.dumps([bucket.answered, bucket.refused]).encode(), "")
        elif bucket.take(now):
            wait = LATENCY_SECONDS + SPREAD_SECONDS * (2 * random.random() - 1)
            self._loop.call_later(wait, self._write, 200, ANSWER, "")
        else:
            code = CODES[bucket.refused % len(CODES)]
            told = json.dumps({"__type": code, "message": "slow down"}).encode()
            self._loop.call_later(REFUSAL_SECONDS, self._write, 400, told, code)

    def _write(self, status: int, body: bytes, code: str) -> None:
        kind = f"x-amzn-errortype: {code}\r\n" if code else ""
        head = f"HTTP/1.1 {status} OK\r\ncontent-length: {len(body)}\r\n{kind}"
        self._transport.write(
            f"{head}content-type: application/x-amz-json-1.1\r\n\r\n".encode() + body
        )


async def serve() -> None:
    """Serve until the standard input is closed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
