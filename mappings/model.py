"""The words of the canonical org model: entities, references, links and their situations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Value = str | int | float | bool | datetime | None
"""One field of one record. Ids are text, times are aware and in UTC."""


class Entity(StrEnum):
    """What orgweave keeps in step."""

    DEPARTMENT = "department"
    TEAM = "team"
    TASK = "task"
    PERSON = "person"

    __hash__ = str.__hash__  # that of ``Enum`` is computed in Python, and records are looked up by the million


class Op(StrEnum):
    """What a change does to one record of one connection."""

    CREATE = "create"
    RENAME = "rename"
    UPDATE = "update"
    MOVE = "move"
    DEACTIVATE = "deactivate"
    DELETE = "delete"


NAME_FIELD: Mapping[Entity, str] = {
    Entity.DEPARTMENT: "name",
    Entity.TEAM: "name",
    Entity.TASK: "title",
    Entity.PERSON: "full_name",
}
"""The field that a person calls the record by; a change of nothing else is a rename."""

FIELDS: Mapping[Entity, tuple[str, ...]] = {
    Entity.DEPARTMENT: ("name", "description", "parent_id"),
    Entity.TEAM: ("name", "description"),
    Entity.TASK: ("title", "notes", "completed", "due_at", "assignee_id", "subject_id"),
    Entity.PERSON: ("full_name", "email", "kind"),
}
"""The fields whose value survives from one connection, in the order in which they are shown."""

REFERENCE_FIELDS: Mapping[str, Entity] = {
    "parent_id": Entity.DEPARTMENT,
    "assignee_id": Entity.PERSON,
    "subject_id": Entity.PERSON,
}
"""Fields that hold a canonical id of another record, and of which entity."""


BY_PERSON = "(person)"
"""The origin of a value that a person gave; no connection can be called so."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A remote record: connection, entity and the id that its vendor gave it (always text)."""

    connection: str
    entity: Entity
    source_id: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """Our last copy of a remote record, in canonical terms.

    ``values`` holds only the fields that the vendor carries: a missing key is unknown, ``None`` is empty. A field of
    ``REFERENCE_FIELDS`` holds the *source id* of the other record in the same connection.
    """

    ref: Ref
    values: Mapping[str, Value]
    active: bool = True

    @property
    def name(self) -> str:
        """What a person calls the record; empty when the vendor gave no name."""
        return str(self.values.get(NAME_FIELD[self.ref.entity]) or "")


@dataclass(frozen=True, slots=True)
class Golden:
    """A canonical record: the surviving values, and for each field the connection that it survives from.

    A field of ``REFERENCE_FIELDS`` holds the *canonical id* of the other record.
    """

    entity: Entity
    canonical_id: str
    values: Mapping[str, Value]
    origin: Mapping[str, str]
    active: bool = True

    @property
    def name(self) -> str:
        """What a person calls the record."""
        return str(self.values.get(NAME_FIELD[self.entity]) or "")


class Method(StrEnum):
    """How a link came to be."""

    FOUNDED = "founded"  # the record was the first of its kind and founded the canonical one
    EXACT = "exact"  # the folded name and the place in the tree agree
    JOURNAL = "journal"  # we created it: our own journal says so
    PERSON = "person"  # somebody said so
    EMAIL = "email"  # a person of another account has the same e-mail address


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the crosswalk: a remote record is this canonical record."""

    ref: Ref
    canonical_id: str
    method: Method
    confidence: float = 1.0
    evidence: str = ""


class Question(StrEnum):
    """Why a remote record waits for a person."""

    TIE = "tie"  # several could be it, or others carry the name too
    NEAR = "near"  # a record is much like it
    RECREATED = "recreated"  # the record that it looks like had another one in this connection, which is gone
    FOLLOWS = "follows"  # its parent waits; where that is settled, this follows by itself
    PARENT = "parent"  # its parent is not linked, and nothing is like it


@dataclass(frozen=True, slots=True)
class Dispute:
    """A remote record that waits for a person, and the canonical ones that it could be, the likeliest first.

    ``score`` from 0 to 1 is the first candidate's, ``runner_up`` that of the next (None: there is none), ``evidence``
    the named parts of the score.
    """

    ref: Ref
    candidates: tuple[str, ...]
    reason: str
    question: Question = Question.TIE
    score: float | None = None
    runner_up: float | None = None
    evidence: tuple[tuple[str, float], ...] = ()


class Hold(StrEnum):
    """How long a value that a person gave stands."""

    PIN = "pin"  # until its date, or until it is taken back
    RESOLVED = "resolved"  # it settled a conflict: until an authority says something new


@dataclass(frozen=True, slots=True)
class Pin:
    """A value that a person gave one field of a canonical record. ``value`` holds canonical ids, as ``Golden`` does."""

    entity: Entity
    canonical_id: str
    field: str
    value: Value
    hold: Hold = Hold.PIN
