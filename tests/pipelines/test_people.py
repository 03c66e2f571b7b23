"""People: names of whom teams and tasks mention, from the vendor's own lists; e-mail addresses only where wanted."""

import json
from dataclasses import replace
from typing import Any

import duckdb
import pytest

from tests.pipelines.rig import RULES, Office, always, failing

WANTED = RULES + "[people]\nemail = true\n"
PEOPLE = "SELECT full_name, email, kind FROM org.people ORDER BY full_name"
PROVEN = "SELECT value FROM org.provenance WHERE field = 'email' ORDER BY value"
MEMBERS = "SELECT full_name, role FROM org.team_members JOIN org.people USING (person_id) ORDER BY ALL"
CONCERNED = """
SELECT assignee.full_name, subject.full_name
FROM org.tasks
JOIN org.people AS assignee ON assignee.person_id = assignee_id
JOIN org.people AS subject ON subject.person_id = subject_id
"""
WITH_EMAIL = [
    ("Ann Lee", "ann@example.test", "coworker"),
    ("Bo Olsen", "bo@example.test", "user"),
    ("Idle Ida", "ida@example.test", "user"),
    ("Zoë", "zoe@example.test", "coworker"),
]
WITHOUT = [(name, None, kind) for name, _, kind in WITH_EMAIL]


@pytest.fixture
def ids(office: Office) -> dict[str, int]:
    """A team of two, one of whom a task is about; one administrator whom nothing mentions, and one such member."""
    hq = office.vendors.nexudus
    found = {
        "ann": hq.add_coworker("Ann Lee", "ann@example.test", Custom1="allergic to nuts"),
        "zoe": hq.add_coworker("Zoë", "zoe@example.test"),
        "bo": hq.add_user("Bo Olsen", "bo@example.test"),
    }
    hq.add_user("Idle Ida", "ida@example.test")
    hq.add_coworker("Nobody Mentions", "nobody@example.test")
    found["team"] = hq.add_team(Name="T", TeamMembers=[found["ann"], found["zoe"]], TeamAdministrators=[found["ann"]])
    found["task"] = hq.add_task(Name="Call", CoworkerId=found["ann"], ResponsibleId=found["bo"])
    return found


def pulled(office: Office, *words: str) -> Any:
    """``pull --json``, which must end well."""
    ran = office.run("pull", "--json", *words)
    assert ran.code == 0, ran.text
    return ran.json()


def kept(office: Office, sql: str) -> list[tuple[Any, ...]]:
    """What the working database answers."""
    with duckdb.connect(str(office.workspace / "work.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()


def everything_kept(office: Office) -> str:
    """Every value of every table of the working database and of the published file, as one text."""
    found = []
    for path in (office.workspace / "work.duckdb", office.published):
        with duckdb.connect(str(path), read_only=True) as db:
            tables = db.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
            found += [str(db.table(f'"{schema}"."{table}"').fetchall()) for schema, table in tables]
    return "\n".join(found)


@pytest.mark.usefixtures("ids")
def test_members_administrators_and_assignees_are_names_and_no_address_is_kept(office: Office) -> None:
    pulled(office)
    assert office.ask(PEOPLE) == WITHOUT
    assert office.ask(MEMBERS) == [
        ("Ann Lee", "administrator"),
        ("Ann Lee", "member"),
        ("Zoë", "member"),
    ]
    assert office.ask(CONCERNED) == [("Bo Olsen", "Ann Lee")]
    assert "@example.test" not in everything_kept(office).replace("admin@example.test", "")


@pytest.mark.usefixtures("ids")
@pytest.mark.parametrize(("rules", "more"), [(RULES, set()), (WANTED, {"Email"})], ids=["by default", "with e-mail"])
def test_nothing_else_of_a_person_lands(office: Office, rules: str, more: set[str]) -> None:
    office.configure(rules)
    pulled(office)
    for table in ("coworkers", "users"):
        rows = kept(office, f"SELECT record FROM '{office.workspace}/raw/hq/{table}/*.parquet'")  # noqa: S608 - ours
        records = [json.loads(record) for (record,) in rows]
        assert {name for record in records for name in record} == {"Id", "FullName", "UpdatedOn"} | more


def test_addresses_come_with_the_setting_and_go_with_it_everywhere(office: Office, ids: dict[str, int]) -> None:
    pulled(office)
    office.configure(WANTED)
    pulled(office)
    assert office.ask(PEOPLE) == WITH_EMAIL
    assert office.ask(PROVEN) == [(email,) for _, email, _ in WITH_EMAIL]
    office.vendors.nexudus.edit("team", ids["team"], TeamMembers=[], TeamAdministrators=[])
    pulled(office, "--full")
    assert kept(office, "SELECT email FROM shadow.records WHERE NOT present") == [("zoe@example.test",)]
    assert "zoe@example.test" in everything_kept(office)

    office.configure(RULES)
    pulled(office)
    assert office.ask(PEOPLE) == WITHOUT
    assert office.ask(PROVEN) == []
    assert "@example.test" not in everything_kept(office).replace("admin@example.test", "")

    office.configure(WANTED)
    pulled(office)
    assert [email for _, email, _ in office.ask(PEOPLE)] == [
        "ann@example.test",
        "bo@example.test",
        "ida@example.test",
        None,
    ]


def test_addresses_go_even_while_the_vendor_fails_and_come_back_with_the_setting(
    office: Office, ids: dict[str, int]
) -> None:
    office.configure(WANTED)
    pulled(office)
    office.configure(RULES)
    always(office.vendors.nexudus, failing(503))
    office.run("pull")
    assert office.ask(PEOPLE) == WITHOUT
    assert office.ask(PROVEN) == []
    assert kept(office, "SELECT count(*) FROM shadow.records WHERE email IS NOT NULL") == [(0,)]
    office.vendors.nexudus.faults.clear()
    office.vendors.nexudus.edit("task", ids["task"], Name="Call again")
    office.configure(WANTED)
    pulled(office)
    assert office.ask(PEOPLE) == WITH_EMAIL


def test_a_member_who_is_renamed_is_called_so_though_no_task_was_touched(office: Office, ids: dict[str, int]) -> None:
    pulled(office)
    office.vendors.nexudus.edit("coworker", ids["ann"], FullName="Ann Lee-Olsen")
    pulled(office)
    assert office.ask(PEOPLE)[0][0] == "Ann Lee-Olsen"


def test_without_the_right_to_the_lists_of_people_names_come_from_whatever_tells_them(
    office: Office, ids: dict[str, int]
) -> None:
    hq = office.vendors.nexudus
    roles = {f"{kind}-{verb}" for kind in ("Team", "CoworkerTask", "HelpDeskDepartment") for verb in ("List", "Read")}
    hq.switches = replace(hq.switches, roles=frozenset(roles))
    hq.add_department(Name="D", Description="d", Managers=[ids["bo"]])
    ran = office.run("pull")
    assert (ran.code, "Coworker-List" in ran.err, "User-List" in ran.err) == (0, True, True)
    names = office.ask("SELECT full_name, email, kind FROM org.people ORDER BY ALL")
    assert names == [one for one in WITHOUT if one[0] != "Idle Ida"]
    assert office.ask("SELECT name FROM org.teams") == [("T",)]
