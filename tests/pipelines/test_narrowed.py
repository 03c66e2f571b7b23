"""``plan --to`` and ``--only``: a part of a plan by itself."""

import pytest

from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office

pytestmark = pytest.mark.usefixtures("unpublished")


def test_a_target_that_nothing_is_written_to_is_a_mistake_and_not_an_empty_plan(office: Office) -> None:
    assert office.run("pull").code == 0
    ran = office.run("plan", "--to", "udesk_cn")
    assert (ran.code, "--to udesk_cn: no write_to of [departments] or [teams] or [tasks] names it" in ran.err) == (
        2,
        True,
    )
    ran = office.run("plan", "--to", "amm", "--only", "teams")
    assert (ran.code, "[teams]" in ran.err) == (2, True)
    assert office.run("plan", "--to", "amm", "--only", "departments").code == 0


def test_a_limit_stops_only_the_plans_that_it_is_about(office: Office) -> None:
    office.vendors.scalepad.add_department("Legal")
    office.tree(*((f"Unit {number}",) for number in range(7)))
    office.configure(DEPARTMENTS + '[limits]\ncreates = "50%"\n')
    assert office.run("pull").code == 0
    assert office.run("plan").code == 4
    assert office.run("plan", "--to", "amm").code == 4
    planned = office.run("plan", "--to", "hq", "--only", "departments", "--json")
    assert (planned.code, len(planned.json()["changes"])) == (0, 7)
    assert office.run("apply", "--yes").code == 0
    assert (len(office.at_hq()), office.at_amm()) == (7, ["Legal"])


def test_every_part_of_a_plan_holds_by_itself_and_together_they_are_the_whole(office: Office) -> None:
    office.tree(("A",), ("A", "B"), ("A", "B", "C"), ("D",))
    office.configure(DEPARTMENTS + LIMITS)
    assert office.run("pull").code == 0
    whole = office.run("plan", "--json").json()["changes"]
    parts = [office.run("plan", "--to", name, "--json").json()["changes"] for name in ("amm", "hq")]
    told = [(one["connection"], one["after"], one["canonical_id"]) for one in whole]
    assert sorted(map(str, told)) == sorted(
        str((one["connection"], one["after"], one["canonical_id"])) for part in parts for one in part
    )
    for part in (whole, *parts):
        assert {need for one in part for need in one["depends_on"]} <= {one["id"] for one in part}
