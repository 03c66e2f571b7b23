"""What a target does when an authority drops a record: nothing, or what ``on_missing`` asks for."""

from typing import Any

import pytest

from tests.pipelines.dropping import AMM, DELETE, READY, UNITS, at_amm, drop, planned
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office

pytestmark = pytest.mark.usefixtures("unpublished")

SECOND = f"[departments]\nauthority = ['udesk_cn']\nwrite_to = ['second']\non_missing = 'delete'\n{LIMITS}"


def test_without_the_setting_a_dropped_record_is_kept(agreed: Office) -> None:
    agreed.configure(AMM + LIMITS)
    drop(agreed, 1)
    assert planned(agreed) == []


@pytest.mark.usefixtures("published")
@pytest.mark.usefixtures("published")
def test_what_the_authority_dropped_is_deleted_and_nothing_else(agreed: Office) -> None:
    drop(agreed, 1, 2)
    assert planned(agreed) == [READY] * 2
    agreed.sync()
    assert agreed.at_amm() == sorted(["Legal", *UNITS[2:]])
    assert agreed.writes()["udesk"] == []
    assert planned(agreed) == []
    rows = agreed.ask("SELECT name, active FROM org.departments WHERE NOT active ORDER BY name")
    assert rows == [(name, False) for name in UNITS[:2]]


def test_the_plan_tells_who_dropped_it_and_what_it_held(agreed: Office) -> None:
    drop(agreed, 3)
    agreed.run("pull")
    [change] = agreed.run("plan", "--json").json()["changes"]
    assert (change["before"], change["after"]) == ({"name": "Unit 2", "description": None}, {})
    assert change["reason"] == "udesk_cn had it (id 3) and dropped it; on_missing says delete"
    assert change["source_id"] in agreed.vendors.scalepad.departments


@pytest.mark.usefixtures("published")
def test_a_record_that_somebody_edited_at_the_target_waits_for_a_person(agreed: Office) -> None:
    here = at_amm(agreed)
    agreed.vendors.scalepad.rename(here["Unit 0"], "Unit 0, kept for the archive")  # in the same hours as the drop
    agreed.vendors.scalepad._departments[here["Unit 1"]].description = "do not lose"
    drop(agreed, 1, 2, 3)
    held = ("delete", "held", "edited_at_target")
    assert sorted(planned(agreed, 3)) == [held, held, READY]
    ran = agreed.run("plan", "--json").json()
    [why] = [one["reason"] for one in ran["changes"] if one["source_id"] == here["Unit 0"]]
    assert "changed its name since, from 'Unit 0' to 'Unit 0, kept for the archive'" in why
    assert f"orgweave review unlink amm:{here['Unit 0']}" in why
    assert agreed.run("sync", "--yes").code == 3
    listed = agreed.run("review")
    assert listed.code == 3
    assert "2 changes held by the plan of 2026-03-01 08:00 UTC; anew: orgweave plan" in listed.out
    assert all(word in listed.out for word in ("amm: delete department Unit 0", "edited_at_target"))
    assert sorted(planned(agreed, 3)) == [held, held]  # for as long as nobody decides
    assert len(agreed.at_amm()) == 6


@pytest.mark.usefixtures("published")
def test_a_held_record_that_a_person_unlinks_is_kept_for_good(agreed: Office) -> None:
    here = at_amm(agreed)
    agreed.vendors.scalepad.rename(here["Unit 0"], "Archive")
    drop(agreed, 1)
    assert planned(agreed, 3) == [("delete", "held", "edited_at_target")]
    assert [one["rule"] for one in agreed.run("review", "--json").json()["held"]] == ["edited_at_target"]
    assert agreed.run("review", "unlink", f"amm:{here['Unit 0']}").code == 0
    assert agreed.run("review").code == 0, "it was decided, though the plan that held it is the newest"
    assert planned(agreed) == []
    assert "Archive" in agreed.at_amm()


@pytest.mark.usefixtures("published")
def test_a_protected_record_is_not_deleted(agreed: Office) -> None:
    agreed.configure(DELETE + "[protect]\ndepartments = ['UNIT 0']\n")
    drop(agreed, 1, 2)
    assert sorted(planned(agreed, 3)) == [READY, ("delete", "refused", "protected")]
    assert "Nothing waits for a person.\n1 change refused by the last plan" in agreed.run("review").out
    assert agreed.run("sync", "--yes").code == 3
    assert agreed.at_amm() == sorted(["Legal", "Unit 0", *UNITS[2:]])


def test_a_record_that_never_was_at_an_authority_is_never_deleted(office: Office) -> None:
    office.configure(DELETE)
    for name in ("Legal", "Ops"):
        office.vendors.scalepad.add_department(name)
    office.vendors.nexudus.add_department(Name="Ops", Description="d")  # linked to another that is no authority
    office.tree(("Sales",))
    office.sync()
    [number] = office.vendors.nexudus.ids("department")
    office.vendors.nexudus.remove("department", number)
    assert planned(office) == []


@pytest.mark.long
def test_a_record_that_another_authority_still_has_is_kept(office: Office) -> None:
    rules = AMM.replace('["udesk_cn"]', '["udesk_cn", "hq"]') + 'on_missing = "delete"\n' + LIMITS
    office.configure(rules)
    for name in ("Ops", "Sales"):
        office.vendors.nexudus.add_department(Name=name, Description="d")
    ids = office.tree(("Ops",), ("Sales",))
    office.sync()
    drop(office, ids["Ops",])
    assert planned(office) == []
    [ops, _] = office.vendors.nexudus.ids("department")
    office.vendors.nexudus.edit("department", ops, Active=False)
    assert planned(office) == []  # switched off is not taken away
    office.vendors.nexudus.remove("department", ops)
    office.run("pull", "--full")
    assert [one["op"] for one in office.run("plan", "--json").json()["changes"]] == ["delete"]
    office.sync()
    assert office.at_amm() == ["Sales"]


@pytest.mark.usefixtures("published")
@pytest.mark.usefixtures("published")
def test_a_record_of_the_same_name_that_the_authority_makes_anew_is_a_question_and_not_the_deleted_one(
    agreed: Office,
) -> None:
    drop(agreed, 1)
    agreed.sync()
    agreed.vendors.udesk.add_department("Unit 0")
    agreed.run("sync", "--yes")
    assert agreed.ask("SELECT name, question FROM ops.proposals WHERE decision IS NULL") == [("Unit 0", "recreated")]
    assert "Unit 0" not in agreed.at_amm()


@pytest.mark.long
def test_leaves_go_first_and_a_child_that_only_the_target_knows_keeps_its_parent(office: Office) -> None:
    second = office.add_udesk(SECOND)
    ids = office.tree(("Ops",), ("Ops", "Support"), ("Ops", "Support", "Night"), ("Sales",), ("Sales", "East"), ("HR",))
    office.sync()
    there = {name: key for key, (name, _) in second.departments.items()}
    second.add_department("Pets", there["Sales"])
    drop(office, *(ids[path] for path in ids if path[0] != "HR"))
    office.run("pull", "--accept-shrink", "udesk_cn")
    ran = office.run("plan", "--json")
    changes: list[Any] = ran.json()["changes"]
    order = [(one["before"]["name"], one["status"]) for one in changes]
    assert order.index(("Night", "ready")) < order.index(("Support", "ready")) < order.index(("Ops", "ready"))
    by_name = {one["before"]["name"]: one for one in changes}
    assert by_name["Support"]["depends_on"] == [by_name["Night"]["id"]]
    assert by_name["Ops"]["depends_on"] == [by_name["Support"]["id"]]
    assert (by_name["Sales"]["status"], by_name["Sales"]["rule"]) == ("refused", "not_empty")
    assert "'Pets'" in by_name["Sales"]["reason"]
    assert "'East'" not in by_name["Sales"]["reason"]
    assert office.run("apply", "--yes").code == 3
    assert sorted(name for name, _ in second.departments.values()) == ["HR", "Pets", "Sales"]
    assert [one["rule"] for one in office.run("plan", "--json").json()["changes"]] == ["not_empty"]


def test_a_vendor_without_a_switch_says_so_and_nexudus_switches_departments_off(office: Office) -> None:
    office.configure(DEPARTMENTS + 'on_missing = "deactivate"\n' + LIMITS)
    ids = office.tree(("Ops",), ("Sales",))
    office.sync()
    drop(office, ids["Ops",])
    found = sorted(planned(office, 3))
    assert found == [
        ("deactivate", "ready", "missing_at_authority"),
        ("deactivate", "refused", "vendor_cannot_deactivate"),
    ]
    office.run("sync", "--yes")
    hq = office.vendors.nexudus
    told = {hq.record("department", one)["Name"]: hq.record("department", one) for one in hq.ids("department")}
    assert {name: one["Active"] for name, one in told.items()} == {"Ops": False, "Sales": True}
    assert [one["op"] for one in office.run("plan", "--json").json()["changes"]] == ["deactivate"]  # ScalePad's
    assert len(office.at_amm()) == 2
