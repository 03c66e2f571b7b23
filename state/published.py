"""Reading the published file, as an analyst does."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from state.errors import StateError


def ask(path: Path, sql: str) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    """The column names and rows that a query on the published file answers."""
    with duckdb.connect(str(path), read_only=True) as db:
        db.execute("SET TimeZone = 'UTC'")
        answer = db.execute(sql)
        return [column[0] for column in answer.description or []], answer.fetchall()


class Published:
    """The open published file: one state of it, whatever a run publishes meanwhile."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """The rows that a query answers, by column; values are bound to its question marks."""
        answer = self._db.execute(sql, list(values))
        columns = [column[0] for column in answer.description or []]
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]

    def row(self, sql: str, *values: object) -> dict[str, Any] | None:
        """The first row, if any."""
        return next(iter(self.rows(sql, *values)), None)


@contextmanager
def open_published(path: Path) -> Iterator[Published]:
    """Open the published file to look at; it is never in a run's way. StateError where it cannot be read."""
    remedy = "What to do: orgweave pull publishes it anew"
    try:
        with duckdb.connect(str(path), read_only=True) as db:
            db.execute("SET TimeZone = 'UTC'")
            yield Published(db)
    except duckdb.CatalogException as fault:
        raise StateError(f"{path}: was published by another version of orgweave. {remedy}") from fault
    except duckdb.Error as fault:
        raise StateError(f"{path}: cannot be read: {str(fault).splitlines()[0]}. {remedy}") from fault
