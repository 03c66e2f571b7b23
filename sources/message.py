"""What goes to a vendor and what comes back: values, before and after the wire."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from math import isinf
from typing import Any
from urllib.parse import urlencode, urlsplit

from sources.errors import Unavailable

LONGEST_WAIT = 60.0  # seconds; a longer Retry-After is cut to this
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
