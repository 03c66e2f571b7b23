"""What the planner reads: which records a target does not hold as they should be, and what belongs to those alone.

A record that is in step never passes through Python (shared performance notes: find the few that differ in SQL, decide
about those few in Python).
"""

from collections.abc import Collection, Sequence

from mappings.model import BY_PERSON, Entity, Value
from mappings.naming import Names, fold
from mappings.queries import query
from mappings.target import Conflict
from state.decisions import conflict_id
from state.names import trails
from state.working import Working

_NAMES = """
SELECT canonical_id, coalesce(name, title, full_name, '')
FROM golden.records WHERE entity = ? AND canonical_id IN (SELECT unnest(?))
"""
_CALLED = "SELECT canonical_id, name FROM live.flat_names WHERE canonical_id IN (SELECT unnest(?))"
_TAKEN = """
SELECT record.source_id, coalesce(record.name, record.title, ''), folds.folded, CASE
    WHEN record.parent_source_id IS NOT NULL THEN coalesce(parent.canonical_id, 'unlinked:' || record.parent_source_id)
    END
FROM shadow.records AS record
LEFT JOIN live.folds AS folds ON folds.name = record.name
LEFT JOIN live.links AS parent
    ON parent.connection = record.connection AND parent.entity = record.entity
    AND parent.source_id = record.parent_source_id
WHERE record.entity = ? AND record.connection = ? AND record.present
ORDER BY record.source_id
"""
_BACK = """
SELECT source_id, canonical_id FROM live.links
WHERE entity = ? AND connection = ? AND source_id IN (SELECT unnest(?))
"""
_BELONGINGS = """
SELECT source_id, coalesce(active, true), coalesce(member_count, 0) FROM shadow.records
WHERE entity = ? AND connection = ? AND source_id IN (SELECT unnest(?))
"""
_BACK_AT = """
SELECT canonical_id, connection FROM live.linked
WHERE entity = ? AND canonical_id IN (SELECT unnest(?)) AND connection IN (SELECT unnest(?))
    AND present AND (? OR lives)
ORDER BY ALL
"""
_BELOW = """
SELECT child.parent_source_id, child.source_id, coalesce(child.name, '')
FROM live.links AS link
JOIN shadow.records AS child
    ON child.connection = link.connection AND child.entity = link.entity AND child.parent_source_id = link.source_id
WHERE link.entity = ? AND link.connection = ? AND child.present AND link.canonical_id IN (SELECT unnest(?))
ORDER BY ALL
"""
_OPEN = """
SELECT canonical_id, field, list({'connection': voter.connection, 'value': "values"[voter.connection]} ORDER BY rank)
FROM golden.conflicts AS conflict
JOIN live.voters AS voter USING (entity, field)
WHERE entity = $entity AND map_contains("values", voter.connection)
GROUP BY ALL
"""


def differing(
    working: Working, entity: Entity, connection: str, carries: Collection[str], authority: Sequence[str]
) -> list[str]:
    """The canonical ids of the records that a target may have to be brought in step with."""
    told = {
        "entity": entity.value,
        "connection": connection,
        "carries": sorted(carries),
        "flat": "parent_id" not in carries,
        "authority": [*authority, BY_PERSON],
    }
    return [canonical_id for (canonical_id,) in working.db.execute(query("sql/differing"), told).fetchall()]


def dropped(
    working: Working, entity: Entity, connection: str, authority: Sequence[str], *, off: bool
) -> dict[str, tuple[list[str], frozenset[str]]]:
    """Canonical id → the authorities that had a record and dropped it, and the fields that a target agreed on.

    Of the records that the target still holds. ``off``: one that is switched off counts as dropped too.
    """
    told = {"entity": entity.value, "connection": connection, "authority": [*authority], "off": off}
    rows = working.db.execute(query("sql/dropped"), told).fetchall()
    return {canonical_id: (knew, frozenset(agreed or ())) for canonical_id, knew, agreed in rows}


def back_at(
    working: Working, entity: Entity, ids: Sequence[str], authority: Sequence[str], *, off: bool
) -> list[tuple[str, str]]:
    """(canonical id, authority) of these records where an authority holds them; ``off``: and has not switched off."""
    told = [entity.value, list(ids), list(authority), not off]
    return working.db.execute(_BACK_AT, told).fetchall()


def below(working: Working, entity: Entity, connection: str, ids: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Source id → (source id, name) of each record that a connection holds right below it, of these canonical ones."""
    found: dict[str, list[tuple[str, str]]] = {}
    rows = working.db.execute(_BELOW, [entity.value, connection, list(ids)]).fetchall()
    for parent, source_id, name in rows:
        found.setdefault(parent, []).append((source_id, name))
    return found


def held(working: Working, entity: Entity, connection: str) -> int:
    """How many records a connection holds."""
    sql = "SELECT count(*) FROM shadow.records WHERE entity = ? AND connection = ? AND present"
    return int(working.db.execute(sql, [entity.value, connection]).fetchall()[0][0])


def taken(working: Working, entity: Entity, connection: str) -> list[tuple[str, str, str | None]]:
    """Every record that a connection holds: source id, folded name, canonical id of the parent (``Target.taken``)."""
    rows = working.db.execute(_TAKEN, [entity.value, connection]).fetchall()
    return [(source_id, fold(name) if folded is None else folded, parent) for source_id, name, folded, parent in rows]


def belongings(
    working: Working, entity: Entity, connection: str, source_ids: Collection[str]
) -> dict[str, tuple[bool, int]]:
    """Whether each of these records is switched on, and how many members it has (0 where nobody tells)."""
    rows = working.db.execute(_BELONGINGS, [entity.value, connection, list(source_ids)]).fetchall()
    return {source_id: (active, members) for source_id, active, members in rows}


def canonical(working: Working, entity: Entity, connection: str, source_ids: Collection[str]) -> dict[str, str]:
    """Source id → canonical id of these records of a connection, where they are linked."""
    rows = working.db.execute(_BACK, [entity.value, connection, list(source_ids)]).fetchall()
    return dict(rows)


def names(working: Working, entity: Entity, ids: Sequence[str]) -> Names:
    """What these records are called, told apart from all others: their paths, and the departments in flat systems."""
    if entity == Entity.DEPARTMENT:
        return Names(trails(working, ids), dict(working.db.execute(_CALLED, [list(ids)]).fetchall()))
    called = dict(working.db.execute(_NAMES, [entity.value, list(ids)]).fetchall())
    return Names({canonical_id: (name,) for canonical_id, name in called.items()}, called)


def drifted(
    working: Working, entity: Entity, connection: str, source_ids: Collection[str]
) -> dict[tuple[str, str], Value]:
    """(source id, field) → what was agreed on, of what was changed since in these records; references as source ids."""
    told = {"entity": entity.value, "connection": connection, "ids": list(source_ids)}
    rows = working.db.execute(query("sql/drifted"), told).fetchall()
    return {(source_id, field): value for source_id, field, value in rows}


def conflicts(working: Working, entity: Entity) -> dict[tuple[str, str], Conflict]:
    """(canonical id, field) → the open conflict on it."""
    rows = working.db.execute(_OPEN, {"entity": entity.value}).fetchall()
    return {
        (canonical_id, field): Conflict(
            conflict_id(entity, canonical_id, field), {one["connection"]: one["value"] for one in says}
        )
        for canonical_id, field, says in rows
    }


def switched_off(working: Working, entity: Entity, connection: str) -> set[str]:
    """The source ids of what is there and inactive: of a vendor that knows a switch."""
    sql = "SELECT source_id FROM shadow.records WHERE entity = ? AND connection = ? AND present AND NOT active"
    return {source_id for (source_id,) in working.db.execute(sql, [entity.value, connection]).fetchall()}


def circled(working: Working, ids: Collection[str]) -> frozenset[str]:
    """Those of these departments that stand below themselves in the model: several accounts' moves make a circle."""
    rows = working.db.execute(query("sql/circled"), {"ids": sorted(ids)}).fetchall() if ids else []
    return frozenset(canonical_id for (canonical_id,) in rows)
