"""The part of the safety record that says what each connection last agreed on, field by field."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from mappings.model import Entity, Ref, Value
from mappings.naming import SEPARATOR
from state.codec import moment, pack, stamp, unpack
from state.record import Record

_ENTITIES = {entity.value: entity for entity in Entity}
_AGREE = "INSERT OR REPLACE INTO bases SELECT ?, ?, value ->> 0, value ->> 1, value ->> 2, ?, ?, ?, 0 FROM json_each(?)"
_NAME = "SELECT value, written FROM bases WHERE connection = ? AND entity = ? AND source_id = ? AND field = 'name'"

WRITTEN, OWN_WORD = 1, 2
"""What a base tells of its last move, where that was a write of ours (schema_7.sql)."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """One field of one record as its connection last agreed on it, when, and in which run."""

    field: str
    value: Value
    agreed_at: datetime
    run_id: str


class Bases(Record):
    """What each connection last agreed on: the bases of the three-way merge."""

    def agree(
        self, agreed: Mapping[Ref, Mapping[str, Value]], run_id: str, at: datetime, *, written: bool = False
    ) -> None:
        """Move the bases of the fields given; other fields of the same records keep theirs.

        ``written``: our own write made it so, and nobody saw yet that all agree.
        """
        with self._transaction() as db:
            self._move_bases(db, agreed, (run_id, at), written=WRITTEN if written else 0)

    def _move_bases(
        self,
        db: sqlite3.Connection,
        agreed: Mapping[Ref, Mapping[str, Value]],
        run: tuple[str, datetime],
        *,
        written: int = 0,
    ) -> None:
        """``written``: as schema_7.sql tells."""
        told = (stamp(run[1]), run[0], self._next_bases(db), written)
        rows = (
            (ref.connection, str(ref.entity), ref.source_id, field, pack(value), *told)
            for ref, values in agreed.items()
            for field, value in values.items()
        )
        db.executemany("INSERT OR REPLACE INTO bases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _kind(self, db: sqlite3.Connection, ref: Ref, before: Mapping[str, Value], after: Mapping[str, Value]) -> int:
        """What our write means for the base (schema_7.sql): a name that was only told by its path stays a word."""
        was, now = before.get("name"), after.get("name")
        if was is None or now is None or str(was).rpartition(SEPARATOR)[2] != str(now).rpartition(SEPARATOR)[2]:
            return WRITTEN
        key = (ref.connection, str(ref.entity), ref.source_id)
        base = db.execute(_NAME, key).fetchall()
        return OWN_WORD if base and (base[0][1] == OWN_WORD or base[0][0] != pack(was)) else WRITTEN

    def agree_packed(self, agreed: Sequence[tuple[str, str, str]], run_id: str, at: datetime) -> None:
        """The same by the hundred thousand, without the interpreter.

        ``agreed``: connection, entity, and a JSON array of rows: source id, field, and the value as JSON in a text.
        SQLite reads a row anew for every value that is taken out of it: it shall hold few.
        """
        with self._transaction() as db:
            told = (stamp(at), run_id, self._next_bases(db))
            for connection, entity, rows in agreed:
                db.execute(_AGREE, (connection, entity, *told, rows))

    def _next_bases(self, db: sqlite3.Connection) -> int:
        return int(db.execute("UPDATE record SET bases = bases + 1 RETURNING bases").fetchall()[0][0])

    @property
    def bases_version(self) -> int:
        """How often bases were moved."""
        return int(self._rows("SELECT bases FROM record")[0][0])

    def bases_since(self, version: int) -> list[tuple[str, ...]]:
        """The bases that moved after a version.

        Each: connection, entity, source id, field, value as JSON, its own version, and ``written`` (schema_7.sql).
        """
        told = "connection, entity, source_id, field, value, CAST(seq AS TEXT), CAST(written AS TEXT)"
        return self._rows(f"SELECT {told} FROM bases WHERE seq > ?", (version,))  # noqa: S608 - from here

    def bases(self, connection: str | None = None) -> dict[Ref, dict[str, Value]]:
        """What was last agreed: record → field → value, of one connection or of all."""
        rows = self._rows(
            "SELECT connection, entity, source_id, field, value FROM bases "
            "WHERE ?1 IS NULL OR connection = ?1 ORDER BY connection, entity, source_id, field",
            (connection,),
        )
        return {
            Ref(key[0], _ENTITIES[key[1]], key[2]): {row[3]: unpack(row[4]) for row in group}
            for key, group in groupby(rows, key=lambda row: row[:3])
        }

    def agreement(self, ref: Ref) -> list[Agreed]:
        """When and in which run each field of one record was last agreed on, by field."""
        rows = self._rows(
            "SELECT field, value, agreed_at, run_id FROM bases "
            "WHERE connection = ? AND entity = ? AND source_id = ? ORDER BY field",
            (ref.connection, ref.entity, ref.source_id),
        )
        return [Agreed(field, unpack(value), moment(when), run_id) for field, value, when, run_id in rows]
