"""The exchange that a value came by: the run that first saw it survive, and the reads of its account."""

from mappings.model import Entity, Method
from pipelines.subject import Row, Subject


def run_of(it: Subject, run_id: str) -> Row:
    """The run of this id, with its command and when it began, where that is known."""
    found = it.published.row("SELECT run_id, command, started_at FROM ops.runs WHERE run_id = ?", run_id)
    return found or {"run_id": run_id, "command": None, "started_at": None}


_READ = (
    "SELECT read_id, run_id, connection, resource, mode, started_at, finished_at, rows, complete, since FROM ops.reads "
    "WHERE complete AND connection = ? AND list_contains(?::VARCHAR[], resource) "
)


def read_of(it: Subject, connection: str, source_id: str, run: Row) -> Row | None:
    """The read that brought a value: of the run that first saw it survive, else the last one before that.

    What we made by a write came with a read after it. A value that survived by another rule only had been read before.
    """
    here = (connection, _resources(it, connection, source_id))
    ours = [one for one in it.live if one.link.ref.source_id == source_id and one.link.ref.connection == connection]
    made = [one.at for one in ours if one.link.method is Method.JOURNAL and one.run_id == run["run_id"]]
    order = "ORDER BY started_at LIMIT 1"
    if made and (
        found := it.published.row(f"{_READ} AND run_id = ? AND started_at >= ? {order}", *here, run["run_id"], made[0])
    ):
        return found
    found = it.published.row(f"{_READ} AND run_id = ? {order}", *here, run["run_id"])
    if found or not run["started_at"]:
        return found
    return it.published.row(f"{_READ} AND started_at <= ? ORDER BY started_at DESC LIMIT 1", *here, run["started_at"])


def _resources(it: Subject, connection: str, source_id: str) -> list[str]:
    """The resources that tell of a record; a person may also be known by the records that refer to it."""
    configured = it.config.connections.get(connection)
    every = configured.vendor.resources if configured else ()
    own = [one.name for one in every if one.entity is it.entity and source_id.startswith(one.prefix)]
    if it.entity is not Entity.PERSON and own:
        return own
    known = it.published.rows("SELECT DISTINCT resource, entity FROM ops.reads WHERE connection = ?", connection)
    others = {row["resource"] for row in known if it.entity is Entity.PERSON or row["entity"] == it.entity}
    return sorted({*own, *others} - ({one.name for one in every if one.entity is it.entity} - set(own)))


def confirmed(it: Subject, read: Row) -> Row | None:
    """The newest read of the same resource, where that is another one."""
    newest = it.published.row(f"{_READ} ORDER BY started_at DESC LIMIT 1", read["connection"], [read["resource"]])
    return newest if newest and newest["read_id"] != read["read_id"] else None
