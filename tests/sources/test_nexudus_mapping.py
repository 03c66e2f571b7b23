import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.nexudus import settings
from sources.nexudus.sandbox import NexudusTwin
from sources.nexudus.settings import VENDOR
from tests.sources.nexudus_rig import (
    PAGED,
    Rig,
    filled_twin,
    rows,
)


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


def canonical_rows(twin: NexudusTwin) -> dict[tuple[str, str], dict[str, Any]]:
    rig = Rig(twin)
    raw = [
        (VENDOR.resource(entity).name, row.source_id, row.record) for entity in PAGED for row in rows(rig.read(entity))
    ]
    return {(row["entity"], row["source_id"]): row for row in mapped(*raw)}


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


def test_the_mapping_lists_each_person_once_and_names_whom_a_record_names() -> None:
    twin, ann, user = filled_twin()
    manager = twin.add_user("Mia", "mia@example.test")
    cyd = twin.add_coworker("Cyd", "cyd@example.test")
    twin.add_department(Name="D", Description="d", Managers=[user, manager])
    twin.add_team(Name="T", TeamMembers=[ann, cyd])
    twin.add_task(Name="K", CoworkerId=ann, ResponsibleId=user)
    people = {source: row for (entity, source), row in canonical_rows(twin).items() if entity == "person"}
    assert {source: (row["full_name"], row["kind"], row["email"]) for source, row in people.items()} == {
        f"coworker:{ann}": ("Ann Example", "coworker", None),
        f"coworker:{cyd}": ("Cyd", "coworker", None),
        f"user:{user}": ("Bo Example", "user", None),
        f"user:{manager}": (None, "user", None),
    }


def test_the_mapping_takes_names_with_commas_for_nobodys() -> None:
    team = {
        "Name": "T",
        "TeamMembers": [7],
        "TeamAdministrators": [],
        "CoworkerIds": "7",
        "CoworkerFullNames": "Doe, Jo",
    }
    people = [row for row in mapped(("teams", "1", json.dumps(team))) if row["entity"] == "person"]
    assert [(row["source_id"], row["full_name"]) for row in people] == [("coworker:7", None)]


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


def test_the_mapping_of_nothing_is_nothing() -> None:
    assert mapped() == []
