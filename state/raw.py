"""What landed: raw records as they came, in Parquet files, and the reads of them that are believed.

dlt puts a file for each read into ``<folder>/<connection>/<resource>/``. A file counts once its read is believed, which
is a row of the working database; until then, and once a later full read took its place, it is rubbish. A believed file
that is lost or damaged makes its resource one that was never read: what it held is unknown, not gone.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from glob import escape
from pathlib import Path

import duckdb

from mappings.receipt import Mode, Receipt

PIECES = 20  # reads that a resource's records may be pieced together of

_DIFFERS = """
SELECT EXISTS (
    FROM (SELECT source_id, hash(record) AS digest FROM {new}) AS new
    ANTI JOIN (SELECT source_id, hash(record) AS digest FROM {old}) AS old USING (source_id, digest)
)
"""

_AGAIN = """
UPDATE live.standing SET full_at = coalesce(?, full_at), watermark = ?, shape = ?, bases = ?
WHERE connection = ? AND resource = ? RETURNING 1
"""
_FIRST = """
INSERT INTO live.standing (full_at, watermark, shape, bases, connection, resource, entity) VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_NOTHING = "SELECT NULL::VARCHAR AS source_id, NULL::VARCHAR AS record WHERE false"
_ONE_READ = "SELECT source_id, record FROM {files} SEMI JOIN live.believed USING (read_id)"
_PIECED = """
SELECT own.source_id, own.record
FROM (FROM {files} JOIN live.believed USING (read_id)) AS own
ANTI JOIN (SELECT source_id, seq FROM {files} JOIN live.believed USING (read_id)) AS newer
    ON newer.source_id = own.source_id AND newer.seq > own.seq
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the next read of a resource may build on.

    ``full_at``: when the last full one began, by our clock. ``watermark``: the vendor's time up to which all changes
    are here, None where the vendor does not tell it. ``shape``: what of a record is kept.
    """

    full_at: datetime
    watermark: datetime | None
    shape: str


@dataclass(frozen=True, slots=True)
class _Known:
    """By connection and resource: what the next read may build on, and the believed reads."""

    standing: Mapping[tuple[str, str], Standing]
    reads: Mapping[tuple[str, str], frozenset[str]]


def quoted(text: str) -> str:
    """A text as a literal, where SQL takes no bound value: a file, a comment."""
    return "'" + text.replace("'", "''") + "'"


def _table(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(quoted(escape(str(file))) for file in files)}])"


class Raw:
    """The landed records, read through the working database ``db``."""

    def __init__(self, db: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.db = db
        self.folder = folder
        self._landing: dict[tuple[str, str], list[Path]] = {}
        self._held: dict[tuple[Path, int, int], frozenset[str]] = {}  # a file as it is → the reads in it
        self._known: _Known | None = None

    def forget(self) -> None:
        """Ask anew which reads are believed: a transaction ended otherwise than it was begun for."""
        self._known = None

    def stand_in(self, connection: str, spools: Mapping[str, Path]) -> None:
        """Until they have landed these files stand for what is landing, by resource: it may be half there."""
        for resource, spool in spools.items():
            here = (self.folder / connection / resource).glob("*.parquet")
            self._landing[connection, resource] = [*here, spool]

    def stand_down(self) -> None:
        """From now on what landed is looked at where it is."""
        self._landing.clear()

    def believe(self, receipt: Receipt, shape: str, bases: int = 0, *, landed: bool) -> None:
        """Believe a read whose records landed, or that found nothing else than what stands (``landed`` is false).

        A full read's records replace all of the resource's earlier ones, those of changes replace their like.
        ``bases``: the version of the bases when it began; what we wrote since it cannot have seen.
        """
        self.forget()
        here = [receipt.connection, receipt.resource]
        full = receipt.mode is Mode.FULL
        if landed and full:
            self.db.execute("DELETE FROM live.believed WHERE connection = ? AND resource = ?", here)
        if landed and receipt.distinct:
            self.db.execute(
                "INSERT INTO live.believed SELECT ?, ?, ?, coalesce(max(seq), 0) + 1 FROM live.believed",
                [*here, receipt.read_id],
            )
        told = [receipt.watermark, shape, bases, *here]
        if not self.db.execute(_AGAIN, [receipt.started_at if full else None, *told]).fetchall():
            self.db.execute(_FIRST, [receipt.started_at, *told, str(receipt.entity)])

    def holds(self, connection: str, resource: str) -> bool:
        """Whether any record of a resource stands here."""
        return bool(self._reads(connection, resource))

    def standing(self, connection: str, resource: str) -> Standing | None:
        """What the next read of a resource may build on; None where no whole read is here."""
        told = self._told().standing.get((connection, resource))
        return told if told and self._intact(connection, resource) else None

    def read_whole(self, connection: str) -> set[str]:
        """The resources of a connection of which a whole read is here."""
        here = [resource for name, resource in self._told().standing if name == connection]
        return {resource for resource in here if self._intact(connection, resource)}

    def landed(self, connection: str, resource: str, source_ids: Sequence[str]) -> dict[str, bytes]:
        """The JSON of these records as it stands, where they landed. May be asked from any thread."""
        with self.db.cursor() as db:
            records = self.records(connection, resource, db)
            rows = db.execute(
                f"SELECT * FROM ({records}) WHERE source_id IN (SELECT unnest($ids))",  # noqa: S608 - quoted
                {"ids": list(source_ids)},
            ).fetchall()
        return {source_id: record.encode() for source_id, record in rows}

    def every(self, connection: str, resource: str) -> Iterator[bytes]:
        """The JSON of every record of a resource as it stands."""
        rows = self.db.execute(f"SELECT record FROM ({self.records(connection, resource)}) ORDER BY source_id")  # noqa: S608 - quoted
        yield from (record.encode() for (record,) in rows.fetchall())

    def link_to(self, folder: Path) -> None:
        """Let another folder hold the same files and folders, dlt's notes too; copies where a disk knows no links."""
        for old in self.folder.rglob("*"):
            place = folder / old.relative_to(self.folder)
            if old.is_dir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                place.hardlink_to(old)
            except OSError:
                shutil.copyfile(old, place)

    def differs(self, receipt: Receipt, spool: Path) -> bool:
        """Whether a spooled read holds anything else than what stands: another record, or in a full read one fewer.

        A full read also replaces what was pieced together of many reads.
        """
        here = (receipt.connection, receipt.resource)
        old = f"({self.records(*here)})"
        if receipt.mode is Mode.FULL:
            (held,) = self.db.execute(f"SELECT count(*) FROM {old}").fetchall()[0]  # noqa: S608 - quoted
            if held != receipt.distinct or len(self._reads(*here)) > PIECES:
                return True
        if not receipt.distinct:
            return False
        new = f"read_parquet({quoted(escape(str(spool)))})"
        return bool(self.db.execute(_DIFFERS.replace("{new}", new).replace("{old}", old)).fetchall()[0][0])

    def discard(self, connection: str, *, damaged: bool = False) -> None:
        """Remove the landed files of reads that are not (or no longer) believed.

        ``damaged``: also those that cannot be read to their end, which would fail whoever reads the folder.
        """
        reads = self._told().reads
        for file in (self.folder / connection).glob("*/*.parquet"):
            kept = reads.get((connection, file.parent.name), frozenset())
            if kept.isdisjoint(self._reads_in(file, damaged=damaged) or ()):
                file.unlink()

    def records(self, connection: str, resource: str, db: duckdb.DuckDBPyConnection | None = None) -> str:
        """A SELECT of what stands of a resource, source_id and record: the newest believed row of each record."""
        files, reads = self._landed_in(connection, resource), self._reads(connection, resource, db)
        if not files or not reads:
            return _NOTHING
        return (_ONE_READ if len(reads) == 1 else _PIECED).replace("{files}", _table(files))

    def _intact(self, connection: str, resource: str) -> bool:
        """Whether the files of all believed reads of a resource are there, and can be read. A run asks it often."""
        files, wanted = self._landed_in(connection, resource), self._reads(connection, resource)
        if not wanted or not files:
            return not wanted
        held = [self._reads_in(file) for file in files]
        return None not in held and set(wanted) <= set().union(*filter(None, held))

    def _reads_in(self, file: Path, *, damaged: bool = False) -> frozenset[str] | None:
        """The reads whose records a file holds; None where it was cut off while it was written, or damaged since.

        ``damaged``: read it to its end, whatever is known of it.
        """
        status = file.stat()
        state = (file, status.st_mtime_ns, status.st_size)
        if damaged or state not in self._held:
            looked_at = "max(hash(source_id, record))" if damaged else "1"
            told = f"SELECT read_id, {looked_at} FROM read_parquet(?) GROUP BY read_id"  # noqa: S608 - from here
            try:
                rows = self.db.execute(told, [escape(str(file))]).fetchall()
            except duckdb.Error:
                return None
            self._held[state] = frozenset(read_id for read_id, *_ in rows)
        return self._held[state]

    def _reads(self, connection: str, resource: str, db: duckdb.DuckDBPyConnection | None = None) -> Collection[str]:
        """The believed reads that a resource's records are pieced together of; ``db``: in a thread of its own."""
        if db is None:
            return self._told().reads.get((connection, resource), frozenset())
        believed = "SELECT read_id FROM live.believed WHERE connection = ? AND resource = ?"
        return {read_id for (read_id,) in db.execute(believed, [connection, resource]).fetchall()}

    def _told(self) -> _Known:
        """What is believed of all connections, looked up once: a run asks for it hundreds of times."""
        if self._known is None:
            rows = self.db.execute(
                "SELECT connection, resource, full_at, watermark, shape FROM live.standing"
            ).fetchall()
            believed = "SELECT connection, resource, list(read_id) FROM live.believed GROUP BY ALL"
            reads = {(name, resource): frozenset(some) for name, resource, some in self.db.execute(believed).fetchall()}
            self._known = _Known({row[:2]: Standing(*row[2:]) for row in rows}, reads)
        return self._known

    def _landed_in(self, connection: str, resource: str) -> list[Path]:
        """The files that a resource's records stand in."""
        return self._landing.get((connection, resource)) or sorted(
            (self.folder / connection / resource).glob("*.parquet")
        )
