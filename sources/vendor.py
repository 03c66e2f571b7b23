"""What every vendor folder declares, and what its client can do."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from mappings.card import Card
from mappings.model import Entity, Value
from sources.errors import Denied, Gone, VendorError
from sources.secret import Scrubber, Secret

if TYPE_CHECKING:  # cards and configs are read by commands that never open a connection
    from sources.http import Wire


@dataclass(frozen=True, slots=True)
class Resource:
    """One endpoint, as data: its name is the raw table's, ``id_field`` the record's own id in the vendor's words.

    ``fields``: canonical field → vendor field, for those that a single record tells (what is written and read back).
    ``prefix`` stands before the vendor's id in every source id (two tables of people may share numbers). ``overlap``:
    how far back of the last read changes are asked for; None where the vendor cannot be asked for them. ``optional``:
    an account may lack the right to it, and miss nothing else. ``made``: fields that the vendor makes itself (ids,
    times of its own, names that it looks up): no other account can be given them. ``held_back``: fields that a walk may
    leave null and only a ``Detailed`` client tells.
    """

    name: str
    entity: Entity
    path: str
    id_field: str
    page_size: int
    fields: Mapping[str, str]
    roles: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    overlap: timedelta | None = None
    optional: bool = False
    made: frozenset[str] = frozenset()
    held_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured account. ``options`` are the vendor's own keys of the config, ``secrets`` come from elsewhere.

    ``email``: whether people's e-mail addresses may be kept; they are personal data. ``root``: the folder that a path
    among the options starts from, which is that of the configuration.
    """

    name: str
    vendor: str
    base_url: str
    options: Mapping[str, str | int]
    secrets: Mapping[str, Secret]
    email: bool = False
    root: Path = Path()


class Row(NamedTuple):
    """One record as it came: the id as text and the record's own JSON in UTF-8."""

    source_id: str
    record: bytes

    @classmethod
    def of(cls, source_id: object, record: Mapping[str, Any]) -> "Row":
        """A record and its id; the JSON keeps every field and every character."""
        return cls(str(source_id), json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode())


Standing = Callable[[Sequence[str]], Mapping[str, bytes]]
"""Source ids → the JSON of those among them that landed before, as they stand now."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What a read of changes builds on: the minute by the vendor's clock since which they are asked for (inclusive).

    ``watermark``: the vendor's time of the last read. ``standing``: what is known already, so that details are asked
    only for records that changed since. ``expected``: the records that were seen to change since then, and must come
    again: where one does not, it was deleted, or a stale copy answered, and the changes prove nothing.
    """

    since: datetime
    watermark: datetime
    standing: Standing
    expected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a walk. ``ends`` holds the vendor's end signal on the last page and None on every other.

    ``newest_first``: the rows seen so far stand in an order in which every new record comes before all others.
    ``answered_at``: the vendor's own clock, where it tells the time.
    """

    rows: Sequence[Row]
    declared_total: int | None = None
    ends: str | None = None
    newest_first: bool = False
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """One record as it stands now: its canonical values, references as source ids, and the vendor's own record."""

    source_id: str
    values: Mapping[str, Value]
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Probe:
    """What one or two cheap calls tell of a resource.

    ``listed``: it may be listed. ``read``: a record of it may be read by its id; None where that could not be tried
    (there is none) or is never asked of this resource. ``records``: how many there are, None where the vendor does not
    tell. ``fault``: what went wrong.
    """

    listed: bool
    read: bool | None = None
    records: int | None = None
    fault: VendorError | None = None

    @property
    def missing_role(self) -> str | None:
        """The role that is missing, or may be, in the vendor's words; None where the vendor knows none."""
        return self.fault.role if isinstance(self.fault, Denied) else None


def probed(glance: Callable[[], tuple[int | None, Any]], look: Callable[[Any], object] | None = None) -> Probe:
    """A probe by two calls: ``glance`` at a list (how many records, the id of one or None), ``look`` at that record."""
    try:
        records, some = glance()
    except VendorError as fault:
        return Probe(listed=False, fault=fault)
    if look is None or some is None:
        return Probe(listed=True, records=records)
    try:
        look(some)
    except Gone:  # somebody deleted it meanwhile
        return Probe(listed=True, records=records)
    except VendorError as fault:
        return Probe(listed=True, read=False, records=records, fault=fault)
    return Probe(listed=True, read=True, records=records)


class Client(Protocol):
    """An open connection. For the vendor's faults all methods raise ``VendorError``s (sources/errors.py), nothing else.

    Values are canonical (``Resource.fields`` names the vendor's), references are source ids of the same connection.
    """

    wire: "Wire"

    def walk(self, resource: Resource, delta: Delta | None = None) -> Iterator[Page]:
        """One walk through a resource, ordered by a key that does not move; the last page carries ``ends``.

        With a ``delta`` (only for a resource with an ``overlap``) only what changed since: never proof of absence.
        """

    def probe(self, resource: Resource) -> Probe:
        """Try in two calls at most whether a resource may be listed and read; raises nothing, the fault is told."""

    def observe(self, entity: Entity, source_id: str) -> Observed:
        """Read one record as it stands now. Raises ``Gone``."""

    def create(self, entity: Entity, values: Mapping[str, Value]) -> str:
        """Create a record and return its source id.

        Raises ``Rejected``, ``Denied``, ``Throttled`` or ``NotSent`` where nothing was made, ``Unknown`` otherwise.
        """

    def change(self, entity: Entity, seen: Observed, values: Mapping[str, Value]) -> None:
        """Set these values on a record that was just observed, and leave every other field as it is."""

    def delete(self, entity: Entity, seen: Observed) -> None:
        """Take a record away that was just observed.

        Raises as ``create`` does, and ``Gone`` where it is not there any more. ``Rejected`` (rule ``not_empty``,
        nothing was sent) where others stand below it: what the vendor would do with those is not documented.
        """

    def forget(self) -> None:
        """Drop what was remembered of the vendor's records, so that the next ``observe`` asks again."""


@runtime_checkable
class Detailed(Protocol):
    """A client of a vendor that tells more of a record by its id than in a list."""

    def whole(self, entity: Entity, source_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Source id → the vendor's own record, whole; one that is gone is missing. Raises ``VendorError``."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor, declared: ``options`` and ``secrets`` are what its connections must or may configure.

    ``options``: key → (type, required). ``secrets``: alternatives, each a tuple of keys; the first whole one is used.
    ``card`` builds the capability card from a connection's options. ``connect`` opens a client (imported lazily).
    ``secrets_for``: those of the alternatives that a connection's options leave, where they choose. ``tenant``: the
    options that say whose account it is, beside the address. ``clock_within``: how many seconds our clock may be off
    before calls are refused; None where no time is sent. ``resources_for``: those of the resources that a connection's
    options name, where they choose. ``address``: whether its connections have a ``base_url``; a vendor without one is
    reached otherwise (a folder), and its wire sends nothing.
    """

    name: str
    title: str
    resources: tuple[Resource, ...]
    options: Mapping[str, tuple[type[str] | type[int], bool]]
    secrets: tuple[tuple[str, ...], ...]
    card: Callable[[Mapping[str, str | int]], Card]
    connect: Callable[["Connection", "Wire", Scrubber], Client]
    secrets_for: Callable[[Mapping[str, str | int]], tuple[tuple[str, ...], ...]] | None = None
    tenant: tuple[str, ...] = ()
    clock_within: float | None = None
    resources_for: Callable[[Mapping[str, str | int]], tuple[Resource, ...]] | None = None
    address: bool = True

    def fitted(self, options: Mapping[str, str | int]) -> "Vendor":
        """The vendor with the resources that a connection with these options has."""
        return replace(self, resources=self.resources_for(options)) if self.resources_for else self

    def alternatives(self, options: Mapping[str, str | int]) -> tuple[tuple[str, ...], ...]:
        """The alternatives of secrets for a connection with these options."""
        return self.secrets_for(options) if self.secrets_for else self.secrets

    def resource(self, entity: Entity) -> Resource:
        """The resource that holds an entity."""
        return next(resource for resource in self.resources if resource.entity == entity)
