"""What a plan refuses or holds, out loud, and what the operator's limits and rules forbid."""

from typing import Any

import pytest

from tests.pipelines.keeping import kept
from tests.pipelines.rig import DEPARTMENTS, RULES, Office
from tests.pipelines.undoing import unit

pytestmark = pytest.mark.usefixtures("unpublished")

SECOND = "[departments]\nauthority = ['udesk_cn']\nwrite_to = ['second']\n"


def synced(office: Office, code: int) -> Any:
    ran = office.run("sync", "--yes", "--json")
    assert ran.code == code, ran.text
    return ran.json()


def verdicts(document: Any) -> list[tuple[str, str, str]]:
    return [(change["op"], change["status"], change["rule"]) for change in document["plan"]["changes"]]


def test_more_creates_than_the_limit_stop_the_run_before_the_first_write(office: Office) -> None:
    office.vendors.scalepad.add_department("Legal")
    office.tree(*((f"Unit {number}",) for number in range(7)))
    for limit in ("6", '"10%"', '[1000, "10%"]', '[6, "100%"]', "0"):
        office.configure(DEPARTMENTS.replace(', "hq"', "") + f"[limits]\ncreates = {limit}\n")
        document = synced(office, 4)
        assert verdicts(document) == [("create", "refused", "over_limit")] * 7, limit
        assert document["apply"] is None
        assert office.writes()["scalepad"] == []
    assert office.run("apply", "--yes").code == 4
    assert office.writes()["scalepad"] == []


def test_a_small_limit_counts_as_five_but_none_means_none(office: Office) -> None:
    office.vendors.scalepad.add_department("Legal")
    office.tree(*((f"Unit {number}",) for number in range(5)))
    office.configure(DEPARTMENTS.replace(', "hq"', "") + "[limits]\ncreates = [1, '1%']\n")
    assert synced(office, 0)["apply"]["summary"]["done"] == 5
    office.vendors.udesk.rename(1, "Renamed")
    office.configure(DEPARTMENTS.replace(', "hq"', "") + "[limits]\nrenames = 0\n")
    assert verdicts(synced(office, 4)) == [("rename", "refused", "over_limit")]


def test_a_limit_tripped_at_one_target_stops_the_writes_to_all(office: Office) -> None:
    office.vendors.scalepad.add_department("Legal")
    office.tree(*((f"Unit {number}",) for number in range(7)))
    office.configure(DEPARTMENTS + '[limits]\ncreates = "50%"\n')
    ran = office.run("sync", "--yes")
    assert (ran.code, "[limits] creates allows 5" in ran.err) == (4, True)
    assert office.writes() == {"udesk": [], "scalepad": [], "nexudus": []}


def test_nobody_is_written_to_by_default(office: Office) -> None:
    office.tree(("Ops",))
    office.configure("[departments]\nauthority = ['udesk_cn']\n")
    assert synced(office, 0)["plan"]["changes"] == []
    assert office.writes() == {"udesk": [], "scalepad": [], "nexudus": []}


@pytest.fixture
@kept
def law(office: Office) -> Office:
    """Legal and Ops stood at all three; since then Udesk calls Legal Law."""
    office.tree(("Legal",), ("Ops",))
    office.sync()
    office.vendors.udesk.rename(unit(office, "Legal"), "Law")
    return office


@pytest.mark.usefixtures("published")
def test_a_connection_that_is_no_authority_propagates_nothing(office: Office) -> None:
    office.vendors.scalepad.add_department("Legal")
    office.vendors.nexudus.add_department(Name="Front desk", Description="d")
    assert synced(office, 0)["plan"]["changes"] == []
    assert {row[0] for row in office.ask("SELECT name FROM org.departments")} == {"Legal", "Front desk"}


def test_an_account_with_apply_disabled_is_never_written_to(office: Office) -> None:
    office.tree(("Ops",))
    office.configure(connections={"hq": "apply_disabled = true\n"})
    document = synced(office, 3)
    assert verdicts(document) == [("create", "ready", "missing_in_target"), ("create", "refused", "apply_disabled")]
    assert (office.at_amm(), office.at_hq()) == (["Ops"], [])


def test_a_protected_name_is_not_changed(law: Office) -> None:
    law.vendors.udesk.rename(unit(law, "Ops"), "Operations")
    law.configure(RULES + "[protect]\ndepartments = ['LEGAL']\n")
    document = synced(law, 3)
    assert (
        sorted(verdicts(document))
        == [("rename", "ready", "name_differs")] * 2 + [("rename", "refused", "protected")] * 2
    )
    assert law.at_amm() == law.at_hq() == ["Legal", "Operations"]


def test_a_record_that_became_protected_after_the_plan_was_made_is_not_changed(law: Office) -> None:
    assert law.run("pull").code == 0
    assert law.run("plan").code == 0
    law.configure(RULES + "[protect]\ndepartments = ['Legal']\n")
    writes = law.writes()
    ran = law.run("apply", "--yes")
    assert (ran.code, "protects what the plan would change (amm: rename Law)" in ran.err) == (2, True)
    assert law.writes() == writes


def test_udesk_as_a_target_gets_the_tree_and_a_move_is_refused_aloud(office: Office) -> None:
    second = office.add_udesk(SECOND)
    ids = office.tree(("Ops",), ("Ops", "Support"), ("Sales",))
    synced(office, 0)
    made = {name: second.departments[parent][0] if parent else "" for name, parent in second.departments.values()}
    assert made == {"Ops": "", "Sales": "", "Support": "Ops"}
    office.vendors.udesk._departments[ids["Ops", "Support"]] = ("Support", ids["Sales",])
    writes = office.writes()
    ran = office.run("sync", "--yes", "--json")
    document = ran.json()
    assert (ran.code, verdicts(document)) == (3, [("move", "refused", "vendor_cannot_move")])
    assert "by hand" in document["plan"]["changes"][0]["reason"]
    assert office.writes() == writes


def test_a_name_that_a_stranger_holds_at_the_target_is_refused_and_the_rest_is_done(office: Office) -> None:
    ids = office.tree(("Ops",), ("Sales",))
    office.configure(DEPARTMENTS.replace(', "hq"', ""))
    synced(office, 0)
    office.vendors.scalepad.add_department("Operations", "by hand")
    office.vendors.udesk.rename(ids["Sales",], "Trade")
    assert office.run("pull").code == 0  # "Operations" is a record of its own by now
    office.vendors.udesk.rename(ids["Ops",], "operations")
    document = synced(office, 3)
    assert sorted(verdicts(document)) == [("rename", "ready", "name_differs"), ("rename", "refused", "name_taken")]
    assert office.at_amm() == ["Operations", "Ops", "Trade"]


@pytest.mark.usefixtures("published")
def test_names_that_a_target_cannot_tell_apart_are_held_for_a_person(office: Office) -> None:
    office.tree(("Ops",))
    office.vendors.nexudus.add_department(Name="Ops", Description="one")
    office.vendors.nexudus.add_department(Name="ops", Description="two")
    document = synced(office, 3)
    assert ("create", "held", "ambiguous_match") in verdicts(document)
    assert len(office.at_hq()) == 2
    assert len(office.ask("SELECT candidates FROM ops.proposals")) == 2


@pytest.mark.usefixtures("published")
def test_a_name_that_the_vendor_refuses_fails_alone(office: Office) -> None:
    office.tree(("Ops",), ("Sales",))
    assert office.run("pull").code == 0
    office.vendors.scalepad._deleted_names = "taken"
    gone = office.vendors.scalepad.add_department("Ops")
    office.vendors.scalepad._departments[gone].deleted = True
    document = synced(office, 3)
    ended = {(one["status"], bool(one["error"])) for one in document["apply"]["results"]}
    assert ended == {("done", False), ("failed", True)}
    assert (office.at_amm(), office.at_hq()) == (["Sales"], ["Ops", "Sales"])
    assert office.ask("SELECT status, count(*) FROM ops.changes GROUP BY ALL ORDER BY ALL") == [
        ("done", 3),
        ("failed", 1),
    ]
