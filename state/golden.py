"""The golden records: the crosswalk in the working database, survivorship, history, and what the planner reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from mappings.match import Known
from mappings.model import FIELDS, REFERENCE_FIELDS, Dispute, Entity, Golden, Ref, Shadow, Value
from mappings.queries import query
from state.marks import touch_model
from state.working import Working


@dataclass(frozen=True, slots=True)
class Voter:
    """A connection's vote on one field of one entity; rank 1 is heard first, authorities before the others."""

    connection: str
    entity: Entity
    field: str
    rank: int
    authority: bool


def set_voters(working: Working, voters: Sequence[Voter]) -> None:
    """Install the rules of survivorship; when they changed, every golden record is out of date."""
    rows = [(v.connection, v.entity.value, v.field, v.rank, v.authority) for v in voters]
    if sorted(rows) == sorted(working.db.execute("FROM live.voters").fetchall()):
        return
    working.db.execute("TRUNCATE live.voters")
    if rows:  # DuckDB refuses to insert none
        working.db.executemany("INSERT INTO live.voters VALUES (?, ?, ?, ?, ?)", rows)
    working.db.execute("INSERT INTO live.dirty SELECT DISTINCT entity, canonical_id FROM live.links")


def forget_emails(working: Working) -> None:
    """Blank the e-mail of every person, gone ones too; the next read that may keep it brings it back."""
    working.db.execute("UPDATE shadow.records SET email = NULL, fingerprint = NULL WHERE email IS NOT NULL")


def survive(working: Working, run_id: str) -> None:
    """Compute the golden records that are out of date. A field whose value did not change keeps its run."""
    db = working.db
    if not db.execute("SELECT count(*) FROM live.dirty").fetchall()[0][0]:
        return
    db.execute("CREATE OR REPLACE TEMP TABLE candidates AS " + query("sql/candidates"))
    db.execute("CREATE OR REPLACE TEMP TABLE survivors AS " + query("sql/survivors"))
    with working.transaction():
        db.execute("CREATE OR REPLACE TEMP TABLE fields AS " + query("sql/fields"), {"run_id": run_id})
        db.execute(_FORGET.replace("{table}", "golden.fields"))
        db.execute("INSERT INTO golden.fields BY NAME FROM fields")
        db.execute(_FORGET.replace("{table}", "golden.records"))
        db.execute("INSERT INTO golden.records BY NAME " + query("sql/golden"))
        db.execute("TRUNCATE live.dirty")
        touch_model(db)
    db.execute("DROP TABLE candidates; DROP TABLE survivors; DROP TABLE fields")


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
        }
    )
    working.db.register("waiting", waiting)
    columns = "connection, entity, source_id, candidates, reason"
    now, before = (f"SELECT {columns} FROM {table}" for table in ("waiting", "live.disputes"))  # noqa: S608 - our own
    if working.db.execute(f"({now} EXCEPT {before}) UNION ALL ({before} EXCEPT {now})").fetchall():
        working.db.execute("TRUNCATE live.disputes")
        working.db.execute("INSERT INTO live.disputes BY NAME FROM waiting")
        touch_model(working.db)
    working.db.unregister("waiting")


def unlinked(working: Working, entity: Entity) -> list[Shadow]:
    """The present records of an entity that no link knows, with every field that its entity has."""
    where = (
        "ANTI JOIN live.links AS link USING (connection, entity, source_id) WHERE record.entity = ? AND record.present"
    )
    return _shadows(working, where, [entity.value], frozenset(FIELDS[entity]))


def shadows(working: Working, entity: Entity, connection: str, carries: frozenset[str]) -> list[Shadow]:
    """Every record of a connection that was ever seen, with the fields that it carries; a gone one is not active."""
    where = "WHERE record.entity = ? AND record.connection = ?"
    return _shadows(working, where, [entity.value, connection], carries)


def _shadows(working: Working, where: str, values: Sequence[Any], carries: frozenset[str]) -> list[Shadow]:
    rows = working.db.execute(f"SELECT record.* FROM shadow.records AS record {where}", values)  # noqa: S608 - our own text
    names = [column[0] for column in rows.description or []]
    found: list[Shadow] = []
    for cells in rows.fetchall():
        row = dict(zip(names, cells, strict=True))
        entity = Entity(row["entity"])
        fields = {field: row[_column(field)] for field in FIELDS[entity] if field in carries}
        found.append(Shadow(Ref(row["connection"], entity, row["source_id"]), fields, active=bool(row["present"])))
    return found


def _column(field: str) -> str:
    return field.replace("_id", "_source_id") if field in REFERENCE_FIELDS else field


def known(working: Working, entity: Entity) -> list[Known]:
    """What matching must know of the canonical records of an entity."""
    rows = working.db.execute(query("sql/known"), {"entity": entity.value}).fetchall()
    return [Known(one, tuple(path), parent, placed, frozenset(linked)) for one, path, parent, placed, linked in rows]


def goldens(working: Working, entity: Entity) -> dict[str, Golden]:
    """The golden records of an entity: canonical id → record, with the connection that each field survives from."""
    columns = ", ".join(FIELDS[entity])
    rows = working.db.execute(
        f"SELECT canonical_id, coalesce(active, false), {columns}, "  # noqa: S608 - names of our own constants
        "(SELECT map_from_entries(list((field, connection))) FROM golden.fields AS fields "
        "WHERE fields.entity = records.entity AND fields.canonical_id = records.canonical_id) "
        "FROM golden.records AS records WHERE entity = ?",
        [entity.value],
    ).fetchall()
    found: dict[str, Golden] = {}
    for canonical_id, active, *values, origin in rows:
        fields: dict[str, Value] = dict(zip(FIELDS[entity], values, strict=True))
        found[canonical_id] = Golden(entity, canonical_id, fields, dict(origin or {}), active)
    return found
