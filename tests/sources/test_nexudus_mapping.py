import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.nexudus import settings
from sources.nexudus.sandbox import NexudusTwin
from sources.nexudus.settings import VENDOR
from tests.sources.nexudus_rig import PAGED, Rig, filled_twin


def mapped(*found: Any) -> list[dict[str, Any]]:
    """The rows that the SQL makes of (resource, source id, record JSON)."""
    sql = (Path(settings.__file__).parents[2] / "mappings" / "nexudus.sql").read_text(encoding="utf-8")
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'")
        base.execute("CREATE TABLE raw (resource VARCHAR, source_id VARCHAR, record VARCHAR)")
        for row in found:
            base.execute("INSERT INTO raw VALUES (?, ?, ?)", row)
        answer = base.execute(sql)
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def canonical_rows(twin: NexudusTwin, *without: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What the SQL makes of a walk through every resource, but for those ``without`` which it has to do."""
    client = Rig(twin).client
    raw = [
        (resource.name, row.source_id, row.record.decode())
        for resource in VENDOR.resources
        if resource.name not in without
        for page in client.walk(resource)
        for row in page.rows
    ]
    return {(row["entity"], row["source_id"]): row for row in mapped(*raw)}


def people(*found: tuple[str, str, dict[str, Any]]) -> dict[str, tuple[str | None, str | None, str]]:
    """The persons that the SQL makes of (resource, source id, record): source id → (name, e-mail, kind)."""
    rows = mapped(*((resource, source_id, json.dumps(record)) for resource, source_id, record in found))
    told = [row for row in rows if row["entity"] == "person"]
    by_id = {row["source_id"]: (row["full_name"], row["email"], row["kind"]) for row in told}
    assert len(by_id) == len(told)
    return by_id


def test_the_mapping_says_of_a_walks_rows_what_observing_each_record_says() -> None:
    twin, coworker, user = filled_twin()
    twin.add_department(Name="支持", Description="Helps", Managers=[user])
    twin.add_team(Name="T", Description=None, TeamMembers=[coworker])
    twin.add_task(Name="K", Notes="n", DueDate="2026-07-01T09:30:00", CoworkerId=coworker, ResponsibleId=user)
    client, found = Rig(twin).client, canonical_rows(twin)
    for entity, kind in PAGED.items():
        [number] = twin.ids(kind)
        row = found[kind, str(number)]
        told = {**row, "assignee_id": row["assignee_source_id"], "subject_id": row["subject_source_id"]}
        seen = client.observe(entity, str(number)).values
        assert {field: told[field] for field in seen} == seen


def test_the_mapping_tells_members_by_role_and_counts_them() -> None:
    twin, ann, _ = filled_twin()
    bob = twin.add_coworker("Bob, the second", "bob@example.test")
    number = twin.add_team(Name="T", TeamMembers=[bob, ann], TeamAdministrators=[ann])
    empty = twin.add_team(Name="E")
    found = canonical_rows(twin)
    team = found["team", str(number)]
    assert team["members"] == [
        {"person": f"coworker:{ann}", "role": "member"},
        {"person": f"coworker:{bob}", "role": "member"},
        {"person": f"coworker:{ann}", "role": "administrator"},
    ]
    assert team["member_count"] == 2
    assert (found["team", str(empty)]["members"], found["team", str(empty)]["member_count"]) == ([], 0)


@pytest.mark.parametrize("listed", [True, False])
def test_the_mapping_lists_each_person_once_with_the_name_that_is_known(listed: bool) -> None:  # noqa: FBT001 - a parameter
    twin, ann, user = filled_twin()
    cyd = twin.add_coworker("Cyd", "cyd@example.test")
    idle = twin.add_user("Ida", "ida@example.test")
    twin.add_coworker("Nobody mentions me", "nobody@example.test")
    twin.add_team(Name="T", TeamMembers=[ann, cyd])
    twin.add_task(Name="K", CoworkerId=ann, ResponsibleId=user)
    found = canonical_rows(twin, *(() if listed else ("coworkers", "users")))
    told = {
        source: (row["full_name"], row["kind"], row["email"])
        for (entity, source), row in found.items()
        if entity == "person"
    }
    assert told == {
        f"coworker:{ann}": ("Ann Example", "coworker", None),
        f"coworker:{cyd}": ("Cyd", "coworker", None),
        f"user:{user}": ("Bo Example", "user", None),
        **({f"user:{idle}": ("Ida", "user", None)} if listed else {}),
    }


TASK = (
    "tasks",
    "1",
    {"Name": "K", "ResponsibleId": 9, "CoworkerId": 7, "CoworkerFullName": "Ann (as the task has it)"},
)
SAID = {"coworker:7": ("Ann (as the task has it)", None, "coworker"), "user:9": (None, None, "user")}


@pytest.mark.parametrize(
    ("record", "ann"),
    [
        ({"Id": 7, "FullName": "Ann Lee"}, ("Ann Lee", None)),
        ({"Id": 7, "FullName": "Ann Lee", "Email": "ann@example.test"}, ("Ann Lee", "ann@example.test")),
        ({"Id": 7, "FullName": None, "Email": None}, ("Ann (as the task has it)", None)),
        ({"Id": 7, "FullName": "", "Email": ""}, ("Ann (as the task has it)", None)),
        ({"Id": 7}, ("Ann (as the task has it)", None)),
    ],
)
def test_the_mapping_takes_a_name_from_the_people_lists_first(
    record: dict[str, Any], ann: tuple[str | None, str | None]
) -> None:
    assert people(TASK, ("coworkers", "coworker:7", record)) == {**SAID, "coworker:7": (*ann, "coworker")}


def test_the_mapping_knows_every_administrator_and_only_the_members_that_are_mentioned() -> None:
    stranger = ("coworkers", "coworker:8", {"Id": 8, "FullName": "Bob", "Email": "bob@example.test"})
    assert people(TASK, stranger) == SAID
    office = ("users", "user:3", {"Id": 3, "FullName": "Cyd", "Email": "cyd@example.test"})
    same_number = ("users", "user:7", {"Id": 7, "FullName": "Dan"})
    known = {"user:3": ("Cyd", "cyd@example.test", "user"), "user:7": ("Dan", None, "user")}
    assert people(TASK, stranger, office, same_number) == {**SAID, **known}
    assert people(stranger) == {}


def test_the_mapping_takes_a_person_who_stands_in_two_reads_for_one() -> None:
    team = ("teams", "1", {"Name": "T", "TeamMembers": [7], "TeamAdministrators": [7]})
    twice = [("coworkers", "coworker:7", {"Id": 7, "FullName": name}) for name in ("Ann", "Ann Lee")]
    assert people(team, *twice) == {"coworker:7": ("Ann Lee", None, "coworker")}


def test_the_mapping_takes_managers_that_a_list_does_not_show_for_unknown() -> None:
    shown = ("departments", "1", {"Name": "D", "Description": "d", "Managers": [9]})
    assert people(shown) == {"user:9": (None, None, "user")}
    assert people(("departments", "1", {**shown[2], "Managers": None})) == {}


def test_the_mapping_takes_names_with_commas_for_nobodys() -> None:
    team = {
        "Name": "T",
        "TeamMembers": [7],
        "TeamAdministrators": [],
        "CoworkerIds": "7",
        "CoworkerFullNames": "Doe, Jo",
    }
    assert people(("teams", "1", team)) == {"coworker:7": (None, None, "coworker")}


@pytest.mark.parametrize("lost", ["TeamMembers", "TeamAdministrators"])
def test_the_mapping_takes_a_null_array_for_unknown(lost: str) -> None:
    team = {"Name": "T", "TeamMembers": [7], "TeamAdministrators": [7], lost: None}
    [row] = [row for row in mapped(("teams", "1", json.dumps(team))) if row["entity"] == "team"]
    assert row["members"] is None
    assert row["member_count"] == (None if lost == "TeamMembers" else 1)


def test_the_mapping_reads_odd_times_and_states_without_an_error() -> None:
    record = {"Name": "D", "Active": False, "CreatedOn": "2010-09-16T03:05:32", "UpdatedOn": "soon", "Managers": None}
    [row] = mapped(("departments", "1", json.dumps(record)))
    assert row["created_at"] == datetime(2010, 9, 16, 3, 5, 32, tzinfo=UTC)
    assert (row["updated_at"], row["active"], row["description"]) == (None, False, None)


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "sent", "column", "found"),
    [
        ("Name", '"\\u652f\\u6301\\ud83e\\udde1"', "title", "支持🧡"),
        ("Name", '"a\\u0000b\\n"', "title", "a\x00b\n"),
        ("Name", "12", "title", "12"),
        ("Name", '{"a": 1}', "title", '{"a":1}'),
        ("Notes", '""', "notes", ""),
        ("Notes", "null", "notes", None),
        ("Completed", "true", "completed", True),
        ("Completed", '"true"', "completed", True),
        ("Completed", '"soon"', "completed", None),
        ("Completed", "[]", "completed", None),
        ("DueDate", '"2026-03-01T12:00:00"', "due_at", NOON),
        ("DueDate", '"2026-03-01T20:00:00.000+08:00"', "due_at", NOON),
        ("DueDate", "1", "due_at", None),
        ("ResponsibleId", "9223372036854775808", "assignee_source_id", "user:9223372036854775808"),
        ("ResponsibleId", '"9"', "assignee_source_id", "user:9"),
        ("ResponsibleId", "null", "assignee_source_id", None),
        ("CoworkerId", "1e-7", "subject_source_id", "coworker:1e-7"),
    ],
)
def test_the_mapping_keeps_what_it_can_of_an_odd_value(field: str, sent: str, column: str, found: object) -> None:
    [row] = [row for row in mapped(("tasks", "1", f'{{"{field}": {sent}}}')) if row["entity"] == "task"]
    assert row[column] == found


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("[8, 7, 8]", ["coworker:7", "coworker:8"]),
        ('["7"]', ["coworker:7"]),
        ("[9223372036854775807]", ["coworker:9223372036854775807"]),
        ("{}", None),
        ('"[7]"', None),
        ("[]", []),
    ],
)
def test_the_mapping_takes_members_that_are_no_ids_for_unknown(sent: str, found: list[str] | None) -> None:
    record = f'{{"Name": "T", "TeamMembers": {sent}, "TeamAdministrators": []}}'
    [row] = [row for row in mapped(("teams", "1", record)) if row["entity"] == "team"]
    assert (row["members"] and [one["person"] for one in row["members"]]) == found


def test_the_mapping_of_nothing_is_nothing() -> None:
    assert mapped() == []
