"""Marks in the working database: what was made of which state, so that what is still true is not made again."""

import duckdb

MODEL = "model"  # grows with every change of links, golden records or disputes
DEPARTMENTS = "departments"  # grows with every change of golden departments
SHADOWS = "shadows"  # grows with every refresh of shadows
LAYOUT = "layout"  # the tables of the version that made this working database
INHERITED = "inherited"  # the last moment of the links that are older than this working database


class Marks:
    """The marks of one working database, read once: nobody else writes there."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._known: dict[str, str] | None = None

    def get(self, name: str) -> str | None:
        """What was last noted under a name. duckdb.CatalogException where nothing is laid out yet."""
        return self._all().get(name)

    def set(self, name: str, value: str) -> None:
        """Note this."""
        known = self._all()
        if name not in known:
            self._db.execute("INSERT INTO live.marks (name, value) VALUES (?, ?)", [name, value])
        elif known[name] != value:
            self._db.execute("UPDATE live.marks SET value = ? WHERE name = ?", [value, name])
        known[name] = value

    def count(self, *names: str) -> None:
        """Let marks grow by one."""
        for name in names:
            self.set(name, str(int(self.get(name) or 0) + 1))

    def forget(self) -> None:
        """Read them anew: they are not what was noted, since a transaction was taken back."""
        self._known = None

    def _all(self) -> dict[str, str]:
        if self._known is None:
            self._known = dict(self._db.execute("SELECT name, value FROM live.marks").fetchall())
        return self._known
