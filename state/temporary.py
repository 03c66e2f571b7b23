"""The part of the safety record that knows which names are only temporary ones, given by us (mappings/parking.py)."""

from collections.abc import Collection

from mappings.parking import TEMPORARY
from state.codec import pack
from state.journal import Outcome
from state.record import Record


class TemporaryNames(Record):
    """What the journal and the plans tell together."""

    def temporary_names(self, connection: str, source_ids: Collection[str]) -> dict[tuple[str, str], str]:
        """The temporary names that records may have now: (source id, name) → the name that each had before.

        Whatever became of such a write: nobody else gives a record this name. One that got another since is left out.
        """
        rows = self._rows(
            "SELECT intents.source_id, planned.rule = ?, intents.outcome IN (?, ?), intents.payload ->> '$.name', "
            "coalesce(intents.before ->> '$.name', '') "
            "FROM intents LEFT JOIN planned USING (plan_id, change_id) "
            "WHERE intents.connection = ? AND intents.source_id IN (SELECT value FROM json_each(?)) "
            "AND intents.payload ->> '$.name' IS NOT NULL ORDER BY seq",
            (TEMPORARY, Outcome.DONE, Outcome.ADOPTED, connection, pack(sorted(source_ids))),
        )
        found: dict[str, dict[str, str]] = {}
        for source_id, temporary, done, name, before in rows:
            names = found.setdefault(source_id, {})
            if temporary:
                names[name] = names.get(before, before)
            elif done:
                names.clear()
        return {(source_id, name): before for source_id, names in found.items() for name, before in names.items()}
