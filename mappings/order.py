"""The order of a plan's changes: parents before children, a name freed before it is taken, what cannot be refused."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mappings.card import NameScope
from mappings.diff import Target, refuse
from mappings.model import NAME_FIELD, Op
from mappings.naming import fold
from mappings.plan import Change, Status

Claim = tuple[str | None, str]
"""A name at a target: the parent's canonical id where names are unique below a parent only, and the folded name."""

_CYCLE = "its new name is free only after a rename that waits for this one; that takes a temporary name"
_RIVAL = 'another record of this plan takes the same name there; naming = "qualify" tells namesakes apart'


def settle(drafts: Sequence[Change], target: Target) -> list[Change]:
    """The changes of one target with their dependencies, in an order that can be carried out; ids stay provisional.

    A change that needs another one which will not be made is refused, and so is one whose name stays taken.
    """
    holders = _holders(target)
    changes = {change.id: change for change in drafts}
    while True:
        leaving = _leaving(changes, target)
        settled = {key: _settled(change, changes, target, holders, leaving) for key, change in changes.items()}
        settled |= _rivals(settled, target)
        if settled == changes:
            ordered, stuck = _sorted(settled)
            if not stuck:
                return ordered
            settled |= {key: refuse(settled[key], "name_taken", _CYCLE) for key in stuck}
        changes = settled


def number(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes with their final ids, c1, c2, … in the order in which they stand."""
    ids = {change.id: f"c{place}" for place, change in enumerate(changes, 1)}
    return tuple(
        replace(change, id=ids[change.id], depends_on=tuple(ids[key] for key in change.depends_on))
        for change in changes
    )


def _settled(
    change: Change,
    changes: Mapping[str, Change],
    target: Target,
    holders: Mapping[Claim, list[str]],
    leaving: Mapping[str, tuple[str, Claim | None]],
) -> Change:
    if change.status != Status.READY:
        return change
    needs: list[str] = []
    parent = change.after.get("parent_id")
    if parent is not None:
        creation = changes.get(f"{target.connection}:{Op.CREATE}:{parent}")
        if creation is not None and creation.status == Status.READY:
            needs.append(creation.id)
        elif not _present(target, str(parent)):
            text = f"its parent is not at {target.connection}, and is not made in this plan"
            return refuse(change, "parent_missing", text)
    claim = _claim(change, target)
    for holder in holders.get(claim, ()) if claim else ():
        if holder == change.source_id:
            continue
        freeing, next_claim = leaving.get(holder, (None, None))
        if freeing is None or next_claim == claim:
            return refuse(change, "name_taken", f"{target.connection} has a record of this name already (id {holder})")
        needs.append(freeing)
    return replace(change, depends_on=tuple(needs))


def _rivals(changes: Mapping[str, Change], target: Target) -> dict[str, Change]:
    """Every change after the first that would take the same name, refused."""
    refused: dict[str, Change] = {}
    claims: dict[Claim, str] = {}
    for key, change in changes.items():
        claim = _claim(change, target) if change.status == Status.READY else None
        if claim is not None and claims.setdefault(claim, key) != key:
            refused[key] = refuse(change, "name_taken", _RIVAL)
    return refused


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
    company = target.card.name_scope == NameScope.COMPANY
    for source_id, shadow in target.shadows.items():
        if shadow.active:
            taken[None if company else _place(target, source_id), fold(shadow.name)].append(source_id)
    return taken


def _place(target: Target, source_id: str) -> str | None:
    """The canonical id of the parent of a record of the target."""
    parent = target.shadows[source_id].values.get("parent_id")
    return target.canonical(parent) if parent else None


def _leaving(changes: Mapping[str, Change], target: Target) -> dict[str, tuple[str, Claim | None]]:
    """Records of the target that this plan gives another name: source id → the change, and the name it takes."""
    return {
        change.source_id: (change.id, _claim(change, target))
        for change in changes.values()
        if change.source_id and change.status == Status.READY and NAME_FIELD[change.entity] in change.after
    }


def _present(target: Target, canonical_id: str) -> bool:
    source_id = target.here.get(canonical_id)
    return source_id is not None and source_id in target.shadows and target.shadows[source_id].active


def _sorted(changes: Mapping[str, Change]) -> tuple[list[Change], list[str]]:
    """The changes, each after what it depends on, otherwise as they stood; and the keys that wait for each other."""
    done: dict[str, Change] = {}
    waiting = dict(changes)
    while waiting:
        free = [key for key, change in waiting.items() if all(need in done for need in change.depends_on)]
        if not free:
            return list(done.values()), list(waiting)
        for key in free:
            done[key] = waiting.pop(key)
    return list(done.values()), []
