"""A server of raw sockets on loopback that answers as no server should, and the wires that are pointed at it."""

import gzip
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from select import select
from types import TracebackType
from typing import Any, Self

from mappings.card import Pace
from sources.http import Wire
from sources.message import Call, Reply

Answer = bytes | Callable[[socket.socket], None]
GET, POST = Call("GET", "/x"), Call("POST", "/x", body={"name": "n"})


class HastyClock:
    """Real time, but nobody waits: a sleep sets the clock forward. Safe to use from several threads."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The present moment and all that was slept."""
        return datetime.now(UTC) + timedelta(seconds=self._skipped)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        """Set the clock forward."""
        with self._lock:
            self.slept.append(seconds)
            self._skipped += seconds


class Toxic:
    """Gives its answers in order, the last one for ever; each to one request, bytes or a function of the socket.

    A connection is kept after bytes; a function leaves it as it left it. ``asked`` holds the requests as they came,
    ``connections`` how many were opened.
    """

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answers = list(answers)
        self._tls = tls
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._serving: list[threading.Thread] = []
        self.asked: list[bytes] = []
        self.connections = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()
        with self._lock:
            for made in self._open:
                with suppress(OSError):
                    made.shutdown(socket.SHUT_RDWR)
        for thread in self._serving:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                made, _ = self._server.accept()
                made.settimeout(5)
                self.connections += 1
                thread = threading.Thread(target=self._keep, args=(made,), daemon=True)
                self._serving.append(thread)
                thread.start()

    def _keep(self, made: socket.socket) -> None:
        """Serve one connection to its end."""
        with suppress(OSError, ValueError):
            if self._tls:
                made = self._tls.wrap_socket(made, server_side=True)
            with made:
                with self._lock:
                    self._open.append(made)
                self._serve(made)
        made.close()

    def _serve(self, made: socket.socket) -> None:
        while request := _request(made):
            with self._lock:
                self.asked.append(request)
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            if callable(answer):
                answer(made)
            else:
                made.sendall(answer)


def _request(made: socket.socket) -> bytes:
    """One request, head and body; empty at the end of the connection."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = made.recv(65536)
        if not part:
            return b""
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    told = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(told[0].split(b":")[1]) - len(body) if told else 0
    while missing > 0:
        part = made.recv(missing)
        found += part
        missing -= len(part)
    return found


def http(body: bytes = b"{}", *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An answer; ``length`` is what its Content-Length claims, -1 for none."""
    told = [] if length == -1 else [f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join((f"HTTP/1.1 {status}", *told, *headers, "", "")).encode() + body


def packed(body: bytes, *headers: str) -> bytes:
    """An answer in gzip."""
    return http(gzip.compress(body), "Content-Encoding: gzip", *headers)


def drip(head: bytes, drop: bytes, pause: float = 0.05) -> Answer:
    """``head`` at once, then a drop at a time, for ever."""

    def answer(made: socket.socket) -> None:
        made.sendall(head + drop)
        while not select([made], [], [], pause)[0]:  # readable: whoever asked has hung up, or the test is over
            made.sendall(drop)

    return answer


def flood(head: bytes, wave: bytes) -> Answer:
    """``head``, then the same wave for ever, as fast as it is taken."""

    def answer(made: socket.socket) -> None:
        made.sendall(head)
        while True:
            made.sendall(wave)

    return answer


def close_after(sent: bytes) -> Answer:
    """Send this and close."""

    def answer(made: socket.socket) -> None:
        made.sendall(sent)
        made.shutdown(socket.SHUT_RDWR)
        made.close()

    return answer


def reset(made: socket.socket) -> None:
    """Reset the connection once the request is read."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    made.close()


def hang(made: socket.socket) -> None:
    """Read and say nothing."""
    made.recv(1)


@contextmanager
def wired(url: str, *, deadline: float = 5.0, patience: float = 120.0) -> Iterator[Wire]:
    """A wire over real sockets whose waits cost no time."""
    wire = Wire(url, Pace(), clock=HastyClock(), jitter=lambda: 0.0, deadline=deadline, patience=patience)
    try:
        yield wire
    finally:
        wire.close()


def as_json(reply: Reply) -> None:
    """The simplest judge: a success is JSON."""
    reply.json()


def ask(wire: Wire, call: Call = GET) -> Any:
    """The JSON of an exchange."""
    return wire.exchange(call, as_json).json()


def self_signed(folder: Path, openssl: str) -> ssl.SSLContext:
    """A server's TLS with a certificate that nobody signed but itself; ``folder/cert.pem`` is that certificate."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    alias = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(  # noqa: S603 - openssl's own path, and words from here
        [openssl, *words, *alias, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
