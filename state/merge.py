"""What the three-way merge remembers in the working database: bases, pins, and what each connection says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from mappings.model import Entity, Pin, Ref, Value
from mappings.queries import query
from state.codec import stamp
from state.golden import step
from state.links import PENDING
from state.safety import SafetyRecord
from state.working import Working

BASES = "bases"  # the mark of the version that the copy holds

_COPY = """
CREATE OR REPLACE TEMP TABLE incoming AS
SELECT
    connection, entity, source_id, field,
    CASE
        WHEN starts_with(value, '{') THEN (json_extract_string(value, '$."$at"'))::TIMESTAMPTZ::VARCHAR
        ELSE json_extract_string(value, '$')
    END AS value,
    seq::BIGINT AS seq, written::INTEGER AS written
FROM arriving
"""
_FORGET = """
DELETE FROM live.bases AS old USING incoming AS new
WHERE old.connection = new.connection AND old.entity = new.entity AND old.source_id = new.source_id
    AND old.field = new.field
"""
_OF_LINKED = """
INSERT INTO live.dirty
SELECT DISTINCT entity, canonical_id FROM incoming JOIN live.links USING (connection, entity, source_id)
"""
_AGREEING = """
SELECT
    connection, entity, source_id, field, raw AS value,
    CASE
        WHEN raw IS NULL THEN 'null'
        WHEN field = 'completed' THEN raw
        WHEN field = 'due_at' THEN '{"$at":"' || strftime(raw::TIMESTAMPTZ, '%Y-%m-%dT%H:%M:%S.%f') || '+00:00"}'
        ELSE to_json(raw)::VARCHAR
    END AS packed,
    $seq::BIGINT AS seq, 0 AS written
FROM agreeing
WHERE holds AND (settled OR NOT authority)
    AND NOT (based AND base IS NOT DISTINCT FROM raw AND NOT (written > 0 AND authority))
"""
_PACKED = """
SELECT connection, entity, '[' || string_agg(concat(
    '[', to_json(source_id), ',"', field, '",', to_json(packed), ']'
), ',') || ']'
FROM (
    SELECT *, row_number() OVER (ORDER BY connection, entity, source_id) // 50_000 AS part
    FROM incoming
    WHERE NOT contains(source_id, chr(0)) -- SQLite would cut such an id off
)
GROUP BY connection, entity, part
ORDER BY part
"""
_OUTLIVED = """
SELECT pin.entity, pin.canonical_id, pin.field
FROM live.pins AS pin
JOIN agreeing USING (entity, canonical_id, field)
WHERE pin.hold = 'resolved'
GROUP BY ALL
HAVING bool_or(moved) OR bool_and(settled AND holds)
"""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What one linked connection says of a field: ``raw`` in its own terms (source ids), ``value`` in canonical ones.

    ``base`` is what it last agreed on, in its own terms, where it ever did (``based``); ``moved``: it is an authority
    and says another thing now.
    """

    ref: Ref
    raw: Value
    value: Value
    base: Value
    based: bool
    moved: bool
    rank: int
    authority: bool


def refresh_bases(working: Working, safety: SafetyRecord) -> None:
    """Copy in the bases that moved since the copy was made; records that they are of are out of date."""
    db = working.db
    lineage, version = safety.lineage, safety.bases_version
    held_lineage, _, held = (working.marks.get(BASES) or "").rpartition(" ")
    known = int(held) if held_lineage == lineage and int(held) <= version else -1
    if known == version:
        return
    columns = ("connection", "entity", "source_id", "field", "value", "seq", "written")
    db.register("arriving", _table(columns, safety.bases_since(known)))
    with working.transaction():
        if known < 0:
            db.execute("TRUNCATE live.bases")
        db.execute(_COPY)
        _take_over(db)
        db.execute(_OF_LINKED)
        working.marks.set(BASES, f"{lineage} {version}")
    db.unregister("arriving")
    db.execute("DROP TABLE incoming")


def _take_over(db: duckdb.DuckDBPyConnection) -> None:
    """Let ``incoming`` replace the bases of the same fields."""
    if db.execute("FROM live.bases LIMIT 1").fetchall():
        db.execute(_FORGET)
    db.execute("INSERT INTO live.bases BY NAME FROM incoming")


def set_pins(working: Working, pins: Iterable[Pin]) -> None:
    """Take over the values that people gave; a record whose pins are others than before is out of date."""
    rows = [(str(pin.entity), pin.canonical_id, pin.field, _text(pin.value), str(pin.hold)) for pin in pins]
    now, before = set(rows), set(working.db.execute("FROM live.pins").fetchall())
    if now == before:
        return
    with working.transaction():
        working.db.execute("TRUNCATE live.pins")
        if rows:  # DuckDB refuses to insert none
            working.db.executemany("INSERT INTO live.pins VALUES (?, ?, ?, ?, ?)", rows)
        touched = sorted({row[:2] for row in now ^ before})
        working.db.executemany("INSERT INTO live.dirty VALUES (?, ?)", touched)


def _text(value: Value) -> str | None:
    """A value as DuckDB writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return stamp(value) if isinstance(value, datetime) else str(value)


def agree(working: Working, safety: SafetyRecord, run_id: str, at: datetime, *, stood: bool = False) -> None:
    """Move the bases of what was merged since the last time to what its connections hold now.

    A value that settled a conflict ends here once all authorities hold it, or one of them said something new.
    ``stood``: what they say is there already, as ``survive`` left it, of all records.
    """
    db = working.db
    if not db.execute("FROM live.unagreed LIMIT 1").fetchall():
        return
    if stood:
        db.execute("ALTER TABLE stood RENAME TO standpoints")
    else:
        _stand(working, "live.unagreed")
    db.execute("CREATE OR REPLACE TEMP TABLE agreeing AS " + query("sql/agreeing"))
    for entity, canonical_id, field in db.execute(_OUTLIVED).fetchall():
        safety.end_pin(Entity(entity), canonical_id, field, at)
        db.execute(
            "DELETE FROM live.pins WHERE (entity, canonical_id, field) = (?, ?, ?)", [entity, canonical_id, field]
        )
    db.execute("CREATE OR REPLACE TEMP TABLE incoming AS " + _AGREEING, {"seq": safety.bases_version + 1})
    agreed = db.execute(_PACKED).fetchall()
    in_step = working.marks.get(BASES) == f"{safety.lineage} {safety.bases_version}"
    if agreed:
        safety.beside(lambda: safety.agree_packed(agreed, run_id, at))
    with working.transaction():
        db.execute("ALTER TABLE incoming DROP packed")
        _take_over(db)
        if agreed:
            working.marks.set(BASES, PENDING if in_step else "")
        db.execute("TRUNCATE live.unagreed")
    db.execute("DROP TABLE incoming; DROP TABLE agreeing; DROP TABLE standpoints; DROP TABLE IF EXISTS candidates")


def settle_bases(working: Working, safety: SafetyRecord) -> None:
    """Wait for bases that are still on their way into the safety record; until then the copy counts as unknown."""
    if working.marks.get(BASES) == PENDING:
        working.marks.set(BASES, f"{safety.lineage} {safety.bases_version}")


def standpoints(working: Working, entity: Entity, canonical_id: str, field: str) -> list[Standpoint]:
    """What each linked connection says of a field of a canonical record, the first authority first."""
    db = working.db
    db.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT ? AS entity, ? AS canonical_id", [entity, canonical_id])
    _stand(working, "asked")
    rows = db.execute(
        "SELECT connection, source_id, raw, value, base, based, moved, rank, authority FROM standpoints "
        "WHERE field = ? ORDER BY rank, source_id",
        [field],
    ).fetchall()
    db.execute("DROP TABLE asked; DROP TABLE standpoints; DROP TABLE candidates")
    return [Standpoint(Ref(row[0], entity, row[1]), *row[2:]) for row in rows]


def _stand(working: Working, records: str) -> None:
    """Make ``candidates`` and ``standpoints`` of the records that a table names."""
    for table in ("candidates", "standpoints"):
        working.db.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {step(table, records)}")


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.Table:
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pa.table({column: pa.array(values, pa.string()) for column, values in zip(columns, cells, strict=True)})
