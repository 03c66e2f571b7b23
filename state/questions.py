"""What waits for a person: proposed matches and conflicts, and since when; and what was decided, as it is published."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mappings.model import Entity, Method, Question, Ref
from mappings.plan import jsonable
from mappings.queries import query
from state.decisions import MATCHING, Decision
from state.golden import sole
from state.working import Working


@dataclass(frozen=True, slots=True)
class Proposal:
    """A remote record that waits, as ``ops.proposals`` tells it (``mappings/org/disputes.sql``)."""

    proposal_id: str
    ref: Ref
    name: str | None
    path: str | None
    candidates: tuple[str, ...]
    question: Question
    score: float | None
    runner_up: float | None
    evidence: Mapping[str, float]
    reason: str
    follows: int
    waits_for: str | None
    siblings: tuple[str, ...]
    children: tuple[str, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field on which authorities disagree, as ``ops.conflicts`` tells it. ``values``: connection → value as text."""

    conflict_id: str
    entity: Entity
    canonical_id: str
    name: str | None
    field: str
    values: Mapping[str, str | None]
    since: datetime | None


def proposal(row: Mapping[str, Any]) -> Proposal:
    """A row of ``ops.proposals``, or of the query behind it."""
    told = ("proposal_id", "name", "path", "score", "runner_up", "reason", "waits_for", "since")
    lists = ("candidates", "siblings", "children")
    known: dict[str, Any] = {name: row[name] for name in told} | {name: tuple(row[name] or ()) for name in lists}
    return Proposal(
        ref=Ref(row["connection"], Entity(row["entity"]), row["source_id"]),
        question=Question(row["question"]),
        evidence=json.loads(row["evidence"] or "{}"),
        follows=row["follows"] or 0,
        **known,
    )


def conflict(row: Mapping[str, Any]) -> Conflict:
    """A row of ``ops.conflicts``, or of the query behind it."""
    told = ("conflict_id", "canonical_id", "name", "field", "since")
    return Conflict(
        **{name: row[name] for name in told}, entity=Entity(row["entity"]), values=json.loads(row["values"] or "{}")
    )


def proposals(working: Working) -> list[Proposal]:
    """The records that wait, by connection and id."""
    return [proposal(row) for row in _rows(working, f"{query('org/disputes')} ORDER BY connection, entity, source_id")]


def conflicts(working: Working) -> list[Conflict]:
    """The open conflicts, by record and field."""
    return [conflict(row) for row in _rows(working, f"{query('org/conflicts')} ORDER BY entity, canonical_id, field")]


def note_questions(working: Working, at: datetime) -> None:
    """Remember since when each question is open; one that is open no more is forgotten."""
    with working.transaction():
        working.db.execute(f"CREATE OR REPLACE TEMP TABLE open_questions AS {_OPEN}")
        working.db.execute("DELETE FROM history.asked WHERE id NOT IN (SELECT id FROM open_questions)")
        working.db.execute(
            "INSERT INTO history.asked SELECT DISTINCT id, ?::TIMESTAMPTZ FROM open_questions "
            "WHERE id NOT IN (SELECT id FROM history.asked)",
            [at],
        )
        working.db.execute("DROP TABLE open_questions")


_OPEN = """
SELECT md5(connection || chr(0) || entity || chr(0) || source_id) AS id FROM live.disputes
UNION ALL
SELECT md5(entity || chr(0) || canonical_id || chr(0) || field) FROM golden.conflicts
"""


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote record that was seen: what it is called, whether it is still there, what it is linked to, and how."""

    ref: Ref
    name: str
    present: bool
    canonical_id: str | None
    method: Method | None


def remote(working: Working, connection: str, source_id: str) -> list[Remote]:
    """The records of a connection that have this id, one a kind at most."""
    rows = _rows(
        working,
        "SELECT record.connection, record.source_id, record.entity, coalesce(name, title, full_name, '') AS name, "
        "coalesce(present, false) AS present, canonical_id, method FROM shadow.records AS record "
        "LEFT JOIN (FROM live.crosswalk WHERE unlinked_at IS NULL) USING (connection, entity, source_id) "
        "WHERE record.connection = ? AND record.source_id = ? ORDER BY entity",
        *(connection, source_id),
    )
    return [_remote(one) for one in rows]


def linked_there(working: Working, entity: Entity, canonical_id: str, connection: str) -> Remote | None:
    """The record of a connection that a canonical one is linked to; one that was never seen here counts as gone."""
    rows = _rows(
        working,
        "SELECT link.connection, link.source_id, link.entity, coalesce(name, title, full_name, '') AS name, "
        "coalesce(present, false) AS present, canonical_id, method FROM live.crosswalk AS link "
        "LEFT JOIN shadow.records USING (connection, entity, source_id) "
        "WHERE link.entity = ? AND canonical_id = ? AND link.connection = ? AND unlinked_at IS NULL",
        *(str(entity), canonical_id, connection),
    )
    return next(map(_remote, rows), None)


def _remote(row: Mapping[str, Any]) -> Remote:
    ref = Ref(row["connection"], Entity(row["entity"]), row["source_id"])
    method = Method(row["method"]) if row["method"] else None
    return Remote(ref, row["name"], row["present"], row["canonical_id"], method)


_SURVIVING = f"""
SELECT value, connection FROM golden.fields WHERE entity = $entity AND canonical_id = $id AND field = $field
UNION ALL
SELECT value, connection
FROM ({sole("(FROM golden.records WHERE entity = $entity AND canonical_id = $id)")})
WHERE field = $field
"""  # noqa: S608 - our own text


def surviving(working: Working, entity: Entity, canonical_id: str, field: str) -> tuple[str | None, str | None]:
    """The surviving value of a field as text, and the connection that it survives from; nothing where none survives."""
    rows = working.db.execute(_SURVIVING, {"entity": entity, "id": canonical_id, "field": field}).fetchall()
    return rows[0] if rows else (None, None)


def _rows(working: Working, sql: str, *values: object) -> list[dict[str, Any]]:
    answer = working.db.execute(sql, list(values))
    columns = [column[0] for column in answer.description or []]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]


def decided_matches(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """The rows of ``ops.proposals`` that tell what was decided, oldest first."""
    known = ("name", "path", "candidates", "question", "score", "runner_up", "evidence", "reason", "since")
    nothing = dict.fromkeys(("follows", "waits_for", "siblings", "children"))
    return [
        {"proposal_id": one.subject, "connection": one.connection, "source_id": one.source_id}
        | {name: one.told.get(name) for name in known}
        | nothing
        | _ending(one)
        for one in decisions
        if one.verdict in MATCHING
    ]


def decided_values(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """The rows of ``ops.conflicts`` that tell what was decided, oldest first."""
    return [
        {"conflict_id": one.subject, "field": one.field, "value": _text(one.told.get("value"))}
        | {name: one.told.get(name) for name in ("name", "values", "since", "taken", "until")}
        | _ending(one)
        for one in decisions
        if one.verdict not in MATCHING
    ]


def _ending(one: Decision) -> dict[str, Any]:
    return {
        "entity": one.entity,
        "canonical_id": one.canonical_id,
        "decision": one.verdict,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "note": one.note,
        "run_id": one.run_id,
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(jsonable(value))
