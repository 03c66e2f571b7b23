"""Matching: which remote records are the same, decided only where nothing else is possible.

For an unlinked record, in this order: our own journal and a person's word (both are links before this runs); exact,
that is the key (the folded name, by its aliases) and the same canonical parent, or a unique name where one side is flat
(a name qualified by its path counts); near, which is proposed and never linked; else it founds a new canonical record.
One-to-one in a connection; a tie is a dispute for a person.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.aliases import NONE, Aliases
from mappings.doubts import doubtful
from mappings.exact import Decided, choice, decide, elsewhere
from mappings.known import NAMESPACE, NOTHING, Book, Known, Matches, canonical_id, founding_id
from mappings.model import Dispute, Entity, Link, Method, Question, Ref, Shadow
from mappings.naming import SEPARATOR
from mappings.near import EQUAL, Asked, Near, has_free
from mappings.rows import Choice, Rows, lay_out, look_flat

__all__ = ["DOUBT", "NAMESPACE", "Known", "Matches", "canonical_id", "match"]

ASKED = frozenset({Entity.DEPARTMENT, Entity.TEAM})
"""What is matched by likeness too; a task's title is no identity."""

DOUBT = "another that is free, or waits elsewhere, carries this name too, or one much like it"


def match(
    known: Iterable[Known],
    unlinked: Mapping[str, Sequence[Shadow]],
    linked: Mapping[Ref, str],
    trees: frozenset[str],
    *,
    aliases: Aliases = NONE,
    apart: frozenset[tuple[Ref, str]] = frozenset(),
    names: Mapping[Ref, str] = {},
) -> Matches:
    """Link, found or dispute every unlinked record; in what order a connection's records stand makes no difference.

    ``unlinked``: connection → its unlinked records, authorities first. ``linked``: every live link. ``trees``: the
    connections whose records know their parent. ``apart``: records and the canonical ones that they must not be.
    ``names``: what linked records are called in their connections, where the canonical ones are called otherwise.
    """
    book = Book(aliases)
    flat = (shadow.name for name, shadows in unlinked.items() if name not in trees for shadow in shadows)
    book.look_for(filter(None, map(aliases.key, flat)))
    for record in known:
        book.know(record)
    book.listen((linked[ref], name) for ref, name in names.items() if ref in linked)
    parted: dict[Ref, set[str]] = defaultdict(set)
    for ref, one in apart:
        parted[ref].add(one)
    found, walks = Matches(), list[_Walk]()
    for rows in _laid_out(book, unlinked, linked, trees, names):
        walks.append(_Walk(book, rows, parted, found.links))
        walks[-1].run()
    for walk in walks[:-1]:
        walk.ask_again()
    found.disputes += [dispute for walk in walks for dispute in walk.rows.waiting.values()]
    return found


def _laid_out(
    book: Book,
    unlinked: Mapping[str, Sequence[Shadow]],
    linked: Mapping[Ref, str],
    trees: frozenset[str],
    names: Mapping[Ref, str],
) -> Iterator[Rows]:
    """Each connection's rows in turn."""
    here: dict[str, dict[str, str]] = defaultdict(dict)
    for ref, one in linked.items():
        if ref.connection in unlinked:
            here[ref.connection][ref.source_id] = one
    for name in filter(unlinked.get, unlinked):
        rows = lay_out(book, name, unlinked[name], here[name], tree=name in trees)
        if not rows.tree:
            rows.settled = {
                ref.source_id: book.aliases.key(one) for ref, one in names.items() if ref.connection == name
            }
        yield rows


@dataclass(slots=True)
class _Walk:
    """The way over one connection's records: exact links first, then what is like, then what founds."""

    book: Book
    rows: Rows
    apart: Mapping[Ref, Collection[str]]
    links: list[Link]
    asks: bool = False
    doubts: dict[str, tuple[str, ...]] | None = None
    near: Near | None = None
    aside: dict[str, Choice] = field(default_factory=dict)
    records: int = 0

    def run(self) -> None:
        """Decide every record."""
        look_flat(self.book, self.rows, self.apart)
        self.asks = self.rows.entity in ASKED and has_free(self.book, self.rows.connection)
        if self.asks:
            for level in self.rows.levels:
                self._decide(level)
            if any(one.ref.source_id not in self.rows.here for level in self.rows.levels for one in level):
                self.near = Near(self.book, self.rows, self.apart)
        for batch in self._batches():
            self._settle(batch)
        self.records = len(self.book.trails)
        self._leave_doubts()

    def _batches(self) -> Iterator[Sequence[Shadow]]:
        """First all whose place is known, whatever their level, as if the others were linked before; then the rest."""
        here, parent = self.rows.here, self.rows.parent
        left = [[one for one in level if one.ref.source_id not in here] for level in self.rows.levels]
        yield [one for level in left for one in level if not parent(one) or parent(one) in here]
        for level in left:
            yield [one for one in level if (key := one.ref.source_id) not in here and key not in self.rows.waiting]

    def _leave_doubts(self) -> None:
        """Names of records that wait: a flat record of such a name may be one of them as well."""
        for level in self.rows.levels if self.rows.tree and self.book.wanted else ():
            for shadow in level:
                if dispute := self.rows.waiting.get(shadow.ref.source_id):
                    self.book.doubt(self.rows.trail(self.book, shadow), dispute.candidates, dispute.score or 0.5)

    def ask_again(self) -> None:
        """Ask again about what waits, where others have founded records meanwhile; nothing is linked or founded."""
        waiting = self.rows.waiting
        if not waiting or self.rows.entity not in ASKED or self.records == len(self.book.trails):
            return
        look_flat(self.book, self.rows, self.apart)
        near = Near(self.book, self.rows, self.apart)
        before, self.rows.waiting = waiting, {key: one for key, one in waiting.items() if one.question == Question.TIE}
        near.claim([one.candidates for one in self.rows.waiting.values()])
        for batch in self._batches():
            asked = [self._asked(one) for one in batch if one.ref.source_id not in self.rows.waiting]
            self.rows.waiting |= near.ask(asked)
            for key in (one.shadow.ref.source_id for one in asked):
                self.rows.waiting.setdefault(key, before[key])

    def _decide(self, level: Sequence[Shadow]) -> Decided:
        """Link what is certain among the records of a level whose place is known."""
        here, parent, connection = self.rows.here, self.rows.parent, self.rows.connection
        gone = self.book.gone[connection] if self.asks else NOTHING
        choices: dict[str, Choice] = {}
        for shadow in level:
            source_id, above = shadow.ref.source_id, parent(shadow)
            if source_id not in here and (not above or above in here):
                ids = choice(self.book, self.rows, shadow, self._not(shadow), gone)
                if gone and not gone.isdisjoint(ids):
                    taken = self.book.taken[connection]
                    self.aside[source_id] = [one for one in ids if one in gone or one not in taken]
                else:
                    choices[source_id] = ids
        decided = decide(choices, self.book.taken[connection], elsewhere(self.rows, choices))
        if self.asks and not self.rows.tree:
            if self.doubts is None:
                self.doubts = doubtful(self.book, self.rows, decided.links)
            decided.doubts = self.doubts
        for shadow in level if decided.links else ():
            source_id = shadow.ref.source_id
            if source_id in decided.links and source_id not in decided.doubts:
                self._link(shadow, decided.links[source_id])
        return decided

    def _settle(self, level: Sequence[Shadow]) -> None:
        """Decide a level: exact, like something, founded, or waiting for its parent."""
        decided, waiting = self._decide(level), self.rows.waiting
        for shadow in level:
            if ids := decided.ties.get(shadow.ref.source_id):
                several = len(ids) > 1
                reason = "several records carry this name" if several else "another record here carries this name too"
                waiting[shadow.ref.source_id] = self._tie(shadow, ids, reason)
            elif ids := decided.doubts.get(shadow.ref.source_id):
                waiting[shadow.ref.source_id] = self._tie(shadow, ids, DOUBT)
        left = [one for one in level if (key := one.ref.source_id) not in self.rows.here and key not in waiting]
        if self.near:
            self.near.claim([*decided.ties.values(), *decided.doubts.values()])
            waiting |= self.near.ask([self._asked(one) for one in left])
        loose = set(decided.loose)
        for shadow in left:
            source_id = shadow.ref.source_id
            if source_id in loose and source_id not in waiting:
                self._found(shadow)
            elif source_id not in waiting:
                reason = f"its parent (id {self.rows.parent(shadow)}) is not linked"
                waiting[source_id] = Dispute(shadow.ref, (), reason, Question.PARENT)

    def _tie(self, shadow: Shadow, ids: tuple[str, ...], reason: str) -> Dispute:
        if self.near is None or len(ids) > EQUAL:  # ten thousand namesakes may share one tuple
            return Dispute(shadow.ref, ids, reason)
        scored = self.near.rank(shadow, ids)
        score, runner_up = (scored[at].score if at < len(scored) else None for at in (0, 1))
        order = tuple(one.one for one in scored)
        return Dispute(shadow.ref, order, reason, Question.TIE, score, runner_up, scored[0].parts)

    def _asked(self, shadow: Shadow) -> Asked:
        return Asked(shadow, tuple(self.aside.get(shadow.ref.source_id, ())))

    def _not(self, shadow: Shadow) -> Collection[str]:
        return self.apart.get(shadow.ref, NOTHING) if self.apart else NOTHING

    def _link(self, shadow: Shadow, one: str) -> None:
        path = self.book.paths[one]
        alias = self.book.aliases.told(shadow.name, path)
        evidence = f"same name as {SEPARATOR.join(path)}" + (f", by the alias {alias}" if alias else "")
        self._keep(Link(shadow.ref, one, Method.EXACT, evidence=evidence))
        if self.rows.tree and not self.book.placed(one):
            self._place(shadow, one)

    def _found(self, shadow: Shadow) -> None:
        one = founding_id(shadow.ref, self.book.trails, self._not(shadow))
        self._place(shadow, one)
        self._keep(Link(shadow.ref, one, Method.FOUNDED, evidence="no record had this name"))

    def _keep(self, link: Link) -> None:
        self.links.append(link)
        self.rows.here[link.ref.source_id] = link.canonical_id
        if self.rows.flat and len(claimed := self.rows.flat.get(link.ref.source_id, ())) == 1:
            self.rows.claims.subtract(claimed)
        self.book.taken[link.ref.connection].add(link.canonical_id)

    def _place(self, shadow: Shadow, one: str) -> None:
        parent = self.rows.here.get(self.rows.parent(shadow))
        path, trail = self.book.below(parent, shadow.name)
        self.book.add(one, path, trail, parent, placed=self.rows.tree)
