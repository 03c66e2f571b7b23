"""Limits: how many changes of a kind a run may make at a target, checked on the whole plan before the first write."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappings.diff import refuse
from mappings.model import Entity, Op
from mappings.plan import Change, Status

SMALLEST = (
    5  # a smaller limit counts as this, for a percentage of a small organisation would stop everything; 0 is none
)

KINDS: Mapping[Op, str] = {
    Op.CREATE: "creates",
    Op.RENAME: "renames",
    Op.UPDATE: "renames",
    Op.MOVE: "renames",
    Op.DEACTIVATE: "deletes",
    Op.DELETE: "deletes",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Each kind's limits: numbers, or shares of the records that the target holds ("10%"); the smallest holds."""

    creates: tuple[int | str, ...]
    renames: tuple[int | str, ...]
    deletes: tuple[int | str, ...]


def allowed(limits: Sequence[int | str], held: int, *, creates: bool) -> int | None:
    """How many changes the limits allow at a target that holds ``held`` records; None when no limit applies.

    An empty target is a migration: for it a percentage of creates does not apply.
    """
    found: list[int] = []
    for limit in limits:
        if isinstance(limit, int):
            found.append(limit and max(limit, SMALLEST))
        elif not (creates and held == 0):
            percent = float(limit.rstrip("%"))
            found.append(max(int(held * percent / 100), SMALLEST) if percent else 0)  # times first: 29 % of 100 is 29
    return min(found, default=None)


def check(changes: Sequence[Change], held: Mapping[tuple[str, Entity], int], limits: Limits) -> list[Change]:
    """The changes, those of a connection, entity and kind that are too many all refused as ``over_limit``.

    A change that needs one of them is refused with it. ``held``: (connection, entity) → how many records the target
    holds.
    """
    counts = Counter((c.connection, c.entity, KINDS[c.op]) for c in changes if c.status == Status.READY)
    refused: dict[str, Change] = {}
    for change in changes:
        kind = KINDS[change.op]
        size = held.get((change.connection, change.entity), 0)
        most = allowed(getattr(limits, kind), size, creates=kind == "creates")
        count = counts[change.connection, change.entity, kind]
        if change.status != Status.READY:
            continue
        if most is not None and count > most:
            text = f"{count} {kind} of {change.connection}'s {size} {change.entity}s; [limits] {kind} allows {most}"
            refused[change.id] = refuse(change, "over_limit", text)
        elif not refused.keys().isdisjoint(change.depends_on):
            refused[change.id] = refuse(change, "over_limit", "it needs a change that is over its limit")
    return [refused.get(change.id, change) for change in changes]
