"""Limits: how many changes of a kind a run may make at a target, checked on the whole plan before the first write."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from mappings.model import Entity, Op
from mappings.parking import TEMPORARY, spread
from mappings.plan import Change, Status
from mappings.refusal import refuse

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


def check(
    changes: Sequence[Change],
    held: Mapping[tuple[str, Entity], int],
    limits: Limits,
    accepted: Mapping[str, int] = MappingProxyType({}),
) -> list[Change]:
    """The changes, those of a connection, entity and kind that are too many all refused as ``over_limit``.

    A change that needs one of them is refused with it. ``held``: (connection, entity) → how many records the target
    holds. ``accepted``: how many a person lets through this once, by ``key``. A temporary name is no rename of its own:
    the record's rename counts.
    """
    counts = Counter(
        (c.connection, c.entity, KINDS[c.op]) for c in changes if c.status == Status.READY and c.rule != TEMPORARY
    )
    over: dict[tuple[str, Entity, str], str] = {}
    for (connection, entity, kind), count in counts.items():
        size = held.get((connection, entity), 0)
        most = allowed(getattr(limits, kind), size, creates=kind == "creates")
        name = key(connection, entity, kind)
        if most is not None and count > max(most, accepted.get(name, 0)):
            over[connection, entity, kind] = (
                f"{count} {kind} of {connection}'s {size} {entity}s; [limits] {kind} allows {most}. What to do: look "
                f"at them, and where they are right, --accept-changes {name}={count} lets them through this once"
            )
    return _refused(changes, over)


def key(connection: str, entity: Entity, kind: str) -> str:
    """What a person names to let more changes through: ``amm.departments.creates``."""
    return f"{connection}.{entity}s.{kind}"


def _refused(changes: Sequence[Change], over: Mapping[tuple[str, Entity, str], str]) -> list[Change]:
    """The changes, those that are too many refused, and all that cannot be made without them."""
    refused = {
        change.id: refuse(change, "over_limit", over[place])
        for change in changes
        for place in [(change.connection, change.entity, KINDS[change.op])]
        if change.status == Status.READY and place in over
    }
    lost = spread(changes, refused) if refused else frozenset[str]()
    text = "it needs a change that is over its limit"
    return [
        refused.get(change.id) or (refuse(change, "over_limit", text) if change.id in lost else change)
        for change in changes
    ]
