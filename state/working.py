"""The working database: raw records as they came, and shadows, one canonical row a record and connection.

Everything in it can be read or computed again; deleting the file loses nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from mappings.model import Entity
from mappings.queries import query
from state.errors import StateError

FILE = "work.duckdb"

_STAGE = """
INSERT INTO stage BY NAME
SELECT *, hash(mapped)::UBIGINT AS fingerprint, true AS present FROM (SELECT * FROM (/*mapping*/)) AS mapped
"""

_TOUCHED = """
INSERT INTO live.dirty
SELECT links.entity, links.canonical_id
FROM (SELECT * FROM shadow.records WHERE connection = $connection) AS old
FULL JOIN stage AS new USING (entity, source_id)
JOIN live.links AS links
    ON links.connection = $connection AND links.entity = coalesce(old.entity, new.entity)
    AND links.source_id = coalesce(old.source_id, new.source_id)
WHERE new.fingerprint IS DISTINCT FROM old.fingerprint OR (new.source_id IS NULL) = coalesce(old.present, false)
"""

_MERGE = """
MERGE INTO shadow.records AS old
USING stage AS new
ON old.connection = $connection AND old.entity = new.entity AND old.source_id = new.source_id
WHEN MATCHED AND (old.fingerprint IS DISTINCT FROM new.fingerprint OR NOT old.present) THEN UPDATE BY NAME
WHEN NOT MATCHED THEN INSERT BY NAME
WHEN NOT MATCHED BY SOURCE AND old.connection = $connection AND old.present THEN UPDATE SET present = false
"""


class Working:
    """An open working database. ``db`` is shared with dlt while it lands records."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.db = duckdb.connect(
                str(path), config={"autoinstall_known_extensions": "false", "allow_community_extensions": "false"}
            )
            self.db.execute("SET TimeZone = 'UTC'")
            self.db.execute(files("state").joinpath("working.sql").read_text(encoding="utf-8"))
            self.db.execute("CREATE OR REPLACE VIEW live.linked AS " + query("sql/linked"))
        except duckdb.Error as fault:
            text = str(fault).splitlines()[0]
            remedy = (
                "close whoever has it open"
                if "lock" in text
                else "delete it: the next pull rebuilds it, and writes nothing"
            )
            raise StateError(f"{path}: cannot be opened: {text}. What to do: {remedy}") from fault

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is there when it ends well, and nothing of it when it does not."""
        self.db.begin()
        try:
            yield
        except BaseException:
            self.db.rollback()
            raise
        self.db.commit()

    def accept(self, connection: str, resource: str, read_id: str, at: datetime) -> None:
        """Believe a read: its records replace those of the resource's earlier reads."""
        self.db.execute("INSERT OR REPLACE INTO live.accepted VALUES (?, ?, ?, ?)", [connection, resource, read_id, at])

    def accepted(self, connection: str) -> set[str]:
        """The resources of a connection of which a whole read is here."""
        rows = self.db.execute("SELECT resource FROM live.accepted WHERE connection = ?", [connection]).fetchall()
        return {resource for (resource,) in rows}

    def present_ids(self, connection: str, entity: Entity) -> set[str]:
        """The source ids of the records that were there when the connection was last read."""
        rows = self.db.execute(
            "SELECT source_id FROM shadow.records WHERE connection = ? AND entity = ? AND present",
            [connection, entity.value],
        ).fetchall()
        return {source_id for (source_id,) in rows}

    def discard_reads(self, connection: str, resources: Sequence[str]) -> None:
        """Drop the raw records of reads that are not (or no longer) believed."""
        for table in self._raw_tables(connection, resources).values():
            self.db.execute(
                f"DELETE FROM {table} WHERE read_id NOT IN (SELECT read_id FROM live.accepted)"  # noqa: S608 - a quoted identifier
            )

    def refresh_shadows(self, connection: str, mapping: str, resources: Sequence[str]) -> None:
        """Bring a connection's shadows in line with its accepted reads, by the vendor's mapping.

        A record that is in none of them is no longer present; its row stays. Links whose record changed become dirty.
        """
        accepted = self.accepted(connection)
        if not accepted:
            return
        tables = self._raw_tables(connection, [resource for resource in resources if resource in accepted])
        reads = ["SELECT '' AS resource, '' AS source_id, '' AS record WHERE false"]
        reads += [
            f"SELECT '{resource}', source_id, record FROM {table} "  # noqa: S608 - names of our own settings
            f"WHERE read_id IN (SELECT read_id FROM live.accepted)"
            for resource, table in tables.items()
        ]
        self.db.execute("CREATE OR REPLACE TEMP VIEW raw AS " + " UNION ALL ".join(reads))
        self.db.execute("CREATE OR REPLACE TEMP TABLE stage AS FROM shadow.records LIMIT 0")
        self.db.execute(_STAGE.replace("/*mapping*/", query(mapping)))
        self.db.execute("UPDATE stage SET connection = ?", [connection])
        self.db.execute(_TOUCHED, {"connection": connection})
        self.db.execute(_MERGE, {"connection": connection})

    def _raw_tables(self, connection: str, resources: Sequence[str]) -> dict[str, str]:
        rows = self.db.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", [f"raw_{connection}"]
        ).fetchall()
        return {one: f'"raw_{connection}"."{one}"' for one in resources if (one,) in rows}
