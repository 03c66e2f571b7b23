"""``plan --pick``: a part of the plan that was shown, with what it needs, sealed as a plan of its own."""

from typing import Any

import pytest

from tests.pipelines.rig import LIMITS, Office

pytestmark = pytest.mark.usefixtures("unpublished")

TREE = '\n[departments]\nauthority = ["udesk_cn"]\nwrite_to = ["second"]\n'


@pytest.fixture
def shown(office: Office) -> dict[str, str]:
    """A plan for two trees was shown: name → the id of the change that makes it."""
    office.add_udesk(TREE + LIMITS)
    office.tree(("Asia",), ("Europe",), ("Europe", "Support"), ("Europe", "Support", "Tier 1"))
    assert office.run("pull").code == 0
    return {one["after"]["name"]: one["id"] for one in office.run("plan", "--json").json()["changes"]}


def at_second(office: Office) -> list[str]:
    found: Any = office.twins["second"]
    return sorted(name for name, _ in found.departments.values())


def test_what_is_picked_is_applied_with_what_it_needs_and_nothing_else(office: Office, shown: dict[str, str]) -> None:
    picked = office.run("plan", "--pick", shown["Support"], "--json")
    changes = picked.json()["changes"]
    assert [one["id"] for one in changes] == [shown["Europe"], shown["Support"]]
    assert f"the others need them: {shown['Europe']}" in picked.err
    assert office.run("apply", "--yes").code == 0
    assert at_second(office) == ["Europe", "Support"]
    assert [one["after"]["name"] for one in office.run("plan", "--json").json()["changes"]] == ["Asia", "Tier 1"]


def test_one_may_pick_again_from_the_same_plan_several_at_once(office: Office, shown: dict[str, str]) -> None:
    assert office.run("plan", "--pick", shown["Asia"]).code == 0
    again = office.run("plan", "--pick", f"{shown['Asia']},{shown['Europe']}", "--json").json()
    assert {one["id"] for one in again["changes"]} == {shown["Asia"], shown["Europe"]}


def test_an_unknown_id_names_the_nearest(office: Office, shown: dict[str, str]) -> None:
    ran = office.run("plan", "--pick", "c33")
    assert (ran.code, "did you mean c3? The plan has c1 to c4" in ran.err) == (2, True), shown


def test_nothing_is_picked_once_the_plan_would_be_another_one(office: Office, shown: dict[str, str]) -> None:
    office.tree(("Africa",))
    assert office.run("pull").code == 0
    ran = office.run("plan", "--pick", shown["Asia"])
    assert ran.code == 2
    assert "its ids may mean other changes. What to do: orgweave plan" in ran.err


@pytest.mark.parametrize("none", ["", " ", ","])
def test_to_pick_nothing_is_a_mistake(office: Office, none: str) -> None:  # of a script whose variable is not set
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    ran = office.run("plan", "--pick", none)
    assert (ran.code, "--pick names no change" in ran.err) == (2, True)


def test_there_must_be_a_plan_to_pick_from(office: Office) -> None:
    assert office.run("pull").code == 0
    ran = office.run("plan", "--pick", "c1")
    assert (ran.code, "no plan to pick from yet" in ran.err) == (2, True)


def test_a_refused_change_is_not_picked_and_says_why(office: Office) -> None:
    office.reconfigure('client_id = "', 'apply_disabled = true\nclient_id = "')
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    [refused] = [one for one in office.run("plan", "--json").json()["changes"] if one["connection"] == "amm"]
    ran = office.run("plan", "--pick", refused["id"])
    assert (ran.code, "it is refused (apply_disabled)" in ran.err) == (2, True)


def test_a_temporary_name_is_picked_with_what_ends_it(office: Office, shown: dict[str, str]) -> None:
    assert shown
    office.sync()
    ids = {name: number for number, (name, _) in office.vendors.udesk.departments.items()}
    office.vendors.udesk.rename(ids["Asia"], "Europe")
    office.vendors.udesk.rename(ids["Europe"], "Asia")
    assert office.run("pull").code == 0
    [parked] = [one for one in office.run("plan", "--json").json()["changes"] if one["rule"] == "temporary_name"]
    assert len(office.run("plan", "--pick", parked["id"], "--json").json()["changes"]) == 3
