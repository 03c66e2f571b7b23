"""Serves one Nexudus location from ready bytes: ``python -m tests.bench.server --tasks 100000 --page 100``.

Prints its address once it is ready. ``/_requests`` tells how many calls came, ``/_reset`` counts anew; neither counts.
Any token is taken. It must stay far faster than every client, so that the clients are what is measured.
"""

import argparse
import asyncio
import gc
import json
import socket
import sys
import time
from collections import Counter
from collections.abc import Sequence
from email.utils import formatdate
from functools import partial

from tests.bench.pages import Answer, Pages

END = b"\r\n\r\n"
PHRASES = {200: b"OK", 404: b"Not Found", 405: b"Method Not Allowed"}
ROOM = 4 * 2**20  # bytes a socket may take at once: a page of 1,000 records leaves in one call where the system allows


class Desk:
    """What all connections share: the answers, the added latency in seconds, the calls counted by kind."""

    def __init__(self, pages: Pages, latency: float) -> None:
        self.latency = latency
        self._pages = pages
        self._calls: Counter[str] = Counter()
        self._second = 0
        self._date = b""

    def answer(self, method: str, target: str) -> Answer:
        """The answer to a request, counted unless it is about the count."""
        if target in ("/_requests", "/_reset"):
            told = {"count": self._calls.total(), "by": dict(self._calls)}
            if target == "/_reset":
                self._calls.clear()
            return Answer(200, json.dumps(told).encode(), "")
        found = self._pages.answer(target) if method == "GET" else Answer(405, b"", method)
        self._calls[found.call] += 1
        return found

    def head(self, answer: Answer) -> bytes:
        """The head of an answer, with the real time."""
        if (now := int(time.time())) != self._second:
            self._second, self._date = now, formatdate(now, usegmt=True).encode()
        return (
            b"HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d%s"
            % (
                answer.status,
                PHRASES[answer.status],
                self._date,
                len(answer.body),
                END,
            )
        )


class Line(asyncio.Protocol):
    """One kept connection: request after request, each answered after the latency."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport and widen its socket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)

    def data_received(self, data: bytes) -> None:
        """Answer every whole request. Only requests without a body are understood."""
        self._buffer += data
        while END in self._buffer:
            head, _, self._buffer = self._buffer.partition(END)
            method, target, _ = head.partition(b"\r\n")[0].decode("ascii").split(" ")
            answer = self._desk.answer(method, target)
            if self._desk.latency and answer.call:
                asyncio.get_running_loop().call_later(self._desk.latency, self._send, answer)
            else:
                self._send(answer)

    def _send(self, answer: Answer) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(self._desk.head(answer))
        self._transport.write(answer.body)
        if answer.status == 405:
            self._transport.close()


async def _serve(desk: Desk, port: int) -> None:
    server = await asyncio.get_running_loop().create_server(partial(Line, desk), "127.0.0.1", port, backlog=256)
    gc.collect()
    gc.freeze()  # the pages never go
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.server", description=__doc__)
    for name, default in (("tasks", 100_000), ("teams", 0), ("departments", 0), ("page", 1000), ("port", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--business", type=int, default=123)
    parser.add_argument("--latency", type=float, default=0.0, help="added to every answer, in milliseconds")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Render, listen, print the address, serve until ended."""
    told = _options(words)
    counts = {"CoworkerTask": told.tasks, "Team": told.teams, "HelpDeskDepartment": told.departments}
    desk = Desk(Pages(told.business, counts, told.page), told.latency / 1000)
    try:
        asyncio.run(_serve(desk, told.port))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
