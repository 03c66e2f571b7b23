"""The crosswalk in the working database: the safety record's links, copied in so that SQL can join them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from mappings.known import founding_id
from mappings.model import Entity, Link, Method, Ref
from mappings.queries import query
from state.codec import stamp
from state.crosswalk import CROSSWALK, Founding
from state.marks import INHERITED, MODEL
from state.raw import quoted
from state.safety import SafetyRecord
from state.working import Working

LINKS = "links"  # the mark of the version that the copy holds
MANY = 20_000  # links: so many are added to the safety record in a thread of its own
PENDING = "pending"  # what it says while links of the copy are not in the safety record yet
TRIED = "tried"  # what it says while the copy holds links that nobody has consented to


def refresh_links(working: Working, safety: SafetyRecord) -> None:
    """Copy all links in where they differ from the copy; what is linked otherwise than before is out of date."""
    version = safety.links_version()
    if working.marks.get(LINKS) != version:
        set_links(working, safety.crosswalk_rows(), version)


def set_links(working: Working, rows: Iterable[Sequence[Any]], version: str) -> None:
    """Replace the copy by these rows (columns: ``CROSSWALK``)."""
    db = working.db
    db.register("incoming", _table(rows))
    with working.transaction():
        db.execute(
            "CREATE OR REPLACE TEMP TABLE relinked AS WITH fresh AS ("
            "SELECT connection, entity, source_id, canonical_id FROM incoming WHERE unlinked_at IS NULL) "
            "(FROM fresh EXCEPT FROM live.links) UNION ALL (FROM live.links EXCEPT FROM fresh)"
        )
        db.execute(_FORGET_BASES)
        db.execute("TRUNCATE live.crosswalk")
        if working.marks.get(LINKS) is None:  # the working database is new: what these were made of may be gone by now
            working.marks.set(INHERITED, db.execute(_INHERITED).fetchall()[0][0])
        _copied(working, version)
        db.execute("DROP TABLE relinked")
    db.unregister("incoming")


_FORGET_BASES = """
DELETE FROM live.bases AS base USING relinked
WHERE base.connection = relinked.connection AND base.entity = relinked.entity AND base.source_id = relinked.source_id
"""
_PAIRS = """
SELECT '[' || string_agg(concat('[', to_json(source_id), ',"', canonical_id, '"]'), ',') || ']'
FROM (
    SELECT source_id, canonical_id, rowid // 50_000 AS part
    FROM founders -- they stand in the order of their ids
    WHERE NOT contains(source_id, chr(0)) -- SQLite would cut such an id off
)
GROUP BY part
ORDER BY part
"""
_LINKS = """
SELECT connection, entity, method, confidence, '[' || string_agg(concat(
    '[', to_json(source_id), ',"', canonical_id, '",', to_json(evidence), ']'
), ',') || ']'
FROM (SELECT *, row_number() OVER (ORDER BY source_id) // 50_000 AS part FROM linking)
GROUP BY connection, entity, method, confidence, part
ORDER BY part
"""
_INCOMING = """
SELECT
    {} AS entity, canonical_id, {} AS connection, source_id, {} AS method, 1.0::DOUBLE AS confidence,
    {}::TIMESTAMPTZ AS linked_at, NULL::TIMESTAMPTZ AS unlinked_at
FROM founders
"""
_INHERITED = "SELECT coalesce(max(linked_at::TIMESTAMPTZ)::VARCHAR, '-infinity') FROM incoming"


def add_links(working: Working, safety: SafetyRecord, links: Sequence[Link], run_id: str, at: datetime) -> None:
    """Add links to the safety record and to its copy, which must be up to date; very many of them side by side."""
    if not links:
        return
    db, rows = working.db, _linking(links, at)
    db.register("incoming", rows)
    if len(links) < MANY or any("\0" in link.ref.source_id for link in links):  # SQLite would cut such an id off
        safety.add_links(links, run_id, at)
        _append(working, safety.links_version())
    else:
        db.register("linking", rows.append_column("evidence", pa.array([link.evidence for link in links], pa.string())))
        packed = db.execute(_LINKS).fetchall()
        db.unregister("linking")
        safety.beside(lambda: safety.add_packed(packed, run_id, at))
        _append(working, PENDING)
    db.unregister("incoming")


def try_links(working: Working, links: Sequence[Link], at: datetime) -> None:
    """Add links to the copy alone, to see what would be with them; ``refresh_links`` takes them out again."""
    if links:
        working.db.register("incoming", _linking(links, at))
        _append(working, TRIED)
        working.db.unregister("incoming")


def found_records(working: Working, safety: SafetyRecord, founding: Founding) -> None:
    """Let every unlinked record of a connection found a canonical one: links by the hundred thousand, in columns."""
    values = {"entity": founding.entity.value, "connection": founding.connection}
    working.db.execute("CREATE OR REPLACE TEMP TABLE founders AS " + query("sql/founders"), values)
    _found_others(working, safety, founding)
    odd = working.db.execute(
        "SELECT source_id, canonical_id FROM founders WHERE contains(source_id, chr(0))"
    ).fetchall()
    here = (founding.connection, founding.entity)
    links = [Link(Ref(*here, key), one, Method.FOUNDED, evidence=founding.evidence) for key, one in odd]
    if links:
        safety.add_links(links, founding.run_id, founding.at)
    pairs = [text for (text,) in working.db.execute(_PAIRS).fetchall()]
    safety.beside(lambda: safety.add_founders(founding, pairs))
    told = (founding.entity.value, founding.connection, str(Method.FOUNDED), stamp(founding.at))
    working.db.execute("CREATE OR REPLACE TEMP VIEW incoming AS " + _INCOMING.format(*map(quoted, told)))
    _append(working, PENDING)
    working.db.execute("DROP VIEW incoming; DROP TABLE founders")


def settle_links(working: Working, safety: SafetyRecord) -> None:
    """Wait for links that are still on their way into the safety record; until then the copy counts as out of date."""
    if working.marks.get(LINKS) == PENDING:
        working.marks.set(LINKS, safety.links_version())


def _found_others(working: Working, safety: SafetyRecord, founding: Founding) -> None:
    """Another id for those whose own is another record's by now, or one that a person keeps them apart from."""
    here = (founding.connection, founding.entity)
    apart: dict[str, set[str]] = {}
    for ref, canonical_id in safety.cannot_links():
        if (ref.connection, ref.entity) == here:
            apart.setdefault(ref.source_id, set()).add(canonical_id)
    linked_ids = "(SELECT canonical_id FROM live.links WHERE entity = ?)"
    found = f"SELECT source_id FROM founders WHERE canonical_id IN {linked_ids} OR source_id IN (SELECT unnest(?))"  # noqa: S608 - our own
    rows = working.db.execute(found, [founding.entity.value, sorted(apart)]).fetchall()
    taken = {one for (one,) in working.db.execute(linked_ids, [founding.entity.value]).fetchall()} if rows else set()
    for (source_id,) in rows:
        other = founding_id(Ref(*here, source_id), taken, apart.get(source_id, ()))
        working.db.execute("UPDATE founders SET canonical_id = ? WHERE source_id = ?", [other, source_id])


def all_taken(working: Working, entity: Entity, connection: str) -> bool:
    """Whether every canonical record of an entity is linked in a connection already: none is left to match there."""
    rows = working.db.execute(
        "SELECT EXISTS (FROM live.links AS one WHERE one.entity = $entity AND one.canonical_id NOT IN "
        "(SELECT canonical_id FROM live.links WHERE entity = $entity AND connection = $connection))",
        {"entity": entity.value, "connection": connection},
    ).fetchall()
    return not rows[0][0]


def any_gone(working: Working, entity: Entity, connection: str) -> bool:
    """Whether a canonical record of an entity is linked to a record of a connection that is not there any more."""
    rows = working.db.execute(
        "SELECT EXISTS (FROM shadow.records SEMI JOIN live.links USING (connection, entity, source_id) "
        "WHERE entity = $entity AND connection = $connection AND NOT present)",
        {"entity": entity.value, "connection": connection},
    ).fetchall()
    return bool(rows[0][0])


def linked(working: Working, entity: Entity, ids: Sequence[str] | None = None) -> dict[str, dict[str, str]]:
    """The live links of an entity, or of these of its canonical records: connection → canonical id → source id."""
    some = "" if ids is None else " AND canonical_id IN (SELECT unnest(?))"
    rows = working.db.execute(
        f"SELECT connection, canonical_id, source_id FROM live.links WHERE entity = ?{some}",  # noqa: S608 - our own
        [entity.value, *([] if ids is None else [list(ids)])],
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for connection, canonical_id, source_id in rows:
        found.setdefault(connection, {})[canonical_id] = source_id
    return found


def _linking(links: Sequence[Link], at: datetime) -> pa.Table:
    """Links as rows of the crosswalk, column by column: there may be hundreds of thousands."""
    refs = [link.ref for link in links]
    return pa.table(
        {
            "entity": pa.array([str(ref.entity) for ref in refs], pa.string()),
            "canonical_id": pa.array([link.canonical_id for link in links], pa.string()),
            "connection": pa.array([ref.connection for ref in refs], pa.string()),
            "source_id": pa.array([ref.source_id for ref in refs], pa.string()),
            "method": pa.array([str(link.method) for link in links], pa.string()),
            "confidence": pa.array([link.confidence for link in links], pa.float64()),
            "linked_at": pa.array([at.isoformat()] * len(links), pa.string()),
            "unlinked_at": pa.nulls(len(links), pa.string()),
        }
    )


def _append(working: Working, version: str) -> None:
    db = working.db
    relinked = "SELECT connection, entity, source_id, canonical_id FROM incoming"
    with working.transaction():
        db.execute(f"CREATE OR REPLACE TEMP VIEW relinked AS {relinked}")
        _copied(working, version)
        db.execute("DROP VIEW relinked")


def _copied(working: Working, version: str) -> None:
    """Take ``incoming`` over, and mark what ``relinked`` names, and what refers to it, as out of date."""
    db = working.db
    db.execute("INSERT INTO live.crosswalk BY NAME FROM incoming")
    if not db.execute("FROM golden.records LIMIT 1").fetchall():  # all are out of date then: one of each tells it
        db.execute("INSERT INTO live.dirty SELECT entity, any_value(canonical_id) FROM relinked GROUP BY entity")
    else:
        db.execute("INSERT INTO live.dirty SELECT entity, canonical_id FROM relinked")
        _mark_referring(db)
    working.marks.set(LINKS, version)
    working.marks.count(MODEL)


def _mark_referring(db: duckdb.DuckDBPyConnection) -> None:
    """Mark what refers to what ``relinked`` names as out of date."""
    if db.execute("SELECT EXISTS (FROM relinked WHERE entity IN ('department', 'person'))").fetchall()[0][0]:
        db.execute(query("sql/referring"))  # nothing refers to teams and tasks


def _table(rows: Iterable[Sequence[Any]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(CROSSWALK)
    kinds = {"confidence": pa.float64()}
    return pa.table(
        {name: pa.array(column, kinds.get(name, pa.string())) for name, column in zip(CROSSWALK, columns, strict=True)}
    )
