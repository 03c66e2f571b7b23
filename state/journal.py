"""The part of the safety record that makes writes crash-proof: begun before the request leaves, ended by its answer."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from mappings.model import Entity, Link, Op, Ref, Value
from state.codec import moment, pack, stamp, unpack, unpack_or_none
from state.crosswalk import Crosswalk


class Outcome(StrEnum):
    """How a write ended."""

    DONE = "done"
    STALE = "stale"  # the record was not as the plan knew it; nothing was sent
    FAILED = "failed"  # the vendor refused it in its own error form
    NOT_SENT = "not_sent"  # it provably never left
    NOT_DONE = "not_done"  # it had no answer, and was settled as never executed
    ADOPTED = "adopted"  # it had no answer, and was found at the vendor


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that is about to be sent.

    ``payload`` holds the canonical values as they will be sent, references as source ids; ``before`` what the record
    held (None for a create); ``visible`` the source ids that were seen before, so that a new one can be told.
    """

    run_id: str
    plan_id: str
    change_id: str
    connection: str
    entity: Entity
    op: Op
    canonical_id: str
    source_id: str | None
    payload: Mapping[str, Value]
    before: Mapping[str, Value] | None
    visible: tuple[str, ...]
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """A write without an outcome, and how many complete reads after the settle time did not show it.

    ``over_at``: when its run was over, so that it cannot have left later; of one that was killed, when the next one
    began. None: it goes on.
    """

    seq: int
    intent: Intent
    absent_reads: int
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change as planned, or one try of it: ``status`` is the plan's, the try's outcome, or unknown while open."""

    run_id: str
    plan_id: str
    change_id: str
    connection: str
    entity: Entity
    op: Op
    status: str
    canonical_id: str | None
    source_id: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    rule: str | None
    reason: str | None
    error: str | None
    at: datetime


_CHANGES = files("state").joinpath("changes.sql").read_text(encoding="utf-8")
_OPEN = files("state").joinpath("open_intents.sql").read_text(encoding="utf-8")


def _open_intent(row: tuple[Any, ...]) -> OpenIntent:
    seq, absent_reads, run_id, plan_id, change_id, connection, entity, op, canonical_id, *rest = row
    source_id, payload, before, visible, begun_at, over_at = rest
    intent = Intent(
        *(run_id, plan_id, change_id, connection, Entity(entity), Op(op), canonical_id, source_id),
        *(unpack(payload), unpack_or_none(before), tuple(unpack(visible)), moment(begun_at)),
    )
    return OpenIntent(seq, intent, absent_reads, moment(over_at) if over_at else None)


def _change(row: tuple[Any, ...]) -> ChangeRow:
    run_id, plan_id, change_id, connection, entity, op, status, canonical_id, source_id, before, after, *rest = row
    rule, reason, error, at, *_order = rest
    return ChangeRow(
        *(run_id, plan_id, change_id, connection, Entity(entity), Op(op), status, canonical_id, source_id),
        *(unpack_or_none(before), unpack_or_none(after), rule, reason, error, moment(at)),
    )


@lru_cache(maxsize=4)  # a thousand creates of a plan saw the same list
def _sighting(visible: tuple[str, ...]) -> tuple[str, str]:
    ids = pack(visible)
    return ids, sha256(ids.encode()).hexdigest()


class Journal(Crosswalk):
    """Intents and their outcomes."""

    def begin(self, intent: Intent) -> int:
        """Note a write before its request leaves; durable on return. The number that ``end`` takes.

        StateError where an open intent of equal content exists: two could not be told apart at the vendor.
        """
        ids, digest = _sighting(intent.visible)
        before = None if intent.before is None else pack(intent.before)
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO sightings VALUES (?, ?)", (digest, ids))
            done = db.execute(
                "INSERT INTO intents (run_id, plan_id, change_id, connection, entity, op, canonical_id, source_id, "
                "payload, before, sighting, begun_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(intent.run_id, intent.plan_id, intent.change_id, intent.connection, intent.entity, intent.op),
                    *(intent.canonical_id, intent.source_id, pack(intent.payload), before),
                    *(digest, stamp(intent.begun_at)),
                ),
            )
            if done.lastrowid is None:
                raise self._refusal("SQLite gave the intent no number; run again")
            return done.lastrowid

    def end(
        self,
        seq: int,
        outcome: Outcome,
        at: datetime,
        *,
        source_id: str | None = None,
        error: str | None = None,
        link: Link | None = None,
        agreed: Mapping[str, Value] | None = None,
    ) -> None:
        """Close an intent, add its link and move its agreed base, all or nothing.

        ``source_id``: the id that the vendor gave a created record. StateError where the intent is unknown or has
        ended, where the link is refused (see ``add_links``), or where values were agreed for a record without an id.
        """
        with self._transaction() as db:
            run_id, ref, before = self._close(db, seq, (source_id, outcome, stamp(at), error))
            if link is not None:
                self._insert_links(db, [link], run_id, at)
            if agreed:
                if ref is None:
                    raise self._refusal(f"intent {seq} has no source id to agree on; give the one the vendor gave")
                self._move_bases(db, {ref: agreed}, (run_id, at), written=self._kind(db, ref, before, agreed))

    def _close(
        self, db: sqlite3.Connection, seq: int, ending: tuple[str | None, Outcome, str, str | None]
    ) -> tuple[str, Ref | None, Mapping[str, Value]]:
        rows = db.execute(
            "UPDATE intents SET source_id = coalesce(?, source_id), outcome = ?, ended_at = ?, error = ?, "
            "sighting = NULL WHERE seq = ? AND outcome IS NULL RETURNING run_id, connection, entity, source_id, before",
            (*ending, seq),
        ).fetchall()
        if not rows:
            raise self._refusal(f"intent {seq} is unknown, or has ended; an intent ends once")
        run_id, connection, entity, source_id, before = rows[0]
        ref = None if source_id is None else Ref(connection, Entity(entity), source_id)
        return run_id, ref, unpack(before) if before else {}

    def open_intents(self) -> list[OpenIntent]:
        """The writes whose outcome nobody knows yet, in the order in which they were begun."""
        return [_open_intent(row) for row in self._rows(_OPEN)]

    def seen_absent(self, seq: int) -> int:
        """Count one more complete read after the settle time that did not show the write; how many there are now.

        StateError where the intent is unknown or has ended.
        """
        with self._transaction() as db:
            rows = db.execute(
                "UPDATE intents SET absent_reads = absent_reads + 1 WHERE seq = ? AND outcome IS NULL "
                "RETURNING absent_reads",
                (seq,),
            ).fetchall()
            if not rows:
                raise self._refusal(f"intent {seq} is unknown, or has ended; only an open one is looked for")
            return int(rows[0][0])

    def changes(self) -> list[ChangeRow]:
        """Every write that was ever planned or tried, in the order of the plans; a row for each try."""
        return [_change(row) for row in self._rows(_CHANGES)]

    def writes_of(self, entity: Entity, canonical_id: str, limit: int) -> list[ChangeRow]:
        """The last writes that were tried for a canonical record or a remote record linked to it, newest first."""
        rows = self._rows(
            f"SELECT * FROM ({_CHANGES}) AS told WHERE entity = ?1 AND intent_seq IS NOT NULL "  # noqa: S608 - our own
            "AND (canonical_id = ?2 OR (connection, source_id) IN "
            "(SELECT connection, source_id FROM links WHERE entity = ?1 AND canonical_id = ?2)) "
            "ORDER BY intent_seq DESC LIMIT ?3",
            (str(entity), canonical_id, limit),
        )
        return [_change(row) for row in rows]

    def writes_of_run(self, run_id: str) -> list[ChangeRow]:
        """The writes that a run tried, in the order in which they were begun."""
        rows = self._rows(
            f"SELECT * FROM ({_CHANGES}) WHERE run_id = ? AND intent_seq IS NOT NULL ORDER BY intent_seq",  # noqa: S608 - our own
            (run_id,),
        )
        return [_change(row) for row in rows]

    def writers(self, limit: int = -1) -> dict[str, int]:
        """The last runs that wrote something, killed ones too, newest first, and how many of their writes were done."""
        rows = self._rows(
            "SELECT run_id, count(*) FROM intents WHERE outcome IN (?, ?) GROUP BY run_id "
            "ORDER BY max(seq) DESC LIMIT ?",
            (Outcome.DONE, Outcome.ADOPTED, limit),
        )
        return dict(rows)

    def taken_away(self, connection: str, entity: Entity) -> set[str]:
        """The source ids of what we deleted at a connection, and of what we may have: a delete without an answer."""
        rows = self._rows(
            "SELECT source_id FROM intents WHERE connection = ? AND entity = ? AND op = ? AND source_id IS NOT NULL "
            "AND (outcome IS NULL OR outcome IN (?, ?))",
            (connection, str(entity), str(Op.DELETE), Outcome.DONE, Outcome.ADOPTED),
        )
        return {source_id for (source_id,) in rows}

    def written_since(self, run_id: str) -> dict[Ref, str]:
        """The records that later runs wrote: record → the last of those runs."""
        rows = self._rows(
            "SELECT connection, entity, source_id, run_id FROM intents WHERE outcome IN (?1, ?2) "
            "AND source_id IS NOT NULL AND run_id <> ?3 AND seq > (SELECT max(seq) FROM intents WHERE run_id = ?3) "
            "ORDER BY seq",
            (Outcome.DONE, Outcome.ADOPTED, run_id),
        )
        return {Ref(connection, Entity(entity), source_id): later for connection, entity, source_id, later in rows}
