import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import pipelines.inspecting
import pipelines.pull
import pipelines.run
import pipelines.verbs
from pipelines.sandbox import SECRETS
from sources.reading import Read
from state.working import Working
from tests.pipelines.rig import Office, Watch


@pytest.fixture(autouse=True)
def _own_process() -> Iterator[None]:
    """Commands set the umask and dlt's variables, as a process of their own may."""
    mask = os.umask(0o022)
    before = dict(os.environ)
    os.environ.update(SECRETS)
    yield
    os.umask(mask)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def slow_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A workspace and three empty sandboxes, all on one clock that never waits; rows land through dlt."""
    made = Office(tmp_path)
    live_by(made.clock, monkeypatch)
    with made.server:
        yield made


@pytest.fixture
def office(slow_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The same without dlt, which costs half a second a connection; test_main_job.py shows that it lands the rows."""
    monkeypatch.setattr(pipelines.pull, "land", land)
    return slow_office


@pytest.fixture
def unpublished(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that never look at the published file, which takes a third of a command's time."""
    monkeypatch.setattr(pipelines.verbs, "publish", lambda *_: None)


def live_by(clock: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every command in this process live by a clock."""
    factory: Callable[[], Watch] = lambda: clock  # noqa: E731 - it stands in for a class
    monkeypatch.setattr(pipelines.run, "SystemClock", factory)
    monkeypatch.setattr(pipelines.inspecting, "SystemClock", factory)


def land(working: Working, _workspace: Path, connection: str, reads: Sequence[Read]) -> None:
    """Put the rows where dlt puts them."""
    working.db.execute(f"CREATE SCHEMA IF NOT EXISTS raw_{connection}")
    for read in reads:
        table = f"raw_{connection}.{read.receipt.resource}"
        columns = "read_id VARCHAR, page BIGINT, source_id VARCHAR, record VARCHAR"
        working.db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
        rows = [
            [read.receipt.read_id, n, row.source_id, row.record] for n, page in enumerate(read.pages) for row in page
        ]
        if rows:
            working.db.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", rows)  # noqa: S608 - our own names
