"""What becomes, at a target, of records that every authority dropped: nothing, or what ``on_missing`` asks for."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mappings.diff import canonical_value
from mappings.model import Golden, Op, Value
from mappings.plan import Change, Status
from mappings.refusal import checked, refuse
from mappings.target import Policy, Target

RULE = "missing_at_authority"

OPS: Mapping[str, Op] = {"deactivate": Op.DEACTIVATE, "delete": Op.DELETE}
"""What ``on_missing`` asks for; "keep" asks for nothing."""

NAMED = 5
"""How many records below one its refusal names."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Records that a target still holds, and that every authority which knew them was seen to hold no more.

    ``knew``: canonical id → the authorities that had it, first first. ``agreed``: canonical id → the fields on which
    the target ever agreed. ``below``: source id at the target → (source id, name) of each record right below it.
    """

    op: Op
    records: Mapping[str, Golden]
    knew: Mapping[str, Sequence[str]]
    agreed: Mapping[str, Collection[str]]
    below: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def missing(dropped: Dropped, target: Target, policy: Policy, leaving: Collection[str] = ()) -> list[Change]:
    """The removals at one target, leaves first; what each waits for is settled with all other changes (order.py).

    ``leaving``: source ids of the records that other changes of the plan take from their place. A record that somebody
    edited at the target is held; one that others stand below, which stay, is refused.
    """
    found: list[Change] = []
    gone = set(leaving)
    for canonical_id in _leaves_first(dropped, target):
        change = _removal(dropped, canonical_id, target, policy)
        staying = [name for child, name in dropped.below.get(str(change.source_id), ()) if child not in gone]
        if staying and change.op == Op.DELETE and change.status == Status.READY:
            change = refuse(change, "not_empty", _below(staying, target))
        if change.status == Status.READY:
            gone.add(str(change.source_id))
        found.append(change)
    return found


def leaving(changes: Iterable[Change]) -> set[str]:
    """The source ids of the records that ready changes take from their place."""
    ready = (one for one in changes if one.status == Status.READY and one.op in (Op.MOVE, Op.DELETE))
    return {str(one.source_id) for one in ready}


def _leaves_first(dropped: Dropped, target: Target) -> Iterator[str]:
    """The canonical ids, each after those below it, otherwise by name."""
    here = {target.here[key]: key for key in dropped.records}
    waiting = {
        source_id: {child for child, _ in dropped.below.get(source_id, ()) if child in here} - {source_id}
        for source_id in sorted(here, key=lambda one: (target.shadows[one].name, one))
    }
    while waiting:
        free = [one for one, below in waiting.items() if below.isdisjoint(waiting)] or list(waiting)  # or a circle
        yield from (here[one] for one in free)
        for one in free:
            del waiting[one]


def _removal(dropped: Dropped, canonical_id: str, target: Target, policy: Policy) -> Change:
    record, source_id = dropped.records[canonical_id], target.here[canonical_id]
    shadow = target.shadows[source_id]
    before = {name: canonical_value(target, name, value) for name, value in shadow.values.items()}
    switched: dict[str, Value] = {"active": False} if dropped.op == Op.DEACTIVATE else {}
    change = Change(
        id=f"{target.connection}:{dropped.op}:{canonical_id}",
        connection=target.connection,
        entity=record.entity,
        op=dropped.op,
        status=Status.READY,
        canonical_id=canonical_id,
        source_id=source_id,
        before={**before, **({"active": True} if switched else {})},
        after=switched,
        depends_on=(),
        rule=RULE,
        reason=_why(dropped, canonical_id, target),
    )
    change = checked(change, record, target, policy)
    edited = _edited(dropped, canonical_id, target) if change.status == Status.READY else ""
    if not edited:
        return change
    rest = f"What to do: take it away there, or keep it: orgweave review unlink {target.connection}:{source_id}"
    reason = f"{change.reason}; {edited}. {rest}"
    return replace(change, status=Status.HELD, rule="edited_at_target", reason=reason)


def _why(dropped: Dropped, canonical_id: str, target: Target) -> str:
    knew = dropped.knew[canonical_id]
    had = " and ".join(f"{name} had it (id {target.links.get(name, {}).get(canonical_id, '?')})" for name in knew)
    return f"{had} and dropped it; on_missing says {dropped.op}"


def _edited(dropped: Dropped, canonical_id: str, target: Target) -> str:
    """What somebody changed at the target since it agreed, or what it never agreed on; empty where there is nothing."""
    shadow = target.shadows[target.here[canonical_id]]
    told: list[str] = []
    for name, value in shadow.values.items():
        now = target.told(name, canonical_value(target, name, value))
        if name not in dropped.agreed[canonical_id]:
            told.append(f"{target.connection} never agreed on its {_said(name)}, {now}")
        elif (shadow.ref.source_id, name) in target.drifted:
            then = canonical_value(target, name, target.drifted[shadow.ref.source_id, name])
            told.append(f"{target.connection} changed its {_said(name)} since, from {target.told(name, then)} to {now}")
    return ", ".join(told)


def _said(name: str) -> str:
    return name.removesuffix("_id").removesuffix("_at")


def _below(staying: Sequence[str], target: Target) -> str:
    names = ", ".join(f"{name!r}" for name in sorted(staying)[:NAMED])
    more = f" and {len(staying) - NAMED} more" if len(staying) > NAMED else ""
    return (
        f"{target.connection} has {names}{more} below it, which {'stays' if len(staying) == 1 else 'stay'} there. "
        "What to do: move or take away what is below it by hand, and plan again"
    )
