"""The published tables, handed on: what each holds in short, and its rows in the columns that every warehouse knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from mappings.tables import TABLES, Table
from state.errors import StateError

ROWS = 50_000  # of a table that are in memory at once


class Handing:
    """The open published file."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db

    def digests(self) -> dict[str, str]:
        """Each published table → a text that is another one when its columns or rows are."""
        return {name: self._digest(name, table) for name, table in TABLES.items()}

    def _digest(self, name: str, table: Table) -> str:
        columns = ", ".join(f'"{column}"' for column in table.columns)
        both = f"count(*), coalesce(sum(hash({columns})::HUGEINT), 0)"
        count, total = self._db.execute(f"SELECT {both} FROM {name}").fetchall()[0]  # noqa: S608 - names of our own
        kinds = " ".join(f"{column} {kind}" for column, (kind, _) in table.columns.items())
        return f"{count} {total} {kinds} {duckdb.__version__}"

    def batches(self, name: str) -> Iterator[pa.Table]:
        """The rows of a table, some at a time; where it has none, its columns. Lists and JSON go as JSON text."""
        with self._db.cursor() as db:  # one of its own: several tables are read by turns
            db.execute("SET TimeZone = 'UTC'")
            columns = ", ".join(_plain(TABLES[name]))
            reader = db.sql(f"SELECT {columns} FROM {name}").to_arrow_reader(ROWS)  # noqa: S608 - names of our own
            yield reader.schema.empty_table()
            for batch in reader:
                yield pa.Table.from_batches([batch])


def _plain(table: Table) -> Iterator[str]:
    for column, (kind, _) in table.columns.items():
        if kind.endswith("[]"):
            yield f'to_json("{column}")::VARCHAR AS "{column}"'
        else:
            yield f'"{column}"::VARCHAR AS "{column}"' if kind == "JSON" else f'"{column}"'


@contextmanager
def open_handing(path: Path) -> Iterator[Handing]:
    """Open the published file to hand its tables on. StateError where it cannot be read."""
    try:
        with duckdb.connect(str(path), read_only=True) as db:
            db.execute("SET TimeZone = 'UTC'")
            yield Handing(db)
    except duckdb.Error as fault:
        told = f"{path}: cannot be read: {str(fault).splitlines()[0]}"
        raise StateError(f"{told}. What to do: orgweave pull publishes it anew") from fault
