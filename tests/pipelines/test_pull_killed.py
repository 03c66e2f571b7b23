"""A pull that is killed at any moment: nothing of it is believed or all of it is, and the next pull is right."""

import itertools
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import pipelines.pull
import pipelines.verbs
import state.links
import state.publish
from pipelines.run import Run
from sources.http import Wire
from sources.spool import Spool
from state.ledger import Ledger
from state.raw import Raw
from state.working import Working
from tests.pipelines.hq import HOUR, Location
from tests.pipelines.rig import Office

pytestmark = [
    pytest.mark.long,  # make test-long: a minute and more
    pytest.mark.skipif(sys.platform == "win32", reason="a process that is forked from a warm one"),
]

Moment = tuple[Any, str, str, int]
"""Whose function, which, when (before it, after it, halfway through a file that it copies), at which of its calls."""

BEFORE_THE_COMMIT: tuple[Moment, ...] = (
    (Wire, "_send", "before", 1),
    (Wire, "_send", "after", 6),
    (Spool, "close", "after", 5),
    (pipelines.pull, "land", "after", 1),
    (Raw, "believe", "after", 4),
    (Working, "refresh_shadows", "after", 1),
    (Ledger, "add_receipts", "after", 1),
)
AFTER_THE_COMMIT: tuple[Moment, ...] = (
    (Raw, "discard", "before", 2),
    (state.links, "_append", "before", 1),
    (pipelines.verbs, "reconcile", "after", 1),
    (state.publish, "_swap", "before", 1),
    (Run, "end", "after", 1),
)


def die() -> None:
    """End this process as no code can prevent."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment: Moment) -> None:
    """Let this process die at a moment."""
    owner, name, when, number = moment
    real, calls = getattr(owner, name), itertools.count(1)

    def deadly(*words: Any, **named: Any) -> Any:
        turn = next(calls)
        if (when, turn) == ("before", number):
            die()
        if (when, turn) == ("halfway", number):
            _, source, target = words
            data = Path(source).read_bytes()
            Path(target).write_bytes(data[: len(data) // 2])
            die()
        found = real(*words, **named)
        if (when, turn) == ("after", number):
            die()
        return found

    setattr(owner, name, deadly)


def killed(office: Office, moment: Moment) -> None:
    """A pull in a process of its own, forked from this one, that dies at a moment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # later Pythons warn of threads; here they only serve
        process = os.fork()
    if process == 0:
        try:
            arm(moment)
            office.run("pull", "hq")
        finally:
            os._exit(3)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status), (moment, status)


def believed(office: Office) -> tuple[list[Any], list[Any]]:
    """What the working database holds of the location: its shadows, and what the next read builds on."""
    path = office.workspace / "work.duckdb"
    if not path.exists():
        return [], []
    with duckdb.connect(str(path), read_only=True) as db:
        if not db.execute("FROM information_schema.tables WHERE table_name = 'standing'").fetchall():
            return [], []  # it died while it made its tables
        shadows = db.execute("SELECT * EXCLUDE (fingerprint) FROM shadow.records ORDER BY ALL").fetchall()
        hours = "SELECT resource, date_trunc('hour', watermark) FROM live.standing ORDER BY ALL"
        return shadows, db.execute(hours).fetchall()


def left_over(office: Office) -> list[object]:
    """Files that wait for nobody, and records that landed for nothing."""
    with duckdb.connect(str(office.workspace / "work.duckdb"), read_only=True) as db:
        stray = "FROM read_parquet(?) WHERE read_id NOT IN (SELECT read_id FROM live.believed)"
        rows = db.execute(stray, [str(office.workspace / "raw" / "hq" / "*" / "*.parquet")]).fetchall()
    return [*rows, *(office.workspace / "spool").glob("*"), *office.folder.glob(".*.new*")]


class Trial:
    """One pull that is wanted: the workspace before it, what is believed before and after, and the model after."""

    def __init__(self, hq: Location) -> None:
        self.hq, self.office = hq, hq.office
        self.kept = self.office.folder.with_name(f"{self.office.folder.name} kept")
        shutil.copytree(self.office.folder, self.kept)
        self.before = believed(self.office)
        hq.pull()
        self.after, self.model = believed(self.office), hq.model()
        assert self.after != self.before
        self.reset()

    def reset(self) -> None:
        """Put the workspace back to before the pull."""
        shutil.rmtree(self.office.folder)
        shutil.copytree(self.kept, self.office.folder)

    def is_mended_by_the_next_pull(self) -> None:
        """A pull that nobody disturbs makes everything right."""
        self.hq.pull()
        assert (believed(self.office), self.hq.model()) == (self.after, self.model)
        assert left_over(self.office) == []
        self.hq.pull("--full")
        assert self.hq.model() == self.model


def first(office: Office) -> Trial:
    """The first pull of a workspace."""
    return Trial(Location(office))


def changes(office: Office) -> Trial:
    """A pull of changes: some records changed, some are new, nothing else was read."""
    hq = Location(office)
    hq.pull()
    office.clock.sleep(HOUR)
    hq.twin.edit("task", hq.tasks[0], Name="Changed")
    hq.twin.edit("department", hq.departments[0], Name="Changed")
    hq.twin.edit("team", hq.teams[0], Name="Changed", TeamMembers=hq.people)
    hq.twin.edit("coworker", hq.people[0], FullName="Anna")
    hq.twin.add_team(Name="New", TeamMembers=hq.people[1:])
    return Trial(hq)


@pytest.mark.parametrize("pull", [first, changes])
def test_a_pull_that_is_killed_before_it_is_believed_leaves_everything_as_it_was(
    office: Office, pull: Callable[[Office], Trial]
) -> None:
    trial = pull(office)
    for moment in BEFORE_THE_COMMIT:
        killed(office, moment)
        assert believed(office) == trial.before, moment
    trial.is_mended_by_the_next_pull()


@pytest.mark.parametrize(("pull", "moments"), [(first, AFTER_THE_COMMIT[1::2]), (changes, AFTER_THE_COMMIT)])
def test_a_pull_that_is_killed_after_it_was_believed_is_finished_by_the_next(
    office: Office, pull: Callable[[Office], Trial], moments: tuple[Moment, ...]
) -> None:
    trial = pull(office)
    for moment in moments:
        killed(office, moment)
        assert believed(office) == trial.after, moment
        office.run("pull", "hq")
        assert trial.hq.model() == trial.model, moment
        trial.reset()


@pytest.mark.parametrize(("pull", "every_other"), [(first, 0), (changes, 1)])
def test_a_pull_that_is_killed_while_dlt_lands_its_records_leaves_no_trace(
    slow_office: Office, pull: Callable[[Office], Trial], every_other: int
) -> None:
    import dlt
    from dlt.destinations.impl.filesystem.filesystem import FilesystemLoadJob
    from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]  # it ships no types

    trial = pull(slow_office)
    moments: tuple[Moment, ...] = (
        (dlt.Pipeline, "extract", "after", 1),
        (dlt.Pipeline, "normalize", "after", 1),
        (LocalFileSystem, "put_file", "halfway", 1),
        (FilesystemLoadJob, "run", "after", 2),
    )
    for moment in moments[every_other::2]:
        killed(slow_office, moment)
        assert believed(slow_office) == trial.before, moment
    trial.is_mended_by_the_next_pull()
