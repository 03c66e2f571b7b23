"""Audits: queries that must return nothing (``mappings/audits``); a row is a fault of orgweave, never a vendor's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mappings.queries import names, query
from state.history import make_views
from state.keys import golden_keys, link_keys
from state.marks import MODEL, SHADOWS
from state.unmatched import find_unmatched
from state.working import Working

ROWS = 10  # of an audit that fired, as many are told

BORN = "born"  # the mark of the canonical records and links that were each other's, none left over
LINKS_SOUND = "links sound"  # the mark of the links that were found sound


class Stage(StrEnum):
    """When an audit looks: at the model once it is reconciled, or at the history once the run has written it."""

    MODEL = "model"
    HISTORY = "history"


_OF_LINKS = frozenset({"link_doubled", "record_doubled"})
_LATE = frozenset({"history_differs", "history_doubled"})


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
    if working.marks.get(name) == state or working.db.execute("FROM live.dirty LIMIT 1").fetchall():
        return []
    make_views(working)
    wanted = [one for one in names("audits") if (one in _LATE) == (stage is Stage.HISTORY)]
    if stage is Stage.HISTORY:
        found = _found(working, wanted)
    else:
        links = link_keys(working.db)
        known = _OF_LINKS if working.marks.get(LINKS_SOUND) == links else frozenset()
        try:
            find_unmatched(working, links)
            _find_unborn(working, links)
            working.db.execute("CREATE OR REPLACE TEMP TABLE placed AS " + query("sql/placed"))
            found = _found(working, [one for one in wanted if one not in known])
        finally:
            working.db.execute("DROP TABLE IF EXISTS temp.unborn; DROP TABLE IF EXISTS temp.placed")
        if not found:
            working.marks.set(LINKS_SOUND, links)
    if not found:
        working.marks.set(name, state)
    return found


def _found(working: Working, audits: Iterable[str]) -> list[Finding]:
    return [finding for one in audits if (finding := _run(working, one))]


def _find_unborn(working: Working, links: str) -> None:
    """Make ``unborn``; where it was empty, and the records and links are the same ones, it is empty again."""
    db = working.db
    keys = f"{golden_keys(db)} {links}"
    known = " LIMIT 0" if working.marks.get(BORN) == keys else ""
    db.execute(f"CREATE OR REPLACE TEMP TABLE unborn AS {query('sql/unborn')}{known}")
    if not db.execute("FROM unborn LIMIT 1").fetchall():
        working.marks.set(BORN, keys)


def _state(working: Working, stage: Stage) -> str:
    model = working.marks.get(MODEL)
    return f"{model}" if stage is Stage.HISTORY else f"{model} {working.marks.get(SHADOWS)}"


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
