"""Names at a target, as far as they must be unique: who has which, what a change takes, and what it sets free."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.card import NameScope
from mappings.model import NAME_FIELD, Op
from mappings.naming import fold
from mappings.plan import Change
from mappings.target import Target

Claim = tuple[str | None, str]
"""A name at a target: the parent's canonical id where names are unique below a parent only, and the folded name."""


@dataclass(slots=True)
class Claims:
    """The names of one target, and what becomes of them.

    ``holders``: a name → the source ids of those who have it now. ``leaving``: source id → the change by which a record
    gives up its name; ``gone``: by which it leaves its parent.
    """

    target: Target
    holders: dict[Claim, list[str]] = field(default_factory=lambda: defaultdict(list))
    leaving: dict[str, Change] = field(default_factory=dict)
    gone: dict[str, Change] = field(default_factory=dict)
    _places: dict[str, Claim] = field(default_factory=dict)  # of names that are unique below a parent only
    _children: dict[str, list[str]] | None = None
    _renamed: dict[str, Change] = field(default_factory=dict)

    def __post_init__(self) -> None:
        taken = sorted(self.target.taken)  # all that the target holds
        if self.scope == NameScope.COMPANY:
            for source_id, name, _ in taken:
                self.holders[None, name].append(source_id)
        elif self.scope == NameScope.PARENT:
            self._places = {source_id: (parent, name) for source_id, name, parent in taken}
            for source_id, place in self._places.items():
                self.holders[place].append(source_id)

    @property
    def scope(self) -> NameScope:
        """How far names are unique here."""
        return self.target.card.name_scope

    def hear(self, changes: Iterable[Change]) -> None:
        """Note which records leave their name, and which their parent (``gone``), by these changes."""
        for change in changes:
            source_id = change.source_id
            if source_id is None or change.op == Op.CREATE:
                continue
            if NAME_FIELD[change.entity] in change.after:
                self._renamed[source_id] = self.leaving[source_id] = change
            elif change.op == Op.DELETE or (change.op == Op.MOVE and self.scope == NameScope.PARENT):
                self.leaving.setdefault(source_id, change)
            if change.op in (Op.DELETE, Op.MOVE):
                self.gone[source_id] = change

    def claim(self, change: Change) -> Claim | None:
        """The name that a change takes; None where it takes none, or names need not be unique."""
        if self.scope == NameScope.NONE or change.op in (Op.DELETE, Op.DEACTIVATE):
            return None
        name = self._name(change)
        if name is None:
            return None
        if self.scope == NameScope.COMPANY:
            return None, name
        if "parent_id" in change.after:
            parent = change.after["parent_id"]
            return (None if parent is None else str(parent)), name
        if change.op == Op.CREATE:
            return None, name
        return self._places.get(str(change.source_id), (None, ""))[0], name

    def _name(self, change: Change) -> str | None:
        """The folded name that a change gives a record, or takes with it below another parent."""
        name = change.after.get(NAME_FIELD[change.entity])
        if name is not None:
            return fold(str(name))
        if change.op != Op.MOVE or self.scope != NameScope.PARENT:
            return None
        renamed = self._renamed.get(str(change.source_id))
        if renamed is not None:
            return fold(str(renamed.after[NAME_FIELD[change.entity]]))
        return self._places.get(str(change.source_id), (None, ""))[1]

    def before(self, change: Change) -> Change | None:
        """The rename that comes before a move of the same record."""
        renamed = self._renamed.get(str(change.source_id)) if change.op == Op.MOVE else None
        return None if renamed is change else renamed

    def others(self, change: Change) -> Iterator[tuple[str, Change | None]]:
        """Who else has the name that a change takes, and the change by which each leaves it (None: it does not)."""
        claim = self.claim(change)
        for holder in self.holders.get(claim, ()) if claim else ():
            if holder != change.source_id:
                freeing = self.leaving.get(holder)
                stays = freeing is None or self.claim(freeing) == claim
                yield holder, None if stays else freeing

    def children(self, change: Change) -> Iterator[tuple[str, Change | None]]:
        """What stands below a record that is taken away, and the change by which each leaves it (None: it stays)."""
        if change.op == Op.DELETE:
            for child in self._below().get(change.canonical_id, ()):
                yield child, self.gone.get(child)

    def _below(self) -> Mapping[str, Sequence[str]]:
        """The canonical id of a parent → the source ids of what stands below it; few plans take anything away."""
        if self._children is None:
            self._children = defaultdict(list)
            for source_id, _, parent in sorted(self.target.taken):
                if parent is not None:
                    self._children[parent].append(source_id)
        return self._children

    def names(self, changes: Mapping[str, Change]) -> set[str]:
        """Every folded name that is or will be had at the target, whoever's."""
        told = (one.after.get(NAME_FIELD[one.entity]) for one in changes.values())
        return {name for _, name, _ in self.target.taken} | {fold(str(name)) for name in told if name is not None}
