"""What the sandbox's calls share: refusals in the vendor's form, fields of a body, and one page of a list."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from sources.twin import TwinReply, TwinRequest

T = TypeVar("T")
PAGE_SIZE, PAGE_MAX = 100, 500
Sorts = Mapping[str, Callable[[T], Any]]


class Refused(Exception):
    """Ends a call with the vendor's error body; ``details`` are the keys that this error carries."""

    def __init__(self, status: int, code: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.reply = TwinReply.of(status, {"error": {"code": code, "message": message, "details": details}})


def invalid(name: str) -> Refused:
    """The refusal of a field or parameter."""
    return Refused(400, "invalid_request", f"Invalid {name}", field=name)


def object_of(request: TwinRequest) -> dict[str, Any]:
    """The request's body, an object."""
    body = request.json()
    if not isinstance(body, dict):
        raise invalid("body")
    return body


def text_or_none(body: Mapping[str, Any], name: str) -> str | None:
    """An optional text of a body."""
    text = body.get(name)
    if text is not None and not isinstance(text, str):
        raise invalid(name)
    return text


def texts(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts of a body."""
    found = body.get(name)
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise invalid(name)
    return found


def page(request: TwinRequest, items: Iterable[T], sorts: Sorts[T]) -> tuple[list[T], int, str | None]:
    """One page of the present list, how many there are in all, and the next cursor; the first sort is the default.

    ``q`` looks into the default sort's text. A page is cut from what is there now: rows that come or go meanwhile move
    the later ones.
    """
    first = next(iter(sorts))
    q, by, order = request.param("q"), request.param("sort_by", first), request.param("sort_order", "asc")
    text = request.param("page_size", str(PAGE_SIZE))
    size = int(text) if text.isascii() and text.isdigit() else 0
    fine = {"sort_by": by in sorts, "sort_order": order in ("asc", "desc"), "page_size": 1 <= size <= PAGE_MAX}
    for name in (name for name, right in fine.items() if not right):
        raise invalid(name)
    found = [item for item in items if q.casefold() in sorts[first](item).casefold()]
    found.sort(key=sorts[by], reverse=order == "desc")
    query = hashlib.sha256(json.dumps([q, by, order, request.param("department_id")]).encode()).hexdigest()[:16]
    start = _start(request.param("cursor"), query)
    end = start + size
    following = base64.urlsafe_b64encode(f"{end}.{query}".encode()).decode() if end < len(found) else None
    return found[start:end], len(found), following


def _start(cursor: str, query: str) -> int:
    """Where the page starts. A cursor serves the query that it came from and no other."""
    try:
        start, bound = base64.urlsafe_b64decode(cursor).decode().split(".") if cursor else ("0", query)
    except ValueError:
        raise invalid("cursor") from None
    if bound != query or not start.isdigit():
        raise invalid("cursor")
    return int(start)
