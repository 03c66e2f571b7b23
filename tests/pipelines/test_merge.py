"""The three-way merge, as an operator meets it: who changed what since all agreed, and what becomes of it."""

from typing import Any

import pytest

from tests.pipelines.keeping import kept
from tests.pipelines.rig import LIMITS, Office
from tests.pipelines.undoing import unit

BOTH = f"""
[departments]
authority = ["udesk_cn", "hq"]
write_to  = ["udesk_cn", "amm", "hq"]
{LIMITS}
"""
VALUES = "SELECT name, description FROM org.departments WHERE active ORDER BY name"


@pytest.fixture
@kept
def agreed(office: Office) -> Office:
    """Support is at Udesk, ScalePad and Nexudus, and they agree on it; Udesk and Nexudus are authorities."""
    office.configure(BOTH)
    office.tree(("Support",))
    office.sync()
    return office


def hq_id(office: Office) -> int:
    [number] = office.vendors.nexudus.ids("department")
    return number


def edit_hq(office: Office, **fields: Any) -> None:
    office.clock.sleep(60)
    office.vendors.nexudus.edit("department", hq_id(office), **fields)


def edit_udesk(office: Office, name: str) -> None:
    office.clock.sleep(60)
    [number] = office.vendors.udesk.departments
    office.vendors.udesk.rename(number, name)


def everywhere(office: Office) -> set[tuple[str, str | None]]:
    """Name and description wherever they are held."""
    hq = office.vendors.nexudus.record("department", hq_id(office))
    udesk = {(name, hq["Description"]) for name, _ in office.vendors.udesk.departments.values()}
    return {*office.vendors.scalepad.departments.values(), (hq["Name"], hq["Description"]), *udesk}


def test_a_rename_here_and_a_description_there_both_survive_in_one_sync(agreed: Office) -> None:
    edit_udesk(agreed, "Helpdesk")
    edit_hq(agreed, Description="Answers within the hour")
    agreed.sync()
    assert everywhere(agreed) == {("Helpdesk", "Answers within the hour")}
    assert agreed.ask(VALUES) == [("Helpdesk", "Answers within the hour")]
    assert agreed.sync()["plan"]["changes"] == []


def test_a_rename_at_the_second_authority_goes_to_the_first(agreed: Office) -> None:
    edit_hq(agreed, Name="Helpdesk")
    agreed.sync()
    assert {name for name, _ in everywhere(agreed)} == {"Helpdesk"}
    asked = "SELECT connection, rule FROM org.provenance WHERE field = 'name'"
    assert agreed.ask(asked) == [("hq", "moved")]
    agreed.sync()
    assert agreed.ask(asked) == [("hq", "moved")]


def test_equal_renames_on_both_sides_are_no_conflict(agreed: Office) -> None:
    agreed.reconfigure("[limits]", 'on_conflict = "hold"\n[limits]')
    edit_hq(agreed, Name="Helpdesk")
    edit_udesk(agreed, "Helpdesk")
    agreed.sync()
    assert {name for name, _ in everywhere(agreed)} == {"Helpdesk"}


@pytest.mark.parametrize(("rule", "name"), [("authority", "Care"), ("newest", "Desk")])
def test_two_renames_are_settled_as_the_rules_say(agreed: Office, rule: str, name: str) -> None:
    agreed.reconfigure("[limits]", f'on_conflict = "{rule}"\n[limits]')
    edit_udesk(agreed, "Care")
    edit_hq(agreed, Name="Desk")  # Udesk does not tell when a record changed
    agreed.sync()
    assert {name for name, _ in everywhere(agreed)} == {name}
    assert agreed.ask("SELECT rule FROM org.provenance WHERE field = 'name'")[0][0].startswith(("conflict", "moved"))


def test_with_hold_two_renames_stop_the_name_and_nothing_else(agreed: Office) -> None:
    agreed.reconfigure("[limits]", 'on_conflict = "hold"\n[limits]')
    edit_udesk(agreed, "Care")
    edit_hq(agreed, Name="Desk", Description="New words")
    ran = agreed.run("sync", "--yes", "--json")
    assert ran.code == 3, ran.text
    assert sorted(agreed.vendors.scalepad.departments.values()) == [("Support", "New words")]
    assert {name for name, _ in agreed.vendors.udesk.departments.values()} == {"Care"}
    held = [one for one in ran.json()["plan"]["changes"] if one["status"] == "held"]
    assert {one["connection"] for one in held} == {"udesk_cn", "amm", "hq"}
    assert {one["rule"] for one in held} == {"conflict"}
    assert "udesk_cn 'Care', hq 'Desk'" in held[0]["reason"]
    assert agreed.ask("SELECT name FROM org.departments") == [("Support",)]


def test_a_change_of_no_authority_is_shown_as_drift_and_set_back(agreed: Office) -> None:
    [number] = agreed.vendors.scalepad.departments
    agreed.vendors.scalepad.rename(number, "Our helpdesk")
    told = agreed.sync()["plan"]["changes"]
    assert [(one["connection"], one["rule"], one["after"]) for one in told] == [("amm", "drift", {"name": "Support"})]
    assert "agreed was name 'Support'" in told[0]["reason"]
    assert agreed.at_amm() == ["Support"]


def test_what_an_authority_emptied_is_emptied_elsewhere_and_not_filled_again(agreed: Office) -> None:
    edit_hq(agreed, Description="Words")
    agreed.sync()
    agreed.reconfigure('authority = ["udesk_cn", "hq"]', 'authority = ["udesk_cn", "amm"]')
    [number] = agreed.vendors.scalepad.departments
    agreed.vendors.scalepad._departments[number].description = None
    agreed.clock.sleep(60)
    ran = agreed.run("plan", "--json")
    assert ran.code == 0
    assert agreed.run("pull").code == 0
    assert agreed.ask(VALUES) == [("Support", None)]


def test_a_lost_working_database_forgets_no_agreement(agreed: Office) -> None:
    for file in agreed.workspace.glob("work.duckdb*"):
        file.unlink()
    agreed.published.unlink()
    edit_hq(agreed, Name="Helpdesk")
    agreed.sync()
    assert {name for name, _ in everywhere(agreed)} == {"Helpdesk"}  # at first contact the first authority would win


def test_a_move_in_one_tree_is_merged_and_the_other_says_that_it_cannot_follow(office: Office) -> None:
    rules = f'[departments]\nauthority = ["udesk_cn", "second"]\nwrite_to = ["udesk_cn", "second"]\n{LIMITS}'
    second = office.add_udesk(rules)
    ids = office.tree(("A",), ("B",), ("B", "Team"))
    office.sync()
    [team] = [key for key, (name, _) in second.departments.items() if name == "Team"]
    [above] = [key for key, (name, _) in second.departments.items() if name == "A"]
    second._departments[team] = ("Team", above)
    ran = office.run("sync", "--yes", "--json")
    assert ran.code == 3, ran.text
    [refused] = ran.json()["plan"]["changes"]
    assert (refused["connection"], refused["op"], refused["rule"]) == ("udesk_cn", "move", "vendor_cannot_move")
    assert office.ask("SELECT path FROM org.departments WHERE name = 'Team'") == [("A / Team",)]
    assert office.vendors.udesk.departments[ids["B", "Team"]][1] == ids["B",]


@pytest.fixture
@kept
def regions(office: Office) -> Office:
    """A tree of four at Udesk, two of them namesakes, and the same at both flat systems."""
    office.configure(BOTH)
    office.tree(("Europe",), ("Europe", "Support"), ("Asia",), ("Asia", "Support"))
    office.sync()
    assert office.at_hq() == ["Asia", "Asia / Support", "Europe", "Europe / Support"]
    office.clock.sleep(60)
    return office


def test_a_name_that_a_flat_system_qualifies_is_changed_in_its_last_part_and_so_renames_the_record(
    regions: Office,
) -> None:
    office, nexudus = regions, regions.vendors.nexudus
    names = {nexudus.record("department", one)["Name"]: one for one in nexudus.ids("department")}
    nexudus.edit("department", names["Asia / Support"], Name="Asia / Helpdesk")
    office.sync()
    there = sorted(name for name, _ in office.vendors.udesk.departments.values())
    assert there == ["Asia", "Europe", "Helpdesk", "Support"]
    assert office.at_amm() == ["Asia", "Europe", "Helpdesk", "Support"]
    assert office.sync()["plan"]["changes"] == []


def test_a_flat_name_is_read_below_the_parents_old_name_too_where_both_were_renamed_at_once(regions: Office) -> None:
    office, nexudus = regions, regions.vendors.nexudus
    names = {nexudus.record("department", one)["Name"]: one for one in nexudus.ids("department")}
    nexudus.edit("department", names["Europe / Support"], Name="Europe / Helpdesk")
    office.vendors.udesk.rename(unit(office, "Europe"), "EMEA")
    office.sync()
    there = sorted(name for name, _ in office.vendors.udesk.departments.values())
    assert there == ["Asia", "EMEA", "Helpdesk", "Support"]
    assert office.at_amm() == ["Asia", "EMEA", "Helpdesk", "Support"]
    assert office.ask("SELECT path FROM org.departments WHERE name = 'Helpdesk'") == [("EMEA / Helpdesk",)]
    assert office.sync()["plan"]["changes"] == []


def test_the_top_of_an_authoritys_tree_is_a_place_and_no_missing_value(office: Office) -> None:
    second = office.add_udesk("[departments]\nauthority = ['udesk_cn']\nwrite_to = ['second']\n" + LIMITS)
    office.tree(("Sales",), ("Kitchen",))
    sales = second.add_department("Sales")
    kitchen = second.add_department("Kitchen", parent_id=sales)
    office.run("pull")
    office.run("review", "link", f"second:{kitchen}", "Kitchen")
    assert office.ask("SELECT parent_id FROM org.departments WHERE name = 'Kitchen'") == [(None,)]
    (change,) = office.run("plan", "--json").json()["changes"]
    assert (change["op"], change["rule"], change["after"]) == ("move", "vendor_cannot_move", {"parent_id": None})
