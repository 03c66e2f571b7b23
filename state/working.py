"""The working database: raw records as they came, and shadows, one canonical row a record and connection.

Everything in it can be read or computed again; deleting the file loses nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self
from zlib import crc32

import duckdb

from mappings.model import Entity
from mappings.queries import query
from state.errors import MappingError, StateError
from state.marks import LAYOUT, SHADOWS, Marks
from state.raw import Raw, quoted

FILE = "work.duckdb"

# One kind is a fifth faster than to try every one, and no larger. Temporary tables would be packed too, on one core,
# whenever some 16 MB of them came together: of a first run a tenth.
PACKING = "SET force_compression = 'dict_fsst'; SET checkpoint_threshold = '1GB'"
_SETTINGS = f"SET TimeZone = 'UTC'; {PACKING}; SET enable_progress_bar = false"  # it would be drawn over our own lines

# One statement: DuckDB 2.0 loses the rows of a table that was made empty by a SELECT and filled in one transaction, as
# soon as they are many enough to be inserted in parallel: it counts them, but groups and joins none (a test keeps it).
_STAGE = """
CREATE OR REPLACE TEMP {kind} stage AS
FROM shadow.records WHERE false
UNION ALL BY NAME
SELECT *, {connection} AS connection, hash(mapped)::UBIGINT AS fingerprint, true AS present
FROM (SELECT * FROM ({mapping})) AS mapped
"""

_HOLDS = "SELECT EXISTS (FROM shadow.records WHERE connection = ?)"
_ALL_NEW = """
INSERT INTO live.dirty
SELECT entity, canonical_id FROM live.links SEMI JOIN shadow.records USING (connection, entity, source_id)
WHERE connection = ?
"""

_BACKWARD = """
SELECT new.entity, new.source_id
FROM stage AS new
JOIN shadow.records AS old
    ON old.connection = new.connection AND old.entity = new.entity AND old.source_id = new.source_id
WHERE new.updated_at < old.updated_at AND old.present AND old.fingerprint IS NOT NULL -- not one that was restored
ORDER BY ALL
"""

_TOUCHED = """
INSERT INTO live.dirty
SELECT links.entity, links.canonical_id
FROM (SELECT * FROM shadow.records WHERE connection = $connection) AS old
FULL JOIN stage AS new USING (entity, source_id)
JOIN live.links AS links
    ON links.connection = $connection AND links.entity = coalesce(old.entity, new.entity)
    AND links.source_id = coalesce(old.source_id, new.source_id)
WHERE CASE
    WHEN new.source_id IS NULL THEN old.present AND old.entity IN (SELECT unnest($gone))
    ELSE new.fingerprint IS DISTINCT FROM old.fingerprint OR NOT coalesce(old.present, false)
END
"""

_OTHERWISE = "SELECT EXISTS (FROM shadow.records WHERE connection = ? AND fingerprint IS NULL AND present)"

_MERGE = """
MERGE INTO shadow.records AS old
USING stage AS new
ON old.connection = $connection AND old.entity = new.entity AND old.source_id = new.source_id
WHEN MATCHED AND (old.fingerprint IS DISTINCT FROM new.fingerprint OR NOT old.present) THEN UPDATE BY NAME
WHEN NOT MATCHED THEN INSERT BY NAME
WHEN NOT MATCHED BY SOURCE AND old.connection = $connection AND old.present AND old.entity IN (SELECT unnest($gone))
THEN UPDATE SET present = false
"""


class Working:
    """An open working database. ``raw`` is what landed, by default in a folder beside it.

    ``anew``: it was made just now, or by another version that laid it out otherwise; then it is empty.
    """

    def __init__(self, path: Path, landed: Path | None = None) -> None:
        self.path = path
        try:
            self.db = duckdb.connect(
                str(path), config={"autoinstall_known_extensions": "false", "allow_community_extensions": "false"}
            )
            self.db.execute(_SETTINGS)
            self.raw = Raw(self.db, landed or path.parent / "raw")
            self.marks = Marks(self.db)
            self.made: dict[str, str] = {}  # what is here as long as this is open → of which state it was made
            self.anew = self._lay_out()
        except duckdb.Error as fault:
            text = str(fault).splitlines()[0]
            remedy = (
                "free some space on the disk"
                if "No space" in text
                else "close whoever has it open"
                if "lock" in text
                else "delete it: the next pull rebuilds it, and writes nothing"
            )
            raise StateError(f"{path}: cannot be opened: {text}. What to do: {remedy}") from fault
        self._room = 0
        held = "SELECT count(*), count(*) FILTER (entity = 'department') FROM shadow.records"
        self.make_room(*self.db.execute(held).fetchall()[0])

    def _lay_out(self) -> bool:
        """Make the tables where they are not those of this version; whether that was so."""
        layout = files("state").joinpath("working.sql").read_text(encoding="utf-8")
        layout += "\nCREATE VIEW live.linked AS " + query("sql/linked")
        version = str(crc32(layout.encode()))
        try:
            anew = self.marks.get(LAYOUT) != version
        except duckdb.CatalogException:  # it is empty
            anew = True
        if anew:
            with self.transaction():
                for schema in ("shadow", "live", "golden"):  # a history cannot be read again
                    self.db.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
                self.db.execute(layout)
                self.marks.forget()
                self.marks.set(LAYOUT, version)
        return anew

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def copy_to(self, path: Path) -> None:
        """Write a copy of the whole database, as it stands; what landed is linked beside it, not copied."""
        (home,) = self.db.execute("SELECT current_database()").fetchall()[0]
        self.db.execute(f"ATTACH {quoted(str(path))} AS copied")
        try:
            self.db.execute(f'COPY FROM DATABASE "{home}" TO copied')
        finally:
            self.db.execute("DETACH copied")
        self.raw.link_to(path.parent / "raw")

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def make_room(self, records: int, departments: int) -> None:
        """Bound DuckDB's memory by the number of records; the rest spills into files beside the database.

        Measured as fast as without a bound; a million records at 200 MB ran out of it. Departments are merged field by
        field: 300,000 of them, in 300 MB, spilled for eight seconds.
        """
        room = 200 + records * 3 // 10_000 + departments * 15 // 10_000
        if room > self._room:
            self._room = room
            self.db.execute(f"SET memory_limit = '{room}MB'")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is there when it ends well, and nothing of it when it does not."""
        self.db.begin()
        try:
            yield
        except BaseException:
            self.db.rollback()
            self.forget()
            raise
        self.db.commit()

    def forget(self) -> None:
        """Read anew what was noted in memory: a transaction was taken back."""
        self.raw.forget()
        self.marks.forget()
        self.made.clear()

    def present_ids(self, connection: str, entity: Entity) -> set[str]:
        """The source ids of the records that were there when the connection was last read."""
        rows = self.db.execute(
            "SELECT source_id FROM shadow.records WHERE connection = ? AND entity = ? AND present",
            [connection, entity.value],
        ).fetchall()
        return {source_id for (source_id,) in rows}

    def changed_since(self, connection: str, entity: Entity, moment: datetime) -> frozenset[str]:
        """The present records that changed at a moment or later, by their vendor's own time."""
        rows = self.db.execute(
            "SELECT source_id FROM shadow.records WHERE connection = ? AND entity = ? AND present AND updated_at >= ?",
            [connection, entity.value, moment],
        ).fetchall()
        return frozenset(source_id for (source_id,) in rows)

    def newest_change(self, connection: str, entity: Entity) -> datetime | None:
        """When the present record that changed last did so, by its vendor's own time; None where nothing tells it."""
        rows = self.db.execute(
            "SELECT max(updated_at) FROM shadow.records WHERE connection = ? AND entity = ? AND present",
            [connection, entity.value],
        ).fetchall()
        moment: datetime | None = rows[0][0]
        return moment

    def stage(self, connection: str, mapping: str, resources: Sequence[str]) -> list[tuple[str, str]]:
        """Put the believed records of a connection into canonical terms, by the vendor's mapping, one SELECT.

        Returns the records (entity, source id) that are older by the vendor's own time than when they were last seen.
        Raises ``MappingError`` where the SELECT is none, or not of the columns that it must have.
        """
        reads = [
            f"SELECT '{resource}' AS resource, source_id, record FROM ({self.raw.records(connection, resource)})"  # noqa: S608 - quoted
            for resource in resources
        ]
        self.db.execute("CREATE OR REPLACE TEMP VIEW raw AS " + " UNION ALL ".join(reads))
        known = self._knows(connection)
        staged = _STAGE.replace("{kind}", "TABLE" if known else "VIEW").replace("{connection}", quoted(connection))
        try:
            self.db.execute(staged.replace("{mapping}", mapping))
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as fault:
            raise MappingError(next(iter(str(fault).splitlines()), "it is no SQL")) from fault
        return self.db.execute(_BACKWARD).fetchall() if known else []

    def _knows(self, connection: str) -> bool:
        """Whether any record of a connection was ever seen; where none was, nothing is to be compared."""
        return bool(self.db.execute(_HOLDS, [connection]).fetchall()[0][0])

    def told_otherwise(self, connection: str) -> bool:
        """Whether a shadow of a connection says something else than what landed: what we wrote, or was restored."""
        return bool(self.db.execute(_OTHERWISE, [connection]).fetchall()[0][0])

    def refresh_shadows(self, connection: str, gone: Collection[str]) -> None:
        """Bring a connection's shadows in line with what was staged. Links whose record changed become dirty.

        ``gone``: the entities of which a record that is not there is no longer present; its row stays.
        """
        if self._knows(connection):
            values = {"connection": connection, "gone": sorted(gone)}
            self.db.execute(_TOUCHED, values)
            self.db.execute(_MERGE, values)
            self.db.execute("DROP TABLE stage")
        else:
            self.db.execute("INSERT INTO shadow.records BY NAME FROM stage")
            self.db.execute(_ALL_NEW, [connection])
            self.db.execute("DROP VIEW stage")
        self.marks.count(SHADOWS)
