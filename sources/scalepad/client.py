"""An open connection to ScalePad AMM v2: bearer token, verdicts, the cursor pages, and the writes.

Sources: the AMM pages departments/{list,details,create,update,delete}; the throttled answer is the sister
API's (README.md).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from mappings.model import Entity, Value
from sources.errors import Denied, Gone, Incomplete, Rejected, Throttled, Unavailable, VendorError
from sources.http import Bearer, Wire
from sources.message import Call, Reply
from sources.scalepad.settings import DEPARTMENTS
from sources.secret import Scrubber
from sources.vendor import Connection, Delta, Observed, Page, Probe, Resource, Row, probed

Record = dict[str, Any]
Check = Callable[[Record], None]

EMPTIED = 204  # the answer to a delete, without a body
LONGEST_ID = 255  # characters
LONGEST = 600  # characters of an error; cut after scrubbing, or half a secret could stay


def accept(reply: Reply, expected: int, client_id: str) -> Record:
    """The body of a success with the documented status (``{}`` where it has none); else the fitting ``VendorError``.

    The status decides, the body second: a refusal counts as one only in the vendor's own form
    ``{"error": {"code", "message", "details"}}``, and a throttled answer is plain text.
    """
    if reply.status == expected == EMPTIED and not reply.body:
        return {}
    if reply.status == expected != EMPTIED:
        body = reply.json()
        if not isinstance(body, dict):
            raise Unavailable(f"the answer (HTTP {reply.status}) is not an object")
        return body
    if reply.status == 401:
        text = "ScalePad does not accept the token (HTTP 401): check the connection's token"
        raise Denied(text, credentials=False)
    if reply.status == 403:
        raise Denied(f"the token has no permission for client {client_id} (HTTP 403)", credentials=True)
    if reply.status == 429:
        raise Throttled("ScalePad's limit is reached (HTTP 429)", reply.retry_after())
    error = _error(reply) if 400 <= reply.status < 500 else None
    if error is None:
        raise Unavailable(f"HTTP {reply.status} is not an answer of ScalePad's API", reply.retry_after())
    raise _refusal(reply.status, error, client_id)


def _error(reply: Reply) -> Record | None:
    """The error in the vendor's own form, or None where somebody else answered."""
    try:
        body = reply.json()
    except Unavailable:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) and isinstance(error.get("code"), str) else None


def _refusal(status: int, error: Record, client_id: str) -> VendorError:
    given = error.get("details")
    details = given if isinstance(given, dict) else {}
    said = f"ScalePad says, HTTP {status} {error['code']}: {error.get('message') or ''}"
    if status == 404:  # one code for both: only the details tell a department from its client
        return Gone(said) if "department_id" in details else Denied(f"client {client_id} is not there ({said})")
    if status == 409:
        return Rejected(said, rule="name_taken", field="name")
    field = details.get("field")
    return Rejected(said, field=field if isinstance(field, str) else None)


class ScalePadClient:
    """An open connection to one client organisation. Safe to use from several threads: it remembers nothing."""

    def __init__(self, connection: Connection, wire: Wire, scrubber: Scrubber) -> None:
        self.wire = wire
        self._scrubber = scrubber
        self._auth = Bearer(connection.secrets["token"])
        self._client_id = str(connection.options["client_id"])
        self._path = DEPARTMENTS.path.format(client_id=quote(self._client_id, safe=""))

    def walk(
        self,
        resource: Resource,
        delta: Delta | None = None,  # noqa: ARG002 - the vendor cannot be asked for changes, and no resource says so
    ) -> Iterator[Page]:
        """All pages, by creation time, the newest first: a name, the default order, can change while paging.

        Ends on a ``next_cursor`` that is null, missing or empty; raises ``Incomplete`` for a cursor that comes again.
        """
        seen: set[str] = set()
        cursor, falling = "", _Falling()
        while True:
            page, cursor = self._page(resource, cursor, falling)
            yield page
            if not cursor:
                return
            if cursor in seen:
                raise Incomplete("next_cursor came a second time")
            seen.add(cursor)

    def probe(self, resource: Resource) -> Probe:
        """A page of one department, and that department by its id."""

        def glance() -> tuple[int | None, str | None]:
            page, _ = self._page(replace(resource, page_size=1), "", _Falling())
            return page.declared_total, next((row.source_id for row in page.rows), None)

        return probed(glance, lambda source_id: self.observe(resource.entity, source_id))

    def observe(self, entity: Entity, source_id: str) -> Observed:
        """Read one department. Raises ``Gone``."""
        record = self._ask(Call("GET", self._at(source_id)), 200, _showing(f"{entity} {source_id}", id=source_id))
        values = {ours: record.get(theirs) for ours, theirs in DEPARTMENTS.fields.items()}
        return Observed(source_id, values, record)

    def create(self, entity: Entity, values: Mapping[str, Value]) -> str:
        """Create a department (name, description) and return its id."""
        body = {DEPARTMENTS.fields[field]: value for field, value in values.items() if value is not None}
        made = self._ask(Call("POST", self._path, body=body), 201, _showing(f"the new {entity}", name=values["name"]))
        return str(made["id"])

    def change(self, entity: Entity, seen: Observed, values: Mapping[str, Value]) -> None:
        """Set what differs from ``seen`` and send nothing else; a description of None clears it."""
        body = {DEPARTMENTS.fields[key]: value for key, value in values.items() if seen.values.get(key) != value}
        if body:
            call = Call("PATCH", self._at(seen.source_id), body=body)
            self._ask(call, 200, _showing(f"{entity} {seen.source_id}", id=seen.source_id))

    def delete(self, entity: Entity, seen: Observed) -> None:  # noqa: ARG002 - ScalePad has departments alone
        """Delete a department; its members lose it and stay. ``Gone`` where it was deleted before."""
        self._ask(Call("DELETE", self._at(seen.source_id)), EMPTIED, lambda _nothing: None)

    def forget(self) -> None:
        """Nothing is remembered: every ``observe`` asks."""

    def _at(self, source_id: str) -> str:
        return f"{self._path}/{quote(source_id, safe='')}"

    def _page(self, resource: Resource, cursor: str, falling: "_Falling") -> tuple[Page, str]:
        query = [("page_size", str(resource.page_size)), ("sort_by", "created_at"), ("sort_order", "desc")]
        call = Call("GET", self._path, (*query, *([("cursor", cursor)] if cursor else [])))
        try:
            body = self._ask(call, 200, _is_page)
        except Rejected as fault:
            if cursor and fault.field == "cursor":  # it expired: a new walk can still be whole
                raise Incomplete(f"the cursor was refused while paging: {fault}") from fault
            raise
        following, total = body.get("next_cursor") or "", body.get("total_count")
        if not following and total is None and "next_cursor" not in body:
            raise Incomplete("neither next_cursor nor total_count: nothing says that this is all")
        rows = [_row(record) for record in body["data"]]
        order = falling.after([record.get("created_at") for record in body["data"]])
        return Page(rows, total, None if following else _end_signal(body), order), following

    def _ask(self, call: Call, expected: int, check: Check) -> Record:
        """Exchange, and check within the verdict, so that a success of the wrong form counts as no answer."""
        found: list[Record] = []

        def judge(reply: Reply) -> None:
            try:
                body = accept(reply, expected, self._client_id)
                check(body)
            except VendorError as fault:
                fault.args = (self._scrubber.clean(str(fault))[:LONGEST],)
                raise
            found.append(body)

        self.wire.exchange(call, judge, self._auth)
        return found[-1]


@dataclass(slots=True)
class _Falling:
    """Whether the creation times of a walk fall: within a page they may be equal, from one page to the next not."""

    last: str | None = None
    holds: bool = True

    def after(self, times: list[Any]) -> bool:
        """Whether they still do, with one more page."""
        if not all(isinstance(time, str) for time in times) or len({len(time) for time in times}) > 1:
            self.holds = False  # texts of another form do not compare as the times do
        elif times:
            first = self.last is None or (len(self.last) == len(times[0]) and self.last > times[0])
            self.holds = self.holds and first and all(left >= right for left, right in pairwise(times))
            self.last = times[-1]
        return self.holds


def _showing(subject: str, **values: Value) -> Check:
    """A check that a record has an id and these values."""

    def check(body: Record) -> None:
        if not _is_id(body.get("id")) or any(body.get(key) != value for key, value in values.items()):
            raise Unavailable(f"a success that does not show {subject}")

    return check


def _is_page(body: Record) -> None:
    total, cursor = body.get("total_count"), body.get("next_cursor")
    if not isinstance(body.get("data"), list):
        raise Unavailable("a success without a list of data")
    if total is not None and (type(total) is not int or total < 0):
        raise Unavailable("total_count is no number")
    if cursor is not None and not isinstance(cursor, str):
        raise Unavailable("next_cursor is not text")


def _end_signal(body: Record) -> str:
    if "next_cursor" not in body:
        return "next_cursor missing"
    return "next_cursor null" if body["next_cursor"] is None else "next_cursor empty"


def _row(record: Any) -> Row:
    if not isinstance(record, dict) or not _is_id(record.get("id")):
        raise Incomplete("a department without an id")
    if not isinstance(record.get("name"), str):
        raise Incomplete(f"department {record['id']} has no name")
    return Row.of(record["id"], record)


def _is_id(value: object) -> bool:
    # opaque, since the documents' own samples are no strict UUIDs; but nothing that no vendor would make an id of
    return isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST_ID and value.isprintable()
