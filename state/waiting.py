"""How much waits for a person."""

from state.working import Working

_OPEN = """
SELECT
    (SELECT count(DISTINCT (connection, entity, source_id)) FROM live.disputes),
    (SELECT count(*) FROM golden.conflicts)
"""


def waiting(working: Working) -> tuple[int, int]:
    """How many proposed matches and how many conflicts are open."""
    proposals, conflicts = working.db.execute(_OPEN).fetchall()[0]
    return int(proposals), int(conflicts)
