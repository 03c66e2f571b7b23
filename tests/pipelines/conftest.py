import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

import pipelines.check
import pipelines.pull
import pipelines.review_waiting
import pipelines.run
import pipelines.verbs
import sources.http
import state.publish
from pipelines.sandbox import SECRETS, make
from sources.spool import Spool
from sources.twin import TwinServer
from state.working import Working
from tests.pipelines.direct import Direct
from tests.pipelines.dropping import agree
from tests.pipelines.keeping import kept
from tests.pipelines.reviewing import tie
from tests.pipelines.rig import Office, Watch


@pytest.fixture(autouse=True)
def _own_process() -> Iterator[None]:
    """Commands set the umask and dlt's variables, as a process of their own may."""
    mask = os.umask(0o022)
    os.environ.pop("ORGWEAVE_CONFIG", None)  # of a fixture that several tests share
    before = dict(os.environ)
    os.environ.update(SECRETS)
    yield
    os.umask(mask)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def served() -> Iterator[TwinServer]:
    """One address for all offices, one after the other: what a kept one knows of its vendors stays true."""
    with TwinServer({}) as server:
        yield server


@pytest.fixture
def slow_office(tmp_path: Path, served: TwinServer, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A workspace and three empty sandboxes, all on one clock that never waits; rows land through dlt."""
    made = Office(tmp_path, server=served)
    live_by(made.clock, monkeypatch)
    return made


@pytest.fixture
def company(slow_office: Office) -> Office:
    """The demo's company at the three accounts."""
    return filled(slow_office)


@pytest.fixture
def quick_company(office: Office) -> Office:
    """The same without what ``office`` is without."""
    return filled(office)


def filled(office: Office) -> Office:
    """An office whose vendors hold the demo's company."""
    office.vendors = make()
    for twin in (office.vendors.udesk, office.vendors.scalepad, office.vendors.nexudus):
        twin._now = office.clock.now
    office.twins.update(
        {"udesk": office.vendors.udesk, "scalepad": office.vendors.scalepad, "nexudus": office.vendors.nexudus}
    )
    return office


@pytest.fixture
def office(slow_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The same without dlt, sockets and the published columns' comments, which take time; test_main_job.py has all."""
    monkeypatch.setattr(state.publish, "_explain", lambda *_: None)
    monkeypatch.setattr(pipelines.pull, "land", land)
    monkeypatch.setattr(sources.http, "Network", partial(Direct, slow_office.server))
    return slow_office


@pytest.fixture
@kept
def synced(office: Office) -> Office:
    """Six departments at Udesk, the same at both targets, and a seventh at each that only it knows."""
    office.tree(*((f"Unit {number}",) for number in range(6)))
    office.vendors.scalepad.add_department("Legal", None)
    office.vendors.nexudus.add_department(Name="Front desk", Description="d")
    office.sync()
    return office


@pytest.fixture
@kept
def agreed(office: Office) -> Office:
    """Udesk and ScalePad agree on six departments, and whatever Udesk drops is to be deleted."""
    return agree(office)


@pytest.fixture
@kept
def tied(office: Office) -> Office:
    """Two namesakes in Udesk's tree, and a record at ScalePad that could be either, were read."""
    tie(office)
    assert office.run("pull").code == 0
    return office


@pytest.fixture
def unpublished(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that never look at the published file, which takes a third of a command's time."""
    if "published" not in request.fixturenames:
        monkeypatch.setattr(pipelines.verbs, "publish", lambda *_: None)


@pytest.fixture
def published() -> None:
    """For a test that does look at it, among others that do not."""


def live_by(clock: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every command in this process live by a clock."""
    factory: Callable[[], Watch] = lambda: clock  # noqa: E731 - it stands in for a class
    monkeypatch.setattr(pipelines.run, "SystemClock", factory)
    monkeypatch.setattr(pipelines.check, "SystemClock", factory)
    monkeypatch.setattr(pipelines.review_waiting, "SystemClock", factory)


def land(working: Working, _workspace: Path, connection: str, spools: Mapping[str, Spool]) -> None:
    """Put the rows where dlt puts them."""
    for resource, spool in spools.items():
        folder = working.raw.folder / connection / resource
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(spool.path, folder)
