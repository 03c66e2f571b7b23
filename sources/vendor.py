"""What every vendor folder declares, and what its client can do."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from mappings.card import Card
from mappings.model import Entity, Value
from sources.secret import Scrubber, Secret

if TYPE_CHECKING:  # cards and configs are read by commands that never open a connection
    from sources.http import Wire


@dataclass(frozen=True, slots=True)
class Resource:
    """One endpoint, as data: its name is the raw table's, ``id_field`` the record's own id in the vendor's words.

    ``fields``: canonical field → vendor field, for those that a single record tells (what is written and read back).
    """

    name: str
    entity: Entity
    path: str
    id_field: str
    page_size: int
    fields: Mapping[str, str]
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured account. ``options`` are the vendor's own keys of the config, ``secrets`` come from elsewhere."""

    name: str
    vendor: str
    base_url: str
    options: Mapping[str, str | int]
    secrets: Mapping[str, Secret]


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it came: the id as text and the record's own JSON."""

    source_id: str
    record: str

    @classmethod
    def of(cls, source_id: object, record: Mapping[str, Any]) -> "Row":
        """A record and its id; the JSON keeps every field and every character."""
        return cls(str(source_id), json.dumps(record, ensure_ascii=False, separators=(",", ":")))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a walk. ``ends`` holds the vendor's end signal on the last page and None on every other.

    ``newest_first``: the rows seen so far stand in an order in which every new record comes before all others.
    """

    rows: Sequence[Row]
    declared_total: int | None = None
    ends: str | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Observed:
    """One record as it stands now: its canonical values, references as source ids, and the vendor's own record."""

    source_id: str
    values: Mapping[str, Value]
    record: Mapping[str, Any]


class Client(Protocol):
    """An open connection. For the vendor's faults all methods raise ``VendorError``s (sources/errors.py), nothing else.

    Values are canonical (``Resource.fields`` names the vendor's), references are source ids of the same connection.
    """

    wire: "Wire"

    def walk(self, resource: Resource) -> Iterator[Page]:
        """One full walk through a resource, ordered by a key that does not move; the last page carries ``ends``."""

    def observe(self, entity: Entity, source_id: str) -> Observed:
        """Read one record as it stands now. Raises ``Gone``."""

    def create(self, entity: Entity, values: Mapping[str, Value]) -> str:
        """Create a record and return its source id.

        Raises ``Rejected``, ``Denied``, ``Throttled`` or ``NotSent`` where nothing was made, ``Unknown`` otherwise.
        """

    def change(self, entity: Entity, seen: Observed, values: Mapping[str, Value]) -> None:
        """Set these values on a record that was just observed, and leave every other field as it is."""

    def forget(self) -> None:
        """Drop what was remembered of the vendor's records, so that the next ``observe`` asks again."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor, declared: ``options`` and ``secrets`` are what its connections must or may configure.

    ``options``: key → (type, required). ``secrets``: alternatives, each a tuple of keys; the first whole one is used.
    ``card`` builds the capability card from a connection's options. ``connect`` opens a client (imported lazily).
    """

    name: str
    title: str
    resources: tuple[Resource, ...]
    options: Mapping[str, tuple[type[str] | type[int], bool]]
    secrets: tuple[tuple[str, ...], ...]
    card: Callable[[Mapping[str, str | int]], Card]
    connect: Callable[["Connection", "Wire", Scrubber], Client]

    def resource(self, entity: Entity) -> Resource:
        """The resource that holds an entity."""
        return next(resource for resource in self.resources if resource.entity == entity)
