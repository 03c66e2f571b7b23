"""The rules of survivorship in the working database: who has a vote on which field, and whose counts first."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.model import Entity
from state.working import Working


@dataclass(frozen=True, slots=True)
class Voter:
    """A connection's vote on one field of one entity; rank 1 is heard first, authorities before the others.

    ``on_conflict``: what is done where authorities moved to different values: authority, newest or hold.
    """

    connection: str
    entity: Entity
    field: str
    rank: int
    authority: bool
    on_conflict: str = "authority"


def set_voters(working: Working, voters: Sequence[Voter]) -> None:
    """Install the rules of survivorship; when they changed, every golden record is out of date."""
    rows = [(v.connection, v.entity.value, v.field, v.rank, v.authority, v.on_conflict) for v in voters]
    if sorted(rows) == sorted(working.db.execute("FROM live.voters").fetchall()):
        return
    working.db.execute("TRUNCATE live.voters")
    if rows:  # DuckDB refuses to insert none
        working.db.executemany("INSERT INTO live.voters VALUES (?, ?, ?, ?, ?, ?)", rows)
    working.db.execute("INSERT INTO live.dirty SELECT DISTINCT entity, canonical_id FROM live.links")
