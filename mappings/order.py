"""The order of a plan's changes: parents before children, a name freed before it is taken, what cannot be refused."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mappings.card import NameScope
from mappings.diff import refuse
from mappings.model import NAME_FIELD, Op
from mappings.naming import fold
from mappings.plan import Change, Status
from mappings.target import Target

Claim = tuple[str | None, str]
"""A name at a target: the parent's canonical id where names are unique below a parent only, and the folded name."""

Refusal = tuple[str, str]
"""A stable rule code and the reason in words."""

_SWAP = ("name_taken", "its new name is free only after a rename that waits for this one; that takes a temporary name")
_CIRCLE = ("parent_missing", "its parent stands below it: the tree has a circle")
_RIVAL = (
    "name_taken",
    'another record of this plan takes the same name there: case and blanks tell nobody apart, naming = "qualify" does',
)


def settle(drafts: Sequence[Change], target: Target) -> list[Change]:
    """The changes of one target with their dependencies, in an order that can be carried out; ids stay provisional.

    A change that needs another one which will not be made is refused, and so is one whose name stays taken.
    """
    board = _Board(target, {change.id: change for change in drafts})
    board.find_needs()
    board.refuse_rivals()
    board.refuse_circles()
    return board.ordered()


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

    Refusing spreads from a change to those that need it, each visited once: a plan may hold thousands in a row.
    """

    target: Target
    changes: dict[str, Change]
    needs: dict[str, dict[str, Refusal]] = field(default_factory=dict)
    needed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

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

    def find_needs(self) -> None:
        """Note what each change needs; refuse those whose need this plan does not meet."""
        holders = _holders(self.target)
        leaving = {
            change.source_id: change
            for change in self.ready()
            if change.source_id and NAME_FIELD[change.entity] in change.after
        }
        unmet: list[tuple[str, Refusal]] = []
        for change in self.ready():
            self.needs[change.id] = {}
            for need, refusal in (*self._parent(change), *self._name(change, holders, leaving)):
                if need is None:
                    unmet.append((change.id, refusal))
                else:
                    self.needs[change.id][need.id] = refusal
                    self.needed[need.id].append(change.id)
        self.refuse(unmet)

    def _parent(self, change: Change) -> Iterator[tuple[Change | None, Refusal]]:
        parent = change.after.get("parent_id")
        if parent is None or _present(self.target, str(parent)):
            return
        creation = self.changes.get(f"{self.target.connection}:{Op.CREATE}:{parent}")
        possible = creation is not None and creation.status == Status.READY
        text = f"its parent is not at {self.target.connection}, and is not made in this plan"
        yield creation if possible else None, ("parent_missing", text)

    def _name(
        self, change: Change, holders: Mapping[Claim, Sequence[str]], leaving: Mapping[str, Change]
    ) -> Iterator[tuple[Change | None, Refusal]]:
        claim = _claim(change, self.target)
        for holder in holders.get(claim, ()) if claim else ():
            if holder != change.source_id:
                text = f"{self.target.connection} has a record of this name already (id {holder})"
                freeing = leaving.get(holder)
                stays = freeing is None or _claim(freeing, self.target) == claim
                yield None if stays else freeing, ("name_taken", text)

    def refuse_rivals(self) -> None:
        """Refuse every change after the first that would take the same name."""
        claims: dict[Claim, str] = {}
        for change in self.ready():
            claim = _claim(change, self.target)
            if claim is not None and claims.setdefault(claim, change.id) != change.id:
                self.refuse([(change.id, _RIVAL)])

    def refuse_circles(self) -> None:
        """Refuse changes that wait for each other: names that are swapped, parents that stand below themselves."""
        forward = {change.id: list(self.needs[change.id]) for change in self.ready()}
        backward = {key: [one for one in self.needed[key] if one in forward] for key in forward}
        stuck = set(forward) - set(_sorted(forward, backward))
        ahead = {key: [one for one in forward[key] if one in stuck] for key in forward if key in stuck}
        behind = {key: [one for one in backward[key] if one in stuck] for key in ahead}
        merely_waiting = set(_sorted(behind, ahead))
        circle = [key for key in ahead if key not in merely_waiting]
        self.refuse((key, _CIRCLE if self.changes[key].op == Op.CREATE else _SWAP) for key in circle)

    def ordered(self) -> list[Change]:
        """The changes, each after what it depends on, otherwise as they stand."""
        forward = {
            key: list(self.needs[key]) if change.status == Status.READY else [] for key, change in self.changes.items()
        }
        return [replace(self.changes[key], depends_on=tuple(forward[key])) for key in _sorted(forward, self.needed)]


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


def _claim(change: Change, target: Target) -> Claim | None:
    """The name that a change would take; None where it takes none, or names need not be unique."""
    name = change.after.get(NAME_FIELD[change.entity])
    if name is None or target.card.name_scope == NameScope.NONE:
        return None
    if target.card.name_scope == NameScope.COMPANY:
        return None, fold(str(name))
    if change.op == Op.CREATE:
        parent = change.after.get("parent_id")
        return (None if parent is None else str(parent)), fold(str(name))
    return _place(target, str(change.source_id)), fold(str(name))


def _holders(target: Target) -> dict[Claim, list[str]]:
    """The names that are taken at a target now, and the source ids of those who have them."""
    taken: dict[Claim, list[str]] = defaultdict(list)
    if target.card.name_scope == NameScope.NONE:
        return taken
    company = target.card.name_scope == NameScope.COMPANY
    for source_id, name, parent in sorted(target.taken):
        taken[None if company else parent, name].append(source_id)
    return taken


def _place(target: Target, source_id: str) -> str | None:
    """The canonical id of the parent of a record of the target."""
    parent = target.shadows[source_id].values.get("parent_id")
    return target.canonical(parent) if parent else None


def _present(target: Target, canonical_id: str) -> bool:
    source_id = target.here.get(canonical_id)
    return source_id is not None and source_id in target.shadows and target.shadows[source_id].active
