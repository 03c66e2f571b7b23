"""A target as the planner sees it: what it can, what it holds, who is who there, and what waits for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mappings.card import EntityCard
from mappings.model import Entity, Shadow, Value


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
    earlier write here has no known outcome. ``conflicts``: (canonical id, field) → what waits for a person.
    ``drifted``: (source id, field) → what was agreed, where this connection, no authority, says another thing since.
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
    drifted: Mapping[tuple[str, str], Value] = field(default_factory=dict)
    persons: Mapping[str, str] = field(init=False, repr=False, compare=False)  # ``people`` the other way round

    def __post_init__(self) -> None:
        object.__setattr__(self, "persons", {source_id: key for key, source_id in self.people.items()})

    @property
    def here(self) -> Mapping[str, str]:
        """Canonical id → source id at this target."""
        return self.links.get(self.connection, {})

    def canonical(self, source_id: Value) -> str:
        """The canonical id of a record here; of an unlinked one something that stays recognisable."""
        return self.back.get(str(source_id), f"unlinked:{source_id}")


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's rules for one entity: who is an authority, what nobody may change."""

    authority: tuple[str, ...]
    protected: frozenset[str] = frozenset()  # folded names
    apply_disabled: frozenset[str] = frozenset()  # connections
