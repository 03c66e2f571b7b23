"""A target as the planner sees it: what it can, what it holds, who is who there, and what waits for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mappings.card import EntityCard
from mappings.model import REFERENCE_FIELDS, Entity, Shadow, Value

UNLINKED = "unlinked:"
"""Stands before the source id of a record that no link knows, where a canonical id is asked for."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field on which authorities disagree until a person decides: its id, and what each says, first ranked first."""

    conflict_id: str
    says: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Target:
    """One connection as a target for one entity.

    Of ``shadows`` (source id → our copy, the gone ones included), ``links`` (connection → canonical id → source id) and
    ``back`` (source id → canonical id, of this target) only those matter that belong to the records compared, and to
    their parents. ``taken``: (source id, folded name, canonical id of the parent) of every record that is there.
    ``people``: a person's canonical id → source id at this target.
    ``disputed``: canonical ids that an unlinked record here could be, and why. ``uncertain``: canonical ids whose
    earlier write here has no known outcome; ``asked``: what these wait for, or what a person must say, in words;
    ``unanswered``: (folded name, source id of the parent) that a create without an answer gave → what it waits for.
    ``conflicts``: (canonical id, field) → what waits for a person. ``drifted``: (source id, field) → what was agreed,
    where this connection, no authority, says another thing since.
    ``names``: what a person calls the records that others refer to.
    """

    connection: str
    entity: Entity
    card: EntityCard
    shadows: Mapping[str, Shadow]
    taken: Sequence[tuple[str, str, str | None]]
    links: Mapping[str, Mapping[str, str]]
    back: Mapping[str, str]
    people: Mapping[str, str]
    disputed: Mapping[str, str]
    uncertain: frozenset[str]
    conflicts: Mapping[tuple[str, str], Conflict] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    unanswered: Mapping[tuple[str, str | None], str] = field(default_factory=dict)
    drifted: Mapping[tuple[str, str], Value] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    persons: Mapping[str, str] = field(init=False, repr=False, compare=False)  # ``people`` the other way round

    def __post_init__(self) -> None:
        object.__setattr__(self, "persons", {source_id: key for key, source_id in self.people.items()})

    @property
    def here(self) -> Mapping[str, str]:
        """Canonical id → source id at this target."""
        return self.links.get(self.connection, {})

    def canonical(self, source_id: Value) -> str:
        """The canonical id of a record here; of an unlinked one something that stays recognisable."""
        return self.back.get(str(source_id), f"{UNLINKED}{source_id}")

    def told(self, name: str, value: Value) -> str:
        """A value of a field as a person reads it in a reason; a reference by its name or path."""
        if value is None:
            return "empty"
        if name not in REFERENCE_FIELDS:
            return f"{value!r}"
        key = str(value)
        known = self.names.get(key)
        return (
            f"{known!r}"
            if known
            else f"id {key.removeprefix(UNLINKED)}, which is not linked"
            if UNLINKED in key
            else key
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's rules for one entity: who is an authority, what nobody may change."""

    authority: tuple[str, ...]
    protected: frozenset[str] = frozenset()  # folded names
    apply_disabled: frozenset[str] = frozenset()  # connections
