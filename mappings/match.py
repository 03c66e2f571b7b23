"""Exact matching: which remote records are the same, decided only where nothing else is possible.

For an unlinked record, in this order: our own journal and a person's word (both are links before this runs); exact,
that is the folded name and the same canonical parent, or a unique name where one side is flat (a name qualified by its
path counts); else it founds a new canonical record. One-to-one in a connection; a tie is a dispute for a person.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.model import Dispute, Link, Method, Ref, Shadow
from mappings.naming import SEPARATOR, fold, suffixes

NAMESPACE = uuid.UUID("6f1b6f0e-3c57-5d0e-9f5e-0b1f3f0a7c11")


def canonical_id(founder: Ref) -> str:
    """The canonical id of the record that ``founder`` founds: the same in every workspace and after every rebuild."""
    return str(uuid.uuid5(NAMESPACE, f"{founder.entity}:{founder.connection}:{founder.source_id}"))


@dataclass(frozen=True, slots=True)
class Known:
    """What matching must know of a canonical record: its path of names, its parent, and where it is linked already.

    ``placed`` is False for a record that no tree knows: its parent is unknown, not absent.
    """

    canonical_id: str
    path: tuple[str, ...]
    parent_id: str | None
    placed: bool
    linked_in: frozenset[str]


@dataclass(slots=True)
class Matches:
    """What matching decided: new links, and disputes that a person must settle."""

    links: list[Link] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)


@dataclass(slots=True)
class _Index:
    """The canonical records by every folded name that they could carry."""

    records: dict[str, Known] = field(default_factory=dict)
    by_name: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    by_suffix: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, known: Known) -> None:
        self.records[known.canonical_id] = known
        for number, name in enumerate(suffixes(known.path)):
            (self.by_suffix if number else self.by_name)[fold(name)][known.canonical_id] = None

    def free(self, ids: Iterable[str], connection: str) -> list[Known]:
        return [self.records[one] for one in ids if connection not in self.records[one].linked_in]


def match(
    known: Iterable[Known], unlinked: Mapping[str, Sequence[Shadow]], linked: Mapping[Ref, str], trees: frozenset[str]
) -> Matches:
    """Link, found or dispute every unlinked record.

    ``unlinked``: connection → its unlinked records, authorities first. ``linked``: every live link. ``trees``: the
    connections whose records know their parent.
    """
    index = _Index()
    for record in known:
        index.add(record)
    found = Matches()
    here = dict(linked)
    for connection, shadows in unlinked.items():
        tree = connection in trees
        for batch in _levels(shadows) if tree else [list(shadows)]:
            _match_batch(index, batch, here, found, tree=tree)
    return found


def _match_batch(index: _Index, batch: Sequence[Shadow], here: dict[Ref, str], found: Matches, *, tree: bool) -> None:
    choices = {shadow.ref: _candidates(index, shadow, here, tree=tree) for shadow in batch}
    claims = Counter(choice[0].canonical_id for choice in choices.values() if len(choice) == 1)
    for shadow in batch:
        choice = choices[shadow.ref]
        if not choice:
            link = Link(shadow.ref, canonical_id(shadow.ref), Method.FOUNDED, evidence="no record had this name")
        elif len(choice) == 1 and claims[choice[0].canonical_id] == 1:
            where = SEPARATOR.join(choice[0].path)
            link = Link(shadow.ref, choice[0].canonical_id, Method.EXACT, evidence=f"same name as {where}")
        else:
            reason = (
                "several records carry this name" if len(choice) > 1 else "another record here carries this name too"
            )
            found.disputes.append(Dispute(shadow.ref, tuple(one.canonical_id for one in choice), reason))
            continue
        found.links.append(link)
        here[shadow.ref] = link.canonical_id
        index.add(_after(index, shadow, link, here, tree=tree))


def _candidates(index: _Index, shadow: Shadow, here: Mapping[Ref, str], *, tree: bool) -> list[Known]:
    name, connection = fold(shadow.name), shadow.ref.connection
    if not name:
        return []
    same_name = index.free(index.by_name.get(name, ()), connection)
    if not tree:
        return index.free(index.by_suffix.get(name, ()), connection) or same_name
    parent = _parent(shadow, here)
    siblings = [one for one in same_name if one.placed and one.parent_id == parent]
    if siblings:
        return siblings
    trail = (*index.records[parent].path, shadow.name) if parent in index.records else (shadow.name,)
    named = {one for text in suffixes(trail) for one in index.by_name.get(fold(text), ())}
    return [one for one in index.free(sorted(named), connection) if not one.placed]


def _after(index: _Index, shadow: Shadow, link: Link, here: Mapping[Ref, str], *, tree: bool) -> Known:
    """The canonical record as it is known once this link is made."""
    old = index.records.get(link.canonical_id)
    parent = _parent(shadow, here) if tree else None
    above = index.records[parent].path if parent in index.records else ()
    if old is None:
        return Known(link.canonical_id, (*above, shadow.name), parent, tree, frozenset({shadow.ref.connection}))
    linked_in = old.linked_in | {shadow.ref.connection}
    if tree and not old.placed:
        return Known(old.canonical_id, (*above, shadow.name), parent, placed=True, linked_in=linked_in)
    return Known(old.canonical_id, old.path, old.parent_id, old.placed, linked_in)


def _parent(shadow: Shadow, here: Mapping[Ref, str]) -> str | None:
    source_id = shadow.values.get("parent_id")
    return here.get(Ref(shadow.ref.connection, shadow.ref.entity, str(source_id))) if source_id else None


def _levels(shadows: Sequence[Shadow]) -> list[list[Shadow]]:
    """The records of a tree, parents before children; records of a cycle come last, together."""
    waiting = {shadow.ref.source_id: shadow for shadow in shadows}
    levels: list[list[Shadow]] = []
    while waiting:
        level = [one for one in waiting.values() if str(one.values.get("parent_id") or "") not in waiting]
        level = level or list(waiting.values())
        for shadow in level:
            del waiting[shadow.ref.source_id]
        levels.append(level)
    return levels
