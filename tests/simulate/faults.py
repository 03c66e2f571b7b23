"""What goes wrong on the way to a vendor: one fault a call at most, in bursts, of one to three kinds in a world."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any

import httpx

from sources.twin import TwinReply, TwinRequest

Execute = Callable[[TwinRequest], TwinReply]
PAGE = b"<html><body>The proxy says no</body></html>"


class Kind(StrEnum):
    """The kinds of faults."""

    NOT_SENT = "not sent"
    THROTTLED = "throttled"
    LOST = "answer lost"
    ERROR_AFTER = "500 after the effect"
    ERROR_BEFORE = "502 before the effect"
    LATE = "late execution"
    GARBAGE = "garbage"
    EMPTY = "empty 200"
    CUT = "cut body"
    STALE = "stale list"
    SHORT = "rows missing from a list"
    NOTHING = "a list of nothing"
    REFUSED = "refused"
    DENIED = "denied"
    REDIRECT = "redirected"


OF_LISTS = frozenset({Kind.STALE, Kind.SHORT, Kind.NOTHING})
LATEST = 60.0  # seconds after which a request that nobody answered may still be executed
OLDEST = 30.0  # seconds that a list may lag behind


@dataclass
class Weather:
    """Which faults there are, how likely, and how long a burst of them lasts."""

    rng: Random
    kinds: tuple[Kind, ...]
    chance: float
    longest: int
    aimed: str = ""  # "": any call; otherwise the method that they strike alone
    left: int = 0
    now: Kind = Kind.LOST
    count: dict[Kind, int] = field(default_factory=dict)

    def strike(self, request: TwinRequest) -> Kind | None:
        """The fault of a call, if any."""
        if not self.kinds or (self.aimed and (request.method == "GET") != (self.aimed == "GET")):
            return None
        if self.left > 0:
            self.left -= 1
        elif self.rng.random() < self.chance:
            self.now = self.rng.choice(self.kinds)
            self.left = self.rng.randrange(self.longest)
        else:
            return None
        if self.now in OF_LISTS and request.method != "GET":
            return None
        if self.now == Kind.LATE and request.method == "GET":
            return Kind.LOST
        self.count[self.now] = self.count.get(self.now, 0) + 1
        return self.now


@dataclass(frozen=True)
class Theme:
    """A kind of weather: which faults, how likely, aimed at what, in bursts of how many; and what else happens in it.

    ``editing``: how likely somebody edits between two steps. ``dying``: whether runs are killed. ``gaps``: seconds
    between two runs.
    """

    kinds: tuple[Kind, ...] = ()
    chances: tuple[float, ...] = (0.03, 0.1, 0.3)
    aims: tuple[str, ...] = ("",)
    bursts: tuple[int, ...] = (1, 1, 3, 8)
    editing: tuple[float, ...] = (0.0, 0.02, 0.1)
    dying: float = 0.6
    gaps: tuple[float, ...] = (0.5, 0.5, 5, 60, 130, 3600)
    weight: int = 1


THEMES: tuple[Theme, ...] = (
    Theme(weight=5),
    Theme((Kind.LATE,), (0.3, 0.6), ("POST",), (1, 3), (0.0, 0.02), 0.2, (0.5, 0.5, 5, 20, 60), weight=3),
    Theme(
        (Kind.LATE, Kind.LOST, Kind.REFUSED), (0.3,), ("POST",), (1, 3), (0.02, 0.1), 0.4, (0.5, 5, 60, 200), weight=2
    ),
    Theme((Kind.LOST, Kind.ERROR_AFTER, Kind.CUT), (0.3, 0.6), ("POST",), (1, 3), weight=2),
    Theme((Kind.GARBAGE, Kind.EMPTY, Kind.ERROR_BEFORE), (0.3, 0.6), ("POST",), (1, 3), weight=2),
    Theme((Kind.REFUSED, Kind.NOT_SENT, Kind.THROTTLED), (0.3,), ("POST",), (1, 8), weight=2),
    Theme(
        (Kind.SHORT, Kind.NOTHING, Kind.ERROR_BEFORE, Kind.LOST), (0.2, 0.4), ("GET",), (3, 8, 8), dying=0.1, weight=2
    ),
    Theme((), (0.0,), dying=1.0, gaps=(0.5, 5), weight=3),
    Theme((), (0.0,), editing=(0.1, 0.2), dying=0.3, weight=2),
)


def swarm(rng: Random, theme: Theme) -> Weather:
    """The weather of one world: a theme's, or mostly few kinds, sometimes all of them, singly or in bursts."""
    kinds = theme.kinds
    if not kinds and any(theme.chances):
        kinds = tuple(Kind) if rng.random() < 0.15 else tuple(rng.sample(list(Kind), rng.randint(1, 3)))
    aims = theme.aims if theme.kinds else ("", "", "POST", "POST", "GET")
    return Weather(rng, kinds, rng.choice(theme.chances), rng.choice(theme.bursts), rng.choice(aims))


def answered(kind: Kind, vendor: str, request: TwinRequest, execute: Execute, rng: Random) -> TwinReply:
    """What comes back under a fault. Raises httpx's errors. ``LATE`` and ``STALE`` are the line's own affair."""
    match kind:
        case Kind.NOT_SENT:
            raise httpx.ConnectError("connection refused")
        case Kind.LOST:
            execute(request)
            raise rng.choice([httpx.ReadTimeout("no byte in 30 s"), httpx.ReadError("connection reset")])
        case Kind.ERROR_AFTER:
            execute(request)
            return TwinReply(500, b'{"Message":"An error has occurred."}')
        case Kind.ERROR_BEFORE:
            return TwinReply(502, PAGE)
        case Kind.GARBAGE:
            _perhaps(request, execute, rng)
            echo = repr((request.query, dict(request.headers))).encode()  # a proxy's page may repeat what it was sent
            return TwinReply(rng.choice([200, 201]), PAGE + echo)
        case Kind.EMPTY:
            _perhaps(request, execute, rng)
            return TwinReply(rng.choice([200, 201, 204]), b"")
        case Kind.CUT:
            reply = execute(request)
            return TwinReply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
        case Kind.SHORT | Kind.NOTHING:
            return _fewer(execute(request), rng, nothing=kind == Kind.NOTHING)
        case Kind.REDIRECT:
            return TwinReply(302, b"", {"Location": "http://127.0.0.2/login"})
    return _said(kind, vendor, repr((dict(request.query).get("email"), request.headers.get("authorization"))))


def _perhaps(request: TwinRequest, execute: Execute, rng: Random) -> None:
    if rng.random() < 0.5:
        execute(request)


def _said(kind: Kind, vendor: str, echo: str) -> TwinReply:
    """Refusals in the vendors' own words, which may repeat what was sent; nothing takes effect."""
    wait = {"Retry-After": "2"}
    if kind == Kind.THROTTLED:
        return {
            "udesk": TwinReply.of(200, {"code": 2000, "message": "Requests are too frequent, at most 60 in a minute"}),
            "scalepad": TwinReply(429, b"Too many requests", {"Content-Type": "text/plain", **wait}),
            "nexudus": TwinReply(409, b"", wait),
        }[vendor]
    if kind == Kind.DENIED:
        return {
            "udesk": TwinReply.of(200, {"code": 2015, "message": "Non-administrators cannot operate"}),
            "scalepad": TwinReply.of(401, {"error": {"code": "unauthorized", "message": "x", "details": {}}}),
            "nexudus": TwinReply(401),
        }[vendor]
    said: dict[str, Any] = {
        "Message": f"Name: is not welcome {echo}",
        "Value": None,
        "Errors": [],
        "WasSuccessful": False,
    }
    return {
        "udesk": TwinReply.of(200, {"code": 2000, "message": f"Verification failed: not today {echo}"}),
        "scalepad": TwinReply.of(400, {"error": {"code": "invalid_request", "message": f"no {echo}", "details": {}}}),
        "nexudus": TwinReply.of(400, said),
    }[vendor]


def _fewer(reply: TwinReply, rng: Random, *, nothing: bool) -> TwinReply:
    """A list that lacks some of its rows while its total stays; of one without a total all rows."""
    try:
        body = json.loads(reply.body)
    except ValueError:
        return reply
    name = next((key for key in ("departments", "data", "Records") if isinstance(body, dict) and key in body), None)
    if name is None or not body[name]:
        return reply
    if nothing or name == "departments":
        body[name] = []
        totals = {"total_count": 0, "next_cursor": None, "TotalItems": 0, "HasNextPage": False}
        body |= {key: value for key, value in totals.items() if key in body and nothing}
    else:
        del body[name][rng.randrange(len(body[name]))]
    return TwinReply.of(reply.status, body, reply.headers)
