"""What matching knows of the canonical records: by name, by place, and where each is linked already."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha1

from mappings.aliases import Aliases
from mappings.model import Dispute, Link, Ref
from mappings.naming import DEEPEST, SEPARATOR, suffixes, without_head

NAMESPACE = uuid.UUID("6f1b6f0e-3c57-5d0e-9f5e-0b1f3f0a7c11")
NOTHING: frozenset[str] = frozenset()
HEARD = 0.9  # how likely a record is one that another system calls so


def canonical_id(founder: Ref, attempt: int = 1) -> str:
    """The canonical id of the record that ``founder`` founds: the same in every workspace and after every rebuild.

    ``attempt``: 2 where it was parted from the record of its own id, and so on.
    """
    again = f"#{attempt}" if attempt > 1 else ""
    text = f"{founder.entity.value}:{founder.connection}:{founder.source_id}{again}"
    digest = sha1(NAMESPACE.bytes + text.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) % 4]  # as uuid.uuid5 does, in a third of its time
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def founding_id(founder: Ref, taken: Collection[str], apart: Collection[str] = NOTHING) -> str:
    """The first id of ``founder`` that is neither ``taken`` nor one that it must not be (``apart``)."""
    attempt = 1
    while (found := canonical_id(founder, attempt)) in taken or found in apart:
        attempt += 1
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """What matching must know of a canonical record: its path of names, its parent, and where it is linked already.

    ``placed`` is False for a record that no tree knows: its parent is unknown, not absent. ``gone_in``: those of
    ``linked_in`` whose linked record is not there any more.
    """

    canonical_id: str
    path: tuple[str, ...]
    parent_id: str | None
    placed: bool
    linked_in: frozenset[str]
    gone_in: frozenset[str] = NOTHING


@dataclass(slots=True)
class Matches:
    """What matching decided: new links, and disputes that a person must settle."""

    links: list[Link] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """The canonical records by every key (``Aliases.key``) that exact matching looks for.

    ``trails``: id → the keys of its path, its own last; of a record of unknown place its name's only. ``children``:
    parent id → key → ids. ``unplaced``: key → ids of records of unknown place. ``called``: key of a flat record that is
    looked for → ids of those whose path ends so. ``taken`` and ``gone``: connection → ids that are linked there, and
    those of them whose record is gone.
    """

    aliases: Aliases
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    trails: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    children: dict[str | None, dict[str, list[str]]] = field(default_factory=dict)
    unplaced: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    called: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    taken: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    gone: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    wanted: dict[str, int] = field(default_factory=dict)
    waiting: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    doubts: dict[str, list[tuple[tuple[str, ...], float]]] = field(default_factory=lambda: defaultdict(list))

    def look_for(self, keys: Iterable[str]) -> None:
        """Index the ends of paths that could be these keys of flat records; to be called before anything is added."""
        for key in keys:
            last = key.rpartition(SEPARATOR)[2]
            self.wanted[last] = max(self.wanted.get(last, 0), key.count(SEPARATOR) + 1)

    def know(self, known: Known) -> None:
        """Add a canonical record that was there before."""
        for connection in known.linked_in:
            self.taken[connection].add(known.canonical_id)
        for connection in known.gone_in:
            self.gone[connection].add(known.canonical_id)
        if known.linked_in and known.linked_in <= known.gone_in:
            self.dead.add(known.canonical_id)
        keys = tuple(map(self.aliases.key, known.path))
        self.add(known.canonical_id, known.path, keys, known.parent_id, placed=known.placed)

    def add(self, one: str, path: tuple[str, ...], trail: tuple[str, ...], parent: str | None, *, placed: bool) -> None:
        """Add a record, or place one that a flat connection founded."""
        self.paths[one], self.trails[one] = path, trail
        key = trail[-1]
        if placed:
            self.parents[one] = parent
            below = self.children.setdefault(parent, {})
            for name in {key, leaf_key(key, trail[:-1])}:  # a flat authority may have qualified its name
                below.setdefault(name, []).append(one)
        else:
            self.unplaced[key].add(one)
        for call in self._calls(trail):
            self.called[call].add(one)

    def doubt(self, trail: tuple[str, ...], candidates: tuple[str, ...], score: float) -> None:
        """A record of this path waits, and may be one of the candidates, or none; ``score``: the first one's."""
        self.waiting.append((trail, candidates))
        for call in self._calls(trail):
            self.doubts[call].append((candidates, score))

    def listen(self, heard: Iterable[tuple[str, str]]) -> None:
        """Keep what canonical records are called in their systems: (id, name)."""
        for one, name in heard:
            self._hear(one, name)

    def _hear(self, one: str, name: str) -> None:
        key = self.aliases.key(name)
        last = key.rpartition(SEPARATOR)[2]
        if last and one in self.trails and self.trails[one][-1] != key and self.leaf(one) != last:
            self.doubt((*self.above(one), last), (one,), HEARD)

    def elsewhere(self, call: str) -> tuple[tuple[str, ...], float]:
        """What the only record that is called so and waits may be, and how likely it is the first."""
        waiting = self.doubts.get(call, ())
        return waiting[0] if len(waiting) == 1 else ((), 0.0)

    def _calls(self, trail: tuple[str, ...]) -> Iterator[str]:
        """The ends of a path that a flat record could be called by, as long as any that is looked for."""
        depth = self.wanted.get(trail[-1].rpartition(SEPARATOR)[2], 0)
        return (SEPARATOR.join(trail[-length:]) for length in range(1, min(depth, len(trail)) + 1))

    def placed(self, one: str) -> bool:
        """Whether a tree knows where the record is."""
        return one in self.parents

    def siblings(self, parent: str | None, key: str) -> Collection[str]:
        """The records of this key below a parent."""
        below = self.children.get(parent)
        return below.get(key, ()) if below else ()

    def leaf(self, one: str) -> str:
        """A record's key without the path that a flat system wrote before it."""
        trail = self.trails[one]
        return leaf_key(trail[-1], trail[:-1]) if one in self.parents else trail[-1].rpartition(SEPARATOR)[2]

    def above(self, one: str) -> tuple[str, ...]:
        """The keys of the records above a record, the nearest last: from its place, or as its name tells."""
        trail = self.trails[one]
        return trail[:-1] if one in self.parents else tuple(trail[-1].split(SEPARATOR)[:-1])

    def below(self, parent: str | None, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Path and trail of a record of this name below a parent (None: it has none)."""
        path, trail = (self.paths[parent], self.trails[parent]) if parent in self.paths else ((), ())
        return (*path[1 - DEEPEST :], name), (*trail[1 - DEEPEST :], self.aliases.key(name))


def leaf_key(key: str, above: tuple[str, ...]) -> str:
    """A key without the end of a path that a flat system wrote before it; ``above``: the keys of the path."""
    if not above or SEPARATOR not in key:
        return key
    return without_head(key, set(suffixes(above)))
