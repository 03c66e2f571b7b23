"""What has no counterpart: remote records without a link, and links whose record is not here."""

from mappings.model import Entity
from mappings.queries import query
from state.keys import link_keys, shadow_keys
from state.links import LINKS
from state.marks import MODEL, SHADOWS
from state.working import Working

MATCHED = "matched"  # the mark of the records and links that were each other's, none left over
WAITING = "waiting"  # the mark of the connections that have records without a link


def find_unmatched(working: Working, links: str = "") -> None:
    """Make ``unmatched``, unless neither shadows nor links changed since it was made; ``links``: their keys, if known.

    Where it was empty, and the records and links are the same ones, it is empty again.
    """
    db = working.db
    state = f"{working.marks.get(SHADOWS)} {working.marks.get(MODEL)}"
    if working.made.get("unmatched") == state:
        return
    keys = f"{shadow_keys(db)} {links or link_keys(db)}"
    known = " LIMIT 0" if working.marks.get(MATCHED) == keys else ""
    db.execute(f"CREATE OR REPLACE TEMP TABLE unmatched AS {query('sql/unmatched')}{known}")
    working.made["unmatched"] = state
    if not db.execute("FROM unmatched LIMIT 1").fetchall():
        working.marks.set(MATCHED, keys)


def waiting(working: Working) -> dict[Entity, list[str]]:
    """The connections that have present records without a link, by entity."""
    db = working.db
    state = f"{working.marks.get(SHADOWS)} {working.marks.get(LINKS)} "
    known = working.marks.get(WAITING) or ""
    if known.startswith(state):
        pairs = [pair.split() for pair in known.removeprefix(state).split(",") if pair]
    else:
        left = "FROM shadow.records WHERE present"  # where nothing is linked yet
        if db.execute("FROM live.links LIMIT 1").fetchall():
            find_unmatched(working)
            left = "FROM unmatched WHERE canonical_id IS NULL AND present"
        pairs = [
            list(pair) for pair in db.execute(f"SELECT DISTINCT entity, connection {left} ORDER BY ALL").fetchall()
        ]
        working.marks.set(WAITING, state + ",".join(map(" ".join, pairs)))
        if pairs:  # there may be a million, and most are about to be linked
            db.execute("DROP TABLE IF EXISTS unmatched")
            working.made.pop("unmatched", None)
    return {entity: [connection for other, connection in pairs if other == entity] for entity in Entity}
