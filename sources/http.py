"""The one module that sends, waits and retries.

Vendors build a ``Call`` and judge a ``Reply``; neither of them touches the wire. Deadlines, byte caps, the origin
check, the pace and the single layer of retries live here (httpx's own time-out is per read, its redirects can turn a
POST into a GET, and an absolute URL would carry a token to another host).
"""

import logging
import random
import threading
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from mappings.card import Pace
from sources.clock import Clock, SystemClock
from sources.errors import Denied, NotSent, Retry, Unavailable, Unknown
from sources.message import Call, Reply
from sources.pace import PaceKeeper

logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines print full URLs, and Udesk's are secrets
logging.getLogger("httpcore").setLevel(logging.WARNING)

DEADLINE = 60.0  # seconds for a whole request, answer included
SILENCE = 30.0  # seconds without a byte
BYTES = 64 * 2**20  # a decoded answer larger than this is refused
ATTEMPTS = 4


class Auth(Protocol):
    """How a connection proves itself. ``sign`` is asked anew for every attempt (Udesk: a new nonce and time)."""

    def sign(self, call: Call) -> Call:
        """The call with credentials."""


Judge = Callable[[Reply], None]
"""A vendor's classifier: returns for a success, raises the fitting ``VendorError`` otherwise."""


class Wire:
    """One connection's way to its vendor: a base URL, a pace, and at most ``ATTEMPTS`` attempts a call.

    ``transport`` replaces the network (the in-process sandbox). ``calls`` and ``retries`` are counted for receipts.
    """

    def __init__(
        self,
        base_url: str,
        pace: Pace,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._base = base_url.rstrip("/")
        self.clock: Clock = clock or SystemClock()
        self._jitter = jitter
        self._pace = PaceKeeper(pace, self.clock)
        self._count = threading.Lock()
        self._client = httpx.Client(
            transport=_SameOrigin(self._base, transport or httpx.HTTPTransport(trust_env=False)),
            timeout=httpx.Timeout(SILENCE, connect=10.0),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "orgweave", "Accept": "application/json"},
        )
        self.calls = 0
        self.retries = 0

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def exchange(self, call: Call, judge: Judge, auth: Auth | None = None) -> Reply:
        """Send a call, as often as is safe, and return the first reply that ``judge`` accepts.

        A read is sent again after any ``Retry``; a write only where it certainly had no effect, otherwise ``Unknown``.
        """
        again = Retrying(
            retry=retry_if_exception(lambda fault: isinstance(fault, Retry) and not (call.write and fault.executed)),
            wait=self._wait,
            stop=stop_after_attempt(ATTEMPTS),
            sleep=self.clock.sleep,
            before_sleep=self._count_retry,
            reraise=True,
        )
        try:
            return again(self._attempt, call, judge, auth)
        except Retry as fault:
            if call.write and fault.executed:
                raise Unknown(f"{call.method} without a usable answer: {fault}") from fault
            raise

    def _attempt(self, call: Call, judge: Judge, auth: Auth | None) -> Reply:
        self._pace.take(write=call.write)
        reply = self._send(auth.sign(call) if auth else call)
        if 300 <= reply.status < 400:
            target = urlsplit(reply.headers.get("location", "")).hostname or "nowhere"
            raise Denied(f"redirected (HTTP {reply.status}) to {target}: not followed; is base_url right?")
        judge(reply)
        return reply

    def _send(self, call: Call) -> Reply:
        with self._count:
            self.calls += 1
        content = call.content()
        headers = dict(call.headers)
        if content is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded" if call.form else "application/json"
        query = f"?{urlencode(call.query)}" if call.query else ""
        request = self._client.build_request(
            call.method, self._base + call.path + query, headers=headers, content=content
        )
        host = urlsplit(self._base).netloc
        started = self.clock.monotonic()
        try:
            answer = self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise NotSent(f"cannot connect to {host}: {_plain(fault)}") from fault
        except httpx.HTTPError as fault:
            raise Unavailable(f"no answer from {host}: {_plain(fault)}") from fault
        try:
            return Reply(
                answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, self._body(answer, started)
            )
        except httpx.HTTPError as fault:
            raise Unavailable(f"the answer of {host} broke off: {_plain(fault)}") from fault
        finally:
            answer.close()

    def _body(self, answer: httpx.Response, started: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in answer.iter_bytes():
            size += len(part)
            if size > BYTES:
                raise Unavailable(f"the answer is larger than {BYTES // 2**20} MiB")
            if self.clock.monotonic() - started > DEADLINE:
                raise Unavailable(f"the answer took longer than {DEADLINE:.0f} s")
            parts.append(part)
        return b"".join(parts)

    def _wait(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        named = fault.after if isinstance(fault, Retry) else None
        if named is not None:
            return named + self._jitter() * 0.1
        return float(min(2 ** (state.attempt_number - 1), 20) * (0.5 + self._jitter() / 2))

    def _count_retry(self, _state: RetryCallState) -> None:
        with self._count:
            self.retries += 1


class _SameOrigin(httpx.BaseTransport):
    """The last layer before the socket: nothing leaves for another scheme, host or port than the configured one."""

    def __init__(self, base_url: str, inner: httpx.BaseTransport) -> None:
        url = httpx.URL(base_url)
        self._origin = (url.scheme, url.host, url.port)
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, or refuse with ``Denied``."""
        if (request.url.scheme, request.url.host, request.url.port) != self._origin:
            raise Denied(f"refused to send to {request.url.host}: the connection's host is {self._origin[1]}")
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()


def _plain(fault: Exception) -> str:
    return str(fault) or type(fault).__name__
