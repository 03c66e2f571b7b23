"""``orgweave why``: where a value of a canonical record comes from, back to the exchange.

It reads the published file and the safety record, both of which can be read at any time, and takes no lock.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.model import REFERENCE_FIELDS, Entity
from pipelines import whence
from pipelines.errors import Exit, UsageError
from pipelines.freshness import LOOKED_AT, refused
from pipelines.looking import View, look
from pipelines.origins import Origin, origin
from pipelines.seeking import FORMS, kind, names, seek
from pipelines.subject import Subject, subject
from state.published import Published
from state.safety import ChangeRow, Linking, SafetyRecord

if TYPE_CHECKING:
    from pipelines.session import Session

WRITES = 5  # of our last writes, as many are shown

Told = tuple[Exit, Mapping[str, Any]]


def why_command(session: "Session", config: Path | None, which: str, ident: str, field: str | None) -> Told:
    """``orgweave why KIND ID [FIELD]``."""
    entity = kind(which)
    with look(config) as view:
        found = _found(view, entity, ident)
        origins = [origin(found, name) for name in _wanted(found, field)]
        document = _document(view.published, view.safety, found, origins)
        called = _called(view.published, origins, document)
    session.screen.show(*whence.record(document, origins, called, whole=field is None))
    return Exit.DONE, document


def _found(view: View, entity: Entity, ident: str) -> Subject:
    canonical_id = seek(view.published, entity, ident)
    return subject(view.published, view.config, entity, canonical_id, view.safety.links_of(entity, canonical_id))


def _wanted(found: Subject, field: str | None) -> tuple[str, ...]:
    if field is None:
        return found.fields
    if field not in found.fields:
        raise UsageError(f"{field}: no field of a {found.entity}. What to do: one of {', '.join(found.fields)}")
    return (field,)


def _document(published: Published, safety: SafetyRecord, found: Subject, origins: Iterable[Origin]) -> dict[str, Any]:
    """All that is known, for a program; the rest of it is for a person too."""
    form = FORMS[found.entity]
    shown = found.row or (found.past[-1] if found.past else {})
    here = published.row("SELECT run_id, finished_at FROM ops.runs ORDER BY started_at DESC")
    newest = next((one.run_id for one in safety.runs(LOOKED_AT) if not refused(one)), None)
    return {
        "kind": str(found.entity),
        "canonical_id": found.canonical_id,
        "name": shown.get(form.name),
        "active": bool(found.row.get("active", True)) if found.row else False,
        "linked": bool(found.live),
        "fields": [asdict(one) for one in origins],
        "links": [_link(one) for one in found.links],
        "disputes": _disputes(published, found),
        "conflicts": _conflicts(published, found),
        "decisions": _decisions(published, found),
        "writes": [_write(one) for one in safety.writes_of(found.entity, found.canonical_id, WRITES)],
        "published": {
            "path": str(found.config.publish),
            "run_id": (here or {}).get("run_id"),
            "at": (here or {}).get("finished_at"),
            "newer_run": newest if newest != (here or {}).get("run_id") else None,
        },
    }


def _link(one: Linking) -> dict[str, Any]:
    link = one.link
    return {
        "connection": link.ref.connection,
        "source_id": link.ref.source_id,
        "method": str(link.method),
        "confidence": link.confidence,
        "evidence": link.evidence,
        "run_id": one.run_id,
        "linked_at": one.at,
        "unlinked_run": one.ended_run,
        "unlinked_at": one.ended_at,
    }


def _disputes(published: Published, found: Subject) -> list[dict[str, Any]]:
    """What waits for a person and is about the record."""
    return published.rows(
        "SELECT proposal_id, connection, source_id, name, question, score, candidates, reason FROM ops.proposals "
        "WHERE entity = ? AND list_contains(candidates, ?) AND decision IS NULL ORDER BY ALL",
        *(str(found.entity), found.canonical_id),
    )


def _conflicts(published: Published, found: Subject) -> list[dict[str, Any]]:
    """The fields of the record on which authorities disagree; ``values``: connection → value."""
    rows = published.rows(
        'SELECT conflict_id, field, "values", since FROM ops.conflicts '
        "WHERE entity = ? AND canonical_id = ? AND decision IS NULL ORDER BY field",
        *(str(found.entity), found.canonical_id),
    )
    return [row | {"values": json.loads(row["values"])} for row in rows]


def _decisions(published: Published, found: Subject) -> list[dict[str, Any]]:
    """What people decided about the record, oldest first."""
    return published.rows(
        "SELECT decision, connection, source_id, NULL AS field, NULL AS value, NULL AS taken, decided_by, decided_at, "
        "note, run_id FROM ops.proposals WHERE decision IS NOT NULL AND entity = $1 "
        "AND (canonical_id = $2 OR list_contains(candidates, $2)) UNION ALL "
        "SELECT decision, NULL, NULL, field, value, taken, decided_by, decided_at, note, run_id FROM ops.conflicts "
        "WHERE decision IS NOT NULL AND entity = $1 AND canonical_id = $2 ORDER BY decided_at, decision",
        *(str(found.entity), found.canonical_id),
    )


def _write(one: ChangeRow) -> dict[str, Any]:
    told = (
        "run_id",
        "plan_id",
        "change_id",
        "connection",
        "source_id",
        "op",
        "status",
        "before",
        "after",
        "error",
        "at",
    )
    return {name: getattr(one, name) for name in told}


def _called(published: Published, origins: Iterable[Origin], document: Mapping[str, Any]) -> dict[str, str]:
    """What the records are called that the values refer to."""
    ids: dict[str, set[Any]] = {field: set() for field in REFERENCE_FIELDS}
    for one in origins:
        if one.field in ids:
            ids[one.field] |= {one.value, one.changed_from, *(said.value for said in one.says)}
    for told in (*document["conflicts"], *document["decisions"]):
        if told["field"] in ids:
            ids[told["field"]] |= {told.get("value"), *told.get("values", {}).values()}
    called: dict[str, str] = {}
    for field, some in ids.items():
        called |= names(published, REFERENCE_FIELDS[field], some - {None})
    return called
