"""History: what every department, team and task was at which time; written once a run, only for what changed."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import duckdb

from mappings.model import Entity
from mappings.queries import query
from state.marks import MODEL
from state.publish import schema_of
from state.raw import quoted
from state.safety import SafetyRecord
from state.working import Working

HISTORIES: Mapping[Entity, tuple[str, str]] = {
    Entity.DEPARTMENT: ("departments", "department_id"),
    Entity.TEAM: ("teams", "team_id"),
    Entity.TASK: ("tasks", "task_id"),
}
"""Entities with a history: the published table's name and its id column."""

HISTORY = "history"  # the mark of the model that it was last kept of


def keep_history(working: Working, at: datetime) -> None:
    """Close the history rows of what changed and open new ones, as of ``at``; nothing is written for what did not."""
    model = working.marks.get(MODEL) or ""
    if model and working.marks.get(HISTORY) == model:
        return
    make_views(working)
    with working.transaction():
        for table, key in HISTORIES.values():
            for statement in query("sql/history").replace("{table}", table).replace("{key}", key).split(";"):
                working.db.execute(statement, {"at": at} if "$at" in statement else None)
        working.marks.set(HISTORY, model)


def make_views(working: Working) -> None:
    """Make the published tables as temporary views, ``org_departments`` and the like, and histories where none are."""
    if "views" in working.made:
        return
    for table in ("team_members", *(table for table, _ in HISTORIES.values())):
        working.db.execute(f"CREATE OR REPLACE TEMP VIEW org_{table} AS " + query(f"org/{table}"))
    for table, _ in HISTORIES.values():  # in a transaction of its own, see _STAGE in state/working.py
        working.db.execute(query("sql/history_table").replace("{table}", table))
    working.made["views"] = ""


def restore(working: Working, safety: SafetyRecord, published: Path) -> bool:
    """Take over from the published file what a lost working database knew and no vendor can tell again.

    That is the history, and what was last known of records that are gone. Returns whether it was taken over: only from
    a file of this workspace; from one that is damaged or another's nothing is taken, and the history begins anew.
    """
    if not published.is_file():
        return False
    db = working.db
    try:
        db.execute(f"ATTACH {quoted(str(published))} AS earlier (READ_ONLY)")
    except duckdb.Error:
        return False
    try:
        runs = {run_id for (run_id,) in db.execute("SELECT run_id FROM earlier.ops.runs").fetchall()}
        if runs.isdisjoint(run.run_id for run in safety.runs()):
            return False
        with working.transaction():
            _take_over(working, f"earlier.{schema_of('org.', published.stem.casefold())}")
    except duckdb.Error:
        return False
    finally:
        db.execute("DETACH earlier")
    return True


def _take_over(working: Working, org: str) -> None:
    working.db.execute("INSERT INTO shadow.records BY NAME " + query("sql/restore").replace("{org}", org))
    for table, _ in HISTORIES.values():
        past = f"{org}.{table.removesuffix('s')}_history"
        names = [
            name for name, *_ in working.db.execute(f"DESCRIBE {past}").fetchall() if not name.startswith("valid_")
        ]
        columns = ", ".join(names)
        working.db.execute(
            f"CREATE OR REPLACE TABLE history.{table} AS "  # noqa: S608 - names of our own tables and columns
            f"SELECT {columns}, hash(row({columns}))::UBIGINT AS fingerprint, valid_from, valid_to FROM {past}"
        )
