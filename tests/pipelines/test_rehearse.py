"""``--rehearse``: the sealed plan is applied to emulated vendors before anything is sent (DESIGN 5.7)."""

import json
from typing import Any

import pytest

from tests.pipelines.keeping import kept
from tests.pipelines.rig import LIMITS, Office

pytestmark = pytest.mark.usefixtures("unpublished")

FROM_AMM = '\n[departments]\nauthority = ["amm"]\nwrite_to = ["hq"]\n'
TREE = '\n[departments]\nauthority = ["udesk_cn"]\nwrite_to = ["second"]\non_missing = "delete"\n'
TASKS = '\n[tasks]\nauthority = ["hq"]\nwrite_to = ["hq"]\n'


@pytest.fixture
@kept
def blank(office: Office) -> Office:
    """ScalePad has a department whose description is a blank, which Nexudus refuses; and one that is all right."""
    office.configure(FROM_AMM + LIMITS)
    office.vendors.scalepad.add_department("Ops", " ")
    office.vendors.scalepad.add_department("Sales", "sells")
    assert office.run("pull").code == 0
    return office


def test_a_rehearsal_goes_well_asks_no_vendor_and_leaves_nothing_behind(slow_office: Office) -> None:
    office = slow_office  # dlt lands the rows of the rehearsal too
    office.tree(("Ops",), ("Ops", "Support"), ("客服",))
    office.vendors.scalepad.add_department("ops", "d")
    assert office.run("pull").code == 0
    before, file = office.asked(), office.folder / "plan.json"
    ran = office.run("plan", "--rehearse", "--json", "--out", str(file))
    rehearsal = ran.json()["rehearsal"]
    assert (ran.code, rehearsal["good"], rehearsal["wrong"], rehearsal["left"]) == (0, True, [], [])
    assert rehearsal["summary"]["done"] == 6
    assert "emulated vendors" in rehearsal["assumed"]
    assert office.asked() == before
    assert not list(office.workspace.glob("rehearsal-*"))
    file.write_text(ran.out, encoding="utf-8")  # what was printed is the sealed plan still
    assert office.run("apply", str(file), "--yes").code == 0


def test_a_rehearsal_says_per_change_what_would_go_wrong(blank: Office) -> None:
    ran = blank.run("plan", "--rehearse")
    shown = " ".join(ran.out.split())
    assert ran.code == 3
    assert "Rehearsal: 1 of 2 changes go well; a fresh plan would still find 1 of them" in shown
    assert "c1 hq: failed: Nexudus refused (HTTP 400): Description: is a required field" in shown
    assert "no account was asked" in shown


def test_a_sync_does_not_go_on_to_write_what_its_rehearsal_says_would_go_wrong(blank: Office) -> None:
    ran = blank.run("sync", "--yes", "--rehearse", "--json")
    told = ran.json()
    assert (ran.code, told["apply"], told["rehearsal"]["good"]) == (3, None, False)
    assert [one["status"] for one in told["rehearsal"]["wrong"]] == ["failed"]
    assert "the rehearsal went wrong" in ran.err
    assert blank.writes()["nexudus"] == []


def test_a_sync_whose_rehearsal_goes_well_writes(office: Office) -> None:
    office.tree(("Ops",))
    ran = office.run("sync", "--yes", "--rehearse", "--json")
    assert (ran.code, ran.json()["rehearsal"]["good"], ran.json()["apply"]["verified"]) == (0, True, True)
    assert office.at_amm() == office.at_hq() == ["Ops"]


@pytest.mark.usefixtures("published")
def test_a_task_is_rehearsed_with_the_people_that_it_names_and_every_field_that_a_put_sends(office: Office) -> None:
    office.configure(TASKS + LIMITS)
    hq = office.vendors.nexudus
    ann, dee = hq.add_coworker("Ann", "ann@example.test"), hq.add_user("Dee", "dee@example.test")
    hq.add_task(Name="Call", Notes="n", CoworkerId=ann, ResponsibleId=dee)
    assert office.run("pull").code == 0
    assert office.run("review", "pin", "task", "Call", "title", "Phone").code == 0
    rehearsal: Any = office.run("plan", "--rehearse", "--json").json()["rehearsal"]
    assert (rehearsal["good"], rehearsal["summary"]["done"]) == (True, 1), json.dumps(rehearsal)


def test_a_plan_that_takes_days_is_rehearsed_whole_and_its_price_tells_the_days(office: Office) -> None:
    office.configure(connections={"amm": "[connections.amm.pace]\nwrites_per_day = 1\n"})
    office.tree(("Ops",), ("Sales",))
    assert office.run("pull").code == 0
    ran = office.run("plan", "--rehearse", "--to", "amm", "--json")
    assert (ran.code, ran.json()["rehearsal"]["wrong"]) == (0, [])
    assert ran.json()["price"]["amm"]["days"] == 1
    assert office.at_amm() == []
