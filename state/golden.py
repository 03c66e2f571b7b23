"""The golden records: the crosswalk in the working database, survivorship, history, and what the planner reads."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import duckdb
import pyarrow as pa

from mappings.known import Known
from mappings.model import FIELDS, REFERENCE_FIELDS, Dispute, Entity, Golden, Ref, Shadow, Value
from mappings.queries import query
from state.marks import DEPARTMENTS, MODEL
from state.working import Working


def survive(working: Working, run_id: str) -> bool:
    """Compute the golden records that are out of date. A field whose value did not change keeps its run.

    Whether those are all there are: then what each connection says of them is left in ``stood``.
    """
    db = working.db
    dirty = db.execute("SELECT count(*), count(*) FILTER (entity = 'department') FROM live.dirty").fetchall()[0]
    if not dirty[0]:
        return False
    first = not db.execute("FROM golden.records LIMIT 1").fetchall()  # then all are, whatever was noted (links.py)
    rows = query("sql/shared").replace("{dirty}", "live.links" if first else "live.dirty")
    db.execute(f"CREATE OR REPLACE TEMP TABLE shared AS {rows}")
    contested = bool(db.execute("FROM shared LIMIT 1").fetchall())
    for table in _STEPS if contested else ():
        db.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {step(table, 'shared')}")
    (held,) = db.execute("SELECT count(*) FROM live.crosswalk").fetchall()[0]
    many = first or dirty[0] * 4 > held
    with _as_written(db) if many else nullcontext(), working.transaction():
        _replace(db, run_id, contested=contested, first=first)
        if many or db.execute(f"FROM {_ALONE} LIMIT 1").fetchall():
            statement = _ALL_ALONE if first else _MANY_ALONE if many else _FEW_ALONE
            db.execute(statement, {"run": _number(working, run_id)})
        db.execute("INSERT INTO live.unagreed FROM shared")
        db.execute("TRUNCATE live.dirty")
        working.marks.count(MODEL, *((DEPARTMENTS,) if dirty[1] or first else ()))
    if first and contested:
        db.execute("DROP TABLE IF EXISTS stood; ALTER TABLE standpoints RENAME TO stood")
    db.execute("".join(f"DROP TABLE IF EXISTS {table};" for table in ("shared", *_STEPS, *_FORMER)))
    return first and contested


def _replace(db: duckdb.DuckDBPyConnection, run_id: str, *, contested: bool, first: bool) -> None:
    """Put what the merge took in the place of what was: without ``contested``, nothing is merged."""
    told = {"golden.fields": {"run_id": run_id}}
    for name, rows in _FORMER.items():
        if contested or name == "former_records":
            db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows}{' LIMIT 0' if first else ''}")
    for table, rows in _MADE.items():
        if db.execute(f"FROM {table} LIMIT 1").fetchall():
            db.execute(_FORGET.replace("{table}", table))
        if contested:
            db.execute(f"INSERT INTO {table} BY NAME {rows}", told.get(table))


@contextmanager
def _as_written(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Join tables as they stand, the right one in memory: DuckDB itself keeps a million wide rows, and has no room."""
    db.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    try:
        yield
    finally:
        db.execute("RESET disabled_optimizers")


def _number(working: Working, run_id: str) -> int:
    """The number of a run: a million records tell it six times each."""
    rows = working.db.execute("SELECT number FROM golden.runs WHERE run_id = ?", [run_id]).fetchall()
    if rows:
        return int(rows[0][0])
    added = "INSERT INTO golden.runs SELECT coalesce(max(number), 0) + 1, ? FROM golden.runs RETURNING number"
    return int(working.db.execute(added, [run_id]).fetchall()[0][0])


def sole(records: str) -> str:
    """The fields of records that stand alone, as SQL: canonical id, field, value, whose it is, rule and run."""
    return query("sql/sole").replace("{records}", records)


def step(name: str, records: str) -> str:
    """One step of the merge as SQL, for the canonical records that a table names."""
    chosen = query("sql/linked").replace(
        "live.links AS own USING (connection, entity, source_id)", "chosen AS own ON own.place = record.rowid"
    )
    return query(f"sql/{name}").replace("{linked}", chosen).replace("{records}", records)


_ALONE = (
    "(FROM live.links SEMI JOIN live.dirty USING (entity, canonical_id) ANTI JOIN shared USING (entity, canonical_id))"
)
_PLACED = (  # told by their place in the table: of a million rows only theirs are then read as a whole
    f"(SELECT record.rowid AS place, link.canonical_id FROM {_ALONE} AS link "  # noqa: S608 - our own
    "JOIN shadow.records AS record USING (connection, entity, source_id)) AS own ON own.place = record.rowid"
)
_FIRST_ALONE = "(FROM live.links ANTI JOIN shared USING (entity, canonical_id))"
_ALL_ALONE, _MANY_ALONE, _FEW_ALONE = (
    "INSERT INTO golden.records BY NAME "
    + query("sql/sole_golden").replace(
        "{linked}", query("sql/linked").replace("live.links AS own USING (connection, entity, source_id)", own)
    )
    for own in (*(f"{alone} AS own USING (connection, entity, source_id)" for alone in (_FIRST_ALONE, _ALONE)), _PLACED)
)
_STEPS = ("candidates", "standpoints", "merged")
_CONTESTED = "(FROM former_records SEMI JOIN (FROM candidates WHERE NOT alone) USING (entity, canonical_id))"
_FORMER = {
    "former_records": (
        "FROM golden.records WHERE rowid IN "
        "(SELECT own.rowid FROM golden.records AS own SEMI JOIN live.dirty USING (entity, canonical_id))"
    ),
    "former": (
        "FROM golden.fields SEMI JOIN live.dirty USING (entity, canonical_id) "
        f"UNION ALL BY NAME FROM ({query('sql/sole').replace('{records}', _CONTESTED)})"
    ),
}
_MADE = {
    "golden.fields": query("sql/fields"),
    "golden.records": query("sql/golden"),  # those that stand alone follow
    "golden.conflicts": (
        'SELECT entity, canonical_id, field, conflict AS "values" FROM merged WHERE conflict IS NOT NULL'
    ),
}
_FORGET = """
DELETE FROM {table} AS old USING live.dirty AS dirty
WHERE old.entity = dirty.entity AND old.canonical_id = dirty.canonical_id
"""


def set_disputes(working: Working, disputes: Sequence[Dispute]) -> None:
    """Remember what waits for a person; replaces what was there."""
    waiting = pa.table(
        {
            "connection": pa.array([one.ref.connection for one in disputes], pa.string()),
            "entity": pa.array([one.ref.entity.value for one in disputes], pa.string()),
            "source_id": pa.array([one.ref.source_id for one in disputes], pa.string()),
            "candidates": pa.array([one.candidates for one in disputes], pa.list_(pa.string())),
            "reason": pa.array([one.reason for one in disputes], pa.string()),
            "question": pa.array([one.question.value for one in disputes], pa.string()),
            "score": pa.array([one.score for one in disputes], pa.float64()),
            "runner_up": pa.array([one.runner_up for one in disputes], pa.float64()),
            "evidence": pa.array([one.evidence for one in disputes], pa.map_(pa.string(), pa.float64())),
        }
    )
    working.db.register("waiting", waiting)
    columns = "connection, entity, source_id, candidates, reason, question, score, runner_up, evidence"
    now, before = (f"SELECT {columns} FROM {table}" for table in ("waiting", "live.disputes"))  # noqa: S608 - our own
    if working.db.execute(f"({now} EXCEPT {before}) UNION ALL ({before} EXCEPT {now})").fetchall():
        working.db.execute("TRUNCATE live.disputes")
        working.db.execute("INSERT INTO live.disputes BY NAME FROM waiting")
        working.marks.count(MODEL)
    working.db.unregister("waiting")


def unlinked(working: Working, entity: Entity) -> list[Shadow]:
    """The present records of an entity that no link knows, with every field that its entity has."""
    where = (
        "ANTI JOIN live.links AS link USING (connection, entity, source_id) WHERE record.entity = ? AND record.present"
    )
    return _shadows(working, entity, where, [entity.value], frozenset(FIELDS[entity]))


def shadows(working: Working, entity: Entity, connection: str, carries: frozenset[str]) -> list[Shadow]:
    """Every record of a connection that was ever seen, with the fields that it carries; a gone one is not active."""
    where = "WHERE record.entity = ? AND record.connection = ?"
    return _shadows(working, entity, where, [entity.value, connection], carries)


def shadows_of(
    working: Working, entity: Entity, connection: str, carries: frozenset[str], ids: Sequence[str]
) -> list[Shadow]:
    """The same of these canonical records only."""
    where = (
        "JOIN live.links AS link USING (connection, entity, source_id) "
        "WHERE record.entity = ? AND record.connection = ? AND link.canonical_id IN (SELECT unnest(?))"
    )
    return _shadows(working, entity, where, [entity.value, connection, list(ids)], carries)


def _shadows(
    working: Working, entity: Entity, where: str, values: Sequence[Any], carries: frozenset[str]
) -> list[Shadow]:
    fields = [field for field in FIELDS[entity] if field in carries]
    columns = ", ".join(f"record.{column}" for column in ("connection", "source_id", "present", *map(_column, fields)))
    rows = working.db.execute(f"SELECT {columns} FROM shadow.records AS record {where}", values)  # noqa: S608 - our own text
    return [
        Shadow(Ref(connection, entity, source_id), dict(zip(fields, cells, strict=True)), active=bool(present))
        for connection, source_id, present, *cells in rows.fetchall()
    ]


def _column(field: str) -> str:
    return field.replace("_id", "_source_id") if field in REFERENCE_FIELDS else field


def known(working: Working, entity: Entity) -> list[Known]:
    """What matching must know of the canonical records of an entity."""
    rows = working.db.execute(query("sql/known"), {"entity": entity.value}).fetchall()
    sets: dict[tuple[str, ...], frozenset[str]] = {}  # a hundred thousand records are linked in the same few ways
    found: list[Known] = []
    for one, path, parent, placed, linked, gone in rows:
        linked_in, gone_in = (sets.setdefault(key, frozenset(key)) for key in (tuple(linked), tuple(gone)))
        found.append(Known(one, tuple(path), parent, placed, linked_in, gone_in))
    return found


def other_names(working: Working, entity: Entity) -> dict[Ref, str]:
    """What linked records are called in their connections, where the canonical ones are called otherwise."""
    rows = working.db.execute(_OTHER_NAMES, {"entity": entity.value}).fetchall()
    return {Ref(connection, entity, source_id): name for connection, source_id, name in rows}


_OTHER_NAMES = """
SELECT record.connection, record.source_id, record.name
FROM shadow.records AS record
JOIN live.links AS link USING (connection, entity, source_id)
JOIN golden.records AS golden ON golden.entity = link.entity AND golden.canonical_id = link.canonical_id
WHERE record.entity = $entity AND record.present AND record.name <> golden.name
"""


def goldens(working: Working, entity: Entity, ids: Sequence[str]) -> dict[str, Golden]:
    """These golden records of an entity: canonical id → record, with the connection that each field survives from."""
    columns = ", ".join(FIELDS[entity])
    rows = working.db.execute(query("sql/goldens").replace("{fields}", columns), {"entity": entity, "ids": list(ids)})
    found: dict[str, Golden] = {}
    for canonical_id, active, origin, *values in rows.fetchall():
        fields: dict[str, Value] = dict(zip(FIELDS[entity], values, strict=True))
        found[canonical_id] = Golden(entity, canonical_id, fields, dict(origin or {}), active)
    return found
