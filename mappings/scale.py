"""What of an unlinked record is compared with canonical ones, and how likely it is each of them."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mappings.evidence import Evidence, Kin, path_likeness
from mappings.known import NOTHING, Book
from mappings.model import Shadow
from mappings.naming import SEPARATOR
from mappings.pool import Face, Pool
from mappings.rows import Rows


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate: how likely it is, and why."""

    one: str
    score: float
    parts: tuple[tuple[str, float], ...]


def likeliest(one: Scored) -> tuple[float, str]:
    """The order of candidates: the likeliest first."""
    return -one.score, one.one


class Scale:
    """Weighs the records of one connection that are ``left`` against the pool."""

    def __init__(self, book: Book, rows: Rows, pool: Pool, left: Iterable[Shadow]) -> None:
        self._book, self._rows, self._pool = book, rows, pool
        self._below = rows.children()
        self._namesakes = Counter(map(book.leaf, book.trails))
        self._mine = Counter(self._key(shadow) for shadow in left)
        families = [book.children[one] for one in pool.ids if one in book.children]
        self._kin = Kin(Counter(key for below in families for key in below), len(families))

    def _key(self, shadow: Shadow) -> str:
        key = self._rows.keys[shadow.ref.source_id]
        return key if self._rows.tree else key.rpartition(SEPARATOR)[2]

    def face(self, shadow: Shadow) -> Face:
        """What of a record is compared."""
        source_id = shadow.ref.source_id
        key = self._rows.keys[source_id]
        if not self._rows.tree:
            *above, last = key.split(SEPARATOR)
            return Face(last, tuple(above), None, self._below.get(source_id, NOTHING))
        trail = self._rows.trail(self._book, shadow)
        return Face(key, trail[:-1], self._parents(shadow), self._below.get(source_id, NOTHING))

    def _parents(self, shadow: Shadow) -> tuple[tuple[str | None, float], ...]:
        """Below which canonical records it may stand: that of its parent, or those that its parent may be."""
        parent = self._rows.parent(shadow)
        if not parent or parent in self._rows.here:
            return ((self._rows.here.get(parent), 1.0),)
        dispute = self._rows.waiting.get(parent)
        if dispute is None or not dispute.candidates:
            return ()
        each = 1 / len(dispute.candidates)
        first, others = dispute.score or each, dispute.runner_up or each
        return tuple((one, others if at else first) for at, one in enumerate(dispute.candidates))

    def weigh(self, face: Face, one: str, meant: Collection[str], left: int = 0) -> Scored:
        """How likely a record is a canonical one; ``meant``: what the path in its name may mean.

        ``left``: as in ``Evidence``.
        """
        book = self._book
        key, placed = book.leaf(one), book.placed(one)
        parent = path = children = None
        if placed and face.parents is not None:
            here = book.parents[one]
            parent = next((weight for above, weight in face.parents if above == here), 0.0)
        else:
            path = self._path(face, one, meant)
        if placed:
            children = self._kin.in_common(face.children, book.children.get(one, {}).keys())
        namesakes = self._pool.bearers(key)  # a flat name tells no place, but its namesakes are settled
        if parent is not None:
            namesakes = self._namesakes[key] + self._mine[face.key] - 1
            namesakes += self._namesakes[face.key] if face.key != key else 0
        root = placed and book.parents[one] is None
        evidence = Evidence(book.aliases.alike(face.key, key), parent, path, children, namesakes, left, root)
        return Scored(one, evidence.score(), evidence.parts())

    def _path(self, face: Face, one: str, meant: Collection[str]) -> float | None:
        """How well the place fits that a flat name tells, on either side."""
        above, like = self._book.above(one), self._book.aliases.alike
        if self._book.placed(one):
            return 1.0 if self._book.parents[one] in meant else path_likeness(face.above, above, like, whole=True)
        if face.parents is not None:
            return path_likeness(above, face.above, like, whole=True)
        told, other = sorted((face.above, above), key=len)
        return path_likeness(told, other, like, whole=False)
