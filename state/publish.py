"""Publish: build the analysts' file beside its place and swap it in whole, so that readers see the old or the new.

DuckDB lets one process write and nobody else read meanwhile; hence the working database is private, and this is a copy.
"""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from enum import StrEnum
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import duckdb
import pyarrow as pa

from mappings.plan import canonical_json
from mappings.provenance import PARTS, VIEW
from mappings.queries import query
from mappings.tables import MACROS, TABLES, Table
from mappings.views import VIEWS
from state.errors import StateError
from state.links import refresh_links
from state.marks import MODEL
from state.questions import decided_matches, decided_values
from state.raw import quoted
from state.safety import SafetyRecord
from state.swapping import make_durable
from state.working import PACKING, Working

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

STORAGE = "v1.0.0"  # so that analysts' older DuckDBs can open it
MODE = 0o640
ROOM = 2**20  # bytes; a disk with less is full
PUBLISHED = "published"  # the mark of the model and the file that shows it

_FROM_WORKING: Mapping[str, str] = {
    "org.departments": query("org/departments"),
    "org.teams": query("org/teams"),
    "org.team_members": query("org/team_members"),
    "org.people": query("org/people"),
    "org.tasks": query("org/tasks"),
    "org.crosswalk": "FROM live.crosswalk",
    "org.provenance_merged": query("org/provenance_merged"),
    "org.provenance_single": query("org/provenance_single"),
    "org.provenance_rules": query("org/provenance_rules"),
    "org.provenance_runs": "FROM golden.runs",
    "org.linked_records": query("org/linked_records"),
    "org.department_history": "SELECT * EXCLUDE (fingerprint) FROM history.departments",
    "org.team_history": "SELECT * EXCLUDE (fingerprint) FROM history.teams",
    "org.task_history": "SELECT * EXCLUDE (fingerprint) FROM history.tasks",
    "ops.proposals": query("org/disputes"),
    "ops.conflicts": query("org/conflicts"),
}


def publish(working: Working, safety: SafetyRecord, path: Path) -> None:
    """Write the published file: every table of ``mappings.tables``, with its comments, in one atomic swap.

    Open readers keep the old file; its mode is kept. Raises ``StateError`` when the place cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear(path)
        refresh_links(working, safety)
        if again := working.marks.get(PUBLISHED) == _state(working, path):  # the model is the one that stands there
            shutil.copyfile(path, fresh)
        _build(working, safety, fresh, path.stem.casefold(), again=again)
        fresh.chmod(path.stat().st_mode & 0o777 if path.exists() else MODE)
        _swap(fresh, path)
        working.marks.set(PUBLISHED, _state(working, path))
    except (OSError, duckdb.Error) as fault:
        raise StateError(f"{path}: cannot be published: {str(fault).splitlines()[0]}. {_remedy(path)}") from fault
    finally:
        with suppress(OSError):  # the fault before it is the one to tell
            _clear(path)


def _remedy(path: Path) -> str:
    """What to do where it cannot be written; of a full disk DuckDB does not always speak."""
    with suppress(OSError):
        if shutil.disk_usage(path.parent).free < ROOM:
            return "What to do: free some space on the disk"
    return "What to do: see that its folder is one, has room, and may be written to"


def _state(working: Working, path: Path) -> str:
    """The model and the file that shows it; another text whenever either of them changed, or what is published."""
    try:
        status = path.stat()
    except OSError:
        return ""
    views = {name: (view, _view(name)) for name, view in _VIEWS.items()}
    shown = crc32(repr((_TABLES, MACROS, views, _FROM_WORKING, duckdb.__version__)).encode())
    return f"{working.marks.get(MODEL)} {path} {status.st_ino} {status.st_size} {status.st_mtime_ns} {shown}"


def _build(working: Working, safety: SafetyRecord, fresh: Path, stem: str, *, again: bool) -> None:
    """Fill the fresh file; ``again``: it is a copy of one that shows the same model, and only the ledger is new."""
    db = working.db
    home = db.execute("SELECT current_database()").fetchall()[0][0]
    catalog = stem if stem in _SCHEMAS else "published"
    place = {name: f"{catalog}.{schema_of(name, stem)}.{name.partition('.')[2]}" for name in _TABLES}
    (threads,) = db.execute("SELECT current_setting('threads')").fetchall()[0]
    db.execute("SET force_compression = 'auto'")  # older DuckDBs must be able to read it
    db.execute("SET checkpoint_threshold = '1KB'")  # what is thrown away when it is cut off needs no log
    if threads > 1:  # the tables are written side by side, and the thread that waits for it takes no part
        db.execute(f"SET threads = {threads + 1}")
    db.execute(f"ATTACH {quoted(str(fresh))} AS {catalog} (STORAGE_VERSION '{STORAGE}')")
    try:
        db.begin()  # one commit for all of it
        if not again:
            _fill_model(db, catalog, place, stem)
        for name, rows in _from_safety(safety).items():
            decided = " WHERE decision IS NOT NULL" if name in _FROM_WORKING else ""  # what waits is of the model
            db.execute(f"DELETE FROM {place[name]}{decided}")  # noqa: S608 - names of our own
            _fill(db, place[name], TABLES[name], rows)
        db.commit()
        db.execute(f"CHECKPOINT {catalog}")
    except BaseException:
        with suppress(duckdb.Error):  # it may not have begun
            db.rollback()
        raise
    finally:
        db.execute(f'USE "{home}"')
        db.execute(f"DETACH {catalog}")
        db.execute(PACKING)
        db.execute(f"SET threads = {threads}")


def _fill_model(db: duckdb.DuckDBPyConnection, catalog: str, place: Mapping[str, str], stem: str) -> None:
    """Make every table and macro, and fill those that the working database holds."""
    for schema in _SCHEMAS - {stem}:
        db.execute(f"CREATE SCHEMA {catalog}.{schema}")
    for name, table in _TABLES.items():
        _create(db, place[name], table)
    for name, select in _FROM_WORKING.items():
        db.execute(f"INSERT INTO {place[name]} BY NAME {select}")
    db.execute(f"USE {catalog}")  # a macro's tables are looked up where it is made
    for macro, history in MACROS.items():
        text = query("org/as_of").replace("{history}", history)
        named = f"{schema_of('org.', stem)}.{macro}"
        db.execute(text.replace("{macro}", named))
        told = f"The rows of {history} that held at a moment."
        db.execute(f"COMMENT ON MACRO TABLE {named}_as_of IS {quoted(told)}")
    for name, view in _VIEWS.items():
        _explain(db, "VIEW", _create_view(db, name, stem), view)


_TABLES = {**{name: table for name, table in TABLES.items() if name != VIEW}, **PARTS}
_VIEWS = {VIEW: TABLES[VIEW], **VIEWS}
_SCHEMAS = frozenset({"org", "ops", "bi"})


def _view(name: str) -> str:
    return query(name.replace(".", "/"))


def _create_view(db: duckdb.DuckDBPyConnection, name: str, stem: str) -> str:
    """Make a view that names the schemas it looks into, so that it is found however the file is attached; its place."""
    place = f"{schema_of(name, stem)}.{name.partition('.')[2]}"
    text = _view(name).replace("{org}", schema_of("org.", stem)).replace("{ops}", schema_of("ops.", stem))
    db.execute(f"CREATE VIEW {place} AS {text}")
    return place


def schema_of(table: str, stem: str) -> str:
    """The schema of a table in a file of this name.

    DuckDB calls an opened file by its stem, and refuses ``org.departments`` as ambiguous where both the file and a
    schema in it are called ``org``. In such a file the schema's tables stand in ``main``: there ``org.departments``
    means the file's own table, whether the file was opened or attached.
    """
    schema = table.partition(".")[0]
    return "main" if schema == stem else schema


def _create(db: duckdb.DuckDBPyConnection, place: str, table: Table) -> None:
    columns = ", ".join(f'"{column}" {kind}' for column, (kind, _) in table.columns.items())
    db.execute(f"CREATE TABLE {place} ({columns})")
    _explain(db, "TABLE", place, table)


def _explain(db: duckdb.DuckDBPyConnection, kind: str, place: str, table: Table) -> None:
    db.execute(f"COMMENT ON {kind} {place} IS {quoted(table.comment)}")
    for column, (_, comment) in table.columns.items():
        db.execute(f'COMMENT ON COLUMN {place}."{column}" IS {quoted(comment)}')


def _from_safety(safety: SafetyRecord) -> dict[str, list[dict[str, Any]]]:
    """The rows of the tables that the safety record holds, by column."""
    decisions = safety.decisions()
    return {
        "ops.proposals": decided_matches(decisions),
        "ops.conflicts": decided_values(decisions),
        "ops.runs": [_row(one) for one in safety.runs()],
        "ops.reads": [_row(one) for one in safety.receipts()],
        "ops.changes": [_row(one) for one in safety.changes()],
    }


def _row(value: "DataclassInstance") -> dict[str, Any]:
    return {part.name: getattr(value, part.name) for part in fields(value)}


def _fill(db: duckdb.DuckDBPyConnection, place: str, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows of plain values; what the table has no column for is left out."""
    if not rows:
        return
    arrays = {}
    for column, (kind, _) in table.columns.items():
        values = [_cell(row[column], kind) for row in rows]
        arrays[column] = pa.array(values, pa.timestamp("us", tz="UTC") if kind == "TIMESTAMPTZ" else None)
    db.register("rows_to_publish", pa.table(arrays))
    db.execute(f"INSERT INTO {place} BY NAME FROM rows_to_publish")
    db.unregister("rows_to_publish")


def _cell(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "JSON":
        return canonical_json(value)
    return str(value) if isinstance(value, StrEnum) else value


def _swap(fresh: Path, path: Path) -> None:
    """Make the fresh file durable, then put it in the old one's place."""
    make_durable(fresh)
    stray = path.with_name(path.name + ".wal")
    if stray.exists():  # of a killed writer: beside the new file it would make every open fail
        stray.replace(path.with_name(path.name + ".wal.stray"))
    fresh.replace(path)
    make_durable(path.parent)


def _clear(path: Path) -> None:
    """Remove what was built and not swapped in, by a killed run too: one run at a time publishes to this place."""
    for left in path.parent.glob(f".{escape(path.name)}.*.new*"):
        left.unlink(missing_ok=True)
