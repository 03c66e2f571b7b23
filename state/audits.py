"""Audits: queries that must return nothing (``mappings/audits``); a row is a fault of orgweave, never a vendor's."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mappings.queries import names, query
from state.history import make_views
from state.marks import MODEL, SHADOWS, mark, set_mark
from state.working import Working

ROWS = 10  # of an audit that fired, as many are told

_PREPARED = ("unmatched", "unborn")  # what several audits ask of, each made once


class Stage(StrEnum):
    """When an audit looks: at the model once it is reconciled, or at the history once the run has written it."""

    MODEL = "model"
    HISTORY = "history"


_LATE = frozenset({"history_differs"})


@dataclass(frozen=True, slots=True)
class Finding:
    """An audit that fired: its name, what it means and what to do, and the first rows; ``more``: there are others."""

    audit: str
    meaning: str
    rows: tuple[Mapping[str, Any], ...]
    more: bool


def audit(working: Working, stage: Stage) -> list[Finding]:
    """Run the audits of a stage. What was found sound and did not change since is not looked at again.

    A model that is out of date (links were copied in since it was reconciled) is left to the next reconcile.
    """
    name, state = f"audited {stage}", _state(working, stage)
    if mark(working.db, name) == state or working.db.execute("FROM live.dirty LIMIT 1").fetchall():
        return []
    make_views(working)
    late = stage is Stage.HISTORY
    try:
        for table in () if late else _PREPARED:
            working.db.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS " + query(f"sql/{table}"))
        wanted = [one for one in names("audits") if (one in _LATE) == late]
        found = [finding for one in wanted if (finding := _run(working, one))]
    finally:
        working.db.execute("".join(f"DROP TABLE IF EXISTS temp.{table};" for table in _PREPARED))
    if not found:
        set_mark(working.db, name, state)
    return found


def _state(working: Working, stage: Stage) -> str:
    model = mark(working.db, MODEL)
    return f"{model}" if stage is Stage.HISTORY else f"{model} {mark(working.db, SHADOWS)}"


def _run(working: Working, name: str) -> Finding | None:
    text = query(f"audits/{name}")
    answer = working.db.execute(f"FROM ({text}) ORDER BY ALL LIMIT {ROWS + 1}")
    columns = [column[0] for column in answer.description or []]
    rows = answer.fetchall()
    told = tuple(dict(zip(columns, row, strict=True)) for row in rows[:ROWS])
    return Finding(name, _meaning(text), told, len(rows) > ROWS) if rows else None


def _meaning(text: str) -> str:
    """The comment on top of an audit."""
    lines = text.split("\n")
    end = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    return " ".join(line.removeprefix("--").strip() for line in lines[:end])
