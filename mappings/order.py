"""The order of a plan's changes: parents before children, a name freed before it is taken, what cannot be refused."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mappings.claims import Claim, Claims
from mappings.model import Op
from mappings.naming import fold
from mappings.parking import park, reminded, temporary_name
from mappings.plan import Change, Status
from mappings.refusal import refuse
from mappings.target import Target

Refusal = tuple[str, str]
"""A stable rule code and the reason in words."""

_TAKEN = "name_taken"
_NO_ROOM = (
    "its new name is free only after a rename that waits for this one, and no temporary name fits there. "
    "What to do: give one of them another name by hand first"
)
_SWAP = (_TAKEN, _NO_ROOM)
_CIRCLE = ("parent_missing", "its parent stands below it: the tree has a circle")
_BETWEEN = (
    "parent_missing",
    (
        "it would stand below itself: what several accounts say makes a circle, though each alone has a tree. What to "
        "do: move one of them back at its source; orgweave why department ID parent_id tells who says what"
    ),
)
RIVAL = (
    _TAKEN,
    (
        "another record of this plan takes the same name there: case and blanks tell nobody apart. What to do: give "
        'one of them another name at its source; where they stand below different parents, naming = "qualify" helps too'
    ),
)


def settle(drafts: Sequence[Change], target: Target) -> list[Change]:
    """The changes of one target with their dependencies, in an order that can be carried out; ids stay provisional.

    A change that needs another one which will not be made is refused, and so is one whose name stays taken. Where names
    wait for each other in a circle, one record of it gets a temporary name first, by a change of its own.
    """
    board = _Board(target, {change.id: change for change in drafts})
    board.find_needs()
    board.refuse_rivals()
    board.break_circles()
    return board.ordered()


def uncircled(drafts: Sequence[Change], circled: Callable[[Collection[str]], Collection[str]]) -> list[Change]:
    """The changes, the moves that would close a circle refused; ``circled``: which of these stand below themselves."""
    moves = {one.canonical_id for one in drafts if one.op == Op.MOVE and one.status == Status.READY}
    closed = circled(moves) if moves else ()
    return [refuse(one, *_BETWEEN) if one.op == Op.MOVE and one.canonical_id in closed else one for one in drafts]


def number(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes with their final ids, c1, c2, … in the order in which they stand."""
    ids = {change.id: f"c{place}" for place, change in enumerate(changes, 1)}
    return tuple(
        replace(change, id=ids[change.id], depends_on=tuple(ids[key] for key in change.depends_on))
        for change in changes
    )


@dataclass(slots=True)
class _Board:
    """One target's changes by id. ``needs``: change → what it needs → its refusal without; ``needed``: the reverse.

    ``parked``: change → the one that gives its record a temporary name before. Refusing spreads from a change to those
    that need it, each visited once: a plan may hold thousands in a row.
    """

    target: Target
    changes: dict[str, Change]
    needs: dict[str, dict[str, Refusal]] = field(default_factory=dict)
    needed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parked: dict[str, str] = field(default_factory=dict)
    claims: Claims = field(init=False)
    names: set[str] = field(default_factory=set)  # what no temporary name may be

    def __post_init__(self) -> None:
        self.claims = Claims(self.target)
        self.claims.hear(self.ready())

    def ready(self) -> Iterator[Change]:
        """The changes that are neither refused nor held, in their order."""
        return (self.changes[key] for key in self.changes if self.changes[key].status == Status.READY)

    def refuse(self, refusals: Iterable[tuple[str, Refusal]]) -> None:
        """Refuse changes, and then all that need them."""
        rest = list(refusals)
        for key, why in rest:
            if self.changes[key].status == Status.READY:
                self.changes[key] = refuse(self.changes[key], *why)
                rest += [(one, self.needs[one][key]) for one in self.needed[key]]
                if key in self.parked:
                    rest.append((self.parked[key], why))

    def find_needs(self) -> None:
        """Note what each change needs; refuse those whose need this plan does not meet."""
        unmet: list[tuple[str, Refusal]] = []
        for change in self.ready():
            self.needs[change.id] = {}
            for need, refusal in (*self._parent(change), *self._name(change), *self._children(change)):
                if need is None:
                    unmet.append((change.id, refusal))
                else:
                    self.needs[change.id][need.id] = refusal
                    self.needed[need.id].append(change.id)
        self.refuse(unmet)

    def _parent(self, change: Change) -> Iterator[tuple[Change | None, Refusal]]:
        parent = change.after.get("parent_id")
        if parent is None or _present(self.target, str(parent)):
            going = self.claims.gone.get(self.target.here.get(str(parent), ""))
            if going is not None and going.op == Op.DELETE:
                yield None, ("parent_missing", f"its parent is taken away at {self.target.connection} in this plan")
            return
        creation = self.changes.get(f"{self.target.connection}:{Op.CREATE}:{parent}")
        possible = creation is not None and creation.status == Status.READY
        text = f"its parent is not at {self.target.connection}, and is not made in this plan"
        yield creation if possible else None, ("parent_missing", text)

    def _name(self, change: Change) -> Iterator[tuple[Change | None, Refusal]]:
        for holder, freeing in self.claims.others(change):
            yield freeing, (_TAKEN, f"{self.target.connection} has a record of this name already (id {holder})")
        renamed = self.claims.before(change)
        if renamed is not None:
            yield renamed, (renamed.rule, f"it gets another name first: {renamed.reason}")

    def _children(self, change: Change) -> Iterator[tuple[Change | None, Refusal]]:
        for child, going in self.claims.children(change):
            yield going, ("not_empty", f"{self.target.connection} has a record below it that stays (id {child})")

    def refuse_rivals(self) -> None:
        """Refuse every change after the first that would take the same name."""
        claims: dict[Claim, str] = {}
        for change in self.ready():
            claim = self.claims.claim(change)
            if claim is not None and claims.setdefault(claim, change.id) != change.id:
                self.refuse([(change.id, RIVAL)])

    def break_circles(self) -> None:
        """Break each circle of names by one temporary name; refuse what waits for itself otherwise."""
        while rings := _rings(self._waiting()):
            place = {key: number for number, key in enumerate(self.changes)}
            for ring in rings:
                self._break(sorted(ring, key=place.__getitem__), dict(zip((*ring[1:], ring[0]), ring, strict=True)))

    def _waiting(self) -> dict[str, list[str]]:
        """The ready changes that wait for each other, and for which of them each waits."""
        forward = {change.id: list(self.needs[change.id]) for change in self.ready()}
        backward = {key: [one for one in self.needed[key] if one in forward] for key in forward}
        stuck = set(forward) - set(_sorted(forward, backward))
        ahead = {key: [one for one in forward[key] if one in stuck] for key in forward if key in stuck}
        behind = {key: [one for one in backward[key] if one in stuck] for key in ahead}
        merely_waiting = set(_sorted(behind, ahead))
        return {
            key: [one for one in ahead[key] if one not in merely_waiting] for key in ahead if key not in merely_waiting
        }

    def _break(self, ring: Sequence[str], waits: Mapping[str, str]) -> None:
        """Break one circle, or refuse it; ``waits``: each change of it → the one that waits for it."""
        for key in ring:
            if self.needs[waits[key]][key][0] == _TAKEN and self._park(key):
                return
        creates = all(self.changes[key].op == Op.CREATE for key in ring)
        self.refuse((key, _CIRCLE if creates else _SWAP) for key in ring)

    def _park(self, key: str) -> bool:
        """Let a change's record have a temporary name before; whether that can be."""
        change, card = self.changes[key], self.target.card
        if change.op not in (Op.RENAME, Op.UPDATE) or Op.RENAME not in card.costs or key in self.parked:
            return False
        self.names = self.names or self.claims.names(self.changes)
        name = temporary_name(change, self.names, card.name_max)
        if name is None:
            return False
        first, final = park(change, name)
        self.changes |= {first.id: first, key: final}
        self.parked[key] = first.id
        self.names.add(fold(name))
        for one in [one for one in self.needed[key] if self.needs[one][key][0] == _TAKEN]:
            self.needs[one][first.id] = self.needs[one].pop(key)
            self.needed[key].remove(one)
            self.needed[first.id].append(one)
        self.needs[first.id] = {}
        self.needs[key][first.id] = _SWAP
        self.needed[first.id].append(key)
        return True

    def ordered(self) -> list[Change]:
        """The changes, each after what it depends on, otherwise as they stand; a temporary name just before its end."""
        firsts = set(self.parked.values())
        keys = [
            one for key in self.changes if key not in firsts for one in (self.parked.get(key), key) if one is not None
        ]
        forward = {key: list(self.needs[key]) if self.changes[key].status == Status.READY else [] for key in keys}
        told = ((reminded(self.changes[key]), tuple(forward[key])) for key in _sorted(forward, self.needed))
        return [one if one.depends_on == needs else replace(one, depends_on=needs) for one, needs in told]


def _rings(waiting: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Circles of changes that wait for each other, no two with a change in common: at least one where any waits."""
    rings: list[list[str]] = []
    visited: set[str] = set()
    for start in waiting:
        path: dict[str, None] = {}
        here = start
        while here not in visited and here not in path:
            path[here] = None
            here = waiting[here][0]
        if here in path:
            walked = list(path)
            rings.append(walked[walked.index(here) :])
        visited |= path.keys()
    return rings


def _sorted(needs: Mapping[str, Sequence[str]], needed: Mapping[str, Iterable[str]]) -> list[str]:
    """The keys, each after what it needs, otherwise as they stand; those that wait for each other are left out."""
    place = {key: number for number, key in enumerate(needs)}
    keys = list(needs)
    missing = {key: len(wants) for key, wants in needs.items()}
    free = [place[key] for key in keys if not missing[key]]
    done: list[str] = []
    while free:
        key = keys[heapq.heappop(free)]
        done.append(key)
        for one in needed.get(key, ()):
            missing[one] -= 1
            if missing[one] == 0:
                heapq.heappush(free, place[one])
    return done


def _present(target: Target, canonical_id: str) -> bool:
    source_id = target.here.get(canonical_id)
    return source_id is not None and source_id in target.shadows and target.shadows[source_id].active
