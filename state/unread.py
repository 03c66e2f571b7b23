"""What we wrote where nobody read since: the shadows take it over, until the next whole read tells what is there."""

from state.marks import SHADOWS
from state.working import Working

_COLUMNS = {"parent_id": "parent_source_id", "assignee_id": "assignee_source_id", "subject_id": "subject_source_id"}

_UNREAD = """
FROM live.bases AS base
JOIN live.standing AS read ON read.connection = base.connection AND read.entity = base.entity AND base.seq > read.bases
WHERE base.written > 0
"""
_TAKE = """
UPDATE shadow.records AS old SET {column} = new.value, fingerprint = NULL
FROM (SELECT base.* {unread} AND base.field = '{field}') AS new
WHERE old.connection = new.connection AND old.entity = new.entity AND old.source_id = new.source_id
    AND old.{column}::VARCHAR IS DISTINCT FROM new.value
"""


def take_written(working: Working) -> None:
    """Let the shadows that are older than our own last write to them say what was written.

    As a value that was restored it neither moves nor holds anything: the vendor was not asked since. Must come after
    the bases are copied in.
    """
    db = working.db
    fields = [name for (name,) in db.execute(f"SELECT DISTINCT base.field {_UNREAD}").fetchall()]
    if not fields:
        return
    with working.transaction():
        for name in fields:
            take = _TAKE.replace("{unread}", _UNREAD).replace("{field}", name)
            db.execute(take.replace("{column}", _COLUMNS.get(name, name)))
        working.marks.count(SHADOWS)
