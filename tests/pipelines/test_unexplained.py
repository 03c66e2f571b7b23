"""A create without an answer, and a record nobody can explain since: it is asked about, never made a second time."""

from typing import Any

import pytest

from sources.twin import TwinReply, TwinRequest
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Execute, Office, once

pytestmark = pytest.mark.usefixtures("unpublished")

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
    (made,) = office.vendors.scalepad.departments
    return made


def test_a_create_whose_record_was_renamed_before_we_looked_is_asked_about_and_gets_no_twin(office: Office) -> None:
    made = lose_and_rename(office)
    change = waiting(office)
    assert f"amm:{made} (Kitchen) appeared since" in change["reason"]
    office.run("sync", "--yes")
    assert office.at_amm() == ["Kitchen"]


@pytest.mark.usefixtures("published")
def test_saying_that_it_is_the_one_settles_the_create_and_brings_the_name_in_step(office: Office) -> None:
    made = lose_and_rename(office)
    ran = office.run("review", "link", f"amm:{made}", waiting(office)["canonical_id"])
    assert ran.code == 0, ran.text
    office.sync()
    assert office.at_amm() == ["Ops"]
    assert office.sync()["plan"]["changes"] == []


@pytest.mark.usefixtures("published")
def test_saying_that_it_is_another_one_lets_the_create_be_made_again(office: Office) -> None:
    made = lose_and_rename(office)
    ran = office.run("review", "reject", f"amm:{made}")
    assert ran.code == 0, ran.text
    for _ in range(3):
        office.clock.sleep(LONG)
        office.run("pull")
    office.sync()
    assert office.at_amm() == ["Kitchen", "Ops"]


@pytest.mark.usefixtures("published")
def test_a_record_that_nobody_waits_for_is_not_rejected(office: Office) -> None:
    office.tree(("Ops",))
    office.sync()
    (made,) = office.vendors.scalepad.departments
    ran = office.run("review", "reject", f"amm:{made}")
    assert (ran.code, "no create of ours waits for it" in ran.err) == (2, True)


def test_another_department_of_the_same_name_waits_for_the_answer_too(office: Office) -> None:
    lose_and_rename(office)
    ((first, _),) = office.vendors.udesk.departments.items()
    office.vendors.udesk.rename(first, "Sales")
    office.tree(("Ops",))
    office.run("pull")
    changes = office.run("plan", "--json").json()["changes"]
    assert [(one["status"], one["rule"]) for one in changes] == [("held", "outcome_unknown")] * 2
    assert all("appeared since" in one["reason"] for one in changes)


@pytest.mark.usefixtures("published")
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
