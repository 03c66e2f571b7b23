"""Near matching: what an unlinked record that is equal to nothing is like. It is proposed to a person, never linked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.evidence import PROPOSED
from mappings.known import NOTHING, Book
from mappings.model import Dispute, Question, Ref, Shadow
from mappings.naming import SEPARATOR
from mappings.pool import Face, Pool
from mappings.rows import Rows, path_ends
from mappings.scale import Scale, Scored, likeliest

LISTED = 8  # candidates of one proposal, but for those that are equal to it
EQUAL = 12  # so many that a record is equal to are not weighed: nothing tells them apart
LEFT = 3  # records at one place that are each proposed as each, where their names cannot be compared


@dataclass(frozen=True, slots=True)
class Asked:
    """A record to ask about, and the canonical ones that it is equal to although it is not linked to them."""

    shadow: Shadow
    equal: tuple[str, ...] = ()


@dataclass(slots=True)
class _Case:
    """A record that is asked about: what it is equal to or would be, and its candidates, the likeliest first."""

    shadow: Shadow
    face: Face
    equal: tuple[str, ...]
    scored: list[Scored] = field(default_factory=list)


def has_free(book: Book, connection: str) -> bool:
    """Whether any canonical record is free in a connection, or its record there is gone; else nothing is like it."""
    return len(book.taken[connection]) < len(book.trails) or bool(book.gone[connection])


class Near:
    """What the records of one connection are like, among the canonical ones that are free there, or gone."""

    def __init__(self, book: Book, rows: Rows, apart: Mapping[Ref, Collection[str]]) -> None:
        self._book, self._rows, self._apart = book, rows, apart
        left = [shadow for level in rows.levels for shadow in level if shadow.ref.source_id not in rows.here]
        self._pool = Pool(book, rows, len(left))
        for shadow in left if rows.tree else ():  # parents come first
            rows.trail(book, shadow)
        self._scale = Scale(book, rows, self._pool, left)
        self._claimed: set[str] = set()
        self._meanings: dict[str, set[str]] = defaultdict(set)

    def claim(self, groups: Iterable[Collection[str]]) -> None:
        """Canonical records that others are equal to, and wait for: they are not the last ones that are left."""
        for ids in {id(ids): ids for ids in groups}.values():  # ten thousand namesakes may share one tuple
            self._claimed.update(ids)

    def ask(self, batch: Sequence[Asked]) -> dict[str, Dispute]:
        """The proposals for the records of one level, by source id; a record that nothing is like has none."""
        found: dict[str, Dispute] = {}
        for group in self._in_turn(batch) if batch else ():
            cases = [self._case(asked) for asked in group if asked.shadow.ref.source_id not in found]
            for case in cases:
                case.scored = self._scored(case)
            self._last_ones(cases)
            found |= {case.shadow.ref.source_id: self._dispute(case) for case in cases if case.scored}
            self._note(cases, found)
        return found

    def rank(self, shadow: Shadow, ids: Sequence[str]) -> Sequence[Scored]:
        """The candidates that a record is equal to, the likeliest first; very many of them are not weighed."""
        if len(ids) > EQUAL:
            return [Scored(one, round(1 / len(ids), 3), ()) for one in sorted(ids)]
        face = self._scale.face(shadow)
        meant = self._meant(face)
        return sorted((self._scale.weigh(face, one, meant) for one in ids), key=likeliest)

    def _in_turn(self, batch: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
        """A flat name tells what the paths of others mean that end with it: short ones first, and those left again."""
        if self._rows.tree:
            yield batch
            return
        for source_id, one in self._rows.here.items():
            self._means(self._rows.settled.get(source_id) or self._rows.keys.get(source_id, ""), one)
        by_length: dict[int, list[Asked]] = defaultdict(list)
        for asked in batch:
            by_length[self._rows.keys[asked.shadow.ref.source_id].count(SEPARATOR)].append(asked)
        lengths = sorted(by_length)
        yield from (by_length[length] for length in (*lengths, *filter(None, lengths)))

    def _note(self, cases: Sequence[_Case], found: Mapping[str, Dispute]) -> None:
        for source_id in (case.shadow.ref.source_id for case in cases if not self._rows.tree):
            if dispute := found.get(source_id):
                self._claimed.add(dispute.candidates[0])
                self._means(self._rows.keys[source_id], dispute.candidates[0])

    def _means(self, key: str, one: str) -> None:
        for end in path_ends(key):
            self._meanings[end].add(one)

    def _hangs(self, shadow: Shadow) -> bool:
        parent = self._rows.parent(shadow)
        return bool(parent) and parent not in self._rows.here

    def _equal(self, asked: Asked, face: Face) -> tuple[str, ...]:
        """What it is equal to; below a parent that waits: would be, if that parent were settled."""
        if not self._hangs(asked.shadow) or not face.key:
            return asked.equal
        source_id, taken = asked.shadow.ref.source_id, self._book.taken[self._rows.connection]
        below = [one for parent, _ in face.parents or () for one in self._book.siblings(parent, face.key)]
        free = [one for one in below if one in self._pool.ids]
        return tuple(dict.fromkeys(free or (one for one in self._rows.flat.get(source_id, ()) if one not in taken)))

    def _case(self, asked: Asked) -> _Case:
        face = self._scale.face(asked.shadow)
        equal = self._equal(asked, face)
        barred = self._barred(asked.shadow, equal)
        return _Case(asked.shadow, face, tuple(one for one in equal if one not in barred) if barred else equal)

    def _scored(self, case: _Case) -> list[Scored]:
        if not case.face.key:
            return []
        if case.equal:
            return list(self.rank(case.shadow, case.equal))
        meant = self._meant(case.face)
        ids = self._pool.candidates(case.face, meant)
        ids -= self._barred(case.shadow, ids)
        scored = [self._scale.weigh(case.face, one, meant) for one in ids]
        if not self._rows.tree:
            scored = self._told_elsewhere(case, scored)
        return sorted((one for one in scored if one.score >= PROPOSED), key=likeliest)[:LISTED]

    def _told_elsewhere(self, case: _Case, scored: Iterable[Scored]) -> list[Scored]:
        """A record of another system that is called so, and waits itself, says what this one may be."""
        found = {one.one: one for one in scored}
        ids, score = self._book.elsewhere(self._rows.keys[case.shadow.ref.source_id])
        for one in set(ids[:1]) & self._pool.ids - self._barred(case.shadow, ids):
            if one not in found or found[one].score < score:
                found[one] = Scored(one, score, (("elsewhere", score),))
        return list(found.values())

    def _barred(self, shadow: Shadow, ids: Iterable[str]) -> set[str]:
        """What a person parted it from, and what stands below a record that its parent was parted from."""
        if not self._apart:
            return set()
        mine = self._apart.get(shadow.ref, NOTHING)
        parent = self._apart.get(self._rows.ref(self._rows.parent(shadow)), NOTHING)
        return {one for one in ids if one in mine or (parent and self._book.parents.get(one) in parent)}

    def _meant(self, face: Face) -> set[str]:
        """The canonical records that the path of a flat name may mean."""
        if face.parents is not None or not face.above:
            return set()
        return self._meanings.get(SEPARATOR.join(face.above), set())

    def _last_ones(self, cases: Sequence[_Case]) -> None:
        """Where one record is left on either side at the same place, the two are proposed, whatever their names.

        Of names in different scripts, which nothing can compare, a few may be left. A record that a person has parted
        from another is not asked about for so little.
        """
        left: dict[str | tuple[str, ...], list[_Case]] = defaultdict(list)
        likeliest_here: dict[str | tuple[str, ...], set[str]] = defaultdict(set)
        for case in cases:
            place = self._place(case.face)
            if place and case.scored:
                likeliest_here[place].add(case.scored[0].one)
            elif place and case.face.key and case.shadow.ref not in self._apart:
                left[place].append(case)
        for place, several in left.items():
            below = self._pool.below(place) if isinstance(place, str) else self._pool.ending(place)
            free = [one for one in below if one not in likeliest_here[place] and one not in self._claimed]
            most = max(len(several), len(free))
            for case in several if free and most <= LEFT else ():
                barred, meant = self._barred(case.shadow, free), self._meant(case.face)
                last = [self._scale.weigh(case.face, one, meant, most) for one in free if one not in barred]
                told = (one for one in last if self._rows.tree or "name" not in dict(one.parts))
                case.scored = sorted((one for one in told if one.score >= PROPOSED), key=likeliest)

    @staticmethod
    def _place(face: Face) -> str | tuple[str, ...] | None:
        """Where a record stands: the id of its parent, or the path that a flat name tells."""
        if face.parents is None:
            return face.above
        return face.parents[0][0] if face.parents else None

    def _dispute(self, case: _Case) -> Dispute:
        first, runner_up = case.scored[0], case.scored[1] if len(case.scored) > 1 else None
        gone = self._book.gone[self._rows.connection]
        if first.one in gone or (case.equal and any(one.one in gone for one in case.scored)):
            question, reason = Question.RECREATED, f"re-created? {self._told(first)} had a record here that is gone"
        elif case.equal:
            question = Question.FOLLOWS
            reason = f"follows when its parent (id {self._rows.parent(case.shadow)}) is decided"
        else:
            question, reason = Question.NEAR, f"much like {self._told(first)}"
            reason += f"; or {self._told(runner_up)}" if runner_up else ""
        candidates = tuple(one.one for one in case.scored)
        second = runner_up.score if runner_up else None
        return Dispute(case.shadow.ref, candidates, reason, question, first.score, second, first.parts)

    def _told(self, one: Scored) -> str:
        parts = ", ".join(f"{part} {value:.2f}" for part, value in one.parts)
        return f'"{SEPARATOR.join(self._book.paths[one.one])}" ({parts})'
