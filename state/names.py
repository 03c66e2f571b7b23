"""Names of departments in flat systems: what such a system calls each, and what its names mean in the tree."""

from collections.abc import Collection, Iterable, Mapping

import pyarrow as pa

from mappings.naming import DEEPEST, SEPARATOR, Naming, Node, agreed_head, flat_names, fold, leaf, paths
from mappings.queries import query
from state.marks import DEPARTMENTS, mark, set_mark
from state.working import Working

NAMES = "names"  # the mark of the departments and the policy that they were made of

_FLAT = """
SELECT DISTINCT connection FROM live.voters WHERE entity = 'department'
EXCEPT SELECT connection FROM live.voters WHERE entity = 'department' AND field = 'parent_id'
"""
_UNFOLDED = """
SELECT DISTINCT coalesce(name, '') AS name FROM golden.records WHERE entity = 'department'
EXCEPT SELECT name FROM live.folds
"""
_NODES = "SELECT canonical_id, coalesce(name, ''), parent_id FROM golden.records WHERE entity = 'department'"
_QUALIFIED = """
SELECT
    record.connection, record.source_id, record.name, golden.parent_id, base.value AS agreed,
    list(other.value) AS leaves,
    any_value(reading.leaf) AS before
FROM shadow.records AS record
JOIN live.links AS link USING (connection, entity, source_id)
JOIN golden.records AS golden ON golden.entity = 'department' AND golden.canonical_id = link.canonical_id
LEFT JOIN live.bases AS base
    ON base.connection = record.connection AND base.entity = record.entity AND base.source_id = record.source_id
    AND base.field = 'name' AND contains(base.value, ' / ')
LEFT JOIN live.links AS beside
    ON beside.entity = 'department' AND beside.canonical_id = link.canonical_id AND beside.connection <> link.connection
    AND base.value IS NOT NULL
LEFT JOIN live.bases AS other
    ON other.connection = beside.connection AND other.entity = 'department' AND other.source_id = beside.source_id
    AND other.field = 'name'
LEFT JOIN live.leaves AS reading -- the same name is read as it was: its parent may be called otherwise by now
    ON reading.connection = record.connection AND reading.source_id = record.source_id AND reading.name = record.name
WHERE record.entity = 'department' AND contains(record.name, ' / ') AND golden.parent_id IS NOT NULL
    AND record.connection IN (SELECT unnest($flat))
GROUP BY ALL
"""
_READ_OTHERWISE = """
INSERT INTO live.dirty
SELECT DISTINCT link.entity, link.canonical_id
FROM ((FROM reading EXCEPT FROM live.leaves) UNION ALL (FROM live.leaves EXCEPT FROM reading)) AS other
JOIN live.links AS link ON link.connection = other.connection AND link.source_id = other.source_id
    AND link.entity = 'department'
"""
_RENAMED = """
INSERT INTO live.unagreed
SELECT DISTINCT 'department', canonical_id
FROM ((FROM called EXCEPT FROM live.flat_names) UNION ALL (FROM live.flat_names EXCEPT FROM called))
"""
_CALLED = """
CREATE OR REPLACE TEMP TABLE called AS
SELECT canonical_id, coalesce(told.name, record.name, '') AS name
FROM golden.records AS record
LEFT JOIN told USING (canonical_id)
WHERE record.entity = 'department' AND record.active
"""


def refresh_names(working: Working, naming: Naming) -> bool:
    """Bring both up to date where departments changed; whether any name is read otherwise now.

    Then the golden records that it belongs to are out of date. Nothing is done where no flat system holds departments.
    """
    db = working.db
    state = f"{mark(db, DEPARTMENTS)} {naming}"
    if mark(db, NAMES) == state:
        return False
    flat = [connection for (connection,) in db.execute(_FLAT).fetchall()]
    rows = db.execute(_QUALIFIED, {"flat": flat}).fetchall() if flat else []
    above = trails(working, {row[3] for row in rows})
    read = [
        (connection, source_id, name, SEPARATOR.join(path), before if read == name and before else read)
        for connection, source_id, name, parent, agreed, leaves, before in rows
        for path in [above.get(parent, ())]
        for read in [leaf(name, path, agreed_head(agreed, leaves))]
    ]
    columns = ("connection", "source_id", "name", "above", "leaf")
    db.register("reading", _table(columns, (row for row in read if row[2] != row[4])))
    db.register("told", _table(("canonical_id", "name"), _told(working, naming).items() if flat else ()))
    db.execute(_CALLED)
    with working.transaction():
        db.execute(_READ_OTHERWISE)
        db.execute("TRUNCATE live.leaves; INSERT INTO live.leaves FROM reading")
        db.execute(_RENAMED)
        db.execute("TRUNCATE live.flat_names; INSERT INTO live.flat_names FROM called")
        set_mark(db, NAMES, state)
    db.unregister("reading")
    db.unregister("told")
    db.execute("DROP TABLE called")
    return bool(db.execute("FROM live.dirty LIMIT 1").fetchall())


def trails(working: Working, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The paths of these departments."""
    if not ids:
        return {}
    rows = working.db.execute(query("sql/trails"), {"ids": list(ids)}).fetchall()
    if any(len(path) >= DEEPEST for _, path in rows):  # it is that deep, or a circle
        nodes = {one: Node(name, parent) for one, name, parent in working.db.execute(_NODES).fetchall()}
        found = paths(nodes)
        return {one: found[one] for one in ids if one in found}
    return {one: tuple(path) for one, path in rows}


def _told(working: Working, naming: Naming) -> Mapping[str, str]:
    """What departments are called that are not called by their name: with ``qualify`` those that share it, a few."""
    if naming == Naming.LEAF:
        return {}
    crowded = [] if naming == Naming.PATH else _crowded(working)
    sql = "SELECT canonical_id FROM golden.records WHERE entity = 'department' AND active"
    ids = crowded if naming == Naming.QUALIFY else [one for (one,) in working.db.execute(sql).fetchall()]
    return flat_names(trails(working, ids), naming)


def _crowded(working: Working) -> list[str]:
    """The departments whose folded name is another's too, or looks like a path, which could be another's end.

    Only among these can two be called alike: every way to qualify a name holds a separator. Each name is folded once.
    """
    fresh = [name for (name,) in working.db.execute(_UNFOLDED).fetchall()]
    working.db.register("fresh", _table(("name", "folded"), ((name, fold(name)) for name in fresh)))
    working.db.execute("INSERT INTO live.folds FROM fresh")
    working.db.unregister("fresh")
    return [one for (one,) in working.db.execute(query("sql/crowded")).fetchall()]


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> pa.Table:
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pa.table({column: pa.array(values, pa.string()) for column, values in zip(columns, cells, strict=True)})
