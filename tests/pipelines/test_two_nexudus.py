"""Teams and tasks between two Nexudus accounts, with their people told by e-mail address."""

from dataclasses import dataclass
from typing import Any

import pytest

from sources.nexudus.sandbox import NexudusTwin
from tests.pipelines.keeping import kept
from tests.pipelines.leaving_out import leave_out
from tests.pipelines.rig import LIMITS, Office

pytestmark = pytest.mark.usefixtures("unpublished")

TO_ANNEX = f"""
[teams]
authority = ["hq"]
write_to = ["annex"]

[tasks]
authority = ["hq"]
write_to = ["annex"]

{LIMITS}
"""
EMAIL = "[people]\nemail = true\n"
DUE = "2026-07-01T09:30:00Z"
PEOPLE = "SELECT full_name, kind FROM org.people ORDER BY ALL"


@dataclass
class Pair:
    """Headquarters with a task that Bo does for Ann, and an annex; ids of people by account and name."""

    office: Office

    @property
    def hq(self) -> NexudusTwin:
        return self.office.vendors.nexudus

    @property
    def annex(self) -> Any:
        return self.office.twins["annex"]

    @property
    def ids(self) -> dict[str, int]:
        here, there = ([twin.ids(kind) for kind in ("coworker", "user", "task")] for twin in (self.hq, self.annex))
        names = (("ann", here[0], 0), ("bo", here[1], 0), ("task", here[2], 0), ("annex ann", there[0], 0))
        return {name: found[at] for name, found, at in (*names, ("annex bo", there[1], 1)) if len(found) > at}

    def at_annex(self, kind: str) -> list[dict[str, Any]]:
        """The records of a kind at the annex, by name."""
        found = (self.annex.record(kind, one) for one in self.annex.ids(kind))
        return sorted(found, key=lambda one: str(one["Name"]))

    def verdicts(self, code: int) -> list[tuple[str, str, str]]:
        """Sync: (operation, status, rule) of each change of its plan."""
        ran = self.office.run("sync", "--yes", "--json")
        assert ran.code == code, ran.text
        return [(one["op"], one["status"], one["rule"]) for one in ran.json()["plan"]["changes"]]

    def join_annex(self, ann: str = "ann@example.test", bo: str = "bo@example.test") -> None:
        """Ann and Bo are at the annex too; nothing there mentions them."""
        self.annex.add_user("Somebody Else", "else@example.test")
        self.annex.add_user("Bo O.", bo)
        self.annex.add_coworker("Ann L.", ann)


@pytest.fixture
def pair(office: Office) -> Pair:
    office.add_nexudus(TO_ANNEX + EMAIL)
    leave_out(office, "udesk_cn", "amm")
    made = Pair(office)
    people = {
        "CoworkerId": made.hq.add_coworker("Ann Lee", "ann@example.test"),
        "ResponsibleId": made.hq.add_user("Bo Olsen", "bo@example.test"),
    }
    made.hq.add_task(Name="Call", Notes="Twice", DueDate=DUE, Completed=True, **people)
    return made


@pytest.fixture
@kept
def carried_over(pair: Pair, office: Office) -> Office:
    """Ann and Bo are at the annex too, and a sync made the task there."""
    pair.join_annex()
    assert pair.verdicts(0) == [("create", "ready", "missing_in_target")]
    return office


@pytest.fixture
def joined(carried_over: Office) -> Pair:
    return Pair(carried_over)


def test_a_team_is_made_with_its_description_renamed_and_described_anew(pair: Pair) -> None:
    pair.hq.remove("task", pair.ids["task"])
    team = pair.hq.add_team(Name="Red", Description="The red ones", TeamMembers=[pair.ids["ann"]], Twitter="@r")
    assert pair.verdicts(0) == [("create", "ready", "missing_in_target")]
    [made] = pair.at_annex("team")
    assert (made["Name"], made["Description"], made["TeamMembers"], made["Twitter"]) == (
        "Red",
        "The red ones",
        [],
        None,
    )
    pair.annex.edit("team", made["Id"], Twitter="@annex", TeamAdministrators=[7])
    pair.office.clock.sleep(60)
    pair.hq.edit("team", team, Name="Crimson")
    assert pair.verdicts(0) == [("rename", "ready", "name_differs")]
    pair.office.clock.sleep(60)
    pair.hq.edit("team", team, Description=None)
    assert pair.verdicts(0) == [("update", "ready", "value_differs")]
    [after] = pair.at_annex("team")
    assert (after["Name"], after["Description"]) == ("Crimson", None)
    assert (after["Twitter"], after["TeamAdministrators"], after["Id"]) == ("@annex", [7], made["Id"])
    assert pair.verdicts(0) == []


@pytest.mark.usefixtures("published")
def test_a_task_is_made_for_the_people_with_the_same_addresses_whom_nothing_mentioned_there(pair: Pair) -> None:
    pair.join_annex(ann=" ANN@Example.test")
    assert pair.verdicts(0) == [("create", "ready", "missing_in_target")]
    [made] = pair.at_annex("task")
    assert (made["Name"], made["Notes"], made["DueDate"], made["Completed"]) == ("Call", "Twice", DUE, True)
    assert (made["CoworkerId"], made["ResponsibleId"]) == (pair.ids["annex ann"], pair.ids["annex bo"])
    assert pair.verdicts(0) == []
    assert pair.office.ask(PEOPLE) == [("Ann Lee", "coworker"), ("Bo Olsen", "user"), ("Somebody Else", "user")]
    methods = "SELECT method, count(*) FROM org.crosswalk WHERE entity = 'person' AND unlinked_at IS NULL GROUP BY ALL"
    assert sorted(pair.office.ask(methods)) == [("email", 2), ("founded", 3)]


@pytest.mark.usefixtures("published")  # as the other one that begins there
def test_every_field_of_a_task_follows_and_nothing_else_of_it_changes(joined: Pair) -> None:
    pair = joined
    [made] = pair.at_annex("task")
    pair.annex.edit("task", made["Id"], DisplayToEveryone=True, NotifyByEmail=True)
    here, there = (twin.add_user("Cy", "cy@example.test") for twin in (pair.hq, pair.annex))
    pair.office.clock.sleep(60)
    changes = {"Name": "Call back", "Notes": None, "Completed": False, "DueDate": "2026-08-02T10:00:00Z"}
    pair.hq.edit("task", pair.ids["task"], **changes, ResponsibleId=here)
    assert pair.verdicts(0) == [("update", "ready", "value_differs")]
    [after] = pair.at_annex("task")
    assert {name: after[name] for name in changes} == changes
    assert after["ResponsibleId"] == there
    assert (after["DisplayToEveryone"], after["NotifyByEmail"], after["Id"]) == (True, True, made["Id"])
    assert pair.verdicts(0) == []


def test_a_person_who_is_not_there_is_told_by_name_and_the_rest_is_done(pair: Pair) -> None:
    pair.join_annex(ann="another.ann@example.test")
    pair.hq.add_team(Name="Red")
    ran = pair.office.run("sync", "--yes", "--json")
    assert ran.code == 3
    [refused] = [one for one in ran.json()["plan"]["changes"] if one["status"] == "refused"]
    assert (refused["op"], refused["rule"], refused["after"]["title"]) == ("create", "person_unknown", "Call")
    assert "'Ann Lee' (its subject)" in refused["reason"]
    assert "Bo" not in refused["reason"]
    assert (len(pair.at_annex("team")), pair.at_annex("task")) == (1, [])
    pair.office.clock.sleep(60)
    pair.annex.edit("coworker", pair.ids["annex ann"], Email="ann@example.test")
    assert pair.verdicts(0) == [("create", "ready", "missing_in_target")]
    assert len(pair.at_annex("task")) == 1


@pytest.mark.usefixtures("published")
def test_without_addresses_nobody_is_taken_for_anybody_and_with_them_those_that_stood_apart_are_joined(
    pair: Pair,
) -> None:
    pair.join_annex()
    people = {"CoworkerId": pair.ids["annex ann"], "ResponsibleId": pair.ids["annex bo"]}
    pair.annex.add_task(Name="Theirs", **people)
    pair.office.reconfigure("email = true", "email = false")
    ran = pair.office.run("sync", "--yes", "--json")
    [change] = ran.json()["plan"]["changes"]
    assert (ran.code, change["rule"]) == (3, "person_unknown")
    assert "'Bo Olsen' (its assignee) and 'Ann Lee' (its subject)" in change["reason"]
    assert "[people] email = true" in change["reason"]
    before = dict(pair.office.ask("SELECT full_name, person_id FROM org.people"))
    assert before.keys() == {"Ann Lee", "Ann L.", "Bo Olsen", "Bo O.", "Somebody Else"}
    pair.office.reconfigure("email = false", "email = true")
    assert pair.verdicts(0) == [("create", "ready", "missing_in_target")]
    after = dict(pair.office.ask("SELECT full_name, person_id FROM org.people"))
    assert after == {name: before[name] for name in ("Ann Lee", "Bo Olsen", "Somebody Else")}
    told = {one["Name"]: (one["CoworkerId"], one["ResponsibleId"]) for one in pair.at_annex("task")}
    assert told["Call"] == told["Theirs"] == (pair.ids["annex ann"], pair.ids["annex bo"])
    assert pair.verdicts(0) == []


def test_an_address_that_two_people_share_tells_neither(pair: Pair) -> None:
    pair.join_annex()
    pair.annex.add_coworker("Ann's assistant", "ann@example.test")
    assert pair.verdicts(3) == [("create", "refused", "person_unknown")]


@pytest.mark.usefixtures("published")
def test_a_member_and_an_administrator_of_one_address_are_two_people(pair: Pair) -> None:
    pair.annex.add_user("Ann L.", "ann@example.test")
    pair.annex.add_coworker("Bo O.", "bo@example.test")
    assert pair.verdicts(3) == [("create", "refused", "person_unknown")]
    assert len(pair.office.ask(PEOPLE)) == 3  # the member Bo, whom nothing mentions, is not in the model


@pytest.mark.long
def test_a_task_and_a_team_that_headquarters_dropped_are_deleted_at_the_annex_where_that_is_wanted(pair: Pair) -> None:
    pair.join_annex()
    team = pair.hq.add_team(Name="Red")
    pair.hq.add_team(Name="Blue")
    pair.annex.add_team(Name="Theirs")
    pair.verdicts(0)
    pair.hq.remove("task", pair.ids["task"])
    pair.hq.remove("team", team)
    pair.office.run("pull", "--full", "--accept-shrink", "hq")
    text = pair.office.config.read_text(encoding="utf-8")
    pair.office.config.write_text(text.replace('write_to = ["annex"]', 'write_to = ["annex"]\non_missing = "delete"'))
    assert pair.verdicts(0) == [("delete", "ready", "missing_at_authority")] * 2
    assert [one["Name"] for one in pair.at_annex("team")] == ["Blue", "Theirs"]
    assert pair.at_annex("task") == []
    assert pair.verdicts(0) == []


@pytest.mark.usefixtures("published")
def test_the_joined_stay_joined_when_the_working_database_is_lost(joined: Pair) -> None:
    pair = joined
    before = pair.office.ask("SELECT person_id, full_name FROM org.people ORDER BY ALL")
    (pair.office.workspace / "work.duckdb").unlink()
    assert pair.verdicts(0) == []
    assert pair.office.ask("SELECT person_id, full_name FROM org.people ORDER BY ALL") == before
    assert len(pair.at_annex("task")) == 1


@pytest.mark.usefixtures("published")
def test_two_that_a_person_keeps_apart_are_not_joined_again(pair: Pair) -> None:
    pair.join_annex()
    pair.annex.add_team(Name="Theirs", TeamMembers=[pair.ids["annex ann"]])
    assert pair.verdicts(0) == [("create", "ready", "missing_in_target")]
    ann = f"annex:coworker:{pair.ids['annex ann']}"
    ran = pair.office.run("review", "unlink", ann, "--kind", "person", "--note", "her namesake")
    assert ran.code == 0, ran.text
    pair.verdicts(0)
    assert [name for name, _ in pair.office.ask(PEOPLE)] == ["Ann L.", "Ann Lee", "Bo Olsen", "Somebody Else"]
