"""The part of the safety record that keeps what people decided, and carries each decision out as a whole."""

import dataclasses
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import md5
from typing import Any

from mappings.model import Entity, Hold, Link, Pin, Ref, Value
from state.codec import moment, moment_or_none, pack, stamp, unpack
from state.crosswalk import Crosswalk


class Verdict(StrEnum):
    """What a person decided."""

    ACCEPT = "accept"  # a proposed match: yes
    REJECT = "reject"  # none of those that were proposed, for ever
    LINK = "link"  # this record is that one, whatever was proposed
    UNLINK = "unlink"  # this record is not the one that it was linked to
    RESOLVE = "resolve"  # a conflict: whose value holds, or which
    PIN = "pin"  # a field has this value, until its date or until it is taken back
    UNPIN = "unpin"


MATCHING = frozenset({Verdict.ACCEPT, Verdict.REJECT, Verdict.LINK, Verdict.UNLINK})
"""The verdicts on who is who; the others are on a value."""


def proposal_id(ref: Ref) -> str:
    """The id under which a remote record is proposed, as ``mappings/org/disputes.sql`` makes it."""
    return _digest(ref.connection, ref.entity, ref.source_id)


def conflict_id(entity: Entity, canonical_id: str, field: str) -> str:
    """The id of a conflict over a field, as ``mappings/org/conflicts.sql`` makes it."""
    return _digest(entity, canonical_id, field)


def _digest(*parts: str) -> str:
    return md5("\0".join(parts).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided. ``subject`` is the id of the proposal or conflict that it is about, asked or not.

    ``told``: what was known at that moment and what was chosen: candidates, score, evidence, values as they were.
    """

    verdict: Verdict
    subject: str
    entity: Entity
    decided_by: str
    decided_at: datetime
    run_id: str
    connection: str | None = None
    source_id: str | None = None
    canonical_id: str | None = None
    field: str | None = None
    told: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """What a decision changes: links that end and begin, pairs kept apart or no longer, bases, pins.

    ``pins``: each with the moment until which it stands, None where it has none.
    """

    unlink: tuple[Ref, ...] = ()
    links: tuple[Link, ...] = ()
    apart: tuple[tuple[Ref, str], ...] = ()
    lifted: tuple[tuple[Ref, str], ...] = ()
    agreed: Mapping[Ref, Mapping[str, Value]] = dataclasses.field(default_factory=dict)
    pins: tuple[tuple[Pin, datetime | None], ...] = ()
    unpinned: tuple[tuple[Entity, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pinned:
    """A live pin, until when it stands, and the decision that set it."""

    pin: Pin
    until: datetime | None
    decision: Decision


_DECISION = (
    "verdict, subject, entity, decided_by, decided_at, run_id, connection, source_id, canonical_id, field, told, note"
)
_PINS = (
    f"SELECT pins.entity, pins.canonical_id, pins.field, pins.value, pins.hold, pins.until, "  # noqa: S608 - no input
    f"{', '.join(f'decisions.{column}' for column in _DECISION.split(', '))} "
    "FROM pins JOIN decisions ON decisions.seq = pins.decision "
    "WHERE pins.ended_at IS NULL AND (pins.until IS NULL OR pins.until > ?) ORDER BY pins.seq"
)


def _decision(row: tuple[Any, ...]) -> Decision:
    verdict, subject, entity, decided_by, decided_at, run_id, *about, told, note = row
    connection, source_id, canonical_id, field = about
    return Decision(
        *(Verdict(verdict), subject, Entity(entity), decided_by, moment(decided_at), run_id),
        *(connection, source_id, canonical_id, field, unpack(told), note),
    )


def _pinned(row: tuple[Any, ...]) -> Pinned:
    entity, canonical_id, name, value, hold, until, *decision = row
    pin = Pin(Entity(entity), canonical_id, name, unpack(value), Hold(hold))
    return Pinned(pin, moment_or_none(until), _decision(tuple(decision)))


class Decisions(Crosswalk):
    """What people decided: never changed, and a later one about the same takes its place."""

    _apart: frozenset[tuple[Ref, str]] | None = None  # so that nobody waits for a long write to be told it again

    def decide(self, decision: Decision, effects: Effects) -> None:
        """Keep a decision and do all that it means; the generation grows, so that a plan sealed before is refused.

        StateError, with nothing changed, where one of its links cannot be made or ended.
        """
        at = decision.decided_at
        self._apart = None
        with self._transaction() as db:
            seq = self._keep(db, decision)
            for ref in effects.unlink:
                self._end_link(db, ref, decision.run_id, at)
            db.executemany(_TOGETHER, map(_pair, effects.lifted))
            db.executemany(_APART, ((*_pair(one), seq) for one in effects.apart))
            self._insert_links(db, effects.links, decision.run_id, at)
            if effects.agreed:
                self._move_bases(db, effects.agreed, (decision.run_id, at))
            for key in effects.unpinned:
                _end_pin(db, *key, at)
            for pin, until in effects.pins:
                _end_pin(db, pin.entity, pin.canonical_id, pin.field, at)
                db.execute(_PIN, (*_pin_row(pin), None if until is None else stamp(until), seq))
            db.execute("UPDATE record SET generation = generation + 1")

    def _keep(self, db: sqlite3.Connection, one: Decision) -> int:
        row = (
            *(one.verdict, one.subject, one.entity, one.decided_by, stamp(one.decided_at), one.run_id),
            *(one.connection, one.source_id, one.canonical_id, one.field, pack(one.told), one.note),
        )
        done = db.execute(f"INSERT INTO decisions ({_DECISION}) VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - no input
        if done.lastrowid is None:
            raise self._refusal("SQLite gave the decision no number; run again")
        return done.lastrowid

    def decisions(self) -> list[Decision]:
        """Everything that was ever decided, oldest first."""
        return self._each(_decision, f"SELECT {_DECISION} FROM decisions ORDER BY seq")  # noqa: S608 - no input

    def cannot_links(self) -> frozenset[tuple[Ref, str]]:
        """The pairs that a person keeps apart: a remote record, and the canonical one that it is not."""
        if self._apart is None:
            rows = self._rows("SELECT connection, entity, source_id, canonical_id FROM cannot_links")
            self._apart = frozenset(
                (Ref(name, Entity(entity), source_id), key) for name, entity, source_id, key in rows
            )
        return self._apart

    def pins(self, at: datetime) -> list[Pin]:
        """The values that people gave and that stand at a moment, oldest first."""
        return [one.pin for one in self.pinned(at)]

    def pinned(self, at: datetime) -> list[Pinned]:
        """The same with who gave them, why, and until when."""
        return self._each(_pinned, _PINS, (stamp(at),))

    def end_pin(self, entity: Entity, canonical_id: str, field: str, at: datetime) -> None:
        """Let a value that a person gave stand no longer; where none stands, nothing is done."""
        with self._transaction() as db:
            _end_pin(db, entity, canonical_id, field, at)


_TOGETHER = "DELETE FROM cannot_links WHERE connection = ? AND entity = ? AND source_id = ? AND canonical_id = ?"
_APART = "INSERT OR REPLACE INTO cannot_links VALUES (?, ?, ?, ?, ?)"
_PIN = "INSERT INTO pins (entity, canonical_id, field, value, hold, until, decision) VALUES (?, ?, ?, ?, ?, ?, ?)"


def _pair(pair: tuple[Ref, str]) -> tuple[str, str, str, str]:
    ref, canonical_id = pair
    return ref.connection, str(ref.entity), ref.source_id, canonical_id


def _pin_row(pin: Pin) -> tuple[str, ...]:
    return str(pin.entity), pin.canonical_id, pin.field, pack(pin.value), str(pin.hold)


def _end_pin(db: sqlite3.Connection, entity: Entity, canonical_id: str, field: str, at: datetime) -> None:
    db.execute(
        "UPDATE pins SET ended_at = ? WHERE entity = ? AND canonical_id = ? AND field = ? AND ended_at IS NULL",
        (stamp(at), str(entity), canonical_id, field),
    )
