"""Reading the published file, as an analyst does."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb


def ask(path: Path, sql: str) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    """The column names and rows that a query on the published file answers."""
    with duckdb.connect(str(path), read_only=True) as db:
        db.execute("SET TimeZone = 'UTC'")
        answer = db.execute(sql)
        return [column[0] for column in answer.description or []], answer.fetchall()
