"""The line to a vendor, and the safety record, each tapped: every step may be the last one before the power goes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from random import Random
from sqlite3 import Connection as Database
from typing import Protocol, Self
from urllib.parse import unquote

import httpx

from mappings.card import Pace
from sources.errors import NotSent, Unavailable
from sources.http import Tally, Wire
from sources.message import Call, Reply
from sources.pace import PaceKeeper
from sources.twin import TwinReply, TwinRequest
from state.safety import SafetyRecord
from tests.simulate.clock import SimClock
from tests.simulate.faults import LATEST, OF_LISTS, OLDEST, Kind, Weather, answered
from tests.simulate.vendors import House, Truth


class Killed(BaseException):
    """The process dies here; nothing may catch it."""


Step = Callable[[str], None]
"""Told before and after everything that could be the last thing a process does; may raise ``Killed``."""


class Watcher(Protocol):
    """Sees what passes the line."""

    def departs(self, name: str, request: TwinRequest) -> None:
        """A write leaves."""

    def watch(self, name: str, request: TwinRequest, reply: TwinReply | None, *, late: bool = False) -> None:
        """A request is about to be executed (no reply yet), or was."""

    def truth(self, name: str) -> Truth:
        """What the vendor holds."""

    def shown(self, name: str, request: TwinRequest, truth: Truth) -> None:
        """The answer to a read arrived."""


@dataclass
class Line:
    """One connection's line: carries requests to its vendor, or does not. ``weather``: None while the sun shines."""

    name: str
    vendor: str
    house: House
    clock: SimClock
    rng: Random
    step: Step
    watcher: Watcher
    tell: Callable[[str], None]
    weather: Weather | None = None
    calls: int = 0
    lose: int = 0  # the number of the write whose answer is lost, where one is
    writes: int = 0
    _lists: list[tuple[float, str, TwinReply, Truth]] = field(default_factory=list)
    _truth: Truth = field(default_factory=dict)

    def handle(self, request: TwinRequest) -> TwinReply:
        """Answer a request. Raises httpx's errors for what never arrives, and ``Killed``."""
        self.calls += 1
        self.clock.sleep(self.rng.uniform(0.005, 0.1))
        label = f"{self.name} {request.method} {request.path} {request.body.decode()}"
        self.step(f"before {label}")
        fault = self.weather.strike(request) if self.weather else None
        if request.method != "GET":
            self.writes += 1
            self.watcher.departs(self.name, request)
            fault = Kind.LOST if self.writes == self.lose else fault
        if fault:
            self.tell(f"    fault: {fault} at {label}")
        reply = self._answer(request, fault)
        self.step(f"after {label}")
        whole = fault in (None, Kind.STALE) or (fault in OF_LISTS and request.path.rpartition("/")[2] in self._truth)
        if request.method == "GET" and whole:
            self.watcher.shown(self.name, request, self._truth)
        return reply

    def _answer(self, request: TwinRequest, fault: Kind | None) -> TwinReply:
        if fault is None:
            return self._execute(request)
        if fault == Kind.LATE:
            self.clock.later(self.rng.uniform(1, LATEST), lambda: self._too_late(request))
            self.clock.sleep(30)
            raise httpx.ReadTimeout("no byte in 30 s")
        if fault == Kind.STALE:
            return self._stale(request) or self._execute(request)
        try:
            return answered(fault, self.vendor, request, self._execute, self.rng)
        except (httpx.ReadTimeout, httpx.ReadError):
            self.step(f"after the effect of {request.method} {request.path}")
            self.clock.sleep(30)
            raise

    def _too_late(self, request: TwinRequest) -> None:
        self.tell(f"    executed late: {request.method} {request.path} {request.body.decode()}")
        self._execute(request, late=True)

    def _execute(self, request: TwinRequest, *, late: bool = False) -> TwinReply:
        self.watcher.watch(self.name, request, None)
        reply = self.house.twin.handle(request)
        self.watcher.watch(self.name, request, reply, late=late)
        if request.method == "GET":
            self._truth = self.watcher.truth(self.name)
            if self.weather and Kind.STALE in self.weather.kinds:
                self._lists.append((self.clock.seconds, _address(request), reply, self._truth))
        return reply

    def _stale(self, request: TwinRequest) -> TwinReply | None:
        """An answer of some seconds ago, where the same was asked then."""
        here, now = _address(request), self.clock.seconds
        asked = [(one, truth) for at, where, one, truth in self._lists if where == here and now - at < OLDEST]
        if not asked:
            return None
        reply, self._truth = self.rng.choice(asked)
        return reply


def _address(request: TwinRequest) -> str:
    signing = ("email", "timestamp", "sign", "nonce", "sign_version")
    return f"{request.path}?{[pair for pair in request.query if pair[0] not in signing]}"


class LineWire(Wire):
    """The real wire, its retries, pace and counting, with a line in place of the network: httpx costs half the time."""

    _line: Line

    @classmethod
    def of(cls, line: Line, pace: Pace, tally: Tally) -> Self:
        """A wire as a new run has it; httpx's own client, which is never used, is made once for all."""
        wire = copy(cls._first())
        wire._line, wire.clock, wire._jitter, wire._tally = line, line.clock, line.rng.random, tally
        wire._pace = PaceKeeper(pace, line.clock)
        return wire

    @classmethod
    @cache
    def _first(cls) -> Self:
        return cls("http://127.0.0.1:9", Pace(), transport=_Nowhere())

    def _answered(self, call: Call) -> Reply:
        with self._count:
            self.calls += 1
        sent = self.clock.now()
        path, content = unquote(call.path), call.content()
        headers = {key.lower(): value for key, value in call.headers.items()}
        request = TwinRequest(call.method, path, call.query, headers, content or b"")
        try:
            answer = self._line.handle(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise NotSent(f"cannot connect: {fault}") from fault
        except httpx.HTTPError as fault:
            raise Unavailable(f"no answer: {fault}") from fault
        return self._heard(Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.body), sent)


class _Nowhere(httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"{request.method} would leave for the network")


class Tapped(SafetyRecord):
    """The real safety record; before and after each commit the process may die."""

    step: Step = staticmethod(lambda _label: None)

    @contextmanager
    def _transaction(self) -> Iterator[Database]:
        self.step("before a commit")
        with super()._transaction() as db:
            yield db
        self.step("after a commit")
