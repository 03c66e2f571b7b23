"""The capability card: what a vendor can hold and do, as data that the planner obeys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mappings.model import Entity, Op


class NameScope(StrEnum):
    """How far a name must be unique at the vendor."""

    NONE = "none"
    PARENT = "parent"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls that one change costs: reads before and after it, and writes."""

    reads: int
    writes: int = 1


@dataclass(frozen=True, slots=True)
class EntityCard:
    """What a vendor can hold of one entity.

    ``carries``: canonical fields that it knows; it has no vote on any other. ``creates`` and ``updates``: canonical
    fields that a create and a later change may set. ``required``: fields without which a create is refused by the
    vendor, each with a template over the golden fields ("{name}") or None where nothing can stand in. ``costs``: the
    operations it offers at all, and what each costs; ``refusals``: for an operation that it lacks, the stable rule code
    and the remedy in words. ``fills``: what stands at the vendor in a field that it requires and nobody fills; read
    back, it is none.
    """

    carries: frozenset[str]
    creates: frozenset[str]
    updates: frozenset[str]
    costs: Mapping[Op, Cost]
    tree: bool = False
    name_max: int | None = None
    name_scope: NameScope = NameScope.NONE
    required: Mapping[str, str | None] = field(default_factory=dict)
    refusals: Mapping[Op, tuple[str, str]] = field(default_factory=dict)
    fills: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``calls`` in any ``seconds``."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Calls that a connection may make. ``None``: no limit is known. The daily budget counts writes only.

    ``concurrency``: calls side by side; ``writers``: changes side by side, one unless the operator asks for more.
    """

    reads: Rate | None = None
    writes: Rate | None = None
    writes_per_day: int | None = None
    concurrency: int = 1
    writers: int = 1
    shared: bool = False  # reads and writes draw on the budget of ``reads``


@dataclass(frozen=True, slots=True)
class Card:
    """A vendor's capability card: one entity card for each entity that it holds, and its pace."""

    vendor: str
    entities: Mapping[Entity, EntityCard]
    pace: Pace
