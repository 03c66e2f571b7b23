"""The unlinked records of one connection as matching walks over them: parents before children, each with its key."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.known import Book
from mappings.model import Dispute, Entity, Ref, Shadow
from mappings.naming import DEEPEST, SEPARATOR

Choice = Collection[str]


@dataclass(slots=True)
class Rows:
    """One connection's unlinked records; records are told by their source ids.

    ``here``: source id → canonical id of what is linked in the connection. ``flat``: the canonical records of unknown
    place that a record of a tree could be by its name or path; ``claims``: how many records have only that one.
    ``settled``: the keys of records of a flat system that were linked before.
    """

    connection: str
    entity: Entity
    tree: bool
    levels: list[list[Shadow]]
    here: dict[str, str]
    keys: dict[str, str] = field(default_factory=dict)
    trails: dict[str, tuple[str, ...]] = field(default_factory=dict)
    flat: dict[str, Choice] = field(default_factory=dict)
    claims: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, Dispute] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)

    def ref(self, source_id: str) -> Ref:
        """The record as others refer to it."""
        return Ref(self.connection, self.entity, source_id)

    def parent(self, shadow: Shadow) -> str:
        """The source id of the record above; empty where there is none or nobody knows it."""
        return str(shadow.values.get("parent_id") or "") if self.tree else ""

    def trail(self, book: Book, shadow: Shadow) -> tuple[str, ...]:
        """The keys from the root to a record of a tree; those above it are to be asked first."""
        source_id, parent = shadow.ref.source_id, self.parent(shadow)
        found = self.trails.get(source_id)
        if found is None:
            above = self.trails.get(parent) or book.trails.get(self.here.get(parent, ""), ())
            found = self.trails[source_id] = (*above[1 - DEEPEST :], self.keys[source_id])
        return found

    def children(self) -> dict[str, frozenset[str]]:
        """Source id → the keys of the unlinked records below it; in a flat system those whose path tells its name."""
        below: dict[str, set[str]] = defaultdict(set)
        if self.tree:
            for shadow in (shadow for level in self.levels for shadow in level):
                if self.parent(shadow) and self.keys[shadow.ref.source_id]:
                    below[self.parent(shadow)].add(self.keys[shadow.ref.source_id])
        else:
            names = {**self.settled, **self.keys}
            ends: dict[str, str] = {}  # the end of a path → the record that alone is called so
            for source_id, key in names.items():
                for end in path_ends(key):
                    ends[end] = "" if end in ends else source_id
            for key in names.values():
                above, _, last = key.rpartition(SEPARATOR)
                if last and ends.get(above):
                    below[ends[above]].add(last)
        return {parent: frozenset(keys) for parent, keys in below.items()}


def path_ends(key: str) -> Iterator[str]:
    """The ends of a path that a name tells: ``c``, ``b / c``, ``a / b / c``."""
    parts = key.split(SEPARATOR)
    return (SEPARATOR.join(parts[at:]) for at in range(len(parts) - 1, -1, -1))


def lay_out(book: Book, connection: str, shadows: Sequence[Shadow], here: Mapping[str, str], *, tree: bool) -> Rows:
    """The rows of a connection; ``here``: what is linked there already."""
    ordered = sorted(shadows, key=lambda shadow: shadow.ref.source_id)
    levels = list(_levels(ordered)) if tree else [ordered]
    rows = Rows(connection, shadows[0].ref.entity, tree, levels, dict(here))
    rows.keys = {one.ref.source_id: book.aliases.key(one.name) for one in ordered}
    return rows


def look_flat(book: Book, rows: Rows, apart: Mapping[Ref, Collection[str]]) -> None:
    """Find the canonical records of unknown place that each unlinked record of a tree could be."""
    longest = max((name.count(SEPARATOR) for name in book.unplaced), default=-1) + 1
    rows.flat, rows.claims = {}, Counter()
    taken = book.taken[rows.connection]
    for shadow in (one for level in rows.levels for one in level) if longest and rows.tree else ():
        source_id, trail = shadow.ref.source_id, rows.trail(book, shadow)
        if source_id not in rows.here and trail[-1]:
            ids = {one for call in _calls(trail, longest) for one in book.unplaced.get(call, ())}
            barred = apart.get(shadow.ref, ()) if apart else ()
            if found := {one for one in ids if one not in taken and not book.placed(one) and one not in barred}:
                rows.flat[source_id] = frozenset(found)
                rows.claims.update(found if len(found) == 1 else ())


def _calls(trail: tuple[str, ...], longest: int) -> Iterator[str]:
    """The keys of the ends of a path, of this many names at most."""
    for length in range(1, min(longest, len(trail)) + 1):
        yield SEPARATOR.join(trail[-length:])


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
