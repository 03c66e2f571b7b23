"""Landing: the records of whole reads go into the workspace as they came, through dlt."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.loader import READY, load, wanted
from pipelines.session import Session
from sources.spool import Spool
from state.working import Working

Loader = subprocess.Popen[str]

_beside: list[Loader] = []  # the process that loads, while a pull has one
_asked: list[str] = []  # the connection whose load it was asked for last, until it answers


class Unlanded(Exception):
    """dlt could not load what was read. The text ends with its traceback."""


@contextmanager
def load_ahead(*, wanted: bool) -> Iterator[None]:
    """Have a process of its own import dlt while the vendors are asked, where something is ``wanted`` to land.

    Only beside the console script's process: whoever runs commands in a process of theirs has dlt there by now. It ends
    with the block, and at once where this process is killed: the next run finds nobody else at work in its workspace.
    """
    if not wanted or not Session.own_process or _beside or _imported():
        yield
        return
    with suppress(OSError):  # no room for a process: dlt is imported here then
        _beside.append(_started())
    try:
        yield
    finally:
        _asked.clear()
        while _beside:
            _end(_beside.pop())


def land(working: Working, workspace: Path, connection: str, spools: Mapping[str, Spool]) -> None:
    """Load the spooled records into ``raw/<connection>/<resource>``: Parquet files, which DuckDB reads where they are.

    dlt's load is no part of our transaction: one that was cut off leaves files of a read that nobody believes. Where a
    process beside this one makes it, it goes on until ``landed``; the spools stand for it meanwhile.
    """
    if not spools:
        return
    told = (working.raw.folder, workspace / "dlt", connection, spools)
    if _beside and _ask(_beside[0], wanted(*told)):
        working.raw.stand_in(connection, {name: spool.path for name, spool in spools.items()})
        _asked.append(connection)
    else:
        load(*told)


def landed(working: Working) -> None:
    """Wait until what ``land`` began has landed: nothing is to be believed before. Raises ``Unlanded``."""
    working.raw.stand_down()
    while _asked:
        connection = _asked.pop()
        out = _beside[0].stdout
        answer = out.readline() if out else ""
        fault = str(json.loads(answer)) if answer else "its process was ended. What to do: run it again"
        if fault:
            raise Unlanded(f"{connection}: {fault.splitlines()[-1]}\n{fault}")


def _imported() -> bool:
    return "dlt" in sys.modules


def _started() -> Loader:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "pipelines.loader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # an interrupt is for the run, which ends this one
    )


def _ask(loader: Loader, line: str) -> bool:
    """Whether a load could be asked for; not where its process could not start, or is not there any more."""
    assert loader.stdin is not None
    assert loader.stdout is not None
    try:
        if loader.stdout.readline() != READY:
            return False
        loader.stdin.write(line)
        loader.stdin.flush()
    except OSError:
        return False
    return True


def _end(loader: Loader) -> None:
    loader.kill()
    with suppress(OSError):  # what it never read
        loader.communicate()
