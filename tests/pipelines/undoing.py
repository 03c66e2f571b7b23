"""Undoing the last run of an office, and what its plan then says."""

from typing import Any

from tests.pipelines.rig import Office


def last_run(office: Office) -> str:
    run_id: str = office.run("runs", "--json").json()["runs"][0]["run_id"]
    return run_id


def undone(office: Office, which: str, *words: str, code: int = 0) -> Any:
    ran = office.run("undo", which, "--yes", "--json", *words)
    assert ran.code == code, ran.text
    return ran.json()


def rules(told: Any) -> list[tuple[str, str, str]]:
    return [(one["connection"], one["status"], one["rule"]) for one in told["plan"]["changes"]]


def unit(office: Office, name: str) -> int:
    return next(number for number, (one, _) in office.vendors.udesk.departments.items() if one == name)
