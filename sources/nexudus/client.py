"""Reads and writes a Nexudus location (shared notes: vendors/nexudus.md, sections 1, 2 and 5)."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

from mappings.model import Entity, Value
from sources.errors import Denied, Gone, Incomplete, Rejected, Unavailable, VendorError
from sources.http import Wire
from sources.message import Call, Reply
from sources.nexudus.auth import Bearer, GivenToken, Login, Tokens
from sources.nexudus.judge import Unauthorized, created_id, is_id, judge, page_of
from sources.nexudus.notes import NotesProbe
from sources.nexudus.records import canonical, vendor_fields, whole_body
from sources.nexudus.settings import BATCH, NO_DESCRIPTION, UNLISTED, VENDOR
from sources.secret import Scrubber
from sources.vendor import Connection, Observed, Page, Resource, Row

Record = Mapping[str, Any]
T = TypeVar("T")
LONGEST = 300  # characters of an error that repeats what a vendor sent


class NexudusClient:
    """An open connection to one location (``business_id``) of a Nexudus account."""

    def __init__(self, connection: Connection, wire: Wire, scrubber: Scrubber) -> None:
        self.wire = wire
        self._business = int(connection.options["business_id"])
        self._scrubber = scrubber
        scrubber.learn(*connection.secrets.values())
        self._tokens = _tokens(connection, wire, scrubber)
        self._notes = NotesProbe()
        self._downward = "1"  # as the later text of the documents has it

    def walk(self, resource: Resource) -> Iterator[Page]:
        """Every record of the location in the fullest form that is needed, by Id, the newest first.

        The documents disagree on what ``dir`` means: where it turned out to be the other way, the next walk is told so.
        Lists are partial: departments and teams are completed by id, tasks where their lists hold notes back. A record
        that went between the list and its details is left out, so that the declared total no longer fits.
        """
        self._notes.begin()
        ids: list[int] = []
        falling = True
        for number in itertools.count(1):
            envelope = self._listing(resource, number)
            listed = [self._checked(resource, record) for record in envelope["Records"]]
            more = envelope["HasNextPage"]
            if more and not listed:
                raise Incomplete(f"page {number} of {resource.name} is empty and says that more follow")
            ids = [*ids[-1:], *(record["Id"] for record in listed)]
            falling = falling and all(left > right for left, right in pairwise(ids))
            full = self._completed(resource, listed)
            rows = [Row.of(record["Id"], record) for record in full]
            yield Page(rows, envelope.get("TotalItems"), None if more else "HasNextPage false", falling)
            if not more:
                break
        if number > 1 and not falling:
            self._downward = "-1" if self._downward == "1" else "1"

    def observe(self, entity: Entity, source_id: str) -> Observed:
        """Read one record by its id. Raises ``Gone``."""
        resource = VENDOR.resource(entity)
        if not source_id.isdecimal():
            raise Gone(f"{source_id!r} is no id of Nexudus")
        record = self._record(resource, int(source_id))
        return Observed(source_id, canonical(resource, record), record)

    def create(self, entity: Entity, values: Mapping[str, Value]) -> str:
        """Create a record in the connection's location and return its id."""
        resource = VENDOR.resource(entity)
        told = {field: value for field, value in values.items() if value is not None}
        body: dict[str, Any] = {"BusinessId": self._business, **vendor_fields(resource, told)}
        if entity is Entity.DEPARTMENT:
            body["Active"] = True  # left out, it would be false
            body["Description"] = body.get("Description") or NO_DESCRIPTION
        call = Call("POST", resource.path, body=body)
        try:
            return str(self._ask(call, resource.roles["create"], created_id))
        except Gone as fault:
            raise _wrong_address(resource) from fault

    def change(self, entity: Entity, seen: Observed, values: Mapping[str, Value]) -> None:
        """Set these values and send everything else of the record back as it was read; a PUT clears what is missing."""
        resource = VENDOR.resource(entity)
        if entity is Entity.DEPARTMENT and values.get("description", "") is None:
            values = {**values, "description": NO_DESCRIPTION}
        call = Call("PUT", resource.path, body=whole_body(resource, seen, values))
        self._ask(call, resource.roles["edit"], lambda _: None)

    def forget(self) -> None:
        """Nothing: every observation asks the vendor."""

    def _ask(self, call: Call, role: str, shape: Callable[[Any], T]) -> T:
        """Send a call, judge it, and return what ``shape`` makes of its JSON; a bad shape counts as no answer."""
        found: list[T] = []

        def verdict(reply: Reply) -> None:
            judge(reply, call, role)
            found.append(shape(reply.json()))

        try:
            self._exchange(call, verdict)
        except VendorError as fault:
            fault.args = (self._scrubber.clean(str(fault)),)
            if isinstance(fault, Rejected) and fault.field:
                fault.field = self._scrubber.clean(fault.field)
            raise
        return found[-1]

    def _exchange(self, call: Call, verdict: Callable[[Reply], None]) -> None:
        token = self._tokens.token()
        try:
            self.wire.exchange(call, verdict, Bearer(token))
        except Unauthorized:
            fresh = self._tokens.renew(token)
            if fresh is None:
                raise
            self.wire.exchange(call, verdict, Bearer(fresh))

    def _listing(self, resource: Resource, page: int) -> Mapping[str, Any]:
        query = (
            ("page", str(page)),
            ("size", str(resource.page_size)),
            ("orderBy", "Id"),
            ("dir", self._downward),
            (f"{resource.roles['list'].removesuffix('-List')}_Business", str(self._business)),
        )
        try:
            return self._ask(Call("GET", resource.path, query), resource.roles["list"], partial(page_of, number=page))
        except Gone as fault:
            raise _wrong_address(resource) from fault

    def _checked(self, resource: Resource, record: Record) -> Record:
        """The record. Raises ``Incomplete`` for one without a proper id or a name, or of another location."""
        if not is_id(record.get("Id")):
            raise Incomplete(f"a record of {resource.name} has the id {record.get('Id')!r}"[:LONGEST])
        if not isinstance(record.get("Name"), str):
            raise Incomplete(f"record {record['Id']} of {resource.name} has no name")
        business = record.get("BusinessId")
        if business is not None and business != self._business:
            told = f"record {record['Id']} of {resource.name} belongs to business {business}, not {self._business}"
            raise Incomplete(f"{told}: the filter was ignored")
        return record

    def _completed(self, resource: Resource, listed: Sequence[Record]) -> list[Record]:
        tasks = not UNLISTED[resource.entity]
        wanted = self._notes.sample(listed) if tasks else [record["Id"] for record in listed]
        full = self._details(resource, wanted)
        if tasks:
            rest = self._notes.learn(listed, full.values())
            full |= self._details(resource, rest)
            wanted += rest
        asked = frozenset(wanted)
        found = [full.get(record["Id"]) if record["Id"] in asked else record for record in listed]
        return [self._checked(resource, record) for record in found if record is not None]

    def _details(self, resource: Resource, ids: Sequence[int]) -> dict[int, Record]:
        """Records by id, in batches; one by one what a batch does not answer. A record that is gone is missing."""
        found: dict[int, Record] = {}
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            found |= self._batch(resource, batch)
            for number in batch:
                if number not in found:
                    try:
                        found[number] = self._record(resource, number)
                    except Gone:
                        continue
        return found

    def _batch(self, resource: Resource, ids: Sequence[int]) -> dict[int, Record]:
        """What one call by ids answers of them in full; empty when it is refused."""
        call = Call("GET", f"{resource.path}/", (("id", f"[{','.join(map(str, ids))}]"),))
        try:
            answer = self._ask(call, resource.roles["read"], lambda body: body)
        except (Gone, Rejected):
            return {}
        records = [record for record in answer if isinstance(record, dict)] if isinstance(answer, list) else []
        asked, unlisted = frozenset(ids), UNLISTED[resource.entity]
        return {
            record["Id"]: record
            for record in records
            if is_id(record.get("Id"))
            and record["Id"] in asked
            and (not unlisted or any(isinstance(record.get(name), list) for name in unlisted))
        }

    def _record(self, resource: Resource, number: int) -> Record:
        def shape(body: Any) -> Record:
            if not isinstance(body, dict) or not is_id(body.get("Id")) or body["Id"] != number:
                raise Unavailable(f"asked for {resource.name} {number}, another record or none came")
            return body

        return self._ask(Call("GET", f"{resource.path}/{number}"), resource.roles["read"], shape)


def _tokens(connection: Connection, wire: Wire, scrubber: Scrubber) -> Tokens:
    if "token" in connection.secrets:
        return GivenToken(connection.secrets["token"])
    return Login(wire, connection.secrets["username"], connection.secrets["password"], scrubber)


def _wrong_address(resource: Resource) -> Denied:
    return Denied(f"{resource.path} itself is not there (HTTP 404): is base_url the host alone?")
