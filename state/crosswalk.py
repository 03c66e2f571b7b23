"""The part of the safety record that says who is who."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from typing import Any

from mappings.model import Entity, Link, Method, Ref
from state.bases import Bases
from state.bulk import index_last
from state.codec import moment, moment_or_none, stamp
from state.record import explained


@dataclass(frozen=True, slots=True)
class Founding:
    """Records of one connection that found canonical ones, all for the same reason."""

    entity: Entity
    connection: str
    evidence: str
    run_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Linking:
    """A link with its life: which run made it and when, and which ended it; the latter are None while it holds."""

    link: Link
    run_id: str
    at: datetime
    ended_run: str | None
    ended_at: datetime | None


_ENTITIES = {str(entity): entity for entity in Entity}
_METHODS = {str(method): method for method in Method}


CROSSWALK = (
    "entity",
    "canonical_id",
    "connection",
    "source_id",
    "method",
    "confidence",
    "linked_at",
    "unlinked_at",
)
"""The columns of a link with its life: ``unlinked_at`` is None while it holds."""

_INTO = (
    "INSERT INTO links (connection, entity, source_id, canonical_id, method, confidence, evidence, linked_run, "
    "linked_at) "
)
_INSERT = _INTO + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FOUND = _INTO + "SELECT ?, ?, value ->> 0, value ->> 1, ?, ?, ?, ?, ? FROM json_each(?)"  # noqa: S608 - no input
_PACKED = _INTO + "SELECT ?, ?, value ->> 0, value ->> 1, ?, ?, value ->> 2, ?, ? FROM json_each(?)"  # noqa: S608 - no input
_LINK = "connection, entity, source_id, canonical_id, method, confidence, evidence"


def _link(row: tuple[Any, ...]) -> Link:
    connection, entity, source_id, canonical_id, method, confidence, evidence = row
    ref = Ref(intern(connection), _ENTITIES[entity], source_id)
    return Link(ref, canonical_id, _METHODS[method], confidence, evidence)


def _by_source(link: Link) -> str:
    return link.ref.source_id


class Crosswalk(Bases):
    """Links with their history, and agreed bases."""

    def add_links(self, links: Sequence[Link], run_id: str, at: datetime) -> None:
        """Add live links, all or none.

        StateError where a record has a live link already, or its canonical record has one in the same connection.
        """
        with self._transaction() as db:
            self._insert_links(db, links, run_id, at)

    def _insert_links(self, db: sqlite3.Connection, links: Sequence[Link], run_id: str, at: datetime) -> None:
        when = stamp(at)
        tried: Link | None = None  # the one that a refusal is about

        def rows() -> Iterator[tuple[Any, ...]]:
            nonlocal tried
            for tried in sorted(links, key=_by_source):  # a million go in a third faster in the order of an index
                ref = tried.ref
                yield (
                    *(ref.connection, str(ref.entity), ref.source_id, tried.canonical_id),
                    *(str(tried.method), tried.confidence, tried.evidence, run_id, when),
                )

        try:
            db.executemany(_INSERT, rows())
        except sqlite3.IntegrityError as error:
            raise type(told := explained(self.path, error))(f"{told} It is about {tried}.") from error

    def unlink(self, ref: Ref, run_id: str, at: datetime) -> None:
        """End a live link; its row stays, and what was agreed under it is forgotten: it was about the other record.

        StateError where the record has no live link.
        """
        with self._transaction() as db:
            self._end_link(db, ref, run_id, at)

    def _end_link(self, db: sqlite3.Connection, ref: Ref, run_id: str, at: datetime) -> None:
        key = (ref.connection, ref.entity, ref.source_id)
        done = db.execute(
            "UPDATE links SET unlinked_run = ?, unlinked_at = ? "
            "WHERE connection = ? AND entity = ? AND source_id = ? AND unlinked_at IS NULL",
            (run_id, stamp(at), *key),
        )
        if done.rowcount != 1:
            raise self._refusal(f"{ref} has no live link; look at org.crosswalk for what is linked")
        db.execute("DELETE FROM bases WHERE connection = ? AND entity = ? AND source_id = ?", key)

    def links(self) -> list[Link]:
        """The live links: the oldest batch first, a batch by source id."""
        return self._each(_link, f"SELECT {_LINK} FROM links WHERE unlinked_at IS NULL ORDER BY seq")  # noqa: S608 - no input

    def linked_ids(self, connection: str, entity: Entity) -> dict[str, str]:
        """Source id → canonical id of a connection's records of an entity that have a live link."""
        rows = self._rows(
            "SELECT source_id, canonical_id FROM links WHERE connection = ? AND entity = ? AND unlinked_at IS NULL",
            (connection, str(entity)),
        )
        return dict(rows)

    def crosswalk_rows(self) -> list[tuple[Any, ...]]:
        """All links that ever held, oldest first; columns: ``CROSSWALK``, times as text."""
        return self._rows(f"SELECT {', '.join(CROSSWALK)} FROM links ORDER BY seq")  # noqa: S608 - no input

    def links_of(self, entity: Entity, canonical_id: str) -> list[Linking]:
        """Every link that a canonical record ever had, oldest first."""
        rows = self._rows(
            f"SELECT {_LINK}, linked_run, linked_at, unlinked_run, unlinked_at FROM links "  # noqa: S608 - no input
            "WHERE entity = ? AND canonical_id = ? ORDER BY seq",
            (str(entity), canonical_id),
        )
        return [Linking(_link(row[:7]), row[7], moment(row[8]), row[9], moment_or_none(row[10])) for row in rows]

    def links_version(self) -> str:
        """A text that is another one whenever the links are: links are added, and ended, and nothing else."""
        told = self._rows(
            "SELECT (SELECT lineage FROM record), (SELECT max(seq) FROM links), "
            "(SELECT count(*) FROM links WHERE unlinked_at IS NOT NULL)"  # an index holds these alone
        )
        return " ".join(map(str, told[0]))

    def add_founders(self, founding: Founding, founders: Sequence[str]) -> None:
        """Link each record to the canonical one that it founds, all or none.

        ``founders``: JSON arrays of pairs, source id and canonical id. SQLite takes them apart by itself, without the
        interpreter, so that a million go in beside whatever else is done.
        """
        told = (founding.connection, str(founding.entity), str(Method.FOUNDED), 1.0, founding.evidence)
        with self._transaction() as db, index_last(db, len(founders)):
            for pairs in founders:
                db.execute(_FOUND, (*told, founding.run_id, stamp(founding.at), pairs))

    def add_packed(self, links: Sequence[tuple[str, str, str, float, str]], run_id: str, at: datetime) -> None:
        """Add links, all or none.

        ``links``: connection, entity, method, confidence, and a JSON array of rows: source id, canonical id, evidence.
        SQLite reads a row anew for every value that is taken out of it: it shall hold few.
        """
        with self._transaction() as db, index_last(db, len(links)):
            for connection, entity, method, confidence, rows in links:
                db.execute(_PACKED, (connection, entity, method, confidence, run_id, stamp(at), rows))
