"""``orgweave undo`` where a tree, a limit, an authority or a whole record is at stake."""

from typing import Any

import pytest

from tests.pipelines.keeping import kept
from tests.pipelines.rig import LIMITS, Office
from tests.pipelines.undoing import last_run, rules, undone, unit

pytestmark = pytest.mark.usefixtures("unpublished")

TREE = '\n[departments]\nauthority = ["udesk_cn"]\nwrite_to = ["second"]\n'


@pytest.fixture
@kept
def second(office: Office) -> Office:
    """A tree of three departments was made at another Udesk by the last run."""
    office.add_udesk(TREE + LIMITS)
    office.tree(("Europe",), ("Europe", "Support"), ("Asia",))
    office.sync()
    return office


def at_second(office: Office) -> set[str]:
    found: Any = office.twins["second"]
    return {name for name, _ in found.departments.values()}


def test_a_tree_is_taken_away_leaves_first(second: Office) -> None:
    told = undone(second, last_run(second))
    names = [one["before"]["name"] for one in told["plan"]["changes"]]
    assert names.index("Support") < names.index("Europe")
    assert (at_second(second), told["verified"]) == (set(), True)


def test_a_department_below_which_somebody_put_another_stays(second: Office) -> None:
    twin: Any = second.twins["second"]
    [europe] = [key for key, (name, _) in twin.departments.items() if name == "Europe"]
    twin.add_department("Theirs", europe)
    told = undone(second, last_run(second), code=3)
    assert at_second(second) == {"Europe", "Theirs"}
    [stays] = [one for one in told["plan"]["changes"] if one["status"] == "refused"]
    assert (stays["rule"], stays["before"]["name"]) == ("edited_since", "Europe")


def test_a_swap_of_names_is_taken_back_through_a_temporary_one(synced: Office) -> None:
    one, two = unit(synced, "Unit 0"), unit(synced, "Unit 1")
    before = dict(synced.vendors.scalepad.departments)
    synced.vendors.udesk.rename(one, "Unit 1")
    synced.vendors.udesk.rename(two, "Unit 0")
    synced.sync()
    assert synced.vendors.scalepad.departments != before
    assert undone(synced, last_run(synced))["verified"] is True
    assert synced.vendors.scalepad.departments == before


def test_limits_hold_for_an_undo(office: Office) -> None:
    office.tree(*((f"Unit {number}",) for number in range(8)))
    office.sync()
    told = office.run("undo", last_run(office), "--yes", "--json")
    assert told.code == 4
    assert {rule for _, _, rule in rules(told.json())} == {"over_limit"}
    assert len(office.at_amm()) == 8


def test_what_a_person_had_done_before_the_run_could_is_left_to_the_person(synced: Office) -> None:
    synced.vendors.udesk.rename(unit(synced, "Unit 0"), "Zero")
    assert synced.run("pull").code == synced.run("plan").code == 0
    amm = synced.vendors.scalepad
    [same] = [key for key, (name, _) in amm.departments.items() if name == "Unit 0"]
    amm.rename(same, "Zero")
    assert synced.run("apply", "--yes").code == 0
    assert [one[0] for one in rules(undone(synced, last_run(synced)))] == ["hq"]
    assert "Zero" in synced.at_amm()


def test_what_is_undone_at_an_authority_itself_is_no_word_of_its_own(office: Office) -> None:
    rules_of_two = '\n[departments]\nauthority = ["amm", "udesk_cn"]\nwrite_to = ["amm", "udesk_cn"]\n'
    office.configure(rules_of_two + LIMITS)
    office.tree(("Unit 0",), ("Unit 1",))
    office.sync()
    office.vendors.udesk.rename(unit(office, "Unit 0"), "Zero")
    office.sync()
    told = undone(office, last_run(office))
    assert "udesk_cn says 'Zero', and the next sync writes that again" in told["again"][0]["what"]
    office.sync()
    assert {name for name, _ in office.vendors.udesk.departments.values()} == {"Zero", "Unit 1"}
    assert set(office.at_amm()) == {"Zero", "Unit 1"}


@pytest.mark.usefixtures("published")
def test_an_undo_of_a_task_puts_back_every_field_that_the_run_wrote(office: Office) -> None:
    office.configure('\n[tasks]\nauthority = ["hq"]\nwrite_to = ["hq"]\n' + LIMITS)
    hq = office.vendors.nexudus
    ann, dee = hq.add_coworker("Ann", "ann@example.test"), hq.add_user("Dee", "dee@example.test")
    task = hq.add_task(Name="Call", Notes="n", CoworkerId=ann, ResponsibleId=dee, DueDate="2026-04-01T10:00:00Z")
    before = hq.record("task", task)
    assert office.run("pull").code == 0
    pins = (("due_at", "2026-05-01T10:00:00Z"), ("title", "Phone"))
    assert all(office.run("review", "pin", "task", "Call", *pin).code == 0 for pin in pins)
    office.sync()
    assert hq.record("task", task)["Name"] == "Phone"
    told = undone(office, last_run(office))
    assert all("a person pinned" in one["what"] for one in told["again"])
    after = hq.record("task", task)
    assert {name for name in before if before[name] != after[name]} <= {"UpdatedOn", "UpdatedBy"}


def test_a_tree_that_was_taken_away_is_made_again_below_its_new_parents(second: Office) -> None:
    undone(second, last_run(second))
    assert undone(second, last_run(second))["verified"] is True
    twin: Any = second.twins["second"]
    below = dict(twin.departments.values())
    assert below["Support"] == next(key for key, (name, _) in twin.departments.items() if name == "Europe")
    assert second.sync()["plan"]["changes"] == []
