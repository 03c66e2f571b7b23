"""The sandbox's lists of people, and its filters by the time of the last change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sources.nexudus.sandbox import NexudusTwin
from sources.nexudus.sandbox_records import KINDS
from tests.sources.nexudus_rig import TEAMS, ask, get, ids

COWORKERS, USERS = KINDS["coworker"].path, KINDS["user"].path
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class Hours:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def added(twin: NexudusTwin, kind: str, name: str) -> int:
    """Put a record of a kind there, with what it needs."""
    if kind in ("coworker", "user"):
        return int(getattr(twin, f"add_{kind}")(name, f"{name}@example.test"))
    if kind == "task_list":
        return twin.add_task_list(name)
    return int(getattr(twin, f"add_{kind}")(Name=name))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bound", ["2026-01-05T12:30", "2026-01-05T12:30:00", "2026-01-05T12:30:00Z"])
def test_every_kind_is_listed_by_the_minute_of_its_last_change_both_ends_included(kind: str, bound: str) -> None:
    hours = Hours()
    twin = NexudusTwin(now=hours)
    made = {}
    for minutes in (29, 30, 31):
        hours.at = NOON + timedelta(minutes=minutes)
        made[minutes] = added(twin, kind, f"N{minutes}")
    name = KINDS[kind].name
    path = KINDS[kind].path
    assert ids(twin, path, orderBy="Id", **{f"from_{name}_UpdatedOn": bound}) == [made[30], made[31]]
    assert ids(twin, path, orderBy="Id", **{f"TO_{name}_updatedon": bound}) == [made[29], made[30]]
    hours.at = NOON + timedelta(minutes=45)
    changed = {"FullName": "M"} if "FullName" in KINDS[kind].values else {"Name": "M"}
    twin.edit(kind, made[29], **changed)
    assert ids(twin, path, orderBy="Id", **{f"from_{name}_UpdatedOn": bound}) == [made[29], made[30], made[31]]


@pytest.mark.parametrize(
    "wrong", ["from_UpdatedOn", "UpdatedSince", "from_Team_UpdatedOn", "from_CoworkerTask_UpdatedOn"]
)
def test_a_filter_that_is_not_the_lists_own_is_ignored_in_silence(wrong: str) -> None:
    twin = NexudusTwin(now=Hours())
    number = twin.add_coworker("Ann", "ann@example.test")
    assert ids(twin, COWORKERS, **{wrong: "2030-01-01T00:00"}) == [number]


def test_a_tenant_may_ignore_the_filter_by_change_and_no_other() -> None:
    twin = NexudusTwin(now=Hours(), ignores_updated_filter=True)
    ours, theirs = twin.add_team(Name="T"), twin.add_team(Name="T", BusinessId=9)
    late = {"from_Team_UpdatedOn": "2030-01-01T00:00", "to_Team_UpdatedOn": "2000-01-01T00:00"}
    assert ids(twin, TEAMS, orderBy="Id", **late) == [ours, theirs]
    assert ids(twin, TEAMS, Team_Business="123", **late) == [ours]


@pytest.mark.parametrize(
    ("moves", "change", "seen"),
    [
        (False, {"TeamMembers": [7]}, False),
        (False, {"TeamAdministrators": [7], "TeamMembers": [7]}, False),
        (False, {"TeamMembers": [7], "Name": "N"}, True),
        (True, {"TeamMembers": [7]}, True),
    ],
)
def test_a_change_of_members_alone_moves_a_teams_time_only_where_the_switch_says_so(
    moves: bool,  # noqa: FBT001 - a parameter
    change: dict[str, Any],
    seen: bool,  # noqa: FBT001 - a parameter
) -> None:
    hours = Hours()
    twin = NexudusTwin(now=hours, membership_moves_updated_on=moves)
    number = twin.add_team(Name="T")
    hours.at += timedelta(hours=1)
    twin.edit("team", number, **change)
    assert twin.record("team", number)["TeamMembers"] == [7]
    assert ids(twin, TEAMS, from_Team_UpdatedOn="2026-01-05T13:00") == ([number] if seen else [])


def test_people_are_listed_in_pages_by_name_unless_an_order_is_asked_for() -> None:
    twin = NexudusTwin(now=Hours())
    numbers = [twin.add_coworker(name, f"{name}@example.test") for name in "CBA"]
    page = get(twin, COWORKERS, size="2")
    assert ([one["FullName"] for one in page["Records"]], page["TotalItems"], page["HasNextPage"]) == (
        ["A", "B"],
        3,
        True,
    )
    assert ids(twin, COWORKERS, size="2", page="2", orderBy="Id", dir="1") == numbers[:1]


def test_a_listed_member_shows_personal_data_and_no_arrays() -> None:
    twin = NexudusTwin(now=Hours())
    number = twin.add_coworker("Ann", "ann@example.test", Gender=1, Custom1="allergic to nuts", Teams=[4])
    [listed] = get(twin, COWORKERS)["Records"]
    shown = {name: listed[name] for name in ("FullName", "Email", "Gender", "Custom1", "Teams")}
    expected = {
        "FullName": "Ann",
        "Email": "ann@example.test",
        "Gender": 1,
        "Custom1": "allergic to nuts",
        "Teams": None,
    }
    assert shown == expected
    assert get(twin, f"{COWORKERS}/{number}")["Teams"] == [4]


@pytest.mark.parametrize(
    ("path", "role", "query"),
    [
        (COWORKERS, "Coworker-List", {}),
        (USERS, "User-List", {}),
        (f"{COWORKERS}/", "Coworker-Read", {"id": "[1]"}),
        (f"{USERS}/", "User-Read", {"id": "[1]"}),
    ],
)
def test_each_list_of_people_has_roles_of_its_own(path: str, role: str, query: dict[str, str]) -> None:
    every = {f"{kind}-{verb}" for kind in ("Coworker", "User", "CoworkerTask", "Team") for verb in ("List", "Read")}
    assert ask(NexudusTwin(roles=frozenset({role})), "GET", path, **query).status == 200
    assert ask(NexudusTwin(roles=frozenset(every - {role})), "GET", path, **query).status == 401


def test_nobody_can_be_written() -> None:
    twin = NexudusTwin(now=Hours())
    number = twin.add_user("Bo", "bo@example.test")
    assert [ask(twin, "PUT", USERS, {"Id": number}).status, ask(twin, "DELETE", f"{USERS}/{number}").status] == [
        405,
        405,
    ]
    assert twin.record("user", number)["FullName"] == "Bo"
