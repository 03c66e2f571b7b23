"""Audits: each fires on a fault of ours, and none on what a vendor may tell, however odd."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import state.history
from mappings import queries
from mappings.model import Dispute, Entity, Ref
from mappings.queries import names, query
from state import golden
from state.audits import ROWS, Finding, Stage, audit
from state.history import keep_history
from state.links import set_links
from state.marks import MODEL
from tests.mappings.landed import AMM, HOUR, HQ, NOON, UDESK, Ground, amm, udesk

TREE = (("1", "总部", None), ("2", "Europe / East", "1"), ("3", "Support", "2"))
TASK = {"Name": "Call", "ResponsibleId": 3, "CoworkerId": 7}
TEAM = {"Name": "T", "TeamMembers": [7], "TeamAdministrators": []}
LINKED = "INSERT INTO live.crosswalk VALUES ('department', '{}', '{}', '{}', 'exact', 1, TIMESTAMPTZ '{}', NULL)"
LATER = "2026-03-01 13:00:00Z"


def company() -> Ground:
    """Three departments of a tree, one of them at two accounts, a team, a task, its two people, and a dispute."""
    ground = Ground()
    ground.vote(UDESK, HQ)
    ground.pull(UDESK, departments=udesk(*TREE))
    ground.pull(AMM, departments=amm(("77", "Support", "tickets"), ("78", "Support", None)))
    ground.pull(HQ, teams={"1": TEAM}, tasks={"9": TASK})
    ground.link(UDESK, d1="1", d2="2", d3="3")
    ground.link(AMM, d3="77")
    ground.link(HQ, Entity.TEAM, team="1")
    ground.link(HQ, Entity.TASK, task="9")
    ground.link(HQ, Entity.PERSON, boss="user:3", ann="coworker:7")
    golden.set_disputes(ground.working, [Dispute(Ref(AMM, Entity.DEPARTMENT, "78"), ("d3",), "which?")])
    ground.settle()
    return ground


@pytest.fixture
def ground() -> Iterator[Ground]:
    with company() as made:
        yield made


@pytest.fixture(scope="module")
def sound() -> Iterator[Ground]:
    with company() as made:
        assert found(made) == {}
        yield made


@pytest.fixture
def faulty(sound: Ground) -> Iterator[Ground]:
    """A sound company whose faults are taken back when the test is over."""
    sound.working.db.execute("BEGIN")
    yield sound
    sound.working.db.execute("ROLLBACK")
    sound.working.forget()


def found(ground: Ground) -> dict[str, Finding]:
    """What the audits find, whether or not the model was touched."""
    ground.working.marks.count(MODEL)
    every = [one for stage in Stage for one in audit(ground.working, stage)]
    return {one.audit: one for one in every}


@pytest.mark.parametrize(
    ("name", "fault", "rows"),
    [
        ("orphan_parent", "UPDATE golden.records SET parent_id = 'nobody' WHERE canonical_id = 'd2'", 1),
        ("cycle", "UPDATE golden.records SET parent_id = 'd3' WHERE canonical_id = 'd1'", 1),
        ("cycle", "UPDATE golden.records SET parent_id = 'd1' WHERE canonical_id = 'd1'", 1),
        ("link_doubled", LINKED.format("d3", AMM, "78", LATER), 1),
        ("record_doubled", LINKED.format("d1", AMM, "77", LATER), 1),
        ("golden_without_link", "INSERT INTO golden.records (entity, canonical_id) VALUES ('team', 'ghost')", 1),
        ("link_without_golden", "DELETE FROM golden.records WHERE entity = 'department'", 4),
        ("link_without_shadow", LINKED.format("d1", HQ, "5", LATER), 1),
        ("team_member", "DELETE FROM golden.records WHERE canonical_id = 'ann'", 1),
        ("task_person", "DELETE FROM golden.records WHERE entity = 'person'", 2),
        ("unaccounted", "TRUNCATE live.disputes", 1),
        ("unaccounted", "DELETE FROM live.crosswalk WHERE canonical_id = 'task'", 1),
        ("history_doubled", "INSERT INTO history.tasks FROM history.tasks", 1),
        ("history_differs", "UPDATE history.departments SET name = 'X' WHERE department_id = 'd2'", 2),
        ("history_differs", "DELETE FROM history.teams", 1),
    ],
)
def test_an_audit_fires_on_its_fault_and_tells_what_to_do(faulty: Ground, name: str, fault: str, rows: int) -> None:
    faulty.working.db.execute(fault)
    told = found(faulty)[name]
    assert len(told.rows) == rows
    assert "What to do: " in told.meaning


def test_every_audit_has_a_fault_in_these_tests() -> None:
    planted = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in names("audits") if f'"{name}"' not in planted] == []


def test_a_path_that_is_not_its_parents_is_found(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = query("org/departments").replace("list_append(tree.path[-99:], ", "list_append(['?'], ")

    def told(name: str) -> str:
        return broken if name == "org/departments" else queries.query(name)

    monkeypatch.setattr(state.history, "query", told)
    ground.working.made.clear()  # the views are made once
    assert [row["department_id"] for row in found(ground)["path"].rows] == ["d2", "d3"]


def test_ten_rows_are_told_and_that_there_are_more(ground: Ground) -> None:
    ground.working.db.execute("INSERT INTO golden.records (entity, canonical_id) SELECT 'team', i FROM range(11) t(i)")
    told = found(ground)["golden_without_link"]
    assert (len(told.rows), told.more) == (ROWS, True)


def test_what_was_found_sound_is_looked_at_again_only_once_it_changed(ground: Ground) -> None:
    assert audit(ground.working, Stage.MODEL) == []
    ground.working.db.execute("TRUNCATE live.disputes")
    assert audit(ground.working, Stage.MODEL) == []
    ground.pull(UDESK, departments=udesk(*TREE))
    assert [one.audit for one in audit(ground.working, Stage.MODEL)] == ["unaccounted"]
    assert [one.audit for one in audit(ground.working, Stage.MODEL)] == ["unaccounted"]


def test_a_circle_that_an_account_tells_is_its_own(ground: Ground) -> None:
    circle = (("1", "总部", "3"), *TREE[1:], ("4", "below", "3"), ("5", "self", "5"))
    ground.pull(UDESK, departments=udesk(*circle))
    ground.link(UDESK, d4="4", d5="5")
    ground.settle("r2", NOON + HOUR)
    assert ground.rows("SELECT count(*) FROM org_departments WHERE depth IS NULL") == [(5,)]
    assert found(ground) == {}


def test_two_accounts_that_tell_a_circle_between_them_are_no_fault() -> None:
    with Ground() as ground:
        ground.vote(UDESK, AMM)
        ground.working.db.execute(
            "INSERT INTO live.voters SELECT 'amm', entity, 'parent_id', 2, true, on_conflict FROM live.voters LIMIT 1"
        )
        ground.pull(UDESK, departments=udesk(("1", "A", None), ("2", "B", "1")))
        ground.pull(AMM, departments=amm(("7", "A", None), ("8", "B", None)))
        ground.working.db.execute("UPDATE shadow.records SET parent_source_id = '8' WHERE source_id = '7'")
        ground.link(UDESK, a="1", b="2")
        ground.link(AMM, a="7", b="8")
        ground.settle()
        told = "SELECT canonical_id, parent_id FROM golden.records ORDER BY ALL"
        assert ground.rows(told) == [("a", None), ("b", "a")]  # at first contact the first authority's top is a place
        ground.working.db.execute("UPDATE golden.records SET parent_id = 'b' WHERE canonical_id = 'a'")  # two moves
        assert not found(ground).keys() & {"cycle", "path"}


ODD: dict[str, Any] = {
    "a parent that no list shows": udesk(*TREE, ("4", "Lost", "99")),
    "no name at all": {"1": {"name": None, "parent_id": 0}, "2": {"name": "", "parent_id": 1}},
    "names that hold the separator": udesk(("1", "A / B", None), ("2", " / ", "1"), ("3", "/", "2")),
    "namesakes": udesk(("1", "A", None), ("2", "A", "1"), ("3", "A", "2"), ("4", "A", None)),
    "everything is gone": {},
    "a chain of 130": udesk(*((str(n), f"D{n}", str(n - 1) if n > 1 else None) for n in range(1, 131))),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_departments_of_a_vendor_are_no_fault(ground: Ground, case: str) -> None:
    ground.pull(UDESK, departments=ODD[case])
    ground.link(UDESK, **{f"d{key}": key for key in ODD[case]})
    ground.settle("r2", NOON + HOUR)
    assert found(ground) == {}


def test_people_and_parents_that_vendors_dropped_before_a_rebuild_are_no_fault() -> None:
    """Their links live on in the safety record; the records themselves nobody can bring back."""
    with Ground() as ground:
        ground.vote(UDESK, HQ)
        ground.link(UDESK, d1="1", d2="2")
        ground.link(HQ, Entity.TASK, task="9", gone="8")
        ground.link(HQ, Entity.TEAM, team="1")
        ground.link(HQ, Entity.PERSON, boss="user:3", ann="coworker:7")
        ground.pull(UDESK, departments=udesk(TREE[1]))
        ground.pull(HQ, teams={"1": TEAM}, tasks={"9": TASK})
        ground.working.db.execute("DELETE FROM shadow.records WHERE entity = 'person'")
        ground.settle()
        assert ground.rows("SELECT parent_id FROM golden.records WHERE canonical_id = 'd2'") == [("d1",)]
        assert ground.rows("SELECT assignee_id FROM golden.records WHERE canonical_id = 'task'") == [("boss",)]
        assert found(ground) == {}


def test_a_connection_that_was_taken_out_leaves_no_fault_behind(ground: Ground) -> None:
    ground.working.db.execute("DELETE FROM live.voters WHERE connection IN ('amm', 'hq')")
    ground.working.db.execute("INSERT INTO live.dirty SELECT DISTINCT entity, canonical_id FROM live.links")
    golden.set_disputes(ground.working, [])
    ground.settle("r2", NOON + HOUR)
    assert ground.rows("SELECT DISTINCT entity FROM golden.records") == [("department",)]
    assert found(ground) == {}


def test_a_record_that_we_made_and_somebody_removed_at_once_is_no_fault(ground: Ground) -> None:
    ground.working.db.execute(LINKED.format("d1", AMM, "99", LATER).replace("exact", "journal"))
    assert found(ground) == {}


def test_links_that_changed_since_the_model_was_made_wait_for_the_next_reconcile(ground: Ground) -> None:
    row = ("department", "d1", AMM, "78", "exact", 1.0, NOON.isoformat(), None)
    links = [
        (str(ref.entity), key, ref.connection, ref.source_id, "exact", 1.0, NOON.isoformat(), None)
        for ref, key in ground.links.items()
    ]
    set_links(ground.working, [*links, row], "v2")
    ground.working.db.execute("DELETE FROM golden.records WHERE canonical_id = 'd1'")
    assert audit(ground.working, Stage.MODEL) == []


def test_history_is_looked_at_once_it_was_written(ground: Ground) -> None:
    ground.pull(UDESK, departments=udesk(("1", "HQ", None), *TREE[1:]))
    golden.survive(ground.working, "r2")
    assert audit(ground.working, Stage.MODEL) == []
    keep_history(ground.working, NOON + HOUR)
    assert audit(ground.working, Stage.HISTORY) == []
