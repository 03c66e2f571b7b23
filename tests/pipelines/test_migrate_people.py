"""Migrations of teams and tasks between two Nexudus accounts, of departments as teams, and in waves."""

from collections.abc import Sequence
from typing import Any

import pytest

from sources.nexudus.sandbox import NexudusTwin
from tests.pipelines.rig import Office
from tests.pipelines.test_migrate import migrate, states

pytestmark = pytest.mark.usefixtures("unpublished")

DUE = "2026-07-01T09:30:00Z"
EMAIL = "[people]\nemail = true\n"


@pytest.fixture
def annex(office: Office) -> NexudusTwin:
    """A task of Ann's that Bo does and a team at headquarters; both people are at the annex under other numbers."""
    twin = office.add_nexudus(EMAIL)
    hq = office.vendors.nexudus
    for number in range(3):
        twin.add_user(f"Else {number}", f"else{number}@example.test")
    ann, bo = hq.add_coworker("Ann Lee", "ann@example.test"), hq.add_user("Bo Olsen", "bo@example.test")
    hq.add_task(Name="Call", Notes="Twice", DueDate=DUE, Completed=True, CoworkerId=ann, ResponsibleId=bo)
    hq.add_team(Name="Red", Description="The red ones", TeamMembers=[ann], Twitter="@red", ProfileIsPublic=True)
    twin.add_coworker("Ann L.", "ann@example.test")
    twin.add_user("Bo O.", "bo.olsen@example.test")
    return twin


def held_by(twin: NexudusTwin, kind: str) -> list[dict[str, Any]]:
    return [twin.record(kind, number) for number in twin.ids(kind)]


def people(office: Office, *rows: str) -> str:
    file = office.folder / "people.csv"
    file.write_text("\n".join(["source,target", *rows]), encoding="utf-8")
    return str(file)


def test_teams_and_tasks_move_and_what_a_team_loses_is_told_field_by_field(office: Office, annex: NexudusTwin) -> None:
    file = people(office, "bo@example.test,bo.olsen@example.test")
    told = migrate(office, "--yes", "--people", file, source="hq", to="annex")
    [team], [task] = held_by(annex, "team"), held_by(annex, "task")
    assert (team["Name"], team["Description"], team["TeamMembers"]) == ("Red", "The red ones", [])
    assert (task["Name"], task["Notes"], task["Completed"], task["CoworkerFullName"], task["ResponsibleFullName"]) == (
        *("Call", "Twice", True),
        *("Ann L.", "Bo O."),
    )
    lost = {(one["field"], one["value"]) for one in told["loss"]["records"]}
    assert {field for field, _ in lost} == {"TeamMembers", "Twitter", "ProfileIsPublic"}
    assert states(migrate(office, "--check", source="hq", to="annex")) == {"same": 2}
    assert migrate(office, "--people", file, source="hq", to="annex")["plan"]["changes"] == []


def moved(annex: NexudusTwin) -> list[str]:
    return sorted(f"{one['Name']}: {one['ResponsibleFullName']}" for one in held_by(annex, "task"))


def test_several_people_of_one_successor_are_remembered_but_not_from_a_run_that_only_shows(
    office: Office, annex: NexudusTwin
) -> None:
    hq, only = office.vendors.nexudus, ("--only", "tasks")
    cleo = hq.add_user("Cleo Fox", "cleo@example.test")
    hq.add_task(Name="Write", CoworkerId=hq.ids("coworker")[0], ResponsibleId=cleo)
    file = people(office, "bo@example.test,bo.olsen@example.test", "cleo@example.test,bo.olsen@example.test")
    told = migrate(office, *only, "--people", file, source="hq", to="annex")
    assert [one["status"] for one in told["plan"]["changes"]] == ["ready", "ready"]
    assert told["rehearsal"]["good"] is True
    told = migrate(office, *only, source="hq", to="annex", code=3)
    assert [(one["status"], one["rule"]) for one in told["plan"]["changes"]] == [("refused", "person_unknown")] * 2
    assert "--people FILE" in told["plan"]["changes"][0]["reason"]
    migrate(office, *only, "--people", file, source="hq", to="annex")
    applied = office.run("apply", "--yes", "--json")
    assert (applied.code, applied.json()["verified"]) == (0, True), applied.text
    assert moved(annex) == ["Call: Bo O.", "Write: Bo O."]
    hq.add_task(Name="Read", CoworkerId=hq.ids("coworker")[0], ResponsibleId=cleo)
    migrate(office, "--yes", *only, source="hq", to="annex")
    assert moved(annex) == ["Call: Bo O.", "Read: Bo O.", "Write: Bo O."]
    assert states(migrate(office, "--check", *only, source="hq", to="annex")) == {"same": 3}


def test_a_task_whose_people_are_not_known_at_the_target_is_refused_and_named(
    office: Office, annex: NexudusTwin
) -> None:
    told = migrate(office, "--yes", "--only", "tasks", source="hq", to="annex", code=3)
    assert [(one["status"], one["rule"]) for one in told["plan"]["changes"]] == [("refused", "person_unknown")]
    assert [(one["field"], one["kind"]) for one in told["loss"]["records"]] == [("record", "not_made")]
    assert held_by(annex, "task") == []


BAD_ROWS: Sequence[tuple[Sequence[str], str]] = (
    (["bo@example.test"], "line 2: 1 cells; two are wanted"),
    (["bo@example.test,nobody@example.test"], "line 2: at annex nobody has the address nobody@example.test"),
    (["user:1,user:2"], "line 2: hq lists nobody of the id user:1"),
    (["bo@example.test,ann@example.test"], "is a user, ann@example.test a coworker"),
    (["", "bo@example.test,bo.olsen@example.test", "bo@example.test,else0@example.test"], "line 4: user:"),
)


def test_a_bad_row_of_people_is_named_by_its_line(office: Office, annex: NexudusTwin) -> None:
    for rows, says in BAD_ROWS:
        ran = office.run("migrate", "--from", "hq", "--to", "annex", "--yes", "--people", people(office, *rows))
        assert ran.code == 2
        assert says in ran.err
        assert held_by(annex, "task") == []


@pytest.mark.usefixtures("annex")
def test_a_file_of_people_that_is_not_there_is_told_with_what_it_must_hold_before_a_call(office: Office) -> None:
    ran = office.run("migrate", "--from", "hq", "--to", "annex", "--people", str(office.folder / "who.csv"))
    assert (ran.code, office.asked()) == (2, 0)
    assert f"--people {office.folder / 'who.csv'}: cannot be read: No such file" in ran.err
    assert "two columns, the person at the source and the one at the target" in ran.err


def named(office: Office, kind: str) -> list[str]:
    return sorted(one["Name"] for one in held_by(office.vendors.nexudus, kind))


def test_departments_become_teams_once_those_of_their_name_included_and_parity_knows_them(office: Office) -> None:
    office.configure("")
    office.tree(("Europe",), ("Europe", "Support"), ("Asia",), ("Asia", "Support"), ("Tier 1",), ("Tier 2",))
    there = [office.vendors.nexudus.add_team(Name=name, Description="Ours") for name in ("Asia", "Tier 1")]
    told = migrate(office, "--as", "teams", to="hq")
    assert office.run("apply", "--yes").code == 0
    assert sorted(one["after"]["name"] for one in told["plan"]["changes"]) == [
        *("Asia / Support", "Europe", "Europe / Support", "Tier 2")
    ]
    assert sorted(one["target_id"] for one in told["adopted"]) == sorted(map(str, there))
    assert ("parent", "lost") in {(one["field"], one["kind"]) for one in told["loss"]["records"]}
    assert states(migrate(office, "--check", "--as", "teams", to="hq")) == {"same": 6}
    ids = {name: key for key, (name, _) in office.vendors.udesk.departments.items()}
    office.vendors.udesk.rename(ids["Europe"], "EMEA")
    office.vendors.udesk.rename(ids["Asia"], "APAC")
    assert migrate(office, "--yes", "--as", "teams", to="hq")["adopted"] == []
    assert named(office, "team") == ["APAC", "APAC / Support", "EMEA", "EMEA / Support", "Tier 1", "Tier 2"]


def test_where_several_of_the_other_kind_fit_a_person_is_asked_and_none_is_made_twice(office: Office) -> None:
    office.configure("")
    office.tree(("Europe",), ("Europe", "Support"), ("Asia",), ("Asia", "Support"), ("Legal",), ("Legal", "Patents"))
    nexudus = office.vendors.nexudus
    support = nexudus.add_team(Name="Support")
    nexudus.add_team(Name="Legal / Patents")
    nexudus.add_team(Name="Legal")
    nexudus.add_team(Name="legal")
    told = migrate(office, "--yes", "--as", "teams", to="hq", code=3)
    held = [one for one in told["plan"]["changes"] if one["status"] != "ready"]
    assert {(one["after"]["name"], one["rule"]) for one in held} == {
        *(("Asia / Support", "ambiguous_match"), ("Europe / Support", "ambiguous_match"), ("Legal", "ambiguous_match"))
    }
    assert any(f"'Support' (id {support})" in one["reason"] for one in held)
    assert named(office, "team") == ["Asia", "Europe", "Legal", "Patents", "Support", "legal"]
    nexudus.edit("team", support, Name="Asia / Support")
    office.clock.sleep(60)
    migrate(office, "--yes", "--as", "teams", to="hq", code=3)
    assert named(office, "team") == [
        *("Asia", "Asia / Support", "Europe", "Europe / Support", "Legal", "Patents", "legal")
    ]


def test_teams_become_departments_and_one_of_their_name_is_taken_wherever_it_stands(office: Office) -> None:
    office.configure("")
    office.tree(("Sales",), ("Sales", "Blue"))
    for name in ("Red", "Blue"):
        office.vendors.nexudus.add_team(Name=name, Description="Some", TeamMembers=[7])
    told = migrate(office, "--yes", "--as", "departments", source="hq", to="udesk_cn")
    assert list(office.vendors.udesk.departments.values()) == [("Sales", 0), ("Blue", 1), ("Red", 0)]
    assert {one["field"] for one in told["loss"]["records"]} == {"description", "TeamMembers"}
    assert states(migrate(office, "--check", "--as", "departments", source="hq", to="udesk_cn")) == {"same": 2}


def test_a_wave_moves_a_subtree_with_what_is_above_it_and_the_names_of_the_whole(office: Office) -> None:
    office.configure("")
    office.tree(("A",), ("A", "B"), ("A", "B", "Support"), ("A", "C"), ("D",), ("D", "Support"))
    migrate(office, "--yes", "--subtree", "a / b")
    assert office.at_amm() == ["A", "B", "B / Support"]
    assert states(migrate(office, "--check", "--subtree", "A / B")) == {"same": 3}
    migrate(office, "--yes")
    assert office.at_amm() == ["A", "B", "B / Support", "C", "D", "D / Support"]
    assert office.writes()["scalepad"] == ["POST"] * 6


def test_a_sample_holds_the_deepest_namesakes_and_the_longest_name_and_what_is_above(office: Office) -> None:
    office.configure("")
    deep = tuple("abcdef")
    office.tree(*(deep[: end + 1] for end in range(6)), ("x",), ("x", "f"), ("y" * 255,), ("客服",))
    office.tree(*((f"Unit {number}",) for number in range(40)))
    told = migrate(office, "--sample", "4")
    names = {one["after"]["name"] for one in told["plan"]["changes"]}
    assert {"a", "b", "c", "d", "e", "e / f", "客服", "y" * 255} <= names
    assert len(names) < 12
    assert migrate(office, "--sample", "4")["plan"]["changes"] == told["plan"]["changes"]
