"""The crosswalk in the working database: the safety record's links, copied in so that SQL can join them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from mappings.model import Entity, Link, Method
from mappings.queries import query
from state.crosswalk import CROSSWALK, Founding
from state.marks import INHERITED, mark, set_mark, touch_model
from state.safety import SafetyRecord
from state.working import Working

LINKS = "links"  # the mark of the version that the copy holds


def refresh_links(working: Working, safety: SafetyRecord) -> None:
    """Copy all links in where they differ from the copy; what is linked otherwise than before is out of date."""
    version = safety.links_version()
    if mark(working.db, LINKS) != version:
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
        db.execute("TRUNCATE live.crosswalk")
        if mark(db, LINKS) is None:  # the working database is new: what these were made of may be gone by now
            db.execute(_INHERIT, [INHERITED])
        _copied(working, version)
    db.unregister("incoming")


_INHERIT = """
INSERT OR REPLACE INTO live.marks
SELECT ?, coalesce(max(linked_at::TIMESTAMPTZ)::VARCHAR, '-infinity') FROM incoming
"""


def add_links(working: Working, safety: SafetyRecord, links: Sequence[Link], run_id: str, at: datetime) -> None:
    """Add links to the safety record, and then to its copy, which must be up to date."""
    if not links:
        return
    safety.add_links(links, run_id, at)
    working.db.register("incoming", _table(_row(link, at) for link in links))
    _append(working, safety)
    working.db.unregister("incoming")


def found_records(working: Working, safety: SafetyRecord, founding: Founding) -> None:
    """Let every unlinked record of a connection found a canonical one: links by the hundred thousand, in columns."""
    values = {"entity": founding.entity.value, "connection": founding.connection}
    working.db.execute("CREATE OR REPLACE TEMP TABLE founders AS " + query("sql/founders"), values)
    safety.add_founders(founding, _streamed(working.db.execute("SELECT source_id, canonical_id FROM founders")))
    told = {**values, "method": str(Method.FOUNDED), "at": founding.at}
    working.db.execute(
        "CREATE OR REPLACE TEMP TABLE incoming AS SELECT $entity AS entity, canonical_id, $connection AS connection, "
        "source_id, $method AS method, 1.0::DOUBLE AS confidence, $at::TIMESTAMPTZ AS linked_at, "
        "NULL::TIMESTAMPTZ AS unlinked_at FROM founders",
        told,
    )
    _append(working, safety)
    working.db.execute("DROP TABLE incoming; DROP TABLE founders")


def _streamed(answer: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    while rows := answer.fetchmany(10_000):
        yield from rows


def waiting(working: Working, entity: Entity) -> list[str]:
    """The connections that have present records of an entity without a link."""
    rows = working.db.execute(
        "SELECT DISTINCT connection FROM shadow.records AS record ANTI JOIN live.links "
        "USING (connection, entity, source_id) WHERE record.entity = ? AND record.present",
        [entity.value],
    ).fetchall()
    return sorted(connection for (connection,) in rows)


def all_taken(working: Working, entity: Entity, connection: str) -> bool:
    """Whether every canonical record of an entity is linked in a connection already: none is left to match there."""
    rows = working.db.execute(
        "SELECT EXISTS (FROM live.links AS one WHERE one.entity = $entity AND one.canonical_id NOT IN "
        "(SELECT canonical_id FROM live.links WHERE entity = $entity AND connection = $connection))",
        {"entity": entity.value, "connection": connection},
    ).fetchall()
    return not rows[0][0]


def linked(working: Working, entity: Entity) -> dict[str, dict[str, str]]:
    """The live links of an entity: connection → canonical id → source id."""
    rows = working.db.execute(
        "SELECT connection, canonical_id, source_id FROM live.links WHERE entity = ?", [entity.value]
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for connection, canonical_id, source_id in rows:
        found.setdefault(connection, {})[canonical_id] = source_id
    return found


def _row(link: Link, at: datetime) -> tuple[Any, ...]:
    ref = link.ref
    key = (str(ref.entity), link.canonical_id, ref.connection, ref.source_id)
    return (*key, str(link.method), link.confidence, at.isoformat(), None)


def _append(working: Working, safety: SafetyRecord) -> None:
    db = working.db
    relinked = "SELECT connection, entity, source_id, canonical_id FROM incoming"
    with working.transaction():
        db.execute(f"CREATE OR REPLACE TEMP TABLE relinked AS {relinked}")
        _copied(working, safety.links_version())


def _copied(working: Working, version: str) -> None:
    """Take ``incoming`` over, and mark what ``relinked`` names, and what refers to it, as out of date."""
    db = working.db
    db.execute("INSERT INTO live.dirty SELECT DISTINCT entity, canonical_id FROM relinked")
    db.execute("INSERT INTO live.crosswalk BY NAME FROM incoming")
    if db.execute("SELECT EXISTS (FROM relinked WHERE entity IN ('department', 'person'))").fetchall()[0][0]:
        db.execute(query("sql/referring"))  # nothing refers to teams and tasks
    set_mark(db, LINKS, version)
    touch_model(db)


def _table(rows: Iterable[Sequence[Any]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(CROSSWALK)
    kinds = {"confidence": pa.float64()}
    return pa.table(
        {name: pa.array(column, kinds.get(name, pa.string())) for name, column in zip(CROSSWALK, columns, strict=True)}
    )
