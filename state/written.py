"""What we wrote, asked by record: for a migration, which spares what was edited since, and for taking one back."""

from mappings.model import Entity, Op, Value
from state.codec import unpack
from state.record import Record

_LAST = """
SELECT source_id, payload FROM intents
WHERE connection = ? AND entity = ? AND op <> 'delete' AND outcome IN ('done', 'adopted') AND source_id IS NOT NULL
ORDER BY seq
"""
_BY_RULE = """
SELECT DISTINCT intents.source_id, intents.op
FROM intents
JOIN planned ON planned.plan_id = intents.plan_id AND planned.change_id = intents.change_id
WHERE intents.connection = ? AND intents.entity = ? AND planned.rule = ?
    AND intents.outcome IN ('done', 'adopted') AND intents.source_id IS NOT NULL
"""


_MADE_BY = """
SELECT intents.source_id, intents.run_id
FROM intents
JOIN planned ON planned.plan_id = intents.plan_id AND planned.change_id = intents.change_id
WHERE intents.connection = ? AND intents.entity = ? AND planned.rule = ? AND intents.op = 'create'
    AND intents.outcome IN ('done', 'adopted') AND intents.source_id IS NOT NULL
ORDER BY intents.seq
"""


class Written(Record):
    """Writes that were done, by the record that they changed."""

    def last_written(self, connection: str, entity: Entity) -> dict[str, dict[str, Value]]:
        """Source id → what we last wrote into each of its fields; references as source ids."""
        found: dict[str, dict[str, Value]] = {}
        for source_id, payload in self._rows(_LAST, (connection, str(entity))):
            found.setdefault(source_id, {}).update(unpack(payload))
        return found

    def written_by(self, rule: str, connection: str, entity: Entity) -> set[tuple[str, Op]]:
        """(source id, operation) of what changes of a rule did at a connection."""
        rows = self._rows(_BY_RULE, (connection, str(entity), rule))
        return {(source_id, Op(op)) for source_id, op in rows}

    def made_by(self, rule: str, connection: str, entity: Entity) -> dict[str, str]:
        """What creates of a rule made at a connection: source id → the run, in their order."""
        return dict(self._rows(_MADE_BY, (connection, str(entity), rule)))
