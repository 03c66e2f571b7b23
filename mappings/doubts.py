"""Doubts: equal flat names that are no proof, because something else that is still free is called nearly so."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set

from mappings.aliases import Aliases
from mappings.alike import ENOUGH
from mappings.evidence import path_likeness
from mappings.known import Book
from mappings.naming import SEPARATOR
from mappings.rows import Rows
from mappings.seek import Seeker

NEARLY = 0.8  # names that are so much alike may be written for each other


def doubtful(book: Book, rows: Rows, links: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Of these links of a flat connection (source id → canonical id) the doubtful ones, each with all that it may be.

    A flat system says "Healthcare IT" of one department, and has no record of another that a tree calls "Healthcare
    Information Technology": the name is unique on both sides, and the two are not the same.
    """
    certain = frozenset(links.values())
    free = book.trails.keys() - book.taken[rows.connection] - book.dead - certain
    suspects = _suspects(book, free, certain) if links else {}
    called: dict[str, list[str]] = defaultdict(list)
    for source_id in rows.keys.keys() - rows.here.keys() if suspects else ():
        called[rows.keys[source_id].rpartition(SEPARATOR)[2]].append(source_id)
    found: dict[str, dict[str, None]] = defaultdict(dict)
    variants = (name for key in called for name in book.aliases.variants(key))
    seeker = Seeker(variants if suspects else (), len(suspects))
    for name, several in suspects.items():
        for source_id in _called_nearly(name, called, links, _likes(book.aliases, seeker, name)):
            for above, others in several:
                if links[source_id] not in others and _fits(book, rows.keys[source_id], above):
                    found[source_id] |= dict.fromkeys(others)
    for source_id, one in links.items() if book.doubts else ():
        for others, _ in book.doubts.get(rows.keys[source_id], ()):
            if one not in others and certain.isdisjoint(others[:1]):
                found[source_id] |= dict.fromkeys(others)
    return {source_id: (links[source_id], *(one for one in ids if one in free)) for source_id, ids in found.items()}


def _likes(aliases: Aliases, seeker: Seeker, name: str) -> dict[str, float]:
    """The keys that are like one, and how much."""
    best: dict[str, float] = {}
    for found, like in (one for variant in aliases.variants(name) for one in seeker.like(variant)):
        best[aliases.key(found)] = max(like, best.get(aliases.key(found), 0.0))
    return best


def _called_nearly(
    name: str, called: Mapping[str, Sequence[str]], links: Mapping[str, str], likes: Mapping[str, float]
) -> Iterator[str]:
    """The linked records that are called nearly so, but for those that an unlinked one is as much like."""
    unlinked = (like for key, like in likes.items() if any(source_id not in links for source_id in called[key]))
    rival = max(unlinked, default=0.0)
    for key, like in likes.items():
        if key != name and like >= NEARLY and like > rival:
            yield from called[key]


def _suspects(
    book: Book, free: Set[str], certain: Set[str]
) -> Mapping[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """What is free here, and what waits elsewhere, by its key: the keys above it, and what it may be."""
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = defaultdict(list)
    for one in sorted(free):
        found[book.leaf(one)].append((book.above(one), (one,)))
    for trail, candidates in book.waiting:
        if certain.isdisjoint(candidates[:1]):  # else what it may be is found here
            found[trail[-1]].append((trail[:-1], candidates))
    return found


def _fits(book: Book, key: str, above: tuple[str, ...]) -> bool:
    """Whether the path that a flat name tells does not speak against a place."""
    *told, _ = key.split(SEPARATOR)
    like = path_likeness(told, above, book.aliases.alike, whole=True)
    return like is None or like >= ENOUGH
