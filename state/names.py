"""Names of departments in flat systems: what such a system calls each, and what its names mean in the tree."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from mappings.naming import DEEPEST, Naming, Node, agreed_head, flat_names, fold, leaf, paths
from mappings.queries import query
from state.marks import DEPARTMENTS
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
_ALL_PLACED = "SELECT count(*) = (SELECT count(*) FROM golden.records WHERE entity = 'department') FROM paths"
_TO_READ = """
SELECT now.connection, now.source_id, now.name, now.above, now.agreed, now.leaves, now.inputs, old.leaf AS before
FROM qualified AS now
LEFT JOIN live.leaves AS old -- the same name is read as it was: its parent may be called otherwise by now
    ON old.connection = now.connection AND old.source_id = now.source_id AND old.name = now.name
WHERE old.inputs IS DISTINCT FROM now.inputs
"""
_READ_OTHERWISE = """
CREATE OR REPLACE TEMP TABLE unread AS -- what was read before, and is not qualified any more
FROM live.leaves ANTI JOIN qualified USING (connection, source_id);
INSERT INTO live.dirty
SELECT DISTINCT link.entity, link.canonical_id
FROM (
    SELECT reading.connection, reading.source_id
    FROM reading
    LEFT JOIN live.leaves AS old USING (connection, source_id, name)
    WHERE reading.leaf <> coalesce(old.leaf, reading.name)
    UNION ALL
    SELECT connection, source_id FROM unread WHERE leaf <> name
) AS other
JOIN live.links AS link ON link.connection = other.connection AND link.source_id = other.source_id
    AND link.entity = 'department';
DELETE FROM live.leaves AS old USING (
    SELECT connection, source_id FROM reading UNION ALL SELECT connection, source_id FROM unread
) AS other
WHERE old.connection = other.connection AND old.source_id = other.source_id;
INSERT INTO live.leaves BY NAME FROM reading;
DROP TABLE unread
"""
_RENAMED = """
CREATE OR REPLACE TEMP TABLE renamed AS
SELECT coalesce(now.canonical_id, old.canonical_id) AS canonical_id, now.name
FROM (
    SELECT canonical_id, coalesce(told.name, record.name, '') AS name
    FROM golden.records AS record
    LEFT JOIN told USING (canonical_id)
    WHERE record.entity = 'department' AND record.active
) AS now
FULL JOIN live.flat_names AS old ON old.canonical_id = now.canonical_id
WHERE now.name IS DISTINCT FROM old.name;
INSERT INTO live.unagreed SELECT 'department', canonical_id FROM renamed;
DELETE FROM live.flat_names AS old USING renamed WHERE old.canonical_id = renamed.canonical_id;
INSERT INTO live.flat_names SELECT canonical_id, name FROM renamed WHERE name IS NOT NULL;
DROP TABLE renamed
"""


def refresh_names(working: Working, naming: Naming) -> bool:
    """Bring both up to date where departments changed; whether any name is read otherwise now.

    Then the golden records that it belongs to are out of date. Nothing is done where no flat system holds departments.
    """
    db = working.db
    state = f"{working.marks.get(DEPARTMENTS)} {naming}"
    if working.marks.get(NAMES) == state:
        return False
    flat = [connection for (connection,) in db.execute(_FLAT).fetchall()]
    _place(working)
    db.execute("CREATE OR REPLACE TEMP TABLE qualified AS " + query("sql/qualified"), {"flat": flat})
    kinds = {"inputs": pa.uint64()}
    columns = ("connection", "source_id", "name", "leaf", "inputs")
    db.register("reading", _table(columns, map(_read, db.execute(_TO_READ).fetchall()), kinds))
    db.register("told", _table(("canonical_id", "name"), _told(working, naming).items() if flat else ()))
    with working.transaction():
        db.execute(_READ_OTHERWISE)
        db.execute(_RENAMED)
        working.marks.set(NAMES, state)
    db.unregister("reading")
    db.unregister("told")
    db.execute("DROP TABLE qualified")
    return bool(db.execute("FROM live.dirty LIMIT 1").fetchall())


def _place(working: Working) -> None:
    """Make ``paths``, of every department its own; they hold until one changes (``trails``)."""
    db = working.db
    db.execute("CREATE OR REPLACE TEMP TABLE paths AS " + query("sql/paths"), {"deepest": DEEPEST})
    if not db.execute(_ALL_PLACED).fetchall()[0][0]:  # one is that deep, or in a circle
        nodes = {one: Node(name, parent) for one, name, parent in db.execute(_NODES).fetchall()}
        found = paths(nodes)
        rows = pa.table(
            {"canonical_id": list(found), "path": pa.array(map(list, found.values()), pa.list_(pa.string()))}
        )
        db.register("found", rows)
        db.execute("CREATE OR REPLACE TEMP TABLE paths AS FROM found")
        db.unregister("found")
    working.made["paths"] = str(working.marks.get(DEPARTMENTS))


def _read(row: tuple[Any, ...]) -> tuple[Any, ...]:
    connection, source_id, name, above, agreed, leaves, inputs, before = row
    read = leaf(name, tuple(above), agreed_head(agreed, leaves or ()))
    return connection, source_id, name, (before if read == name and before else read), inputs


def leaves(working: Working, connection: str) -> dict[str, str]:
    """Source id → the name in the tree, of departments that a flat connection calls by more than that."""
    sql = "SELECT source_id, leaf FROM live.leaves WHERE connection = ? AND leaf <> name"
    return dict(working.db.execute(sql, [connection]).fetchall())


def trails(working: Working, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The paths of these departments."""
    if not ids:
        return {}
    if working.made.get("paths") == str(working.marks.get(DEPARTMENTS)):
        sql = "FROM paths WHERE canonical_id IN (SELECT unnest(?))"
        return {one: tuple(path) for one, path in working.db.execute(sql, [list(ids)]).fetchall()}
    rows = working.db.execute(query("sql/trails"), {"ids": list(ids)}).fetchall()
    if any(len(path) >= DEEPEST for _, path in rows):  # it is that deep, or a circle
        nodes = {one: Node(name, parent) for one, name, parent in working.db.execute(_NODES).fetchall()}
        found = paths(nodes)
        return {one: found[one] for one in ids if one in found}
    return {one: tuple(path) for one, path in rows}


def _told(working: Working, naming: Naming) -> Mapping[str, str]:
    """What departments are called that are not called by their name: with ``qualify`` those that share it, a few.

    Those are the ones whose folded name is another's too, or looks like a path, which could be another's end: only
    among these can two be called alike, for every way to qualify a name holds a separator.
    """
    if naming == Naming.LEAF:
        return {}
    some = "(SELECT canonical_id FROM golden.records WHERE entity = 'department' AND active)"
    if naming == Naming.QUALIFY:
        _fold_all(working)
        some = f"({query('sql/crowded')})"
    rows = working.db.execute(f"FROM paths SEMI JOIN {some} USING (canonical_id)").fetchall()
    return flat_names({one: tuple(path) for one, path in rows}, naming)


def _fold_all(working: Working) -> None:
    """Fold each name of a department that never was."""
    fresh = [name for (name,) in working.db.execute(_UNFOLDED).fetchall()]
    if fresh:
        working.db.register("fresh", _table(("name", "folded"), ((name, fold(name)) for name in fresh)))
        working.db.execute("INSERT INTO live.folds FROM fresh")
        working.db.unregister("fresh")


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]], kinds: Mapping[str, pa.DataType] = {}) -> pa.Table:
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    texts = zip(columns, cells, strict=True)
    return pa.table({column: pa.array(values, kinds.get(column, pa.string())) for column, values in texts})
