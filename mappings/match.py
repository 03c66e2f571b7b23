"""Exact matching: which remote records are the same, decided only where nothing else is possible.

For an unlinked record, in this order: our own journal and a person's word (both are links before this runs); exact,
that is the folded name and the same canonical parent, or a unique name where one side is flat (a name qualified by its
path counts); else it founds a new canonical record. One-to-one in a connection; a tie is a dispute for a person.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.model import Dispute, Link, Method, Ref, Shadow
from mappings.naming import DEEPEST, SEPARATOR, fold, leaf, suffixes

NOTHING: frozenset[str] = frozenset()
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
    """The canonical records by every folded name that they could carry.

    ``longest``: characters of the longest name of a flat record that is looked for; nothing longer is indexed.
    """

    longest: int
    records: dict[str, Known] = field(default_factory=dict)
    called: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    placed: dict[tuple[str | None, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    unplaced: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, known: Known) -> None:
        self.records[known.canonical_id] = known
        name = known.path[-1]
        if known.placed:  # a flat authority may have qualified its name
            self.placed[known.parent_id, fold(name)].add(known.canonical_id)
            self.placed[known.parent_id, fold(leaf(name, known.path[:-1]))].add(known.canonical_id)
        else:
            self.unplaced[fold(name)].add(known.canonical_id)
        for name in _calls(known.path, self.longest):
            self.called[name].add(known.canonical_id)

    def free(self, ids: Iterable[str], connection: str) -> tuple[str, ...]:
        return tuple(sorted(one for one in ids if connection not in self.records[one].linked_in))


def match(
    known: Iterable[Known], unlinked: Mapping[str, Sequence[Shadow]], linked: Mapping[Ref, str], trees: frozenset[str]
) -> Matches:
    """Link, found or dispute every unlinked record; in what order a connection's records stand makes no difference.

    ``unlinked``: connection → its unlinked records, authorities first. ``linked``: every live link. ``trees``: the
    connections whose records know their parent.
    """
    flat = [fold(shadow.name) for name, shadows in unlinked.items() if name not in trees for shadow in shadows]
    index = _Index(longest=max(map(len, flat), default=0))
    for record in known:
        index.add(record)
    matching = _Matching(index, dict(linked), Matches())
    for connection, shadows in unlinked.items():
        rows = sorted(shadows, key=lambda shadow: shadow.ref)
        (matching.tree if connection in trees else matching.flat)(rows)
    return matching.found


@dataclass(slots=True)
class _Matching:
    """What is known so far: the canonical records, every link, and what was decided."""

    index: _Index
    here: dict[Ref, str]
    found: Matches

    def flat(self, rows: Sequence[Shadow]) -> None:
        """Match records that know no parent: by their name, or as a tree's record that is called by its path."""
        calls = {shadow.ref: fold(shadow.name) for shadow in rows}
        called = {call: frozenset(self.index.called.get(call, ())) for call in set(calls.values()) if call}
        self._decide(rows, {ref: called.get(call, NOTHING) for ref, call in calls.items()}, Counter(), tree=False)

    def tree(self, rows: Sequence[Shadow]) -> None:
        """Match the records of a tree, parents first: a record's place is known once its parent is linked.

        A flat record that records of several levels could be is no more decided by which of them comes first than one
        that two of the same level could be.
        """
        levels = list(_levels(rows))
        flat = self._flat(levels)
        claims = Counter(_only(flat[shadow.ref]) for shadow in rows)
        for level in levels:
            batch = [shadow for shadow in level if self._placeable(shadow)]
            choices = {shadow.ref: self._siblings(shadow) or flat[shadow.ref] for shadow in batch}
            inside = Counter(_only(flat[shadow.ref]) for shadow in batch)
            self._decide(batch, choices, claims - inside, tree=True)

    def _decide(
        self, rows: Sequence[Shadow], choices: Mapping[Ref, frozenset[str]], elsewhere: Mapping[str, int], *, tree: bool
    ) -> None:
        """Link and found while anything is certain: what is linked is out of the question for the others."""
        waiting = list(rows)
        while waiting:
            distinct = {choices[one.ref] for one in waiting}  # ten thousand tasks may share one title
            free = {ids: self.index.free(ids, waiting[0].ref.connection) for ids in distinct}
            left = {one.ref: free[choices[one.ref]] for one in waiting}
            claims = Counter(choice[0] for choice in left.values() if len(choice) == 1)
            sure = [
                one
                for one in waiting
                if not left[one.ref]
                or (len(left[one.ref]) == 1 and claims[left[one.ref][0]] + elsewhere.get(left[one.ref][0], 0) == 1)
            ]
            for shadow in sure:
                self._link(shadow, left[shadow.ref], tree=tree)
            if not sure:
                self.found.disputes += [_dispute(one, left[one.ref]) for one in waiting]
                return
            waiting = [one for one in waiting if one.ref not in self.here]

    def _link(self, shadow: Shadow, choice: Sequence[str], *, tree: bool) -> None:
        if choice:
            where = SEPARATOR.join(self.index.records[choice[0]].path)
            link = Link(shadow.ref, choice[0], Method.EXACT, evidence=f"same name as {where}")
        else:
            link = Link(shadow.ref, canonical_id(shadow.ref), Method.FOUNDED, evidence="no record had this name")
        self.found.links.append(link)
        self.here[shadow.ref] = link.canonical_id
        self.index.add(self._after(shadow, link, tree=tree))

    def _after(self, shadow: Shadow, link: Link, *, tree: bool) -> Known:
        """The canonical record as it is known once this link is made."""
        old = self.index.records.get(link.canonical_id)
        parent = self._parent(shadow) if tree else None
        above = self.index.records[parent].path if parent in self.index.records else ()
        path = (*above[1 - DEEPEST :], shadow.name)
        if old is None:
            return Known(link.canonical_id, path, parent, tree, frozenset({shadow.ref.connection}))
        linked_in = old.linked_in | {shadow.ref.connection}
        if tree and not old.placed:
            return Known(old.canonical_id, path, parent, placed=True, linked_in=linked_in)
        return Known(old.canonical_id, old.path, old.parent_id, old.placed, linked_in)

    def _placeable(self, shadow: Shadow) -> bool:
        """Whether the record's place is known; if not, it waits: a record is not moved to the top in silence."""
        if shadow.values.get("parent_id") and self._parent(shadow) is None:
            reason = f"its parent (id {shadow.values['parent_id']}) is not linked"
            self.found.disputes.append(Dispute(shadow.ref, (), reason))
            return False
        return True

    def _parent(self, shadow: Shadow) -> str | None:
        source_id = shadow.values.get("parent_id")
        return self.here.get(Ref(shadow.ref.connection, shadow.ref.entity, str(source_id))) if source_id else None

    def _siblings(self, shadow: Shadow) -> frozenset[str]:
        """The free records of this name below the same parent."""
        name = fold(shadow.name)
        ids = self.index.placed.get((self._parent(shadow), name), ()) if name else ()
        return frozenset(self.index.free(ids, shadow.ref.connection))

    def _flat(self, levels: Iterable[Sequence[Shadow]]) -> dict[Ref, frozenset[str]]:
        """For each record of a tree the free records of unknown place that carry its name, or its path as a name."""
        trails: dict[Ref, tuple[str, ...]] = {}
        found: dict[Ref, frozenset[str]] = {}
        longest = max(map(len, self.index.unplaced), default=0)
        for shadow in (shadow for level in levels for shadow in level):
            parent = Ref(shadow.ref.connection, shadow.ref.entity, str(shadow.values.get("parent_id")))
            known = self.index.records.get(self.here.get(parent, ""))
            above = trails.get(parent, known.path if known else ())
            trails[shadow.ref] = (*above[1 - DEEPEST :], shadow.name)
            calls = _calls(trails[shadow.ref], longest) if fold(shadow.name) else ()
            ids = {one for call in calls for one in self.index.unplaced.get(call, ())}
            free = self.index.free(ids, shadow.ref.connection)
            found[shadow.ref] = frozenset(one for one in free if not self.index.records[one].placed)
        return found


def _only(choice: frozenset[str]) -> str:
    return next(iter(choice)) if len(choice) == 1 else ""


def _dispute(shadow: Shadow, candidates: tuple[str, ...]) -> Dispute:
    several = len(candidates) > 1
    reason = "several records carry this name" if several else "another record here carries this name too"
    return Dispute(shadow.ref, candidates, reason)


def _calls(path: tuple[str, ...], longest: int) -> Iterator[str]:
    """The folded ways to name a record by the end of its path, up to this length."""
    for name in map(fold, suffixes(path)):
        if len(name) > longest:
            return
        yield name


def _levels(shadows: Sequence[Shadow]) -> Iterator[list[Shadow]]:
    """The records of a tree, parents before children; a circle and what is below it come last, together."""
    ids = {shadow.ref.source_id for shadow in shadows}
    below: dict[str, list[Shadow]] = defaultdict(list)
    level: list[Shadow] = []
    for shadow in shadows:
        parent = str(shadow.values.get("parent_id") or "")
        (below[parent] if parent in ids else level).append(shadow)
    while level:
        yield level
        level = [child for shadow in level for child in below.pop(shadow.ref.source_id, ())]
    yield [shadow for group in below.values() for shadow in group]
