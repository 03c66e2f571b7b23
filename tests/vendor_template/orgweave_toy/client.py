"""An open connection to Toy: calls are built here, and answers judged; to send, wait and retry is the wire's."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from mappings.model import Entity, Value
from sources.errors import Denied, Gone, Incomplete, Rejected, Throttled, Unavailable, VendorError
from sources.http import Bearer, Wire
from sources.message import Call, Reply
from sources.secret import Scrubber
from sources.vendor import Connection, Delta, Observed, Page, Probe, Resource, Row, probed

from .settings import DEPARTMENTS

Record = dict[str, Any]
LONGEST = 600  # characters of an error; cut after scrubbing, or half a secret could stay


def judge(reply: Reply, expected: int) -> Record:
    """The body of a success; else the ``VendorError`` that says what to do next.

    A refusal counts only in Toy's own form ``{"error": {"code", "message"}}``: anything else may be a proxy's, is no
    usable answer, and leaves a write unknown.
    """
    if reply.status == expected == 204 and not reply.body:
        return {}
    if reply.status == expected != 204:
        body = reply.json()
        if not isinstance(body, dict):
            raise Unavailable(f"the answer (HTTP {reply.status}) is not an object")
        return body
    if reply.status == 401:
        raise Denied("Toy does not accept the token (HTTP 401): check the connection's token", credentials=False)
    if reply.status == 403:
        raise Denied("the token has no permission (HTTP 403)", credentials=True)
    if reply.status == 429:
        raise Throttled("Toy's limit is reached (HTTP 429)", reply.retry_after())
    raise _refusal(reply)


def _refusal(reply: Reply) -> VendorError:
    body = reply.json() if 400 <= reply.status < 500 else None
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), str):
        return Unavailable(f"HTTP {reply.status} is not an answer of Toy's API", reply.retry_after())
    said = f"Toy says, HTTP {reply.status} {error['code']}: {error.get('message') or ''}"
    return Gone(said) if (reply.status, error["code"]) == (404, "no_such_department") else Rejected(said)


class ToyClient:
    """An open connection. Safe to use from several threads: it remembers nothing."""

    def __init__(self, connection: Connection, wire: Wire, scrubber: Scrubber) -> None:
        self.wire = wire
        self._scrubber = scrubber
        self._auth = Bearer(connection.secrets["token"])

    def walk(
        self,
        resource: Resource,
        delta: Delta | None = None,  # noqa: ARG002 - a resource without an overlap is never asked for changes
    ) -> Iterator[Page]:
        """All pages, by id. Toy tells how many there are; two walks must agree where there are several pages."""
        offset = 0
        while True:
            body = self._list(resource, offset)
            rows = [_row(record) for record in body["departments"]]
            offset += len(rows)
            last = offset >= body["total"]
            yield Page(rows, body["total"], "total reached" if last else None)
            if last:
                return
            if not rows:
                raise Incomplete("a page before the last is empty")

    def probe(self, resource: Resource) -> Probe:
        """A page of one department, and that department by its id."""

        def glance() -> tuple[int, str | None]:
            body = self._list(replace(resource, page_size=1), 0)
            return body["total"], next((_row(record).source_id for record in body["departments"]), None)

        return probed(glance, lambda source_id: self.observe(resource.entity, source_id))

    def observe(self, entity: Entity, source_id: str) -> Observed:
        """Read one department. Raises ``Gone``."""
        record = self._ask(Call("GET", _at(source_id)), 200, _shows(f"{entity} {source_id}", id=source_id))
        return Observed(source_id, {ours: record.get(theirs) for ours, theirs in DEPARTMENTS.fields.items()}, record)

    def create(self, entity: Entity, values: Mapping[str, Value]) -> str:
        """Create a department and return its id."""
        body = {DEPARTMENTS.fields[field]: value for field, value in values.items()}
        made = self._ask(Call("POST", DEPARTMENTS.path, body=body), 201, _shows(f"the new {entity}", name=body["name"]))
        return str(made["id"])

    def change(self, entity: Entity, seen: Observed, values: Mapping[str, Value]) -> None:
        """Set what differs from ``seen`` and send nothing else."""
        body = {DEPARTMENTS.fields[key]: value for key, value in values.items() if seen.values.get(key) != value}
        if body:
            shows = _shows(f"{entity} {seen.source_id}", id=seen.source_id)
            self._ask(Call("PATCH", _at(seen.source_id), body=body), 200, shows)

    def delete(self, entity: Entity, seen: Observed) -> None:  # noqa: ARG002 - Toy has departments alone
        """Delete a department."""
        self._ask(Call("DELETE", _at(seen.source_id)), 204, lambda _nothing: None)

    def forget(self) -> None:
        """Nothing is remembered: every ``observe`` asks."""

    def _list(self, resource: Resource, offset: int) -> Record:
        query = (("offset", str(offset)), ("limit", str(resource.page_size)))
        return self._ask(Call("GET", resource.path, query), 200, _is_list)

    def _ask(self, call: Call, expected: int, check: Callable[[Record], None]) -> Record:
        """Exchange, and check within the verdict, so that a success of the wrong form counts as no answer."""
        found: list[Record] = []

        def verdict(reply: Reply) -> None:
            try:
                body = judge(reply, expected)
                check(body)
            except VendorError as fault:
                fault.args = (self._scrubber.clean(str(fault))[:LONGEST],)
                raise
            found.append(body)

        self.wire.exchange(call, verdict, self._auth)
        return found[-1]


def _at(source_id: str) -> str:
    return f"{DEPARTMENTS.path}/{quote(source_id, safe='')}"


def _shows(subject: str, **values: Value) -> Callable[[Record], None]:
    """A check that a record has an id and these values."""

    def check(body: Record) -> None:
        if not isinstance(body.get("id"), str) or any(body.get(key) != value for key, value in values.items()):
            raise Unavailable(f"a success that does not show {subject}")

    return check


def _is_list(body: Record) -> None:
    total = body.get("total")
    if not isinstance(body.get("departments"), list) or type(total) is not int or total < 0:
        raise Unavailable("a success without departments or their total")


def _row(record: Any) -> Row:
    if not isinstance(record, dict) or not isinstance(record.get("id"), str) or not isinstance(record.get("name"), str):
        raise Incomplete("a department without an id or a name")
    return Row.of(record["id"], record)
