"""Temporary names that stand at a vendor (mappings/parking.py): no value of anybody's, and nobody's edit."""

from datetime import datetime

import pyarrow as pa

from mappings.model import Entity, Ref
from mappings.parking import PATTERN
from state.safety import SafetyRecord
from state.working import Working

_LIKELY = """
SELECT record.connection, record.entity, record.source_id, record.name, base.value
FROM shadow.records AS record
JOIN live.links USING (connection, entity, source_id)
LEFT JOIN live.bases AS base
    ON base.connection = record.connection AND base.entity = record.entity AND base.source_id = record.source_id
    AND base.field = 'name'
WHERE record.present AND record.name LIKE ?
ORDER BY ALL
"""
_OTHERS = """
INSERT INTO live.dirty
SELECT DISTINCT link.entity, link.canonical_id
FROM ((FROM standing EXCEPT FROM live.parked) UNION ALL (FROM live.parked EXCEPT FROM standing)) AS other
JOIN live.links AS link USING (connection, entity, source_id)
"""
_COLUMNS = ("connection", "entity", "source_id", "name", "former")


def refresh_parked(working: Working, safety: SafetyRecord, run_id: str, at: datetime) -> None:
    """Find the records that have a temporary name of ours. They count as called what they were called before.

    Agreed on is the temporary name, also where the run that gave it could not read it back any more: what a record is
    called next is then an edit, and this is none. Must come after the links and before the bases are copied in.
    """
    rows = [
        (*place, name, former, base)
        for connection, likely in _likely(working).items()
        for former_of in [safety.temporary_names(connection, [place[2] for place, _, _ in likely])]
        for place, name, base in likely
        for former in [former_of.get((place[2], name))]
        if former is not None
    ]
    if not rows and not working.db.execute("FROM live.parked LIMIT 1").fetchall():
        return
    agreed = {Ref(row[0], Entity(row[1]), row[2]): {"name": row[3]} for row in rows if row[3] != row[5]}
    if agreed:
        safety.agree(agreed, run_id, at, written=True)
    cells = list(zip(*(row[:5] for row in rows), strict=True)) or [()] * len(_COLUMNS)
    working.db.register(
        "standing", pa.table({name: pa.array(one, pa.string()) for name, one in zip(_COLUMNS, cells, strict=True)})
    )
    with working.transaction():
        working.db.execute(_OTHERS)
        working.db.execute("TRUNCATE live.parked; INSERT INTO live.parked FROM standing")
    working.db.unregister("standing")


def _likely(working: Working) -> dict[str, list[tuple[tuple[str, str, str], str, str | None]]]:
    """Connection → the records that look as if we had named them: place, name, what was agreed on."""
    found: dict[str, list[tuple[tuple[str, str, str], str, str | None]]] = {}
    for connection, entity, source_id, name, base in working.db.execute(_LIKELY, [PATTERN]).fetchall():
        found.setdefault(connection, []).append(((connection, entity, source_id), name, base))
    return found
