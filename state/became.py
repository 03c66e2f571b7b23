"""The part of the safety record that knows which records a migration found at its target and took for its source's."""

from collections.abc import Mapping
from datetime import datetime

from mappings.model import Entity
from state.codec import stamp
from state.record import Record

_KEEP = "INSERT OR REPLACE INTO became VALUES (?, ?, ?, ?, ?, ?, ?)"
_TOLD = "SELECT canonical_id, source_id FROM became WHERE connection = ? AND entity = ? AND from_entity = ?"


class Became(Record):
    """Records of one kind that stand at a connection for records of another kind."""

    def keep_became(
        self, where: tuple[str, Entity], origin: Entity, pairs: Mapping[str, str], run_id: str, at: datetime
    ) -> None:
        """Keep which records of a connection and entity (``where``) stand for which of ``origin``.

        ``pairs``: canonical id of the record that became it → source id there.
        """
        connection, into = where
        with self._transaction() as db:
            for canonical_id, source_id in pairs.items():
                row = (connection, str(into), source_id, str(origin), canonical_id, run_id, stamp(at))
                db.execute(_KEEP, row)

    def became(self, connection: str, entity: Entity, origin: Entity) -> dict[str, str]:
        """The same pairs: canonical id of the record of ``origin`` → source id of the one at the connection."""
        return dict(self._rows(_TOLD, (connection, str(entity), str(origin))))
