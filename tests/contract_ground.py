"""What the contract's laws stand on: a vendor's client over its sandbox, and the ways to disturb the two."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from mappings.model import NAME_FIELD, Entity, Value
from sources.reading import Read, Slip, read
from sources.twin import FaultyTwin, TwinReply, TwinRequest
from sources.vendor import Client, Resource, Vendor
from tests.clock import FakeClock

HTML = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"
Execute = Callable[[TwinRequest], TwinReply]
Values = Mapping[str, Value]
LOST = {
    "HTTP 500": TwinReply(500),
    "a proxy's page": TwinReply(502, HTML),
    "an empty 200": TwinReply(200),
    "an empty 201": TwinReply(201),
    "HTML with 200": TwinReply(200, HTML),
    "an empty object": TwinReply(200, b"{}"),
    "a cut answer": TwinReply(201, b'{"id": "d1a2", "na'),
    "a list": TwinReply(200, b"[]"),
    "a proxy's 404": TwinReply(404, HTML),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A vendor's client over its sandbox, and what the laws must know of both.

    ``seed`` puts records there as if somebody had made them in the console, every field filled, and returns their ids;
    ``held`` is everything the sandbox holds of an entity, by source id; ``fresh`` are values for a create with this
    name; ``rename`` is somebody else's doing; ``volatile`` fields may follow a change of the name. ``secrets`` is what
    the client proves itself with, ``throttled`` the vendor's way to say "later". Of a vendor that is not reached over
    HTTP, ``twin`` is never asked anything, and there are neither.
    """

    vendor: Vendor
    client: Client
    twin: FaultyTwin
    clock: FakeClock
    seed: Callable[[Entity, int], list[str]]
    held: Callable[[Entity], Mapping[str, Mapping[str, Any]]]
    fresh: Callable[[Entity, str], dict[str, Value]]
    rename: Callable[[Entity, str, str], None]
    volatile: frozenset[str]
    secrets: tuple[str, ...]
    throttled: TwinReply
    unknown_id: str
    options: Mapping[str, str | int] = field(default_factory=dict)  # the connection's, as far as the card wants them
    emptied: bool = False  # an empty 204 is the vendor's own word for a delete that is done

    def resource(self, entity: Entity, page_size: int | None = None) -> Resource:
        """The entity's resource, in pages of another size where one is given."""
        found = self.vendor.resource(entity)
        return replace(found, page_size=page_size) if page_size else found

    def read(self, entity: Entity, page_size: int | None = None) -> Read:
        """A full read, with its receipt."""
        resource, name = self.resource(entity, page_size), self.vendor.name
        return read(self.client, resource, Slip("r", "run", name))

    @property
    def over_http(self) -> bool:
        """Whether what is sent to the vendor can be seen, and disturbed."""
        return self.vendor.address

    def sent(self) -> tuple[str, ...]:
        """The methods of the writes that arrived."""
        return tuple(method for method, _, _ in self.twin.writes())

    def named(self, entity: Entity, name: str) -> list[str]:
        """The ids of the records at the vendor that bear a name."""
        field = self.name_field(entity)
        return [key for key, record in self.held(entity).items() if record[field] == name]

    def name_field(self, entity: Entity) -> str:
        """What the vendor calls the field of the name."""
        return self.resource(entity).fields[NAME_FIELD[entity]]

    def plant(self, reply: TwinReply, *, times: int = 1, after: int = 0, effect: bool = False) -> None:
        """Answer this instead, ``after`` real answers; with ``effect``, the request is executed all the same."""

        def fault(request: TwinRequest, execute: Execute) -> TwinReply:
            if effect:
                execute(request)
            return reply

        self.twin.faults.extend([lambda _request, _execute: None] * after)
        self.twin.faults.extend([fault] * times)

    def plant_break(self, broken: httpx.HTTPError, *, times: int = 1, effect: bool = False) -> None:
        """Break the connection instead of an answer."""

        def fault(request: TwinRequest, execute: Execute) -> TwinReply:
            if effect:
                execute(request)
            raise broken

        self.twin.faults.extend([fault] * times)


def records(found: Read) -> dict[str, Any]:
    """The rows of a read by id, each parsed."""
    return {row.source_id: json.loads(row.record) for page in found.pages for row in page}


def cut(request: TwinRequest, execute: Execute) -> TwinReply:
    """The first half of the real answer."""
    reply = execute(request)
    return replace(reply, body=reply.body[: len(reply.body) // 2])


class Laws:
    """What the parts of the suite share. ``reads_before_delete``: calls that a delete makes before it is sent."""

    reads_before_delete = 0

    def make(self, **switches: Any) -> Ground:
        """A client over a sandbox of its own; every vendor's sandbox takes the switch ``token``."""
        raise NotImplementedError

    @pytest.fixture
    def ground(self) -> Iterator[Ground]:
        made = self.make()
        yield made
        made.client.wire.close()
