"""``--accept-changes``: a plan over its limits is let through once, by its number, and remembers that."""

import json

import pytest

from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office

TO_AMM = DEPARTMENTS.replace(', "hq"', "")
CREATES = "amm.departments.creates"

pytestmark = pytest.mark.usefixtures("unpublished")


@pytest.fixture
def crowd(office: Office) -> Office:
    """Seven departments that ScalePad does not have, where a limit allows five."""
    office.vendors.scalepad.add_department("Legal")
    office.tree(*((f"Unit {number}",) for number in range(7)))
    office.configure(TO_AMM + '[limits]\ncreates = "50%"\n')
    return office


def test_a_run_that_is_over_a_limit_says_the_flag_that_lets_it_through_once(crowd: Office) -> None:
    ran = crowd.run("sync", "--yes")
    assert (ran.code, f"--accept-changes {CREATES}=7 " in ran.err) == (4, True)
    done = crowd.run("sync", "--yes", "--json", "--accept-changes", f"{CREATES}=7")
    assert (done.code, done.json()["apply"]["summary"]["done"]) == (0, 7)
    crowd.tree(*((f"More {number}",) for number in range(6)))
    assert crowd.run("sync", "--yes").code == 4  # not a setting


def test_a_plan_remembers_that_it_was_let_through_and_is_applied_without_the_flag(crowd: Office) -> None:
    out = crowd.folder / "plan.json"
    assert crowd.run("pull").code == 0
    assert crowd.run("plan", "--out", str(out)).code == 4
    assert crowd.run("apply", str(out), "--yes").code == 4
    ran = crowd.run("plan", "--accept-changes", f"{CREATES}=7", "--out", str(out))
    assert (ran.code, f"Accepted over the limits, this once: {CREATES} up to 7." in " ".join(ran.out.split())) == (
        0,
        True,
    )
    assert json.loads(out.read_text())["accepted"] == {CREATES: 7}
    assert crowd.run("apply", str(out), "--yes").code == 0
    assert len(crowd.at_amm()) == 8


def test_more_than_was_accepted_stops_the_run(crowd: Office) -> None:
    crowd.tree(("One more",))
    ran = crowd.run("sync", "--yes", "--accept-changes", f"{CREATES}=7")
    assert (ran.code, f"{CREATES}=8" in ran.err) == (4, True)
    assert crowd.writes()["scalepad"] == []


def test_a_plan_whose_acceptance_was_written_in_by_hand_is_not_applied(crowd: Office) -> None:
    out = crowd.folder / "plan.json"
    assert crowd.run("pull").code == 0
    assert crowd.run("plan", "--out", str(out)).code == 4
    out.write_text(out.read_text().replace('"changes"', f'"accepted": {{"{CREATES}": 7}}, "changes"', 1))
    assert crowd.run("apply", str(out), "--yes").code == 2


@pytest.mark.parametrize(
    "word",
    [
        *("amm", "amm.departments.creates", "amm.departments.creates=0", "amm.departments.creates=all", "=7"),
        *("nobody.departments.creates=7", "amm.people.creates=7", "amm.departments.writes=7"),
    ],
)
def test_what_cannot_be_accepted_is_said_before_anything_is_asked(office: Office, word: str) -> None:
    for command in (["plan"], ["sync", "--yes"]):
        ran = office.run(*command, "--accept-changes", word)
        assert (ran.code, "What to do" in ran.err) == (2, True)
    assert office.asked() == 0


def test_a_migration_undone_needs_its_deletes_accepted(office: Office) -> None:
    for number in range(12):
        office.vendors.scalepad.add_department(f"Old {number}")
    office.tree(*((f"Unit {number}",) for number in range(7)))
    office.configure(TO_AMM + LIMITS + "deletes = 5\n")
    run_id = office.sync()["run_id"]
    ran = office.run("undo", run_id, "--yes")
    assert (ran.code, "--accept-changes amm.departments.deletes=7 " in ran.err) == (4, True)
    assert office.run("undo", run_id, "--yes", "--accept-changes", "amm.departments.deletes=7").code in (0, 3)
    assert len(office.at_amm()) == 12
