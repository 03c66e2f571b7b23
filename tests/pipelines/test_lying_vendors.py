"""One dead or lying vendor changes nothing that the model says of its records, and stops no other."""

import json
import os
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sources.nexudus.sandbox import NexudusTwin
from sources.twin import Fault, TwinReply, TwinRequest
from tests.pipelines.rig import LIMITS, Execute, Office, always, failing

pytestmark = pytest.mark.long  # make test-long: a minute and more

HOUR, DAY = 3600, 24 * 3600
COUNT = 12
CONNECTIONS = {"udesk": "udesk_cn", "scalepad": "amm", "nexudus": "hq"}
LIST = {"udesk": "departments", "scalepad": "data", "nexudus": "Records"}
TOTAL = {"scalepad": "total_count", "nexudus": "TotalItems"}
HTML = b"<html><body>maintenance</body></html>"
SAID = {
    "udesk": {"code": "2000", "message": "unknown", "departments": []},
    "scalepad": {"error": {"code": "internal", "message": "no", "details": {}}, "data": None},
    "nexudus": {"WasSuccessful": False, "Message": "no", "Records": None},
}
DEPARTMENTS = "SELECT name, active FROM org.departments ORDER BY ALL"
OF_CHANGES = (  # what a read of changes could take otherwise than a full one does
    "dead",
    "half of the bytes",
    "an empty list",
    "less than half of the list",
    "another account's list",
    "a total that does not add up",
    "a stale copy",
)
MORE = (
    "SELECT name, description, active, member_count FROM org.teams ORDER BY ALL",
    "SELECT title, notes, active, completed FROM org.tasks ORDER BY ALL",
    "SELECT name, person_id FROM org.team_members JOIN org.teams USING (team_id) ORDER BY ALL",
)


@dataclass
class Stage:
    """Three vendors with twelve departments each, read a while ago; ``liar`` is the one that lies from now on."""

    office: Office
    liar: str

    def __post_init__(self) -> None:
        vendors = self.office.vendors
        self.team = self.task = 0
        people = [vendors.nexudus.add_coworker(f"P{number}", "p@example.test") for number in range(3)]
        boss = vendors.nexudus.add_user("Boss", "b@example.test")
        for number in range(COUNT):
            self.office.clock.sleep(60)
            vendors.udesk.add_department(f"udesk {number}")
            vendors.scalepad.add_department(f"scalepad {number}", None)
            vendors.nexudus.add_department(Name=f"nexudus {number}", Description="d")
            self.team = vendors.nexudus.add_team(Name=f"T{number}", TeamMembers=people)
            self.task = vendors.nexudus.add_task(Name=f"K{number}", CoworkerId=people[0], ResponsibleId=boss, Notes="n")
        self.office.clock.sleep(HOUR)
        self.before = {
            "nexudus": deepcopy(vendors.nexudus._store._tables),
            "scalepad": deepcopy(vendors.scalepad._departments),
        }
        self.change("known")
        assert self.office.run("pull").code == 0

    @property
    def twin(self) -> Any:
        return self.office.twins[self.liar]

    def change(self, word: str) -> None:
        """Somebody changes a department at every vendor, and a team and a task."""
        vendors = self.office.vendors
        vendors.udesk.rename(1, f"udesk {word}")
        first = next(iter(vendors.scalepad.departments))
        vendors.scalepad.rename(first, f"scalepad {word}")
        vendors.nexudus.edit("department", vendors.nexudus.ids("department")[0], Name=f"nexudus {word}")
        vendors.nexudus.edit("team", self.team, Name=f"T {word}")
        vendors.nexudus.edit("task", self.task, Name=f"K {word}")

    def says(self, vendor: str) -> list[list[tuple[Any, ...]]]:
        """What the model says of a vendor's records."""
        departments = [row for row in self.office.ask(DEPARTMENTS) if row[0].startswith(vendor)]
        return [departments, *(self.office.ask(sql) for sql in MORE if vendor == "nexudus")]


def edited(vendor: str, edit: Callable[[dict[str, Any], list[Any]], object]) -> Fault:
    """The real list, its envelope and its records edited; anything else is answered as it is."""

    def fault(request: TwinRequest, execute: Execute) -> TwinReply | None:
        body = json.loads(execute(request).body)
        if not isinstance(body, dict) or LIST[vendor] not in body:
            return None
        edit(body, body[LIST[vendor]])
        return TwinReply.of(200, body)

    return fault


def shorter(vendor: str, share: float, *, told: bool) -> Fault:
    """A list of its first records, by their share; ``told``: the total says so."""

    def edit(body: dict[str, Any], records: list[Any]) -> None:
        del records[int(len(records) * share) :]
        if told and vendor in TOTAL:
            body[TOTAL[vendor]] = len(records)

    return edited(vendor, edit)


def foreign(vendor: str) -> Fault:
    """The records of somebody else, in the same form."""

    def edit(_body: dict[str, Any], records: list[Any]) -> None:
        for record in records:
            number = int(str(record.get("Id", record.get("id")))[-6:], 16) + 7_000_000
            record.update({"Id": number} if "Id" in record else {"id": number if vendor == "udesk" else f"x{number}"})

    return edited(vendor, edit)


def stale(stage: Stage, *, lists: bool) -> Fault:
    """A copy of an hour ago answers: everything, or the calls by id alone."""
    holder, place = (stage.twin._store, "_tables") if stage.liar == "nexudus" else (stage.twin, "_departments")

    def fault(request: TwinRequest, execute: Execute) -> TwinReply | None:
        if not lists and request.param("page"):
            return None
        present = getattr(holder, place)
        setattr(holder, place, stage.before[stage.liar])
        try:
            return execute(request)
        finally:
            setattr(holder, place, present)

    return fault


def cut(request: TwinRequest, execute: Execute) -> TwinReply:
    """Half of the answer's bytes."""
    reply = execute(request)
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def slow(stage: Stage) -> Fault:
    """Minutes pass, and then nothing comes of it."""

    def fault(_request: TwinRequest, _execute: Execute) -> TwinReply:
        stage.office.clock.sleep(100)
        return TwinReply(504, HTML)

    return fault


def lies(stage: Stage) -> Mapping[str, tuple[int, Fault]]:
    """How the vendor lies, and the exit code that a pull ends with (CONTRACT.md, section 2).

    Answers that are no list at all are in test_reads.py.
    """
    vendor = stage.liar
    found: dict[str, tuple[int, Fault]] = {
        "dead": (5, failing(500)),
        "no success with 200": (5, failing(200, json.dumps(SAID[vendor]).encode())),
        "credentials that do not count any more": (5, failing(200 if vendor == "udesk" else 401, b'{"code": 2059}')),
        "half of the bytes": (5, cut),
        "slow": (5, slow(stage)),
        "an empty list": (4, shorter(vendor, 0, told=True)),
        "less than half of the list": (4, shorter(vendor, 0.4, told=True)),
        "another account's list": (4, foreign(vendor)),
    }
    if vendor in TOTAL:
        found["a total that does not add up"] = (4, shorter(vendor, 0.4, told=False))
        found["a stale copy"] = (4, stale(stage, lists=True))
    return found


@pytest.mark.parametrize(
    ("vendor", "later"),
    [("udesk", HOUR), ("scalepad", HOUR), ("nexudus", DAY), ("nexudus", HOUR)],
    ids=["udesk", "scalepad", "nexudus in full", "nexudus by changes"],
)
def test_a_lie_changes_nothing_of_its_vendor_stops_no_other_and_hides_no_change_for_good(
    office: Office, vendor: str, later: int
) -> None:
    stage = Stage(office, vendor)
    before = stage.says(vendor)
    everything = lies(stage)
    for number, lie in enumerate(OF_CHANGES if (vendor, later) == ("nexudus", HOUR) else everything):
        code, fault = everything[lie]
        stage.change(f"changed {number}")
        office.clock.sleep(later)
        always(stage.twin, fault)
        ran = office.run("pull", "--json")
        stage.twin.faults.clear()
        told = {name: one["complete"] for name, one in ran.json()["connections"].items()}
        assert (ran.code, told) == (code, {name: name != CONNECTIONS[vendor] for name in told}), (lie, ran.err)
        assert stage.says(vendor) == before, lie
        departments = office.ask(DEPARTMENTS)
        for other in CONNECTIONS.keys() - {vendor}:
            assert (f"{other} changed {number}", True) in departments, lie
    assert office.run("pull").code == 0
    assert (f"{vendor} changed {number}", True) in stage.says(vendor)[0]
    if vendor == "nexudus":
        assert all("changed" in str(rows) for rows in stage.says(vendor)[1:])


def test_an_empty_answer_to_the_question_for_changes_is_not_taken_for_no_change(office: Office) -> None:
    stage = Stage(office, "nexudus")
    office.clock.sleep(HOUR)
    assert office.run("pull").code == 0
    office.clock.sleep(HOUR)
    stage.change("unseen")
    changes = shorter("nexudus", 0, told=True)

    def no_changes(request: TwinRequest, execute: Execute) -> TwinReply | None:
        return changes(request, execute) if any(key.startswith("from_") for key, _ in request.query) else None

    always(stage.twin, no_changes)
    assert office.run("pull").code == 0
    assert ("nexudus unseen", True) in stage.says("nexudus")[0]


@pytest.mark.parametrize("later", [HOUR, DAY], ids=["by changes", "in full"])
def test_details_from_a_stale_copy_are_not_taken_for_what_the_list_shows(office: Office, later: int) -> None:
    stage = Stage(office, "nexudus")
    before = stage.says("nexudus")
    stage.change("unseen")
    office.clock.sleep(later)
    always(stage.twin, stale(stage, lists=False))
    ran = office.run("pull")
    assert (ran.code, "teams: record" in ran.err, stage.says("nexudus")[1]) == (4, True, before[1])
    stage.twin.faults.clear()
    office.clock.sleep(HOUR)
    assert office.run("pull").code == 0
    assert "T unseen" in str(stage.says("nexudus")[1])


def test_what_was_not_read_because_the_vendor_failed_before_is_not_written_to(office: Office) -> None:
    branch = NexudusTwin(token="tok-branch", now=office.clock.now)
    office.twins["branch"] = branch
    os.environ["CONNECTIONS__BRANCH__TOKEN"] = "tok-branch"
    rules = '[teams]\nauthority = ["branch"]\nwrite_to = ["hq"]\n' + LIMITS
    lines = f'vendor = "nexudus"\nbase_url = "{office.server.url}/branch"\nbusiness_id = 123\n'
    office.configure(rules, connections={"branch": lines})
    branch.add_team(Name="First")
    office.sync()
    branch.add_team(Name="Second")
    office.clock.sleep(DAY)
    writes = office.writes()

    def no_departments(request: TwinRequest, _execute: Execute) -> TwinReply | None:
        return TwinReply(503) if "helpdesk" in request.path else None

    always(office.vendors.nexudus, no_departments)
    ran = office.run("sync", "--yes", "--json")
    assert (ran.code, ran.json()["plan"]["changes"], office.writes()) == (5, [], writes)
    office.vendors.nexudus.faults.clear()
    assert office.sync()["apply"]["verified"] is True
