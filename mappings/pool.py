"""The canonical records that an unlinked one of a connection may be compared with, found without looking at all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from mappings.known import Book
from mappings.rows import Rows
from mappings.seek import Seeker

BEARERS = 12  # records of one name that are all looked at; of more those that stand at a like place
BLOCK = 24  # records below one parent that are all looked at
COMMON = 40  # parents that have a child of one name: of more the name tells nothing


@dataclass(frozen=True, slots=True)
class Face:
    """What of an unlinked record is compared: its own key, those above it (the nearest last), those below it.

    ``parents``: the canonical records that it may stand below (None: the top), each with how likely that is; None as a
    whole where nobody knows its place.
    """

    key: str
    above: tuple[str, ...]
    parents: tuple[tuple[str | None, float], ...] | None
    children: frozenset[str]


class Pool:
    """The canonical records that are free in a connection, or whose record there is gone."""

    def __init__(self, book: Book, rows: Rows, asked: int) -> None:
        taken, gone, dead = book.taken[rows.connection], book.gone[rows.connection], book.dead
        spoken = {one for key, ids in rows.flat.items() if key not in rows.here for one in ids}
        ids = (one for one in book.trails if one in gone or (one not in taken and one not in dead))
        self.ids = frozenset(one for one in ids if one not in spoken and book.trails[one][-1])
        self._book, self._asked = book, asked
        self._blocks: dict[str | None, _Block] = {}

    def candidates(self, face: Face, meant: Iterable[str] = ()) -> set[str]:
        """What a record may be; ``meant``: the canonical records that the path in its flat name may mean."""
        found: set[str] = set()
        for parent in meant if face.parents is None else [one for one, _ in face.parents]:
            found.update(self._block(parent).like(face.key))
        if face.parents is None:
            found.update(self._every.like(face.key, face.above))
        else:
            bearers = self._bearing.get(face.key, ())
            found.update(bearers if len(bearers) <= BEARERS else ())
            if self._flat is not None:
                found.update(self._flat.like(face.key, face.above))
        found.update(self._of_family(face))
        found.update(self._with_children(face.children))
        return found

    def below(self, parent: str | None) -> frozenset[str]:
        """The records of the pool that stand directly below a parent."""
        ids = self._book.children.get(parent, {}).values()
        return frozenset(one for group in ids for one in group if one in self.ids)

    def ending(self, path: tuple[str, ...]) -> list[str]:
        """The records of the pool whose path, themselves left out, ends so."""
        return [one for one in self._under.get(path[-1], ()) if self._book.above(one)[-len(path) :] == path]

    @cached_property
    def _under(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.ids:
            if above := self._book.above(one):
                found[above[-1]].append(one)
        return found

    def bearers(self, key: str) -> int:
        """How many records of the pool have this key."""
        return len(self._bearing.get(key, ()))

    def _block(self, parent: str | None) -> "_Block":
        found = self._blocks.get(parent)
        if found is None:
            found = self._blocks[parent] = _Block(self._book, self.below(parent), self._asked)
        return found

    @cached_property
    def _every(self) -> "_Named":
        return _Named(self._book, self.ids, self._asked)

    @cached_property
    def _flat(self) -> "_Named | None":
        ids = [one for one in self.ids if not self._book.placed(one)]
        return _Named(self._book, ids, self._asked) if ids else None

    @cached_property
    def _bearing(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.ids:
            found[self._book.leaf(one)].append(one)
        return found

    @cached_property
    def _families(self) -> tuple[Mapping[str, list[str]], Mapping[tuple[str, str], list[str]]]:
        """The records of the pool by the key of a child, and by their own and that of a child."""
        having: dict[str, list[str]] = defaultdict(list)
        pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in sorted(self.ids):
            key = self._book.leaf(one)
            for child in self._book.children.get(one, ()):
                having[child].append(one)
                pairs[key, child].append(one)
        return having, pairs

    def _of_family(self, face: Face) -> Iterator[str]:
        """The records of this very key that share children, the most of them first."""
        pairs = self._families[1] if face.children and len(self._bearing.get(face.key, ())) > BEARERS else {}
        posted = (ids for key in face.children if (ids := pairs.get((face.key, key))) and len(ids) <= COMMON)
        shared = Counter(one for ids in posted for one in ids)
        yield from sorted(shared, key=lambda one: (-shared[one], one))[:BEARERS]

    def _with_children(self, keys: frozenset[str]) -> Iterator[str]:
        """The records that share at least two children, and a third of them."""
        having = self._families[0] if len(keys) >= 2 and self.ids else {}
        posted = (ids for key in keys if (ids := having.get(key)) and len(ids) <= COMMON)
        shared = Counter(one for ids in posted for one in ids)
        likely = [one for one, count in shared.items() if count >= 2 and count * 3 >= len(keys)]
        yield from sorted(likely, key=lambda one: (-shared[one], one))[:BEARERS]


class _Block:
    """The records below one parent: all of them where they are few, else those of like names."""

    def __init__(self, book: Book, ids: frozenset[str], asked: int) -> None:
        self._ids = ids
        self._named = _Named(book, ids, asked) if len(ids) > BLOCK else None

    def like(self, key: str) -> Iterable[str]:
        return self._ids if self._named is None else self._named.like(key, ())


class _Named:
    """Canonical records by their own key, and by that of their parent and their own."""

    def __init__(self, book: Book, ids: Iterable[str], asked: int) -> None:
        self._bearing: dict[str, list[str]] = defaultdict(list)
        self._pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in sorted(ids):
            key, above = book.leaf(one), book.above(one)
            self._bearing[key].append(one)
            if above:
                self._pairs[above[-1], key].append(one)
        self._aliases, self._asked = book.aliases, asked
        self._names = self._seeker(self._bearing)

    def _seeker(self, keys: Iterable[str]) -> Seeker:
        return Seeker({name for key in keys for name in self._aliases.variants(key)}, self._asked)

    @cached_property
    def _parents(self) -> Seeker:
        return self._seeker(parent for parent, _ in self._pairs)

    def _like(self, seeker: Seeker, key: str) -> Iterable[str]:
        """The keys of which a name is like one of this key."""
        found = (name for variant in self._aliases.variants(key) for name, _ in seeker.like(variant))
        return dict.fromkeys(self._aliases.key(name) for name in found)

    def like(self, key: str, above: tuple[str, ...]) -> Iterator[str]:
        """The records of like names; of many of one name those whose parent's name is like too."""
        for name in self._like(self._names, key):
            bearers = self._bearing[name]
            if len(bearers) <= BEARERS:
                yield from bearers
            elif above:
                for parent in self._like(self._parents, above[-1]):
                    yield from self._pairs.get((parent, name), ())
