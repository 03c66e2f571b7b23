"""A plan is a value with two readers: explain it, apply it. Here is the value, its JSON and its seal."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from mappings.card import Card, Rate
from mappings.model import Entity, Op, Value

FORMAT = 1


class Status(StrEnum):
    """What will become of a change."""

    READY = "ready"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Change:
    """One write, or one that cannot or must not be made. Fields as in CONTRACT.md section 3.

    ``before`` and ``after`` hold canonical field names; a reference in ``after`` is a canonical id, for it may be of a
    record that does not exist at the target yet; in ``before`` likewise.
    """

    id: str
    connection: str
    entity: Entity
    op: Op
    status: Status
    canonical_id: str
    source_id: str | None
    before: Mapping[str, Value] | None
    after: Mapping[str, Value]
    depends_on: tuple[str, ...]
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes, totally ordered, bound to the workspace that they were computed in.

    ``accepted``: how many changes a person let through the limits, by what they are (mappings/limits.py).
    """

    plan_id: str
    created_at: datetime
    lineage: str
    generation: int
    changes: tuple[Change, ...]
    price: Mapping[str, Mapping[str, float]]
    accepted: Mapping[str, int] = field(default_factory=dict)

    def ready(self) -> tuple[Change, ...]:
        """The changes that apply will make."""
        return tuple(change for change in self.changes if change.status == Status.READY)


_PLAIN = frozenset({str, int, float, bool})


def jsonable(value: Any) -> Any:
    """A value as JSON knows it: times as ISO 8601 in UTC with ``Z``."""
    if value is None or type(value) in _PLAIN:  # most are
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(one) for one in value]
    return value


def canonical_json(value: Any) -> str:
    """The one spelling of a value that digests are taken of."""
    return json.dumps(jsonable(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def seal(plan: Plan, part_of: str | None = None) -> dict[str, Any]:
    """The plan as its JSON document, with the digest over everything else in it.

    ``part_of``: the id of the plan that its changes were picked of, kept as ``picked_from``.
    """
    document = {
        "format": FORMAT,
        "plan_id": plan.plan_id,
        "created_at": plan.created_at,
        "workspace": {"lineage": plan.lineage, "generation": plan.generation},
        "changes": [{name: getattr(change, name) for name in Change.__slots__} for change in plan.changes],
        "summary": summary(plan.changes),
        "price": plan.price,
        **({"accepted": plan.accepted} if plan.accepted else {}),
        **({"picked_from": part_of} if part_of else {}),
    }
    sealed: dict[str, Any] = jsonable(document)
    return {**sealed, "digest": digest(sealed)}


def digest(document: Mapping[str, Any]) -> str:
    """The digest of a plan's document; its own ``digest``, and what a rehearsal told of it, are left out."""
    content = {key: value for key, value in document.items() if key not in ("digest", "rehearsal")}
    return "sha256:" + hashlib.sha256(canonical_json(content).encode()).hexdigest()


def unseal(document: Any) -> Plan:
    """The plan of a sealed document.

    Raises ``ValueError`` in words when the digest does not match or a part is missing or of another form.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ValueError(f"it is not a plan of format {FORMAT}")
    if document.get("digest") != digest(document):
        raise ValueError("its digest does not match its content: it was changed after it was sealed")
    try:
        return Plan(
            plan_id=document["plan_id"],
            created_at=datetime.fromisoformat(document["created_at"]),
            lineage=document["workspace"]["lineage"],
            generation=document["workspace"]["generation"],
            changes=tuple(_change(change) for change in document["changes"]),
            price=document["price"],
            accepted=document.get("accepted", {}),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise ValueError(f"it lacks or misspells {fault}") from fault


def summary(changes: Sequence[Change]) -> dict[str, Any]:
    """Counts by status, and ready changes by connection, entity and operation."""
    statuses = Counter(change.status for change in changes)
    by: dict[str, dict[str, dict[str, int]]] = {}
    for change in changes:
        if change.status == Status.READY:
            ops = by.setdefault(change.connection, {}).setdefault(change.entity, {})
            ops[change.op] = ops.get(change.op, 0) + 1
    return {**{str(status): statuses[status] for status in Status}, "by": by}


def price(
    changes: Sequence[Change], cards: Mapping[str, Card], left: Mapping[str, int] | None = None
) -> dict[str, dict[str, float]]:
    """What the ready changes cost at each connection: reads, writes, and seconds at the pace that its card allows.

    Before the creates of an entity the target's list is read once, here as one call. ``left``: the writes that remain
    of a connection's daily budget. Where they do not suffice there are ``days`` too: how many days later the last write
    may leave.
    """
    costs: dict[str, dict[str, float]] = {}
    listed: set[tuple[str, Entity]] = set()
    for change in changes:
        if change.status != Status.READY:
            continue
        card = cards[change.connection]
        cost = card.entities[change.entity].costs[change.op]
        if change.op == Op.CREATE and (change.connection, change.entity) not in listed:
            listed.add((change.connection, change.entity))
            cost = replace(cost, reads=cost.reads + 1)
        row = costs.setdefault(change.connection, {"reads": 0, "writes": 0, "seconds": 0.0})
        row["reads"] += cost.reads
        row["writes"] += cost.writes
        writes = card.pace.reads if card.pace.shared else card.pace.writes
        seconds = cost.reads * _seconds(card.pace.reads) + cost.writes * _seconds(writes)
        row["seconds"] = round(row["seconds"] + seconds, 3)
    for name, row in costs.items():
        budget = cards[name].pace.writes_per_day
        over = int(row["writes"]) - (left or {}).get(name, budget or 0)
        if budget and over > 0:
            row["days"] = -(-over // budget)
    return costs


def _seconds(rate: Rate | None) -> float:
    return rate.seconds / rate.calls if rate else 0.0


def _change(row: Mapping[str, Any]) -> Change:
    return Change(
        id=row["id"],
        connection=row["connection"],
        entity=Entity(row["entity"]),
        op=Op(row["op"]),
        status=Status(row["status"]),
        canonical_id=row["canonical_id"],
        source_id=row["source_id"],
        before=None if row["before"] is None else typed(row["before"]),
        after=typed(row["after"]),
        depends_on=tuple(row["depends_on"]),
        rule=row["rule"],
        reason=row["reason"],
    )


def typed(values: Mapping[str, Any]) -> dict[str, Value]:
    """The values as the model knows them: times were written as text."""
    return {
        key: datetime.fromisoformat(value) if key.endswith("_at") and isinstance(value, str) else value
        for key, value in values.items()
    }
