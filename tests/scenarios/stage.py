"""What scenarios share: the open client on its own clock, how they are declared, how they tell what they saw."""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mappings.model import Entity, Value
from sources.errors import Rejected, VendorError
from sources.http import Wire
from sources.reading import Read, Slip, read
from sources.registry import load_vendor
from sources.secret import Scrubber, Secret
from sources.twin import FaultyTwin
from sources.udesk.client import UdeskClient
from sources.vendor import Client, Connection, Delta
from tests.clock import FakeClock

CLIENT_ID = "aa7cf840-9ca9-46a3-9778-9015d6580d50"  # the documented sample's
OPTIONS: Mapping[str, Mapping[str, str | int]] = {
    "udesk": {},
    "scalepad": {"client_id": CLIENT_ID},
    "nexudus": {"business_id": 123},
}
SECRETS: Mapping[str, Mapping[str, str]] = {
    "udesk": {"email": "operator@example.test", "open_api_token": "tok-made-up-for-udesk"},
    "scalepad": {"token": "tok-made-up-for-scalepad"},
    "nexudus": {"token": "tok-made-up-for-nexudus"},
}
LOGIN = {"username": "recorder@example.test", "password": 'made up: p&ss/"wörd"+1'}
ISSUED = "tok-acc-", "tok-ref-"  # what the tokens begin with that Nexudus' sandbox hands out


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scenario is played. ``meanwhile`` lets somebody else act at the vendor; at a replay nobody does."""

    client: Client
    clock: FakeClock
    twin: FaultyTwin | None = None

    def meanwhile(self, act: Callable[[Any], object]) -> None:
        """Something happens in the sandbox while it is recorded."""
        if self.twin is not None:
            act(self.twin)


@dataclass(frozen=True, slots=True)
class Scenario:
    """``play`` returns what the adapter made of the vendor's bytes, which must equal ``seen``, in ``calls`` requests.

    ``twin`` builds the sandbox to record it against. ``says``: the behaviour, in a sentence.
    """

    vendor: str
    name: str
    says: str
    twin: Callable[[FakeClock], FaultyTwin]
    play: Callable[[Stage], object]
    calls: int
    seen: object
    secrets: Mapping[str, str]

    @property
    def id(self) -> str:
        """The cassette's path without its suffix."""
        return f"{self.vendor}/{self.name}"


Play = Callable[[Stage], object]


@dataclass
class Scenes:
    """A vendor's scenarios in the making."""

    vendor: str
    scenarios: list[Scenario] = field(default_factory=list)

    def add(
        self,
        twin: Callable[[FakeClock], FaultyTwin],
        *,
        calls: int,
        seen: object,
        secrets: Mapping[str, str] | None = None,
    ) -> Callable[[Play], Play]:
        """Declare the decorated function as a scenario; its docstring is the behaviour."""

        def declare(play: Play) -> Play:
            says = (play.__doc__ or "").strip()
            used = secrets or SECRETS[self.vendor]
            self.scenarios.append(Scenario(self.vendor, play.__name__, says, twin, play, calls, seen, used))
            return play

        return declare


@dataclass(frozen=True, slots=True)
class Failure:
    """A vendor's error as a caller meets it. ``says``: the fragment looked for, the whole text where it is missing."""

    kind: str
    rule: str | None = None
    field: str | None = None
    says: str = ""


def failed(attempt: Callable[[], object], saying: str = "") -> Failure | None:
    """How an attempt failed; None when it did not."""
    try:
        attempt()
    except Rejected as fault:
        return Failure("Rejected", fault.rule, fault.field, saying if saying in str(fault) else str(fault))
    except VendorError as fault:
        kind = next(known.__name__ for known in type(fault).__mro__ if known.__module__ == VendorError.__module__)
        return Failure(kind, says=saying if saying in str(fault) else str(fault))
    return None


def open_client(scenario: Scenario, base_url: str, clock: FakeClock) -> Client:
    """The real adapter, over the network's own transport; nonces are counted so that every recording is alike."""
    vendor = load_vendor(scenario.vendor)
    secrets = {key: Secret(value) for key, value in scenario.secrets.items()}
    connection = Connection(scenario.vendor, scenario.vendor, base_url, OPTIONS[scenario.vendor], secrets)
    pace = replace(vendor.card(connection.options).pace, concurrency=1)  # a cassette has one order
    wire = Wire(base_url, pace, clock=clock, jitter=lambda: 0.0)
    scrubber = Scrubber(secrets.values())
    if scenario.vendor == "udesk":
        numbers = itertools.count(1)
        return UdeskClient(connection, wire, scrubber, nonce=lambda: f"nonce-{next(numbers)}")
    return vendor.connect(connection, wire, scrubber)


def read_all(stage: Stage, vendor: str, entity: Entity, page_size: int = 1000, *, delta: Delta | None = None) -> Read:
    """A full read of a resource, or one of its changes, with its receipt."""
    resource = replace(load_vendor(vendor).resource(entity), page_size=page_size)
    return read(stage.client, resource, Slip("r", "run", vendor), delta=delta)


def summary(found: Read, *fields: str) -> dict[str, object]:
    """What a read found: its receipt's figures, and these fields of each record by id."""
    receipt = found.receipt
    rows = [row for page in found.pages for row in page]
    records = {row.source_id: json.loads(row.record) for row in rows}
    return {
        "rows": {key: tuple(record[name] for name in fields) for key, record in records.items()},
        "pages": receipt.pages,
        "declared": receipt.declared_total,
        "ends": receipt.end_signal,
        "complete": receipt.complete,
    }


def values_of(client: Client, entity: Entity, source_id: str) -> Mapping[str, Value]:
    """A record's canonical values as they stand now, asked anew."""
    client.forget()
    return dict(client.observe(entity, source_id).values)
