"""What goes to a vendor and what comes back: values, before and after the wire."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from math import isinf
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from sources.errors import Unavailable

LONGEST_WAIT = 86_400.0  # seconds; a longer Retry-After is cut to this
BOM = b"\xef\xbb\xbf"
LONGEST_HOST = 100  # characters of a redirect's host that an error repeats
SECONDS = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
MARKUP = re.compile(rb"\s*(<[!?]?[A-Za-z]{1,10}\b)")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a vendor. ``path`` is relative to the connection's base URL; ``body`` is JSON, or form fields."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: bool = False

    @property
    def write(self) -> bool:
        """Whether it may change something at the vendor."""
        return self.method != "GET"

    def content(self) -> bytes | None:
        """The body's bytes."""
        if self.body is None:
            return None
        if self.form:
            return urlencode(self.body).encode()
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, headers in lower case, the decoded body's bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises ``Unavailable`` when it is not whole, strict JSON in UTF-8: a proxy's page, a cut body, a key twice, NaN.
        """
        found = _plain(self.body)
        if found is not None:
            return found
        try:
            text = self.body.decode("utf-8-sig")
            found = json.loads(text, object_pairs_hook=_no_twins, parse_constant=_no_constant, parse_float=_finite)
            if "\\u" in text:
                json.dumps(found, ensure_ascii=False).encode()  # half a character (a lone surrogate) fails here
            return found  # noqa: TRY300 - the check above belongs to the reading
        except (ValueError, RecursionError) as fault:
            tag = MARKUP.match(self.body)  # and no more of it: a proxy's page may repeat what it was sent
            shown = f", but markup ({tag[1].decode()})" if tag else ""
            raise Unavailable(f"the answer (HTTP {self.status}) is not JSON{shown}: {fault}") from fault

    def texts(self, name: str) -> list[bytes]:
        """The JSON of each element of a list in the body, as it came. The body was read by ``json`` before."""
        return [bytes(text) for text in _elements(name).decode(self.body.removeprefix(BOM)).told]

    def date(self) -> datetime | None:
        """When the vendor's own clock says that it answered (the header ``Date``), in UTC; None where it does not."""
        try:
            found = parsedate_to_datetime(self.headers.get("date", ""))
        except (ValueError, TypeError, OverflowError):
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

    def ahead(self, sent: datetime, received: datetime) -> float | None:
        """By how many seconds our clock is ahead of the vendor's at least; negative: behind. None where none is told.

        The vendor dates its answer between the two moments, in whole seconds: within them it is 0.
        """
        told = self.date()
        if told is None:
            return None
        early, late = (sent - told).total_seconds() - 1, (received - told).total_seconds()
        return max(early, 0.0) or min(late, 0.0)

    def retry_after(self) -> float | None:
        """Seconds to wait by ``Retry-After`` (seconds or a date), or None where the header says nothing usable."""
        text = self.headers.get("retry-after", "").strip()
        if SECONDS.fullmatch(text):
            return min(float(text), LONGEST_WAIT)
        try:
            then, now = parsedate_to_datetime(text), parsedate_to_datetime(self.headers["date"])
            return min(max((then - now).total_seconds(), 0.0), LONGEST_WAIT)
        except (KeyError, ValueError, TypeError, OverflowError):
            return None

    def target(self) -> str:
        """The host that a redirect points to, and nothing else of its address, which may repeat what was sent."""
        location = self.headers.get("location", "").strip()
        try:
            parts = urlsplit(location)
            host, port = parts.hostname, parts.port
        except ValueError:
            return "an address that is none"
        if host is None:
            return "another path of the same host" if location else "nowhere"
        return f"{parts.scheme or 'the same scheme'}://{host[:LONGEST_HOST]}" + (f":{port}" if port else "")


@cache
def _elements(name: str) -> "msgspec.json.Decoder[Any]":
    """Takes the list of this name out of a body in one pass, and reads nothing else of it."""
    body = msgspec.defstruct("Body", [("told", list[msgspec.Raw])], rename={"told": name})
    return msgspec.json.Decoder(body)


def _plain(body: bytes) -> Any:
    """The body, where it is strict JSON beyond doubt; None where only the slow way can tell.

    A page of a thousand flat records is read twice as fast as by ``json`` with its checks. The one fault that msgspec
    lets pass is a key that stands twice: every key is followed by ``":``, so that as many of these as there are keys
    mean that none was lost. Nested objects and texts that hold ``":`` only cost the slow way.
    """
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    lists = [member for member in found.values() if type(member) is list]
    keys = len(found) + sum(len(one) for members in lists for one in members if type(one) is dict)
    return found if body.count(b'":') == keys and b'" :' not in body else None


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _finite(text: str) -> float:
    found = float(text)
    if isinf(found):
        raise ValueError("a number is too large")
    return found


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")
