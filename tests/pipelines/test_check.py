"""``check``: what each account can do as things stand, in two cheap calls a resource, with nothing left behind."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.cells import cell_len

from pipelines.sandbox import PASSWORDS
from sources.twin import TwinReply, TwinRequest
from state.lock import lock
from state.safety import SafetyRecord
from tests.pipelines.rig import Execute, Office, Ran, always

KINDS = ("HelpDeskDepartment", "Team", "CoworkerTask")
ROLES = {f"{kind}-{operation}" for kind in KINDS for operation in ("List", "Read")}


def checked(office: Office, *names: str) -> Any:
    """The connections of ``check --json``."""
    return office.run("check", *names, "--json").json()["connections"]


def shown(ran: Ran) -> str:
    """What was shown, without its line breaks."""
    return " ".join(ran.out.split())


def grant(office: Office, roles: set[str]) -> None:
    office.vendors.nexudus.switches = replace(office.vendors.nexudus.switches, roles=frozenset(roles))


def kept(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_account_is_told_with_its_size_its_rights_and_its_budget(company: Office) -> None:
    ran = company.run("check")
    assert ran.code == 0
    assert "ok udesk_cn: Udesk answers: 15 departments. Clock right." in shown(ran)
    assert "May: departments: can create, rename and delete; authority. Budget: 60 calls a minute." in shown(ran)
    assert "Nexudus answers: 3 departments, 3 teams, 4 tasks, 5 coworkers, 2 users." in shown(ran)
    assert "6000 reads and 60 writes a minute; 0 of 2500 writes used in 24 hours" in shown(ran)
    assert all(cell_len(line) <= 80 for line in ran.out.splitlines())
    assert {line[:5] for line in ran.out.splitlines()} == {"ok   ", "     "}


def test_a_script_finds_each_of_it_under_a_key_of_its_own(company: Office) -> None:
    document = company.run("check", "--json").json()
    hq = document["connections"]["hq"]
    assert (document["exit_code"], hq["ok"], hq["reachable"], hq["credentials"]) == (0, True, True, True)
    assert hq["clock_skew_seconds"] == 0
    assert hq["resources"]["teams"] == {
        "listed": True,
        "read": True,
        "records": 3,
        "missing_role": None,
        "optional": False,
        "fault": None,
    }
    assert hq["may"]["departments"] == {
        "can": ["create", "rename", "update", "deactivate", "delete"],
        "authority": False,
        "write_to": True,
        "apply_disabled": False,
    }
    assert hq["budget"] == {
        "reads_per_minute": 6000,
        "writes_per_minute": 60,
        "shared": False,
        "writes_per_day": 2500,
        "writes_used": None,
        "next_write_at": None,
    }
    assert "Nexudus answers" in hq["detail"]


def test_a_check_asks_twice_a_resource_at_most_and_leaves_nothing_behind(company: Office) -> None:
    before = kept(company.folder)
    assert company.run("check").code == 0
    requests = company.server.requests()
    assert {method for _, method, _, _ in requests} == {"GET"}
    assert [len(company.twins[name].log) for name in ("udesk", "scalepad", "nexudus")] == [1, 2, 3 * 2 + 2]
    assert kept(company.folder) == before
    assert not company.workspace.exists()


def test_with_verbose_each_resource_has_a_line(company: Office) -> None:
    lines = company.run("check", "hq", "--verbose").out.splitlines()
    for line in ("teams: listed, 3 records, read by id", "users: listed, 2 records"):
        assert f"       {line}" in [one.rstrip() for one in lines]


def test_the_roles_that_are_missing_are_named_and_the_others_are_checked_all_the_same(company: Office) -> None:
    grant(company, (ROLES | {"Coworker-List", "User-List"}) - {"Team-Read", "CoworkerTask-List"})
    ran = company.run("check")
    assert ran.code == 5
    for told in (
        "FAIL hq: teams: listed, but may not be read by id: the role Team-Read is missing",
        "Tasks: may not be listed: the role CoworkerTask-List is missing",
        "3 departments, 3 teams, 5 coworkers, 2 users",
        "ok udesk_cn",
        "ok amm",
    ):
        assert told in shown(ran)
    hq = checked(company)["hq"]
    assert (hq["ok"], hq["credentials"]) == (False, True)
    found = {name: (one["listed"], one["read"], one["missing_role"]) for name, one in hq["resources"].items()}
    assert found["departments"] == (True, True, None)
    assert found["teams"] == (True, False, "Team-Read")
    assert found["tasks"] == (False, None, "CoworkerTask-List")


def test_people_that_may_not_be_listed_are_told_and_not_missed(company: Office) -> None:
    grant(company, ROLES)
    ran = company.run("check", "hq")
    assert ran.code == 0
    assert "Coworkers not read, and not missed: the role Coworker-List is missing" in shown(ran)
    assert checked(company)["hq"]["resources"]["users"]["missing_role"] == "User-List"


def test_a_name_and_password_that_are_right_are_told_from_a_user_without_any_role(company: Office) -> None:
    for key in ("USERNAME", "PASSWORD"):
        os.environ[f"CONNECTIONS__HQ__{key}"] = PASSWORDS[f"CONNECTIONS__HQ__{key}"]
    del os.environ["CONNECTIONS__HQ__TOKEN"]
    assert checked(company)["hq"]["ok"]
    grant(company, set())
    found = checked(company)["hq"]
    assert (found["ok"], found["credentials"]) == (False, True)
    assert "departments: may not be listed: the role HelpDeskDepartment-List is missing" in found["detail"]
    os.environ["CONNECTIONS__HQ__PASSWORD"] = "made-up"
    found = checked(company)["hq"]
    assert (found["credentials"], list(found["resources"])) == (False, ["departments"])  # the account is not locked
    assert "set CONNECTIONS__HQ__USERNAME and CONNECTIONS__HQ__PASSWORD anew" in found["detail"]


def test_the_days_writes_and_the_last_read_are_told_and_the_workspace_is_left_as_it_is(office: Office) -> None:
    office.tree(("Ops",), ("Sales",))
    office.configure(connections={"hq": "[connections.hq.pace]\nwrites_per_day = 2\n"})
    office.sync()
    before = kept(office.folder)
    hq = checked(office)["hq"]
    assert (hq["budget"]["writes_used"], hq["budget"]["writes_per_day"]) == (2, 2)
    assert hq["budget"]["next_write_at"].startswith("2026-03-02T")
    assert hq["last_full_read"].startswith("2026-03-01T08:")
    text = shown(office.run("check"))
    assert "2 of 2 writes used in 24 hours; the next may leave from 2026-03-02" in text
    assert "last read in full 2026-03-01 08:" in text
    assert kept(office.folder) == before


def test_a_check_goes_on_beside_a_run_and_sees_what_it_has_written(office: Office) -> None:
    office.tree(("Ops",))
    office.sync()
    path, now = office.workspace / "journal.sqlite", office.clock.now()
    with lock(office.workspace / "lock", "sync", now), SafetyRecord.open(path, at=now, new_id=str) as safety:
        safety.count_write("hq", office.clock.now())
        assert (office.workspace / "journal.sqlite-wal").exists()
        assert checked(office)["hq"]["budget"]["writes_used"] == 2


def test_a_safety_record_that_cannot_be_read_is_told_and_the_accounts_are_checked(office: Office) -> None:
    office.workspace.mkdir()
    (office.workspace / "journal.sqlite").write_bytes(b"no database " * 100)
    ran = office.run("check", "--json")
    assert (ran.code, ran.json()["connections"]["hq"]["budget"]["writes_used"]) == (0, None)
    assert "damaged" in ran.err


def test_an_account_that_is_another_one_than_before_fails(office: Office) -> None:
    office.tree(("Ops",))
    office.sync()
    office.reconfigure("business_id = 123", "business_id = 124")
    with patch.dict(os.environ, {"CONNECTIONS__HQ__TOKEN": "wrong"}):
        assert ". Another account than" in shown(office.run("check", "hq"))
    ran = office.run("check")
    assert ran.code == office.run("pull").code == 4
    assert "FAIL hq: another account than the one that its records are linked with (business_id was 123" in shown(ran)


def test_a_record_of_another_location_fails_the_check(company: Office) -> None:
    company.vendors.nexudus.edit("team", company.vendors.nexudus.ids("team")[-1], BusinessId=999)
    always(company.vendors.nexudus, unfiltered)
    found = checked(company, "hq")["hq"]
    assert found["ok"] is False
    assert "belongs to business 999, not 123" in found["detail"]


def unfiltered(request: TwinRequest, execute: Execute) -> TwinReply:
    """A vendor that ignores the filter by location."""
    kept = tuple((key, value) for key, value in request.query if not key.endswith("_Business"))
    return execute(replace(request, query=kept))


def test_a_record_that_is_deleted_between_the_two_calls_is_no_fault(company: Office) -> None:
    def delete_first(request: TwinRequest, _execute: Execute) -> None:
        number = int(request.path.rpartition("/")[2])
        company.vendors.nexudus.remove("department", number)

    company.vendors.nexudus.faults.extend([lambda _request, _execute: None, delete_first])
    found = checked(company, "hq")["hq"]
    assert (found["ok"], found["resources"]["departments"]["read"]) == (True, None)
