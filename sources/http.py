"""The one module that sends, waits and retries.

Vendors build a ``Call`` and judge a ``Reply``; neither of them touches the wire. The pace and the single layer of
retries live here, the origin check, the deadline and the caps in ``transport.py``. A redirect is never followed: it can
turn a POST into a GET, and it would carry a token to another host.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception

from mappings.card import Pace
from sources.clock import Clock, SystemClock
from sources.errors import Denied, NotSent, Retry, Throttled, Unavailable, Unknown
from sources.message import Call, Reply
from sources.pace import PaceKeeper
from sources.secret import Secret
from sources.transport import CONNECT, SILENCE, Network, Nowhere, SameOrigin, body_of, check_headers, plain
from sources.waiting import LONGEST_HOLD, doze, pause

logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines print full URLs, and Udesk's are secrets
logging.getLogger("httpcore").setLevel(logging.WARNING)

DEADLINE = 60.0  # seconds for a whole request, answer included
PATIENCE = 125.0  # seconds for a call's attempts and waits: a vendor that counts by the minute may say "later" twice
ATTEMPTS = 4
T = TypeVar("T")


class Auth(Protocol):
    """How a connection proves itself. ``sign`` is asked anew for every attempt (Udesk: a new nonce and time)."""

    def sign(self, call: Call) -> Call:
        """The call with credentials."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Signs a call with an access token."""

    token: Secret

    def sign(self, call: Call) -> Call:
        """The call with its ``Authorization`` header."""
        return replace(call, headers={**call.headers, "Authorization": f"Bearer {self.token.reveal()}"})


class Tally(Protocol):
    """Counts a connection's writes, durably, before each request leaves: one that is sent again is one more.

    The documents do not say whether a vendor counts what it refused for its pace; counted here, too much is never sent.
    A sign-in (a call that nobody signs) is not counted: refused, it would end the reads as well.
    """

    def take(self) -> int:
        """Count one write; its number. Raises ``Exhausted`` where none is left."""

    def give_back(self, number: int) -> None:
        """The write of this number provably never left."""


Judge = Callable[[Reply], None]
"""A vendor's classifier: returns for a success, raises the fitting ``VendorError`` otherwise."""


class Wire:
    """One connection's way to its vendor: a base URL, a pace, and at most ``ATTEMPTS`` attempts a call.

    ``transport`` replaces the network (the in-process sandbox). ``deadline``: seconds for one request, its answer
    included. ``patience``: seconds for all attempts of a call and the waits between them; waiting for a turn in the
    pace does not count. ``tally`` counts the writes. ``calls`` and ``retries`` are counted for receipts. ``answers``:
    how many calls got any answer; ``ahead``: seconds that our clock is ahead by the last one, None where none told.
    ``halted``: whether the run is to stop; then nothing waits any more to be sent again.
    """

    def __init__(
        self,
        base_url: str,
        pace: Pace,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        deadline: float = DEADLINE,
        patience: float = PATIENCE,
        tally: Tally | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self.clock: Clock = clock or SystemClock()
        self._jitter = jitter
        self._patience = patience
        self._tally = tally
        self._pace = PaceKeeper(pace, self.clock)
        self.concurrency = pace.concurrency
        self._slots = threading.BoundedSemaphore(pace.concurrency)
        self._count = threading.Lock()
        self._client = httpx.Client(
            transport=SameOrigin(self._base, transport or (Network(deadline) if base_url else Nowhere())),
            timeout=httpx.Timeout(SILENCE, connect=CONNECT),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "orgweave", "Accept": "application/json", "Accept-Encoding": "gzip"},
        )
        self.calls = 0
        self.retries = 0
        self.answers = 0
        self.ahead: float | None = None
        self.halted: Callable[[], bool] | None = None

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def exchange(self, call: Call, judge: Judge, auth: Auth | None = None) -> Reply:
        """Send a call, as often as is safe, and return the first reply that ``judge`` accepts.

        A read is sent again after any ``Retry``; a write only where it certainly had no effect, otherwise ``Unknown``.
        """
        return self._insist(lambda spent: self._attempt(call, judge, auth, spent), call.method, write=call.write)

    def carry_out(self, act: Callable[[], T], *, write: bool) -> T:
        """Do what is no HTTP request (a file is read) by the same rules, and count it as a call. ``act`` judges itself.

        It shares the pace and the retries with requests; the day's budget of writes counts requests alone.
        """

        def attempt(_spent: list[float]) -> T:
            self._pace.take(write=write)
            with self._count:
                self.calls += 1
            found = act()
            with self._count:
                self.answers += 1
            return found

        return self._insist(attempt, "a write" if write else "a read", write=write)

    def _insist(self, attempt: Callable[[list[float]], T], what: str, *, write: bool) -> T:
        spent: list[float] = []
        again = Retrying(
            retry=retry_if_exception(lambda fault: isinstance(fault, Retry) and not (write and fault.executed)),
            wait=self._wait,
            stop=lambda state: self._is_enough(state, sum(spent)),
            sleep=lambda seconds: doze(self.clock, seconds, self.halted),
            before_sleep=self._count_retry,
            reraise=True,
        )
        try:
            return again(attempt, spent)
        except Retry as fault:
            if write and fault.executed:
                raise Unknown(f"{what} without a usable answer: {fault}") from fault
            raise

    def _attempt(self, call: Call, judge: Judge, auth: Auth | None, spent: list[float]) -> Reply:
        if spent and self.halted and self.halted():
            raise Throttled("the run was stopped while this waited to be sent again")
        self._pace.take(write=call.write)
        started = self.clock.monotonic()
        try:
            reply = self._counted(call, auth)
            if 300 <= reply.status < 400:
                raise Denied(f"redirected (HTTP {reply.status}) to {reply.target()}: not followed; is base_url right?")
            judge(reply)
        except Throttled as fault:
            if fault.after and fault.after > self._patience:
                fault.args = (f"{fault}, and asks to be left alone for {fault.after:.0f} s",)
            if fault.after and fault.after <= LONGEST_HOLD:
                self._pace.hold(fault.after)  # for every thread: each of them would be refused as well
            raise
        finally:
            spent.append(self.clock.monotonic() - started)
        return reply

    def _counted(self, call: Call, auth: Auth | None) -> Reply:
        signed = auth.sign(call) if auth else call
        if self._tally is None or auth is None or not call.write:
            return self._send(signed)
        number = self._tally.take()
        try:
            return self._send(signed)
        except NotSent:
            self._tally.give_back(number)
            raise

    def _send(self, call: Call) -> Reply:
        with self._slots:  # who asks for pages ahead asks for a page's details as well
            return self._answered(call)

    def _answered(self, call: Call) -> Reply:
        request = self._request(call)
        with self._count:
            self.calls += 1
        host = urlsplit(self._base).netloc
        sent = self.clock.now()
        try:
            answer = self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise NotSent(f"cannot connect to {host}: {plain(fault)}") from fault
        except httpx.HTTPError as fault:
            raise Unavailable(f"no answer from {host}: {plain(fault)}") from fault
        try:
            check_headers(answer)
            headers = {key.lower(): value for key, value in answer.headers.items()}
            return self._heard(Reply(answer.status_code, headers, body_of(answer)), sent)
        except httpx.HTTPError as fault:
            raise Unavailable(f"the answer of {host} broke off: {plain(fault)}") from fault
        finally:
            answer.close()

    def _heard(self, reply: Reply, sent: datetime) -> Reply:
        ahead = reply.ahead(sent, self.clock.now())
        with self._count:
            self.answers += 1
            self.ahead = self.ahead if ahead is None else ahead
        return reply

    def _request(self, call: Call) -> httpx.Request:
        content = call.content()
        headers = dict(call.headers)
        if content is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded" if call.form else "application/json"
        query = f"?{urlencode(call.query)}" if call.query else ""
        try:
            url = httpx.URL(self._base + call.path + query)
        except httpx.InvalidURL as fault:
            raise Denied(f"{call.method} below {urlsplit(self._base).netloc} has no valid address: {fault}") from fault
        return self._client.build_request(call.method, url, headers=headers, content=content)

    def _is_enough(self, state: RetryCallState, spent: float) -> bool:
        return state.attempt_number >= ATTEMPTS or spent + state.idle_for + state.upcoming_sleep > self._patience

    def _wait(self, state: RetryCallState) -> float:
        return pause(state.outcome.exception() if state.outcome else None, state.attempt_number, self._jitter())

    def _count_retry(self, _state: RetryCallState) -> None:
        with self._count:
            self.retries += 1
