"""The published tables as Parquet files: one folder, swapped in whole, for tools that read no DuckDB."""

import ctypes
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from mappings.tables import TABLES, Table
from state.errors import StateError
from state.raw import quoted
from state.swapping import make_durable

MANIFEST = "orgweave.json"  # tells a folder that an earlier export made, and a later one may replace
_EXCHANGE = 2  # renameat2's flag
_HERE = -100  # AT_FDCWD


def export_parquet(published: Path, folder: Path, *, version: str) -> dict[str, int]:
    """Write every published table as ``<schema>.<table>.parquet``, and a manifest; table → number of rows.

    Files are called as our own tables are, never as records. All stand in the folder at once, or the older export
    stays. ``StateError`` where the folder is somebody else's, cannot be written, or the published file cannot be read.
    """
    whole = folder.absolute()
    if not _ours(whole):
        raise StateError(f"{folder}: is not empty, and no export made it. What to do: name another folder")
    fresh = whole.with_name(f".{whole.name}.{os.getpid()}.new")
    try:
        whole.parent.mkdir(parents=True, exist_ok=True)
        _remove(fresh)
        fresh.mkdir()
        fresh.chmod(0o755 if published.stat().st_mode & 0o004 else 0o750)
        counts = _fill(published, fresh, version)
        _swap(fresh, whole)
    except duckdb.Error as fault:
        told = f"{published}: cannot be exported: {str(fault).splitlines()[0]}"
        raise StateError(f"{told}. What to do: orgweave pull publishes it anew") from fault
    except OSError as fault:
        raise StateError(f"{folder}: cannot be written: {fault.strerror}. What to do: name another folder") from fault
    finally:
        _remove(fresh)
    return counts


def _ours(folder: Path) -> bool:
    """Whether the place is free, or an earlier export's."""
    if not folder.is_dir():
        return not folder.exists()
    return (folder / MANIFEST).is_file() or not any(folder.iterdir())


def _fill(published: Path, folder: Path, version: str) -> dict[str, int]:
    mode = published.stat().st_mode & 0o644
    with duckdb.connect(str(published), read_only=True) as db:
        db.execute("SET TimeZone = 'UTC'")
        counts = {name: _copy(db, name, table, folder) for name, table in TABLES.items()}
        newest = db.execute("SELECT run_id FROM ops.runs ORDER BY started_at DESC LIMIT 1").fetchall()
    manifest = {"format": 1, "orgweave": version, "run_id": newest[0][0] if newest else None, "tables": counts}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    for file in folder.iterdir():
        file.chmod(mode)
        make_durable(file)
    make_durable(folder)
    return counts


def _copy(db: duckdb.DuckDBPyConnection, name: str, table: Table, folder: Path) -> int:
    """JSON goes as text: few readers of Parquet know it as a type. The table's comment goes with the file."""
    texts = ", ".join(f'"{key}"::VARCHAR AS "{key}"' for key, (kind, _) in table.columns.items() if kind == "JSON")
    columns = f"* REPLACE ({texts})" if texts else "*"
    place = quoted(str(folder / f"{name}.parquet"))
    comments = {"comment": table.comment} | {f"comment.{key}": text for key, (_, text) in table.columns.items()}
    told = ", ".join(f"{quoted(key)}: {quoted(text)}" for key, text in comments.items())
    done: list[Any] = db.execute(
        f"COPY (SELECT {columns} FROM {name}) TO {place} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{told}}})"  # noqa: S608 - names of our own
    ).fetchall()
    return int(done[0][0])


def _swap(fresh: Path, folder: Path) -> None:
    """Put the fresh folder in the place: by one exchange where the file system can, so that nobody finds none."""
    if not folder.exists():
        fresh.rename(folder)
    elif not _exchange(fresh, folder):
        old = fresh.with_name(f"{fresh.name}.old")
        folder.rename(old)
        fresh.rename(folder)
        _remove(old)
    make_durable(folder.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step; False where system or file system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    return rename is not None and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
