"""What the benchmark's server answers: pages in the vendor's envelope, batches by ids, single records.

Sources: shared notes, vendors/nexudus.md, sections 2.1 to 2.4, and our sandbox's lists for what they leave open.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import parse_qsl

from sources.nexudus.sandbox_lists import DEFAULT_SIZE, DESCENDING
from sources.nexudus.sandbox_records import COWORKER, DEPARTMENT, TASK, TEAM, USER, Kind
from tests.bench import records

NOT_FOUND = b'"Not found"'


class Render(Protocol):
    """Makes one record as JSON."""

    def __call__(self, index: int, business: int, *, whole: bool) -> bytes:
        """The record ``index``; ``whole``: as a call by id shows it."""


RENDERED: tuple[tuple[Kind, Render | None], ...] = (
    (TASK, records.task),
    (TEAM, records.team),
    (DEPARTMENT, records.department),
    (COWORKER, None),
    (USER, None),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body, and the kind of call for the count, such as ``coworkertasks list``."""

    status: int
    body: bytes
    call: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The records of one kind; there are ``count``."""

    kind: Kind
    count: int
    render: Render | None


class Pages:
    """All answers of one location. Full pages, the newest first, are rendered when it is made; others once asked.

    ``counts``: records by the name of their kind. ``largest``: records that a page holds at most; a larger ``size`` is
    cut to it. Records are ordered by their ids, whatever ``orderBy`` says.
    """

    def __init__(self, business: int, counts: Mapping[str, int], largest: int) -> None:
        self._business = business
        self._largest = largest
        self._shelves = {kind.path: Shelf(kind, counts.get(kind.name, 0), render) for kind, render in RENDERED}
        self._pages: dict[tuple[str, int, int, bool], bytes] = {}
        self._whole: dict[tuple[str, int], bytes] = {}
        for path, shelf in self._shelves.items():
            for number in range(1, -(-shelf.count // largest) + 1):
                self._pages[path, number, largest, True] = self._page(shelf, number, largest, down=True)
            if shelf.kind is not TASK:  # those are many, and asked for in one batch or none
                for index in range(shelf.count):
                    self._whole[path, index] = self._record(shelf, index)

    def answer(self, target: str) -> Answer:
        """The answer to a GET. ``target``: path and query as they stand in the request."""
        path, _, asked = target.partition("?")
        path, _, last = path.lower().rstrip("/").rpartition("/")
        query = {key.lower(): value for key, value in parse_qsl(asked, keep_blank_values=True)}
        if last.isdecimal():
            return self._one(self._shelf(path), int(last))
        shelf = self._shelf(f"{path}/{last}")
        if "id" in query:
            return self._batch(shelf, query["id"])
        return Answer(200, self._listed(shelf, query), f"{last} list")

    def _shelf(self, path: str) -> Shelf:
        return self._shelves.get(path) or Shelf(Kind(path.rpartition("/")[2], path, ()), 0, None)

    def _listed(self, shelf: Shelf, query: Mapping[str, str]) -> bytes:
        size = min(max(_number(query.get("size"), DEFAULT_SIZE), 1), self._largest)
        number = max(_number(query.get("page"), 1), 1)
        down = query.get("dir", "0").lower() in DESCENDING["0/1"]
        name = shelf.kind.name.lower()
        since = query.get(f"from_{name}_updatedon")
        if query.get(f"{name}_business", str(self._business)) != str(self._business):
            shelf = Shelf(shelf.kind, 0, None)
        key = (shelf.kind.path, number, size, down)
        if since is not None or not shelf.count:
            return self._page(shelf, number, size, down=down, since=_moment(since) if since else None)
        if key not in self._pages:
            self._pages[key] = self._page(shelf, number, size, down=down)
        return self._pages[key]

    def _page(self, shelf: Shelf, number: int, size: int, *, down: bool, since: datetime | None = None) -> bytes:
        start = (number - 1) * size
        every: Sequence[int] = range(shelf.count)
        if since is not None:
            every = [index for index in every if records.changed(index) >= since] if since <= records.NEWEST else []
        places = range(start, min(start + size, len(every)))
        rows = [self._record(shelf, every[-1 - place if down else place], whole=False) for place in places]
        pages = -(-len(every) // size)
        told = {
            "CurrentPageSize": size,
            "CurrentPage": number,
            "CurrentOrderField": "Id",
            "CurrentSortDirection": int(down),
            "FirstItem": start + 1 if rows else 0,
            "HasNextPage": number < pages,
            "HasPreviousPage": number > 1,
            "LastItem": start + len(rows),
            "PageNumber": number,
            "PageSize": size,
            "TotalItems": len(every),
            "TotalPages": pages,
        }
        return b'{"Records":[' + b",".join(rows) + b"]," + json.dumps(told).encode()[1:]

    def _record(self, shelf: Shelf, index: int, *, whole: bool = True) -> bytes:
        if whole and (held := self._whole.get((shelf.kind.path, index))):
            return held
        assert shelf.render is not None
        return shelf.render(index, self._business, whole=whole)

    def _found(self, shelf: Shelf, number: int) -> bytes | None:
        index = records.position(number)
        return None if index is None or index >= shelf.count else self._record(shelf, index)

    def _one(self, shelf: Shelf, number: int) -> Answer:
        found = self._found(shelf, number)
        return Answer(200 if found else 404, found or NOT_FOUND, f"{shelf.kind.path.rpartition('/')[2]} one")

    def _batch(self, shelf: Shelf, ids: str) -> Answer:
        found = [self._found(shelf, int(text)) for text in ids.strip("[]").split(",") if text.strip().isdecimal()]
        body = b"[" + b",".join(record for record in found if record) + b"]"
        return Answer(200, body, f"{shelf.kind.path.rpartition('/')[2]} batch")


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
