"""A load of dlt, killed by SIGKILL at every file that it opens, makes, renames or removes; then the next load."""

import os
import shutil
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow.parquet

from pipelines.loader import load
from sources.spool import Spool
from sources.vendor import Row
from tests.simulate.points import Points

TOUCHES = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.truncate"})
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
RESOURCE = "departments"


def killed_loads(until: float, seed: int, *, loads: Sequence[str] = ("first", "later")) -> Points:
    """Kill an account's first load, and a later one, at each touch of a file, and load once more.

    The order is drawn by the seed; it ends at ``until`` (monotonic), or where all are tried.
    """
    found, rng = Points("loads"), Random(seed)  # noqa: S311 - a replay must draw the same
    with TemporaryDirectory() as place:
        starts = [Path(place, name) for name in loads]
        for start in starts:
            start.mkdir()
            if start.name == "later":
                _load(start, "before")
        touched = {start: _killed(_copy(start, place), at=0) for start in starts}
        order = [(start, at) for start, last in touched.items() for at in range(1, last + 1)]
        rng.shuffle(order)
        for start, at in order:
            if found.tried and time.monotonic() >= until:
                break
            here = _copy(start, place)
            _killed(here, at)
            found.tried += 1
            found.violations += _wrong(here, f"{start.name} load killed at touch {at}")
    return found


def _copy(start: Path, place: str) -> Path:
    here = Path(place, "here")
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(start, here)
    return here


def _load(here: Path, read_id: str) -> None:
    spool = Spool(here / f"{read_id}.parquet", read_id)
    spool.add([Row("1", b"{}")])
    spool.close()
    load(here / "raw", here / "dlt", "hq", {RESOURCE: spool})


def _killed(here: Path, at: int) -> int:
    """A load in a process of its own that dies at this touch; how many there were."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # later Pythons warn of threads; here none of them works
        read, write = os.pipe()
        process = os.fork()
    if process == 0:
        _load_and_die(here, at, write)
    os.close(write)
    os.waitpid(process, 0)
    with os.fdopen(read, "rb") as told:
        return len(told.read())


def _load_and_die(here: Path, at: int, tell: int) -> None:
    touched = 0

    def look(event: str, told: tuple[object, ...]) -> None:
        nonlocal touched
        if event in TOUCHES or (event == "open" and isinstance(told[2], int) and told[2] & WRITES):
            touched += 1
            os.write(tell, b".")
            if touched == at:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(look)
        _load(here, "killed")
    finally:
        os._exit(0)


def _wrong(here: Path, where: str) -> list[str]:
    """What is wrong with the load after it."""
    try:
        _load(here, "after")
    except Exception as fault:
        return [f"{where}: the next load fails: {type(fault).__name__}: {str(fault)[:200]}"]
    landed = [
        row["read_id"]
        for file in (here / "raw" / "hq" / RESOURCE).glob("*.parquet")
        if file.stat().st_size
        for row in _rows(file)
    ]
    return [] if "after" in landed else [f"{where}: what the next load brought is not there"]


def _rows(file: Path) -> list[dict[str, object]]:
    """The rows of a file; none of one that was cut off, which nobody believes."""
    try:
        rows: list[dict[str, object]] = pyarrow.parquet.read_table(file).to_pylist()
    except (OSError, pyarrow.ArrowException):
        return []
    return rows
