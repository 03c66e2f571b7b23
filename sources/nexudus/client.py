"""Reads and writes a Nexudus location (shared notes: vendors/nexudus.md, sections 1, 2 and 5)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from mappings.model import Entity, Value
from sources.errors import Gone, Rejected, VendorError
from sources.http import Wire
from sources.message import Call, Reply
from sources.nexudus import details
from sources.nexudus.access import access
from sources.nexudus.judge import created_id, judge
from sources.nexudus.lists import Lists, wrong_address
from sources.nexudus.records import canonical, vendor_fields, whole_body
from sources.nexudus.settings import NO_DESCRIPTION, VENDOR
from sources.secret import Scrubber
from sources.vendor import Connection, Delta, Observed, Page, Probe, Resource, probed

T = TypeVar("T")


class NexudusClient:
    """An open connection to one location (``business_id``) of a Nexudus account."""

    def __init__(self, connection: Connection, wire: Wire, scrubber: Scrubber) -> None:
        self.wire = wire
        self._business = int(connection.options["business_id"])
        self._scrubber = scrubber
        scrubber.learn(*connection.secrets.values())
        self._access = access(connection, wire, scrubber)
        self._lists = Lists(self._ask, self._business, wire.concurrency, email=connection.email)

    def walk(self, resource: Resource, delta: Delta | None = None) -> Iterator[Page]:
        """Every record of the location, or those that changed; see ``Lists.walk``."""
        return self._lists.walk(resource, delta)

    def probe(self, resource: Resource) -> Probe:
        """A page of one record, and that record by its id; people are never read by id."""
        look = None if resource.prefix else partial(details.record, self._ask, resource)
        return probed(partial(self._lists.glance, resource), look)

    def observe(self, entity: Entity, source_id: str) -> Observed:
        """Read one record by its id. Raises ``Gone``."""
        resource = VENDOR.resource(entity)
        if not source_id.isdecimal():
            raise Gone(f"{source_id!r} is no id of Nexudus")
        record = details.record(self._ask, resource, int(source_id))
        return Observed(source_id, canonical(resource, record), record)

    def whole(self, entity: Entity, source_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Records by id, a hundred in a call; a list holds back who manages a department."""
        ids = [int(one) for one in source_ids]
        found = details.details(self._ask, VENDOR.resource(entity), ids, self.wire.concurrency)
        return {str(number): record for number, record in found.items()}

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
            return str(self._ask(call, resource.roles["create"], lambda reply: created_id(reply.json())))
        except Gone as fault:
            raise wrong_address(resource) from fault

    def change(self, entity: Entity, seen: Observed, values: Mapping[str, Value]) -> None:
        """Set these values and send everything else of the record back as it was read; a PUT clears what is missing."""
        resource = VENDOR.resource(entity)
        if entity is Entity.DEPARTMENT and values.get("description", "") is None:
            values = {**values, "description": NO_DESCRIPTION}
        call = Call("PUT", resource.path, body=whole_body(resource, seen, values))
        self._ask(call, resource.roles["edit"], Reply.json)

    def delete(self, entity: Entity, seen: Observed) -> None:
        """Delete a record by its id. What becomes of records that refer to it is not documented."""
        resource = VENDOR.resource(entity)
        if not seen.source_id.isdecimal():
            raise Gone(f"{seen.source_id!r} is no id of Nexudus")
        self._ask(Call("DELETE", f"{resource.path}/{seen.source_id}"), resource.roles["delete"], Reply.json)

    def forget(self) -> None:
        """Nothing: every observation asks the vendor."""

    def _ask(self, call: Call, role: str, shape: Callable[[Reply], T]) -> T:
        """Send a call, judge it, and return what ``shape`` makes of the reply; a bad shape counts as no answer."""
        found: list[T] = []

        def verdict(reply: Reply) -> None:
            judge(reply, call, role)
            found.append(shape(reply))

        try:
            self._access.exchange(call, verdict)
        except VendorError as fault:
            fault.args = (self._scrubber.clean(str(fault)),)
            if isinstance(fault, Rejected) and fault.field:
                fault.field = self._scrubber.clean(fault.field)
            raise
        return found[-1]
