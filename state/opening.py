"""Opens the safety record's file: made whole or not at all, checked, migrated, and never repaired in silence."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from state.codec import stamp
from state.errors import StateError
from state.record import AFRESH, damaged, explained
from state.swapping import make_durable

APPLICATION_ID = 0x6F726777  # "orgw": tells our file from any other SQLite file
SCRIPTS = ("schema.sql", *(f"schema_{version}.sql" for version in range(2, 9)))
MIGRATIONS: tuple[str, ...] = tuple(files("state").joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS)
"""Script n takes the schema from version n to n + 1; the schema's version is how many have run."""

_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
_MAGIC = b"SQLite format 3\x00"


def connect(path: Path, *, at: datetime, new_id: Callable[[], str]) -> sqlite3.Connection:
    """The open, checked and migrated database at ``path``, made first where there is none.

    Raises StateError, with nothing changed, for a file that is damaged, not ours, or newer than this program, and for
    one that is missing while the workspace holds other state.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StateError(
            f"{path}: needs SQLite 3.37 or later, this Python has {sqlite3.sqlite_version}. Use a newer one."
        )
    try:
        if not path.exists() and not path.is_symlink():
            _create(path, at=at, lineage=new_id())
        _check_header(path)
        version = _check_content(path)
        _make_private(path)
        if version < len(MIGRATIONS):
            _back_up(path, version)
        return _ready(path, version)
    except sqlite3.Error as error:
        raise explained(path, error) from error
    except OSError as error:
        raise StateError(f"{path}: {error.strerror}. Check the folder, its owner and its rights.") from error


def look(path: Path) -> sqlite3.Connection:
    """The database at ``path`` to look at, beside whoever works in it: nothing is migrated, made or locked.

    Raises StateError for a file that is damaged or not ours.
    """
    try:
        _check_header(path)
        closed = not path.with_name(f"{path.name}-wal").exists()  # then SQLite would make one, even to read
        uri = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if closed else ''}"
        return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise explained(path, error) from error
    except OSError as error:
        raise StateError(f"{path}: {error.strerror}. Check the folder, its owner and its rights.") from error


def _create(path: Path, *, at: datetime, lineage: str) -> None:
    """Made beside its place and linked into it, so that a crash leaves no half-made record and nobody's is replaced."""
    left = [name for name in ("work.duckdb", f"{path.name}-wal") if (path.parent / name).exists()]
    if left:
        raise StateError(
            f"{path}: missing, although {left[0]} is there. Put it back from a backup: without it orgweave would "
            f"create its records a second time. Only to start afresh: move {left[0]} away too; {AFRESH}"
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = OFF")  # nobody knows the draft yet: made durable once it is whole
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _migrate(db, 0)
            db.execute("INSERT INTO record (one, lineage, created_at) VALUES (1, ?, ?)", (lineage, stamp(at)))
        _publish(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _publish(draft: Path, path: Path) -> None:
    make_durable(draft)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first: its lineage holds
    make_durable(path.parent)


def _check_header(path: Path) -> None:
    """Read by hand, because SQLite takes an empty file for a new database and would write to a foreign one."""
    if path.is_symlink() or not path.is_file():
        raise StateError(f"{path}: not a plain file. Remove what stands there, or put the file itself in its place.")
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(_MAGIC):
        raise damaged(path, "not a database")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise StateError(
            f"{path}: a database of another program. Move it away, or give orgweave another workspace.dir."
        )


def _check_content(path: Path) -> int:
    """The schema's version. Looks through a read-only connection, which changes nothing."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if version > len(MIGRATIONS):
                known = len(MIGRATIONS)
                raise StateError(f"{path}: has schema {version}, this orgweave knows {known}. Use a newer orgweave.")
            found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
            if found == "ok" and (version == 0 or db.execute("SELECT count(*) FROM record").fetchone()[0] != 1):
                found = "no schema version, or no lineage"
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # SQLite repeats what is no text
        if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
            raise  # busy, no right to open: trouble around the file, not in it
        raise damaged(path, str(error)) from error
    if found != "ok":
        raise damaged(path, found)
    return version


def _make_private(path: Path) -> None:
    if path.stat().st_mode & 0o077:  # it holds names; a copy or a restore may have opened it to others
        path.chmod(0o600)


def _back_up(path: Path, version: int) -> None:
    kept = path.with_name(f"{path.stem}.v{version}{path.suffix}")
    kept.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(kept)) as copy:
        db.backup(copy)


def _ready(path: Path, version: int) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA cell_size_check = ON")
        db.execute("PRAGMA cache_size = -65536")  # 64 MiB: a million links go in without thrashing
        _migrate(db, version)
    except BaseException:
        db.close()
        raise
    return db


def _migrate(db: sqlite3.Connection, version: int) -> None:
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        try:
            db.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
