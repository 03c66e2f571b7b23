"""What the Nexudus tests share: a sandbox, a client over it on a clock of its own, and a few planted faults."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from mappings.card import Pace
from mappings.model import Entity, Value
from mappings.receipt import Receipt
from sources.http import Wire
from sources.nexudus.client import NexudusClient
from sources.nexudus.sandbox import NexudusTwin
from sources.nexudus.settings import VENDOR
from sources.reading import Read, Slip, read
from sources.secret import Scrubber, Secret
from sources.twin import Fault, Ticker, TwinReply, TwinRequest, TwinTransport
from sources.vendor import Connection
from tests.clock import FakeClock

TOKEN = {"token": "tok-000"}
TEAMS = "/api/spaces/teams"
DEPARTMENTS = "/api/support/helpdeskdepartments"
TASKS = "/api/crm/coworkertasks"
BEARER = {"authorization": "Bearer tok-000"}
LOGIN = {"username": "admin@example.test", "password": "pw-000-made-up"}
BASE_URL = "https://spaces.example.test"
DUE = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
HTML = b"<html><body>Bad gateway</body></html>"
PAGED = {Entity.DEPARTMENT: "department", Entity.TEAM: "team", Entity.TASK: "task"}


@dataclass
class Rig:
    """A sandbox and a client that talks to it in-process."""

    twin: NexudusTwin
    secrets: Mapping[str, str] = field(default_factory=lambda: TOKEN)
    pace: Pace = field(default_factory=Pace)
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.scrubber = Scrubber()
        transport = TwinTransport(self.twin)
        self.wire = Wire(BASE_URL, self.pace, transport=transport, clock=self.clock, jitter=lambda: 0.0)
        held = {key: Secret(value) for key, value in self.secrets.items()}
        connection = Connection("hq", "nexudus", BASE_URL, {"business_id": 123, **self.options}, held)
        self.client = NexudusClient(connection, self.wire, self.scrubber)

    def read(self, entity: Entity, page_size: int = 1000) -> Read:
        """A full read of a resource, in pages of ``page_size``."""
        resource = replace(VENDOR.resource(entity), page_size=page_size)
        return read(self.client, resource, Slip("r1", "run1", "hq"))

    def receipt(self, entity: Entity, page_size: int = 1000) -> Receipt:
        """The receipt of a full read."""
        return self.read(entity, page_size).receipt


def new_twin(**switches: Any) -> NexudusTwin:
    """A sandbox whose clock gives every record its own second."""
    return NexudusTwin(now=Ticker(datetime(2026, 3, 1, 8, tzinfo=UTC)), **switches)


def says(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Answer this instead, without doing anything."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request, _real: TwinReply(status, body, named)


def tells(status: int, body: Any) -> Fault:
    """Answer this JSON instead, without doing anything."""
    return lambda _request, _real: TwinReply.of(status, body)


def does_then_says(status: int, body: bytes = b"") -> Fault:
    """Let the request take effect, and answer something else."""

    def fault(request: TwinRequest, real: Callable[[TwinRequest], TwinReply]) -> TwinReply:
        real(request)
        return TwinReply(status, body)

    return fault


def bodies(twin: NexudusTwin) -> list[Any]:
    """The JSON of the next write, once it was sent."""
    seen: list[Any] = []
    twin.faults.append(lambda request, _real: seen.append(request.json()))
    return seen


def rows(found: Read) -> Iterator[Any]:
    """Every row of a read, the oldest first."""
    yield from sorted((row for page in found.pages for row in page), key=lambda row: int(row.source_id))


def filled_twin(**switches: Any) -> tuple[NexudusTwin, int, int]:
    """A sandbox with one coworker and one user: (twin, coworker, user)."""
    twin = new_twin(**switches)
    return twin, twin.add_coworker("Ann Example", "ann@example.test"), twin.add_user("Bo Example", "bo@example.test")


def task_values(coworker: int, user: int, **values: Value) -> dict[str, Value]:
    return {"title": "Call", "assignee_id": f"user:{user}", "subject_id": f"coworker:{coworker}", **values}


def ask(twin: NexudusTwin, method: str, path: str, body: Any = None, **query: str) -> TwinReply:
    sent = b"" if body is None else json.dumps(body).encode()
    return twin.handle(TwinRequest(method, path, tuple(query.items()), BEARER, sent))


def get(twin: NexudusTwin, path: str, **query: str) -> Any:
    reply = ask(twin, "GET", path, **query)
    assert reply.status == 200
    return json.loads(reply.body)


def ids(twin: NexudusTwin, path: str, **query: str) -> list[int]:
    return [record["Id"] for record in get(twin, path, **query)["Records"]]
