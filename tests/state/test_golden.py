"""Golden records: whose value survives, since when, and what the planner and matching are told."""

from datetime import datetime

import pytest

from mappings.known import Known
from mappings.model import Dispute, Entity, Golden, Ref
from state import golden
from state.voters import set_voters
from tests.mappings.landed import AMM, HOUR, HQ, NOON, UDESK, Ground, amm, udesk

DEPARTMENT = Entity.DEPARTMENT
VALUES = "SELECT canonical_id, name, description, active FROM golden.records ORDER BY ALL"
WHOSE = "SELECT connection, source_id, rule, run_id FROM golden.fields WHERE canonical_id = 'd' AND field = ?"
PERIODS = (
    "SELECT name, active, valid_from, valid_to FROM history.departments WHERE department_id = ? ORDER BY valid_from"
)


def two_votes(ours: str | None, theirs: str | None, *authority: str) -> Ground:
    """Department d, called ``ours`` at Udesk (id 5) and ``theirs`` at ScalePad (id 7)."""
    ground = Ground()
    ground.vote(*authority)
    ground.pull(UDESK, departments={"5": {"name": ours, "parent_id": 0}})
    ground.pull(AMM, departments={"7": {"name": theirs, "description": None}})
    ground.link(UDESK, d="5")
    ground.link(AMM, d="7")
    ground.settle()
    return ground


@pytest.mark.parametrize(
    ("ours", "theirs", "authority", "name", "whose"),
    [
        pytest.param("A", "B", (UDESK, AMM), "A", (UDESK, "5", "authority 1"), id="the first authority"),
        pytest.param("A", "B", (AMM, UDESK), "B", (AMM, "7", "authority 1"), id="the first, in the other order"),
        pytest.param(None, "B", (UDESK, AMM), "B", (AMM, "7", "authority 2"), id="a value beats an empty one"),
        pytest.param(None, "B", (UDESK,), "B", (AMM, "7", "no authority knows it"), id="even that of no authority"),
        pytest.param(None, None, (UDESK,), None, (UDESK, "5", "authority 1"), id="nobody has one"),
    ],
)
def test_a_value_survives_by_rank_and_says_whose_it_is(
    ours: str | None, theirs: str | None, authority: tuple[str, ...], name: str | None, whose: tuple[str, ...]
) -> None:
    with two_votes(ours, theirs, *authority) as ground:
        assert ground.rows("SELECT name FROM golden.records") == [(name,)]
        assert ground.rows(WHOSE, ["name"]) == [(*whose, "r1")]


def test_who_does_not_carry_a_field_has_no_vote_on_it() -> None:
    with two_votes("A", "A", UDESK, AMM) as ground:
        assert ground.rows(WHOSE, ["description"]) == [(AMM, "7", "authority 2", "r1")]
        assert ground.rows(WHOSE, ["parent_id"]) == [(UDESK, "5", "authority 1", "r1")]
        assert ground.rows(WHOSE, ["notes"]) == []


def test_an_authority_whose_record_is_gone_leaves_its_say_to_the_next_and_gets_it_back() -> None:
    with two_votes("A", "B", UDESK, AMM) as ground:
        ground.pull(UDESK, departments={})
        ground.settle("r2")
        assert ground.rows(VALUES) == [("d", "B", None, True)]
        ground.pull(UDESK, departments=udesk(("5", "A", None)))
        ground.settle("r3")
        assert ground.rows(WHOSE, ["name"]) == [(UDESK, "5", "authority 1", "r3")]


def test_a_record_lives_as_long_as_an_authority_has_it_whatever_others_still_have() -> None:
    with two_votes("A", "B", UDESK) as ground:
        ground.pull(UDESK, departments={})
        ground.settle("r2")
        assert ground.rows("SELECT active FROM golden.records") == [(False,)]


def test_a_record_that_vanished_keeps_its_row_and_comes_back_under_the_same_id_with_its_history() -> None:
    with Ground() as ground:
        ground.vote(UDESK)
        ground.link(UDESK, d="5")
        for hours, rows in ((0, (("5", "客服", None),)), (1, ()), (2, (("5", "客服", None),))):
            ground.pull(UDESK, departments=udesk(*rows))
            ground.settle(f"r{hours}", NOON + hours * HOUR)
            assert ground.rows(VALUES) == [("d", "客服", None, hours != 1)]
        assert ground.rows(PERIODS, ["d"]) == [
            ("客服", True, NOON, NOON + HOUR),
            ("客服", False, NOON + HOUR, NOON + 2 * HOUR),
            ("客服", True, NOON + 2 * HOUR, None),
        ]


def test_what_did_not_change_keeps_the_run_that_first_saw_it_and_gets_no_history() -> None:
    with two_votes("A", "B", UDESK) as ground:
        ground.pull(UDESK, departments=udesk(("5", "A", None)))
        ground.settle("r2", NOON + HOUR)
        ground.vote(UDESK, AMM)  # everything is computed anew
        ground.settle("r3", NOON + 2 * HOUR)
        assert ground.rows("SELECT DISTINCT run_id FROM golden.fields") == [("r1",)]
        assert ground.rows(PERIODS, ["d"]) == [("A", True, NOON, None)]


def test_a_value_that_changed_tells_the_run_that_saw_it_and_the_others_keep_theirs() -> None:
    with two_votes("A", "B", UDESK) as ground:
        ground.pull(UDESK, departments=udesk(("5", "Aa", None)))
        ground.settle("r2", NOON + HOUR)
        assert ground.rows("SELECT field, run_id FROM golden.fields ORDER BY ALL") == [
            ("description", "r1"),
            ("name", "r2"),
            ("parent_id", "r1"),
        ]
        assert ground.rows(PERIODS, ["d"]) == [("A", True, NOON, NOON + HOUR), ("Aa", True, NOON + HOUR, None)]


def test_a_record_whose_link_was_taken_back_is_no_more_and_its_history_ends() -> None:
    with two_votes("A", "B", UDESK) as ground:
        ground.links = {Ref(UDESK, DEPARTMENT, "5"): "other", Ref(AMM, DEPARTMENT, "7"): "other"}
        ground.settle("r2", NOON + HOUR)
        assert [row[0] for row in ground.rows(VALUES)] == ["other"]
        assert ground.rows(PERIODS, ["d"]) == [("A", True, NOON, NOON + HOUR)]


def test_other_rules_of_survivorship_are_applied_to_all_that_is_there() -> None:
    with two_votes("A", "B", UDESK) as ground:
        ground.vote(AMM)
        ground.settle("r2")
        assert ground.rows(WHOSE, ["name"]) == [(AMM, "7", "authority 1", "r2")]


TREE = (("1", "总部", None), ("2", "Europe", "1"), ("3", "Support", "2"), ("4", "夜班", "3"))


def placed(*departments: tuple[str, str, str | None], at: datetime = NOON) -> Ground:
    ground = Ground()
    ground.vote(UDESK)
    ground.pull(UDESK, departments=udesk(*departments))
    ground.link(UDESK, DEPARTMENT, **{f"d{key}": key for key, _, _ in departments})
    ground.settle(at=at)
    return ground


PLACES = "SELECT department_id, parent_id, path, depth FROM org_departments ORDER BY department_id"


def test_a_department_tells_its_way_from_the_root_over_four_levels() -> None:
    with placed(*TREE) as ground:
        assert ground.rows(PLACES) == [
            ("d1", None, "总部", 0),
            ("d2", "d1", "总部 / Europe", 1),
            ("d3", "d2", "总部 / Europe / Support", 2),
            ("d4", "d3", "总部 / Europe / Support / 夜班", 3),
        ]


def test_a_parent_that_is_linked_later_is_filled_in() -> None:
    with placed(*TREE) as ground:
        parent = ground.links.pop(Ref(UDESK, DEPARTMENT, "3"))
        ground.settle("r2", NOON + HOUR)
        assert ground.rows(PLACES)[-1] == ("d4", None, "夜班", 0)
        ground.links[Ref(UDESK, DEPARTMENT, "3")] = parent
        ground.settle("r3", NOON + 2 * HOUR)
        assert ground.rows(PLACES)[-1] == ("d4", "d3", "总部 / Europe / Support / 夜班", 3)


def test_departments_in_a_circle_have_no_depth_and_do_not_hold_up_the_rest() -> None:
    with placed(("1", "A", "2"), ("2", "B", "1"), ("3", "C", "2"), ("4", "D", None)) as ground:
        assert [row[2:] for row in ground.rows(PLACES)] == [("A", None), ("B", None), ("C", None), ("D", 0)]
        assert {one.path for one in golden.known(ground.working, DEPARTMENT)} == {("A",), ("B",), ("C",), ("D",)}


def test_a_chain_of_500_departments_tells_the_end_of_its_path() -> None:
    with placed(*((str(one), f"D{one}", str(one - 1) if one > 1 else None) for one in range(1, 501))) as ground:
        end = tuple(f"D{one}" for one in range(401, 501))
        last = "SELECT path, depth FROM org_departments WHERE department_id = 'd500'"
        assert ground.rows(last) == [(" / ".join(end), 499)]
        assert {one.canonical_id: one.path for one in golden.known(ground.working, DEPARTMENT)}["d500"] == end


def test_matching_is_told_place_and_links_of_every_record() -> None:
    with placed(*TREE[:2]) as ground:
        ground.pull(AMM, departments=amm(("7", "Europe", None), ("8", "Alone", None)))
        ground.link(AMM, d2="7", flat="8")
        ground.settle("r2")
        assert sorted(golden.known(ground.working, DEPARTMENT), key=lambda one: one.canonical_id) == [
            Known("d1", ("总部",), None, placed=True, linked_in=frozenset({UDESK})),
            Known("d2", ("总部", "Europe"), "d1", placed=True, linked_in=frozenset({UDESK, AMM})),
            Known("flat", ("Alone",), None, placed=False, linked_in=frozenset({AMM})),
        ]
        ground.pull(AMM, departments=amm(("8", "Alone", None)))
        gone = {one.canonical_id: one.gone_in for one in golden.known(ground.working, DEPARTMENT)}
        assert gone == {"d1": frozenset(), "d2": frozenset({AMM}), "flat": frozenset()}


def test_matching_is_told_what_a_connection_calls_otherwise_than_the_canonical_record() -> None:
    with placed(*TREE[:2]) as ground:
        ground.pull(AMM, departments=amm(("7", "EMEA", None), ("8", "Alone", None)))
        ground.link(AMM, d2="7", flat="8")
        ground.settle("r2")
        assert golden.other_names(ground.working, DEPARTMENT) == {Ref(AMM, DEPARTMENT, "7"): "EMEA"}


def test_the_planner_is_told_values_and_whose_they_are() -> None:
    with placed(*TREE[:2]) as ground:
        ground.pull(AMM, departments=amm(("7", "EU", "text")))
        ground.link(AMM, d2="7")
        ground.settle("r2")
        values = {"name": "Europe", "description": "text", "parent_id": "d1"}
        origin = {"name": UDESK, "description": AMM, "parent_id": UDESK}
        assert golden.goldens(ground.working, DEPARTMENT, ["d2"])["d2"] == Golden(DEPARTMENT, "d2", values, origin)
        [there] = golden.shadows(ground.working, DEPARTMENT, AMM, frozenset({"name"}))
        assert (there.ref, there.values, there.active) == (Ref(AMM, DEPARTMENT, "7"), {"name": "EU"}, True)


def test_a_gone_record_is_told_to_the_planner_and_not_to_matching() -> None:
    with Ground() as ground:
        ground.pull(UDESK, departments=udesk(("1", "A", None), ("2", "B", None)))
        ground.pull(UDESK, departments=udesk(("1", "A", None)))
        told = golden.shadows(ground.working, DEPARTMENT, UDESK, frozenset({"name"}))
        assert {one.ref.source_id: one.active for one in told} == {"1": True, "2": False}
        assert [one.ref.source_id for one in golden.unlinked(ground.working, DEPARTMENT)] == ["1"]


CALL = {"Name": "Call", "DueDate": "2026-03-01T12:00:00", "Completed": False, "ResponsibleId": 3, "CoworkerId": 7}
TEAM = {"Name": "T", "TeamMembers": [7, 8], "TeamAdministrators": [8]}


def test_tasks_and_team_members_refer_to_people_by_canonical_ids() -> None:
    with Ground() as ground:
        ground.vote(HQ)
        ground.pull(HQ, teams={"1": TEAM}, tasks={"9": CALL})
        ground.link(HQ, Entity.TASK, t="9")
        ground.link(HQ, Entity.TEAM, team="1")
        ground.settle()
        people = "SELECT assignee_id, subject_id FROM golden.records WHERE canonical_id = 't'"
        assert ground.rows(people) == [(None, None)]
        ground.link(HQ, Entity.PERSON, boss="user:3", ann="coworker:7", bob="coworker:8")
        ground.settle("r2", NOON + HOUR)
        assert ground.rows(people) == [("boss", "ann")]
        assert ground.rows("SELECT title, completed, due_at FROM org_tasks") == [("Call", False, NOON)]
        assert golden.goldens(ground.working, Entity.TASK, ["t"])["t"].values["due_at"] == NOON
        assert ground.rows("SELECT name, member_count FROM org_teams") == [("T", 2)]


def test_disputes_are_replaced_as_a_whole() -> None:
    with Ground() as ground:
        disputes = [
            Dispute(Ref(AMM, DEPARTMENT, "7"), ("a", "b"), "several records carry this name"),
            Dispute(Ref(AMM, DEPARTMENT, "8"), (), "its parent (id 7) is not linked"),
        ]
        golden.set_disputes(ground.working, disputes)
        assert ground.rows("SELECT source_id, candidates FROM live.disputes") == [("7", ["a", "b"]), ("8", [])]
        golden.set_disputes(ground.working, [])
        assert ground.rows("FROM live.disputes") == []


def test_without_any_connection_there_is_nothing_to_survive() -> None:
    with two_votes("A", "B", UDESK) as ground:
        set_voters(ground.working, [])
        ground.links = {}
        ground.settle("r2")
        assert ground.rows("FROM golden.records") == []


def test_a_few_that_changed_become_what_they_are_when_all_are_made_anew() -> None:
    tree = [(str(number), f"Unit {number}", "1" if number > 1 else None) for number in range(1, 21)]
    standing = "SELECT canonical_id, name, parent_id, told_by, source_id, seen, active FROM golden.records ORDER BY ALL"
    with placed(*tree) as ground:
        changed = [(key, "Annex" if key == "9" else name, parent) for key, name, parent in tree]
        ground.pull(UDESK, departments=udesk(*changed))
        ground.settle("r2", NOON + HOUR)
        few = ground.rows(standing)
        assert [row[5] for row in few if row[1] == "Annex"] == [[2, 1, 1]]
        ground.working.db.execute("INSERT INTO live.dirty SELECT entity, canonical_id FROM live.links")
        golden.survive(ground.working, "r3")
        assert ground.rows(standing) == few


def test_a_first_model_is_made_of_all_that_is_linked_however_little_was_noted() -> None:
    tree = [(str(number), f"Unit {number}", "1" if number > 1 else None) for number in range(1, 21)]
    standing = "SELECT canonical_id, name, parent_id, told_by, source_id, active FROM golden.records ORDER BY ALL"
    with placed(*tree) as ground:
        whole = ground.rows(standing)
        ground.working.db.execute("TRUNCATE golden.records; TRUNCATE golden.fields")
        ground.working.db.execute("INSERT INTO live.dirty SELECT entity, canonical_id FROM live.links LIMIT 1")
        golden.survive(ground.working, "r2")
        assert len(whole) == 20
        assert ground.rows(standing) == whole
