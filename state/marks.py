"""Marks in the working database: what was made of which state, so that what is still true is not made again."""

import duckdb

MODEL = "model"  # grows with every change of links, golden records or disputes
DEPARTMENTS = "departments"  # grows with every change of golden departments
SHADOWS = "shadows"  # grows with every refresh of shadows
LAYOUT = "layout"  # the tables of the version that made this working database
INHERITED = "inherited"  # the last moment of the links that are older than this working database


def mark(db: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """What was last noted under a name."""
    rows = db.execute("SELECT value FROM live.marks WHERE name = ?", [name]).fetchall()
    return rows[0][0] if rows else None


def set_mark(db: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    """Note this."""
    if not db.execute("UPDATE live.marks SET value = ? WHERE name = ? RETURNING 1", [value, name]).fetchall():
        db.execute("INSERT INTO live.marks VALUES (?, ?)", [name, value])  # both together cost half of a replacing one


def touch_model(db: duckdb.DuckDBPyConnection) -> None:
    """Note that the model is another one than before."""
    count(db, MODEL)


def count(db: duckdb.DuckDBPyConnection, name: str) -> None:
    """Let a mark grow by one."""
    set_mark(db, name, str(int(mark(db, name) or 0) + 1))
