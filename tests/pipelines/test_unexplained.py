"""A create without an answer, and a record nobody can explain since: it is asked about, never made a second time."""

from typing import Any

import pytest

from sources.twin import TwinReply, TwinRequest
from tests.pipelines.keeping import kept
from tests.pipelines.leaving_out import leave_out
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Execute, Office, once

AMM_ONLY = DEPARTMENTS.replace(', "hq"', "") + LIMITS
LONG = 400.0  # seconds: past the settle time


def waiting(office: Office) -> dict[str, Any]:
    (change,) = office.run("plan", "--json").json()["changes"]
    assert (change["status"], change["rule"]) == ("held", "outcome_unknown")
    found: dict[str, Any] = change
    return found


def lose_and_rename(office: Office, rules: str = AMM_ONLY) -> str:
    """The create's answer is lost, and somebody renames what it made; the id that ScalePad gave it."""
    office.configure(rules)
    leave_out(office, "hq")
    office.tree(("Ops",))
    office.run("pull")
    office.run("plan")

    def renaming(request: TwinRequest, execute: Execute) -> TwinReply:
        execute(request)
        (made,) = office.vendors.scalepad.departments
        office.vendors.scalepad.rename(made, "Kitchen")
        return TwinReply(500, b"broken")

    once(office.vendors.scalepad, "POST", renaming)
    assert office.run("apply", "--yes").code == 3
    for _ in range(3):
        office.clock.sleep(LONG)
        office.run("pull")
    return at_amm(office)


def at_amm(office: Office) -> str:
    (made,) = office.vendors.scalepad.departments
    return made


@pytest.fixture
@kept
def renamed(office: Office) -> Office:
    """The answer of a create was lost, and somebody renamed what it had made."""
    lose_and_rename(office)
    return office


def test_a_create_whose_record_was_renamed_before_we_looked_is_asked_about_and_gets_no_twin(renamed: Office) -> None:
    change = waiting(renamed)
    assert f"amm:{at_amm(renamed)} (Kitchen) appeared since" in change["reason"]
    renamed.run("sync", "--yes")
    assert renamed.at_amm() == ["Kitchen"]


def test_saying_that_it_is_the_one_settles_the_create_and_brings_the_name_in_step(renamed: Office) -> None:
    ran = renamed.run("review", "link", f"amm:{at_amm(renamed)}", waiting(renamed)["canonical_id"])
    assert ran.code == 0, ran.text
    renamed.sync()
    assert renamed.at_amm() == ["Ops"]
    assert renamed.sync()["plan"]["changes"] == []


def test_saying_that_it_is_another_one_lets_the_create_be_made_again(renamed: Office) -> None:
    ran = renamed.run("review", "reject", f"amm:{at_amm(renamed)}")
    assert ran.code == 0, ran.text
    for _ in range(2):
        renamed.clock.sleep(LONG)
        renamed.run("pull")
    renamed.sync()
    assert renamed.at_amm() == ["Kitchen", "Ops"]


def test_a_record_that_nobody_waits_for_is_not_rejected(office: Office) -> None:
    office.tree(("Ops",))
    office.sync()
    ran = office.run("review", "reject", f"amm:{at_amm(office)}")
    assert (ran.code, "no create of ours waits for it" in ran.err) == (2, True)


def test_another_department_of_the_same_name_waits_for_the_answer_too(renamed: Office) -> None:
    ((first, _),) = renamed.vendors.udesk.departments.items()
    renamed.vendors.udesk.rename(first, "Sales")
    renamed.tree(("Ops",))
    renamed.run("pull")
    changes = renamed.run("plan", "--json").json()["changes"]
    assert [(one["status"], one["rule"]) for one in changes] == [("held", "outcome_unknown")] * 2
    assert all("appeared since" in one["reason"] for one in changes)


def test_nothing_is_made_elsewhere_of_a_record_that_may_be_our_own(office: Office) -> None:
    both = '["udesk_cn", "amm"]'
    made = lose_and_rename(office, f"[departments]\nauthority = {both}\nwrite_to = {both}\n{LIMITS}")
    changes = office.run("sync", "--yes", "--json").json()["plan"]["changes"]
    assert {(one["connection"], one["status"], one["rule"]) for one in changes} == {
        ("amm", "held", "outcome_unknown"),
        ("udesk_cn", "held", "outcome_unknown"),
    }
    assert len(office.vendors.udesk.departments) == 1
    (waits,) = (one for one in changes if one["connection"] == "amm")
    office.run("review", "link", f"amm:{made}", waits["canonical_id"])
    office.sync()
    assert office.sync()["plan"]["changes"] == []
    assert len(office.at_amm()) == len(office.vendors.udesk.departments) == 1
