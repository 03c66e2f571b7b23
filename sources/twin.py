"""What every sandbox shares: an in-process app behind an httpx transport, or served over loopback.

A sandbox is its vendor's documented contract as a small app (``Twin.handle``). One piece of code serves the demo, the
cassettes, the tests and rehearsals.
"""

import json
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

Now = Callable[[], datetime]

Holdings = Mapping[str, Iterable[dict[str, Any]]]
"""What an account holds: resource → its records as the vendor's calls show them, as they are landed."""


def system_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class TwinRequest:
    """A request as a sandbox sees it: path below its mount (percent-decoded), header names in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def param(self, name: str, default: str = "") -> str:
        """A query parameter, the first of its name."""
        return next((value for key, value in self.query if key == name), default)

    def json(self) -> Any:
        """The body as JSON, or None when it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class TwinReply:
    """A sandbox's answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, body: Any, headers: Mapping[str, str] | None = None) -> Self:
        """An answer in JSON."""
        text = json.dumps(body, ensure_ascii=False).encode()
        return cls(status, text, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})

    def dated(self, now: Now) -> "TwinReply":
        """The answer with a ``Date`` header, as every server sends; one that it has already stays."""
        if any(name.lower() == "date" for name in self.headers):
            return self
        return replace(self, headers={**self.headers, "Date": format_datetime(now().astimezone(UTC), usegmt=True)})


class Twin(Protocol):
    """A vendor's sandbox. ``faults`` are answers given instead of the real ones, the next call's first.

    A fault is called with the request and a function that executes it; it may call that before it answers otherwise
    ("answered 500 after the effect").
    """

    faults: "deque[Fault]"
    log: "list[tuple[str, str, int]]"

    def handle(self, request: TwinRequest) -> TwinReply:
        """Answer a request."""


Fault = Callable[[TwinRequest, Callable[[TwinRequest], TwinReply]], TwinReply | None]
"""A planted fault; None lets the request through."""


def loadable(secrets: Mapping[str, str], keys: Mapping[str, str]) -> dict[str, Any]:
    """A connection's secrets as the arguments by which its sandbox takes them; ``keys``: secret → argument."""
    return {keys[key]: text for key, text in secrets.items() if key in keys}


class FaultyTwin:
    """The shared part of the sandboxes: planted faults and the log of (method, path, status), never of a query.

    Every answer, a fault's too, carries the time by the sandbox's own clock, ``now``, in its ``Date`` header.
    """

    def __init__(self, now: Now = system_now) -> None:
        self._now = now
        self.faults: deque[Fault] = deque()
        self.log: list[tuple[str, str, int]] = []
        self._lock = threading.RLock()

    def handle(self, request: TwinRequest) -> TwinReply:
        """Answer a request, by the next planted fault where there is one."""
        with self._lock:
            fault = self.faults.popleft() if self.faults else None
            reply = ((fault(request, self.answer) if fault else None) or self.answer(request)).dated(self._now)
            self.log.append((request.method, request.path, reply.status))
            return reply

    def answer(self, request: TwinRequest) -> TwinReply:
        """Answer a request by the vendor's contract."""
        raise NotImplementedError

    def writes(self) -> list[tuple[str, str, int]]:
        """The requests so far that could change something."""
        return [entry for entry in self.log if entry[0] != "GET"]


class TwinTransport(httpx.BaseTransport):
    """Reaches a sandbox in the same process. ``prefix`` is the part of the path above the sandbox's own."""

    def __init__(self, twin: Twin, prefix: str = "") -> None:
        self._twin = twin
        self._prefix = prefix

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the vendor would."""
        query = tuple(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        path = request.url.path.removeprefix(self._prefix)
        headers = {key.lower(): value for key, value in request.headers.items()}
        reply = self._twin.handle(TwinRequest(request.method, path, query, headers, request.read()))
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.body)


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up: a killed run is an everyday guest here, and no fault of the sandbox."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of any other fault, as http.server does."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class TwinServer:
    """Serves sandboxes over loopback, each below its own first path segment, until closed.

    ``GET /_sandbox/requests`` answers what was asked so far: ``[[mount, method, path, status], …]``.
    """

    def __init__(self, twins: Mapping[str, Twin], port: int = 0) -> None:
        self._twins = twins
        self._server = _Server(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the server answers, without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serves(self, url: str) -> bool:
        """Whether it still serves, and this address is one of its own."""
        return self._server.socket.fileno() >= 0 and url.startswith(f"{self.url}/")

    def requests(self) -> list[tuple[str, str, str, int]]:
        """Every request so far: (mount, method, path, status)."""
        return [(mount, *entry) for mount, twin in self._twins.items() for entry in twin.log]

    def dispatch(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> TwinReply:
        """Hand a request to the sandbox that its first path segment names."""
        parts = urlsplit(target)
        if parts.path == "/_sandbox/requests":
            return TwinReply.of(200, self.requests())
        _, mount, *rest = parts.path.split("/", 2)
        twin = self._twins.get(mount)
        if twin is None:
            return TwinReply.of(404, {"message": f"no sandbox at /{mount}; there are: {', '.join(self._twins)}"})
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        return twin.handle(TwinRequest(method, "/" + unquote("".join(rest)), query, headers, body))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer leaves in one piece: in two, each waits 40 ms for the other's acknowledgement

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {key.lower(): value for key, value in self.headers.items()}
                reply = server.dispatch(self.command, self.path, headers, body).dated(system_now)
                reason = httpx.codes.get_reason_phrase(reply.status)  # http.server's own differ from Python to Python
                self.send_response_only(reply.status, reason)  # send_response would add a second Date
                for key, value in reply.headers.items():
                    self.send_header(key, value)
                if reply.status != 204:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names that http.server calls

            def log_message(self, *args: object) -> None:
                """Nothing: its lines would print Udesk's signed URLs."""

        return Handler


class Ticker:
    """A clock for sandboxes whose records must carry distinct, repeatable times: one second later at each call."""

    def __init__(self, start: datetime) -> None:
        self._next = start

    def __call__(self) -> datetime:
        """The next second."""
        self._next += timedelta(seconds=1)
        return self._next
