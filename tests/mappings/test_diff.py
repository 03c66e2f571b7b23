"""What would have to change at a target, record by record."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mappings.card import EntityCard
from mappings.model import BY_PERSON, Entity, Golden, Op, Ref, Shadow, Value
from mappings.naming import Naming
from mappings.plan import Status
from mappings.target import Conflict, Target
from tests.mappings.diff_cases import CASES, FLAT, SUPPORT, TREE, Case
from tests.mappings.samples import (
    AMM,
    COSTS,
    UDESK,
    book,
    drafted,
    golden,
    planned,
    policy,
    shadow,
    target,
    told,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_record_is_brought_in_step(case: Case) -> None:
    there = [case.there] if case.there else []
    changes = planned(book(case.record), target(case.card, there, {"g": "7"} if there else {}), case.rules)
    ready = Status.READY
    assert [(c.op.value, "ready" if c.status == ready else c.rule, c.before, c.after) for c in changes] == case.wanted


@pytest.mark.parametrize(
    ("name", "new", "rules"),
    [
        pytest.param("Legal", "Law", Naming.LEAF, id="by its name there"),
        pytest.param("Law", "Legal", Naming.LEAF, id="by its name here"),
        pytest.param("HQ / Legal", "Law", Naming.PATH, id="by the leaf of its path there"),
        pytest.param("Law", "Legal", Naming.PATH, id="by its name here, to be qualified"),
    ],
)
def test_a_protected_record_is_not_changed_under_any_of_its_names(name: str, new: str, rules: Naming) -> None:
    tree = book(golden("hq", "HQ"), golden("g", new, "hq"))
    at = target(FLAT, [shadow("1", "HQ"), shadow("7", name)], {"hq": "1", "g": "7"})
    assert [one.rule for one in planned(tree, at, policy(protected=frozenset({"legal"})), naming=rules)] == [
        "protected"
    ]


def test_a_protected_name_does_not_keep_a_record_from_being_made() -> None:
    changes = planned(book(golden("g", "Legal")), target(FLAT), policy(protected=frozenset({"legal"})))
    assert told(changes) == [("create", "g", "ready", "Legal")]


def test_a_record_that_an_unlinked_one_could_be_is_held_with_the_reason() -> None:
    [change] = planned(book(SUPPORT), target(FLAT, disputed={"g": "amm has one (id 7)"}))
    assert (change.status, change.rule, change.reason) == (Status.HELD, "ambiguous_match", "amm has one (id 7)")


@pytest.mark.parametrize("there", [None, shadow("7", "Help")])
def test_a_record_whose_last_write_has_no_known_outcome_is_held(there: Shadow | None) -> None:
    at = target(FLAT, [there] if there else [], {"g": "7"} if there else {}, uncertain=["g"])
    assert [(one.status, one.rule) for one in planned(book(SUPPORT), at)] == [(Status.HELD, "outcome_unknown")]


QUARREL = Conflict("abcdef0123456789", {UDESK: "Care", AMM: "Desk"})


def test_a_field_that_waits_for_a_person_is_held_and_the_others_are_written() -> None:
    there = shadow("7", "Desk", description="old")
    at = replace(target(FLAT, [there], {"g": "7"}), conflicts={("g", "name"): QUARREL})
    held, ready = sorted(planned(book(SUPPORT), at), key=lambda one: one.status)
    assert (held.op, held.rule, held.before, held.after) == (Op.RENAME, "conflict", {"name": "Desk"}, {"name": "Care"})
    assert held.reason.endswith("udesk_cn 'Care', amm 'Desk'. What to do: orgweave review resolve abcdef01")
    assert (ready.op, ready.status, ready.after) == (Op.UPDATE, Status.READY, {"description": "Helps"})


def test_a_record_whose_name_waits_for_a_person_is_not_made_and_one_whose_text_waits_is_made_without() -> None:
    at = replace(target(FLAT), conflicts={("g", "name"): QUARREL})
    assert [(one.status, one.rule) for one in planned(book(SUPPORT), at)] == [(Status.HELD, "conflict")]
    at = replace(target(FLAT), conflicts={("g", "description"): QUARREL})
    assert [(one.status, one.after) for one in planned(book(SUPPORT), at)] == [(Status.READY, {"name": "Support"})]


def test_what_a_target_changed_by_itself_is_told_as_drift() -> None:
    at = target(FLAT, [shadow("7", "Mine", description="Helps")], {"g": "7"})
    [change] = planned(book(SUPPORT), replace(at, drifted={("7", "name"): "Support"}))
    assert (change.rule, change.status) == ("drift", Status.READY)
    assert change.reason == "amm changed it, and is no authority: agreed was name 'Support'"
    assert [one.rule for one in planned(book(SUPPORT), at)] == ["name_differs"]


def test_a_value_that_a_person_gave_is_written_where_an_authority_knows_the_record() -> None:
    record = replace(SUPPORT, values={**SUPPORT.values, "name": "Given"}, origin={**SUPPORT.origin, "name": BY_PERSON})
    at = target(FLAT, [shadow("7", "Support", description="Helps")], {"g": "7"})
    assert planned(book(record), at) == ()
    [change] = planned(book(record), replace(at, links={**at.links, UDESK: {"g": "5"}}))
    assert (change.after, change.reason) == ({"name": "Given"}, "a person says so")


def test_a_refusal_tells_the_vendors_own_remedy() -> None:
    [change] = planned(book(golden("g", "A")), target(TREE, [shadow("7", "A", parent_id="1")], {"g": "7"}))
    assert (change.status, change.reason) == (Status.REFUSED, "move it by hand")


def test_a_create_says_who_has_the_record_and_under_which_id() -> None:
    at = replace(target(FLAT), links={UDESK: {"g": "5"}})
    [change] = planned(book(SUPPORT), at)
    assert (change.rule, change.reason) == ("missing_in_target", "udesk_cn has it (id 5), amm does not")
    assert (change.source_id, change.before, change.connection, change.entity) == (None, None, AMM, Entity.DEPARTMENT)


def test_the_plan_compares_in_the_targets_own_terms() -> None:
    tree = book(
        golden("hq", "HQ"), golden("eu", "EU", "hq"), golden("s", "S", "eu"), golden("as", "AS"), golden("t", "S", "as")
    )
    there = [shadow("1", "HQ"), shadow("2", "EU"), shadow("3", "EU / S"), shadow("4", "AS"), shadow("5", "AS / S")]
    at = target(FLAT, there, {"hq": "1", "eu": "2", "s": "3", "as": "4", "t": "5"})
    assert planned(tree, at) == ()
    assert {one[3] for one in told(planned(tree, at, naming=Naming.PATH))} == {"HQ / EU", "HQ / EU / S"}


TASK = Entity.TASK
TASKS = EntityCard(
    frozenset({"title", "notes", "due_at", "assignee_id", "subject_id"}),
    frozenset({"title", "due_at", "assignee_id", "subject_id"}),
    frozenset({"title", "due_at"}),
    COSTS,
    required={"title": None, "assignee_id": None},
)


def task(**values: Value) -> Golden:
    return Golden(TASK, "t", values, dict.fromkeys(values, UDESK))


def tasks_at(there: Shadow | None, people: Mapping[str, str]) -> Target:
    rows = {there.ref.source_id: there} if there else {}
    back = dict.fromkeys(rows, "t")
    here = {key: source_id for source_id, key in back.items()}
    return Target(AMM, TASK, TASKS, rows, [], {AMM: here}, back, people, {}, frozenset())


def test_a_task_is_given_to_a_person_whom_the_target_knows() -> None:
    at = tasks_at(None, {"p-1": "user:9"})
    [change] = drafted({"t": task(title="Call", assignee_id="p-1", subject_id="p-2")}, at)
    assert (change.status, change.after) == (Status.READY, {"title": "Call", "assignee_id": "p-1"})
    [refused] = drafted({"t": task(title="Call", assignee_id="p-2")}, at)
    assert refused.rule == "person_unknown"
    assert "nobody at amm is known to be p-2 (its assignee)" in refused.reason
    named = replace(at, names={"p-2": "Bo Olsen"})
    [refused] = drafted({"t": task(title="Call", assignee_id="p-2")}, named)
    assert "'Bo Olsen' (its assignee)" in refused.reason
    [refused] = drafted({"t": task(title="Call", assignee_id=None)}, at)
    assert (refused.rule, refused.reason) == (
        "missing_required_field",
        "amm requires assignee_id. What to do: fill it in where the record comes from",
    )


def test_a_task_differs_only_where_moment_or_person_do() -> None:
    there = Shadow(
        Ref(AMM, TASK, "7"), {"title": "Call", "due_at": NOON, "assignee_id": "user:9", "subject_id": "user:8"}
    )
    at = tasks_at(there, {"p-1": "user:9"})
    assert drafted({"t": task(title="Call", due_at=NOON, assignee_id="p-1")}, at) == []
    [change] = drafted({"t": task(title="Call", due_at=None, assignee_id="p-1")}, at)
    assert (change.op, change.before, change.after) == (Op.UPDATE, {"due_at": NOON}, {"due_at": None})
