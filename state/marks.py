"""Marks in the working database: what was made of which state, so that what is still true is not made again."""

import duckdb

MODEL = "model"  # grows with every change of links, golden records or disputes


def mark(db: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """What was last noted under a name."""
    rows = db.execute("SELECT value FROM live.marks WHERE name = ?", [name]).fetchall()
    return rows[0][0] if rows else None


def set_mark(db: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    """Note this."""
    db.execute("INSERT OR REPLACE INTO live.marks VALUES (?, ?)", [name, value])


def touch_model(db: duckdb.DuckDBPyConnection) -> None:
    """Note that the model is another one than before."""
    set_mark(db, MODEL, str(int(mark(db, MODEL) or 0) + 1))
