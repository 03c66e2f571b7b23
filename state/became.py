"""The part of the safety record that knows which records a migration found at its target and took for its source's."""

from collections.abc import Mapping
from datetime import datetime

from mappings.model import Entity
from state.codec import stamp
from state.record import Record

_PROPOSE = "INSERT OR REPLACE INTO becoming VALUES (?, ?, ?, ?, ?, ?)"
_AGREE = """
INSERT OR REPLACE INTO became
SELECT connection, entity, source_id, from_entity, canonical_id, ?, ? FROM becoming WHERE plan_id = ?
"""
_OUTDATED = """
DELETE FROM becoming
WHERE plan_id IN (SELECT plan_id FROM plans WHERE generation < (SELECT generation FROM record))
"""
_TOLD = "SELECT canonical_id, source_id FROM became WHERE connection = ? AND entity = ? AND from_entity = ?"


class Became(Record):
    """Records of one kind that stand at a connection for records of another kind."""

    def propose_became(self, plan_id: str, where: tuple[str, Entity], origin: Entity, pairs: Mapping[str, str]) -> None:
        """Keep with a plan which records of a connection and entity (``where``) stand for which of ``origin``.

        ``pairs``: canonical id of the record that became it → source id there. Those of plans that can be applied no
        more are let go.
        """
        connection, into = where
        with self._transaction() as db:
            db.execute(_OUTDATED)
            for canonical_id, source_id in pairs.items():
                db.execute(_PROPOSE, (plan_id, connection, str(into), source_id, str(origin), canonical_id))

    def agree_became(self, plan_id: str, run_id: str, at: datetime) -> None:
        """Remember for good what is kept with a plan."""
        with self._transaction() as db:
            db.execute(_AGREE, (run_id, stamp(at), plan_id))

    def became(self, connection: str, entity: Entity, origin: Entity) -> dict[str, str]:
        """The same pairs: canonical id of the record of ``origin`` → source id of the one at the connection."""
        return dict(self._rows(_TOLD, (connection, str(entity), str(origin))))
