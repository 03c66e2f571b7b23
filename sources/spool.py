"""Where the rows of a read wait until the read has proved whole: on disk, so that memory stays flat."""

from array import array
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sources.vendor import Row

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

BATCH_ROWS = 20_000
BATCH_BYTES = 16 * 2**20


class Sink(Protocol):
    """Takes the rows of a read, page by page."""

    def begin(self) -> None:
        """Start anew: what an earlier walk brought is dropped."""

    def add(self, rows: Sequence[Row]) -> None:
        """Take the rows of the next page."""


class Kept:
    """A sink in memory, for lists that are looked at and not landed."""

    def __init__(self) -> None:
        self.pages: list[tuple[Row, ...]] = []

    def begin(self) -> None:
        """Start anew."""
        self.pages = []

    def add(self, rows: Sequence[Row]) -> None:
        """Keep a page."""
        self.pages.append(tuple(rows))


class Spool:
    """A sink on disk: a Parquet file with the columns of a raw table (read_id, page, source_id, record).

    All are text but ``page``, a number. ``rows`` are in it once it is closed; without any there is no file.
    """

    def __init__(self, path: Path, read_id: str) -> None:
        self.path = path
        self.rows = 0
        self._read_id = read_id
        self._page = 0
        self._bytes = 0
        self._pages: list[int] = []
        self._ids: list[str] = []
        self._records: list[bytes] = []
        self._writer: pq.ParquetWriter | None = None

    def begin(self) -> None:
        """Start anew."""
        self.discard()
        self.rows = self._page = self._bytes = 0
        self._pages, self._ids, self._records = [], [], []

    def add(self, rows: Sequence[Row]) -> None:
        """Write the rows of the next page, in batches: a Parquet file of many small groups is slow to read."""
        self._pages += [self._page] * len(rows)
        self._ids += [row.source_id for row in rows]
        self._records += [row.record for row in rows]
        self._bytes += sum(map(len, self._records[-len(rows) :])) if rows else 0
        self._page += 1
        self.rows += len(rows)
        if len(self._ids) >= BATCH_ROWS or self._bytes >= BATCH_BYTES:
            self._flush()

    def close(self) -> None:
        """Finish the file."""
        if self._ids:
            self._flush()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def discard(self) -> None:
        """Remove the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.path.unlink(missing_ok=True)

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {
            "read_id": pa.array([self._read_id] * len(self._ids), pa.string()),
            "page": pa.array(self._pages, pa.int64()),
            "source_id": pa.array(self._ids, pa.string()),
            "record": _texts(self._records),
        }
        table = pa.table(columns)
        if self._writer is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self.path, table.schema, use_dictionary=["read_id", "page"])
        self._writer.write_table(table)
        self._pages, self._ids, self._records = [], [], []
        self._bytes = 0


def _texts(records: Sequence[bytes]) -> "pa.StringArray":
    """The records as one column, in a tenth of the time that Arrow takes for them one by one; no other thread waits."""
    import pyarrow as pa

    ends = array("i", accumulate(map(len, records), initial=0))
    found = pa.StringArray.from_buffers(len(records), pa.py_buffer(ends), pa.py_buffer(b"".join(records)))
    found.validate(full=True)  # UTF-8, or an ArrowInvalid
    return found
