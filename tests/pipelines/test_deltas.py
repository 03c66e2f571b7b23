"""Reading what changed: few calls, nothing missed, and a full read wherever changes alone prove nothing."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import pipelines.pull
from sources.nexudus import sandbox_lists
from sources.spool import Spool
from state.working import Working
from tests.pipelines.conftest import land
from tests.pipelines.hq import DAY, HOUR, RESOURCES, TEAMS, Location
from tests.pipelines.keeping import kept
from tests.pipelines.rig import DEPARTMENTS, LIMITS, RULES, Office, lost, once

HQ_ONLY = DEPARTMENTS.replace('"amm", ', "") + LIMITS


@pytest.fixture
@kept
def read_in_full(office: Office) -> Office:
    """The location was read in full an hour ago."""
    made = Location(office)
    assert {one["mode"] for one in made.pull().values()} == {"full"}
    office.clock.sleep(HOUR)
    return made.let_alone()


@pytest.fixture
def hq(read_in_full: Office) -> Location:
    """A location that was read in full an hour ago."""
    return Location(read_in_full)


def modes(receipts: Mapping[str, Mapping[str, Any]], mode: str = "full") -> set[str]:
    """The resources that were read in this mode, all of them whole."""
    assert all(one["complete"] for one in receipts.values()), receipts
    return {name for name, one in receipts.items() if one["mode"] == mode}


def raw(office: Office) -> dict[Path, bytes]:
    """The landed files."""
    return {file: file.read_bytes() for file in (office.workspace / "raw").rglob("*.parquet")}


def test_a_second_pull_asks_for_changes_alone_by_one_call_a_resource(hq: Location) -> None:
    receipts = hq.pull()
    assert modes(receipts, "incremental") == set(RESOURCES)
    assert [one["calls"] for one in receipts.values()] == [1] * 5
    assert hq.since() == {
        "2026-03-01T10:00",
        "2026-03-01T10:50",
    }  # the newest change known; ten minutes before the read
    assert hq.details() == []


def test_changes_and_new_records_show_and_details_are_asked_of_those_alone(hq: Location) -> None:
    before, twin = hq.model(), hq.twin
    twin.edit("department", hq.departments[0], Name="Renamed")
    twin.edit("team", hq.teams[1], Name="Rebuilt", TeamMembers=[hq.people[2]])
    twin.edit("task", hq.tasks[2], Completed=True)
    new = twin.add_team(Name="New", TeamMembers=[hq.people[0]], TeamAdministrators=[hq.people[2]])
    hq.add_task("K3")
    hq.pull()
    assert hq.details() == [(TEAMS, f"[{new},{hq.teams[1]}]")]
    changed = hq.model()
    assert changed != before
    assert ("Rebuilt", "Cy", "member") in changed[2]
    assert ("New", "Cy", "administrator") in changed[2]
    hq.pull("--full")
    assert hq.model() == changed


def test_details_come_in_batches_however_many_teams_changed(hq: Location) -> None:
    for number in range(101):
        hq.twin.add_team(Name=f"More {number}")
    assert hq.pull()["teams"]["calls"] == 1 + 2


@pytest.mark.parametrize(
    ("words", "after", "line"),
    [
        pytest.param((), DAY, "", marks=pytest.mark.long),
        (("--full",), 0, ""),
        ((), 3 * HOUR, 'full_every = "3h"\n'),
    ],
    ids=["after a day", "asked for", "as configured"],
)
def test_a_deletion_shows_at_the_next_full_read_and_not_before(
    hq: Location, words: tuple[str, ...], after: int, line: str
) -> None:
    hq.office.configure(connections={"hq": line} if line else None)
    hq.twin.remove("task", hq.tasks[0])
    assert modes(hq.pull(), "incremental") == set(RESOURCES)
    assert hq.tells("tasks") == {"K0": True, "K1": True, "K2": True}
    hq.office.clock.sleep(after)
    assert modes(hq.pull(*words)) == set(RESOURCES)
    assert hq.tells("tasks") == {"K0": False, "K1": True, "K2": True}


def test_a_record_that_changed_just_now_and_is_then_deleted_is_gone_at_once(hq: Location) -> None:
    hq.twin.edit("task", hq.tasks[0], Name="Last words")
    hq.pull()
    hq.twin.remove("task", hq.tasks[0])
    receipts = hq.pull()
    assert (modes(receipts), receipts["tasks"]["calls"]) == ({"tasks"}, 2)
    assert hq.tells("tasks") == {"Last words": False, "K1": True, "K2": True}


def test_members_that_change_without_a_trace_are_seen_at_the_next_full_read(hq: Location) -> None:
    hq.twin.edit("team", hq.teams[0], TeamMembers=hq.people)
    before = hq.model()
    hq.pull()
    assert hq.model() == before
    hq.office.clock.sleep(DAY)
    hq.pull()
    assert ("T0", "Cy", "member") in hq.model()[2]


def test_a_filter_that_is_ignored_in_silence_makes_every_read_full_and_loses_nothing(hq: Location) -> None:
    hq.switch(ignores_updated_filter=True)
    hq.twin.edit("task", hq.tasks[2], Name="Changed")
    hq.twin.remove("task", hq.tasks[0])
    receipts = hq.pull()
    assert (modes(receipts), {one["since"] for one in receipts.values()}) == (set(RESOURCES), {None})
    assert hq.tells("tasks") == {"K0": False, "K1": True, "Changed": True}


def test_a_vendor_that_does_not_tell_the_time_is_always_read_in_full(office: Office) -> None:
    hq = Location(office)
    hq.alter(lambda _request, reply: replace(reply, headers={**reply.headers, "Date": "soon"}))
    for name in ("K0", "Changed"):
        hq.twin.edit("task", hq.tasks[0], Name=name)
        receipts = hq.pull()
        assert (modes(receipts), {one["watermark"] for one in receipts.values()}) == (set(RESOURCES), {None})
        assert name in hq.tells("tasks")


@pytest.mark.parametrize(
    "ahead",
    [
        timedelta(hours=7),
        *(pytest.param(one, marks=pytest.mark.long) for one in (timedelta(hours=-7), timedelta(days=400))),
    ],
    ids=str,
)
def test_a_vendors_clock_that_differs_from_ours_changes_nothing(office: Office, ahead: timedelta) -> None:
    twin: Any = office.vendors.nexudus
    twin._now = twin._store._now = lambda: office.clock.now() + ahead
    hq = Location(office)
    hq.pull()
    hq.twin.edit("task", hq.tasks[0], Name="Changed")
    hq.twin.edit("department", hq.departments[0], Name="Changed")
    office.clock.sleep(HOUR)
    receipts = hq.pull()
    assert (modes(receipts, "incremental"), receipts["departments"]["rows"]) == (set(RESOURCES), 2)
    assert "Changed" in hq.tells("departments").keys() & hq.tells("tasks").keys()
    office.clock.sleep(HOUR)
    assert modes(hq.pull(), "incremental") == set(RESOURCES)
    assert hq.details() == []


def test_a_vendors_clock_that_was_ahead_for_one_answer_hides_no_change(hq: Location) -> None:
    hq.alter(lambda _request, reply: replace(reply, headers={**reply.headers, "Date": "Fri, 01 Jan 2027 00:00:00 GMT"}))
    hq.pull()
    del hq.twin.answer
    hq.twin.edit("task", hq.tasks[0], Name="Changed")
    hq.twin.edit("coworker", hq.people[0], FullName="Anna")
    assert modes(hq.pull()) == {"coworkers", "users"}  # they have no newest change to ask back to
    assert "Changed" in hq.tells("tasks")
    assert ("T0", "Anna", "member") in hq.model()[2]


def test_a_change_of_the_very_second_of_the_last_read_is_not_lost(hq: Location) -> None:
    moment = hq.office.clock.now()
    hq.stamp("team", hq.teams[0], moment, TeamAdministrators=hq.people[:1])
    hq.stamp("task", hq.tasks[0], moment, Name="First")
    hq.pull()
    hq.stamp("team", hq.teams[0], moment, TeamAdministrators=hq.people[1:2])  # lists do not show administrators
    hq.stamp("task", hq.tasks[0], moment, Name="Second")
    hq.pull()
    assert [row for row in hq.model()[2] if row[2] == "administrator"] == [("T0", "Bo", "administrator")]
    assert "Second" in hq.tells("tasks")
    hq.office.clock.sleep(HOUR // 30)
    hq.pull()
    assert hq.details() == [(TEAMS, f"[{hq.teams[0]}]")]
    hq.pull()
    assert hq.details() == []


def test_a_change_that_commits_minutes_after_its_time_is_not_lost(hq: Location) -> None:
    stamped = hq.office.clock.now()
    hq.office.clock.sleep(9 * 60)
    hq.pull()
    hq.stamp("task", hq.tasks[0], stamped, Name="Slow")
    hq.office.clock.sleep(DAY // 2)
    hq.pull()
    assert "Slow" in hq.tells("tasks")


def test_the_published_reads_tell_what_was_asked_for(hq: Location) -> None:
    hq.pull()
    told = "SELECT mode, since::VARCHAR, watermark::VARCHAR FROM ops.reads WHERE resource = 'tasks' ORDER BY started_at"
    first, second = hq.office.ask(f"SET TimeZone = 'UTC'; {told}")
    assert first == ("full", None, "2026-03-01 11:00:00+00")
    assert second == ("incremental", "2026-03-01 10:00:00+00", "2026-03-01 12:00:00+00")
    run_id = hq.office.run("runs", "--json").json()["runs"][0]["run_id"]
    assert "hq tasks changes since 03-01 10:00 1 1 1 1 yes" in " ".join(hq.office.run("runs", run_id).out.split())


def test_people_are_read_in_full_when_their_addresses_are_wanted_or_not_any_more(hq: Location) -> None:
    for rules in (RULES + "[people]\nemail = true\n", RULES):
        hq.office.configure(rules)
        assert modes(hq.pull()) == {"coworkers", "users"}
        assert modes(hq.pull()) == set()


def test_a_write_without_an_answer_makes_the_next_read_a_full_one(hq: Location) -> None:
    hq.office.configure(HQ_ONLY)
    hq.office.tree(("Ops",))
    once(hq.twin, "POST", lost())
    ran = hq.office.run("sync", "--yes", "--json")
    assert (ran.code, modes(hq.receipts(ran.json()["run_id"]))) == (3, {"departments"})  # those after the write
    assert modes(hq.pull()) == set()


def test_a_lost_working_database_is_read_anew_in_full(hq: Location) -> None:
    (hq.office.workspace / "work.duckdb").unlink()
    before = hq.model()
    assert modes(hq.pull()) == set(RESOURCES)
    assert hq.model() == before


def test_changes_on_several_pages_are_believed_when_two_walks_agree(
    hq: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_lists, "LARGEST_SIZE", 2)
    for number in hq.tasks:
        hq.twin.edit("task", number, Completed=True)
    tasks = hq.pull()["tasks"]
    assert (tasks["mode"], tasks["walks"], tasks["pages"], tasks["calls"]) == ("incremental", 2, 2, 4)
    assert {path for path, _ in hq.details()} == set()
    assert hq.office.ask("SELECT count(*) FROM org.tasks WHERE completed") == [(3,)]


@pytest.mark.parametrize("words", [(), ("--full",)], ids=["changes", "full"])
def test_a_read_that_tells_nothing_new_lands_nothing(
    hq: Location, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    landed: list[Collection[str]] = []

    def watched(working: Working, workspace: Path, connection: str, spools: Mapping[str, Spool]) -> None:
        landed.append(spools.keys())
        land(working, workspace, connection, spools)

    monkeypatch.setattr(pipelines.pull, "land", watched)
    before = raw(hq.office)
    told = hq.office.run("pull", "hq", *words).err
    assert (raw(hq.office), landed) == (before, [set()])
    assert (f"no change of {', '.join(RESOURCES)}; " in told, "tasks 3" in told) == (not words, bool(words))
    hq.twin.edit("task", hq.tasks[0], Name="Changed")
    told = hq.office.run("pull", "hq", *words).err
    assert words or "changed, no change of departments, teams, " in told
    assert [sorted(one) for one in landed] == [[], ["tasks"]]
