"""Landing in a process beside the run, as the console script does it."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import landing
from pipelines.loader import load
from pipelines.session import Session
from sources.spool import Spool
from sources.vendor import Row
from tests.pipelines.rig import Office

BELIEVED = "SELECT count(*) FROM org.departments"


@pytest.fixture
def loaders(slow_office: Office, monkeypatch: pytest.MonkeyPatch) -> list[landing.Loader]:
    """The processes that were started beside a run of this process, as if it were the console script's."""
    del slow_office
    started: list[landing.Loader] = []
    real = landing._started

    def watched() -> landing.Loader:
        started.append(real())
        return started[-1]

    monkeypatch.setattr(landing, "_started", watched)
    monkeypatch.setattr(Session, "own_process", True)
    monkeypatch.setattr(landing, "_imported", lambda: False)  # other tests may have imported it here
    return started


def test_records_land_through_a_process_that_ends_with_the_pull(
    slow_office: Office, loaders: list[landing.Loader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(landing, "load")  # nothing is loaded here
    slow_office.tree(("Sales",), ("Sales", "East"))
    done = slow_office.run("pull", "udesk_cn")
    assert (done.code, slow_office.ask(BELIEVED)) == (0, [(2,)])
    assert [loader.returncode is None for loader in loaders] == [False]
    assert len(list((slow_office.workspace / "raw" / "udesk_cn" / "departments").glob("*.parquet"))) == 1


def dying(code: str) -> Callable[[], landing.Loader]:
    return lambda: subprocess.Popen(  # noqa: S603 - the test's own code
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    "code",
    ["print('ready', flush=True); input()", "print('ready', flush=True); input(); print('\"no room\"', flush=True)"],
    ids=["says nothing", "says why"],
)
def test_a_pull_whose_loading_process_fails_believes_nothing_and_the_next_one_is_right(
    slow_office: Office, loaders: list[landing.Loader], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    slow_office.tree(("Sales",))
    with monkeypatch.context() as patch:
        patch.setattr(landing, "_started", dying(code))
        failed = slow_office.run("pull", "udesk_cn")
    assert failed.code == 1
    assert "Unlanded: udesk_cn: " in failed.err
    assert slow_office.run("pull", "udesk_cn").code == 0
    assert (slow_office.ask(BELIEVED), len(loaders)) == ([(1,)], 1)


def test_where_no_process_can_be_started_the_records_land_all_the_same(
    slow_office: Office, loaders: list[landing.Loader], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_office.tree(("Sales",))
    monkeypatch.setattr(landing, "_started", dying("raise SystemExit(1)"))
    assert slow_office.run("pull", "udesk_cn").code == 0
    assert (slow_office.ask(BELIEVED), loaders) == ([(1,)], [])


def spooled(path: Path) -> dict[str, Spool]:
    spool = Spool(path, "a read")
    spool.add([Row("1", b"{}")])
    spool.close()
    return {"departments": spool}


def test_what_a_kill_or_a_full_disk_cut_off_of_the_notes_of_dlt_does_not_stop_the_next_load(tmp_path: Path) -> None:
    raw, notes, dlt = tmp_path / "raw", tmp_path / "raw" / "hq", tmp_path / "dlt"
    notes.mkdir(parents=True)  # dlt makes it before the note that it looks for
    load(raw, dlt, "hq", spooled(tmp_path / "first"))
    shutil.rmtree(dlt / "land_hq" / "load" / "normalized")  # dlt makes its folders one by one
    for torn in (one for one in notes.rglob("*") if one.is_file() and one.suffix != ".parquet"):
        torn.write_bytes(torn.read_bytes()[:9])
    load(raw, dlt, "hq", spooled(tmp_path / "second"))
    assert len(list((notes / "departments").glob("*.parquet"))) == 2
