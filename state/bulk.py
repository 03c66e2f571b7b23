"""Links by the hundred thousand: how they go into the safety record faster than one by one."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

PACK = 50_000  # links in a JSON text, as state/links.py packs them
FEW_PACKS = 4


@contextmanager
def index_last(db: sqlite3.Connection, packs: int) -> Iterator[None]:
    """Where very many links are added to few, check that canonical records are linked once when all are in.

    Their ids come in no order: a million of them, put into the index one by one, take a third longer than all at once.
    """
    (held,) = db.execute("SELECT coalesce(max(seq), 0) FROM links").fetchall()[0]
    if packs < FEW_PACKS or held > packs * PACK:
        yield
        return
    [(made,)] = db.execute("SELECT sql FROM sqlite_master WHERE name = 'live_canonical'").fetchall()
    db.execute("DROP INDEX live_canonical")
    yield
    db.execute(made)
