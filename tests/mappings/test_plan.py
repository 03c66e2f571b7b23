"""A plan's JSON, its seal, its summary and its price (CONTRACT.md, section 3)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.card import Card, Cost, EntityCard, Pace, Rate
from mappings.model import Entity, Op
from mappings.plan import Change, Plan, Status, canonical_json, digest, price, seal, summary, unseal

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
CREATE = Change(
    id="c1",
    connection="amm",
    entity=Entity.DEPARTMENT,
    op=Op.CREATE,
    status=Status.READY,
    canonical_id="d-1",
    source_id=None,
    before=None,
    after={"name": "客服 🧡"},
    depends_on=(),
    rule="missing_in_target",
    reason="udesk_cn has it (id 5), amm does not",
)
UPDATE = Change(
    id="c2",
    connection="hq",
    entity=Entity.TASK,
    op=Op.UPDATE,
    status=Status.HELD,
    canonical_id="t-1",
    source_id="9223372036854775808",
    before={"due_at": NOON, "completed": False, "notes": "2026-03-01"},
    after={"due_at": None, "completed": True, "notes": None},
    depends_on=("c1",),
    rule="conflict",
    reason="…",
)
PLAN = Plan("p-1", NOON, "lineage", 3, (CREATE, UPDATE), {"amm": {"reads": 1, "writes": 1, "seconds": 0.2}})


def through_a_file(document: Any) -> Any:
    return json.loads(json.dumps(document, ensure_ascii=False, indent=1))


def test_a_sealed_plan_comes_back_from_its_file_as_it_was() -> None:
    assert unseal(through_a_file(seal(PLAN))) == PLAN


def test_the_document_has_the_fields_that_the_contract_names() -> None:
    document = through_a_file(seal(PLAN))
    assert set(document) >= {"format", "plan_id", "created_at", "digest", "changes", "summary", "price"}
    assert (document["format"], document["plan_id"]) == (1, "p-1")
    assert document["created_at"] == "2026-03-01T12:00:00.123456Z"
    assert document["digest"].startswith("sha256:")
    assert document["changes"][0] == {
        "id": "c1",
        "connection": "amm",
        "entity": "department",
        "op": "create",
        "status": "ready",
        "canonical_id": "d-1",
        "source_id": None,
        "before": None,
        "after": {"name": "客服 🧡"},
        "depends_on": [],
        "rule": "missing_in_target",
        "reason": "udesk_cn has it (id 5), amm does not",
    }
    assert document["changes"][1]["before"]["due_at"] == "2026-03-01T12:00:00.123456Z"


def test_a_moment_is_the_same_in_whatever_zone_it_was_told() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=8)))
    moved = replace(UPDATE, before={**(UPDATE.before or {}), "due_at": there})
    assert seal(replace(PLAN, created_at=there, changes=(CREATE, moved))) == seal(PLAN)


def test_only_ready_changes_are_carried_out() -> None:
    assert PLAN.ready() == (CREATE,)


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(lambda one: one["changes"][0]["after"].update(name="客服 🧡 "), id="one letter of a name"),
        pytest.param(lambda one: one["changes"][1].update(status="ready"), id="a status"),
        pytest.param(lambda one: one["changes"].pop(), id="a change left out"),
        pytest.param(lambda one: one["changes"].reverse(), id="another order"),
        pytest.param(lambda one: one["workspace"].update(generation=4), id="another workspace"),
        pytest.param(lambda one: one.update(note="x"), id="something added"),
        pytest.param(lambda one: one.pop("digest"), id="no digest"),
        pytest.param(lambda one: one.update(digest="sha256:" + "0" * 64), id="another digest"),
    ],
)
def test_a_plan_that_was_changed_after_it_was_sealed_is_refused(tamper: Callable[[Any], object]) -> None:
    document = through_a_file(seal(PLAN))
    tamper(document)
    with pytest.raises(ValueError, match="its digest does not match its content: it was changed after it was sealed"):
        unseal(document)


@pytest.mark.parametrize(
    ("break_", "told"),
    [
        pytest.param(lambda one: one.pop("plan_id"), "'plan_id'", id="no id"),
        pytest.param(lambda one: one.pop("workspace"), "'workspace'", id="no workspace"),
        pytest.param(lambda one: one.update(workspace=None), "", id="a workspace that is none"),
        pytest.param(lambda one: one.update(created_at="soon"), "soon", id="no time"),
        pytest.param(lambda one: one.update(changes=None), "", id="no changes"),
        pytest.param(lambda one: one.update(changes={"c1": 1}), "", id="changes by name"),
        pytest.param(lambda one: one["changes"].append("c3"), "", id="a change that is a word"),
        pytest.param(lambda one: one["changes"].append(None), "", id="a change that is nothing"),
        pytest.param(lambda one: one["changes"][0].update(after=["name"]), "", id="fields without values"),
        pytest.param(lambda one: one["changes"][0].update(after=None), "", id="no fields"),
        pytest.param(lambda one: one["changes"][0].pop("reason"), "'reason'", id="a change without a reason"),
        pytest.param(lambda one: one["changes"][0].update(op="explode"), "'explode'", id="an unknown operation"),
        pytest.param(lambda one: one["changes"][1]["before"].update(due_at="x"), "'x'", id="a moment that is none"),
    ],
)
def test_a_plan_that_was_never_a_plan_is_refused_in_words(break_: Callable[[Any], object], told: str) -> None:
    document = through_a_file(seal(PLAN))
    break_(document)
    document["digest"] = digest(document)
    with pytest.raises(ValueError, match=f"it lacks or misspells .*{told}"):
        unseal(document)


@pytest.mark.parametrize("document", [{}, {"format": 2}, {"format": "1"}])
def test_a_document_of_another_format_is_refused_in_words(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="it is not a plan of format 1"):
        unseal(document)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3),
)


@given(st.dictionaries(st.text("abc", max_size=3), VALUES), st.data())
def test_a_digest_does_not_hang_on_the_order_of_keys(document: dict[str, Any], data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(document.items()))))
    assert digest(shuffled) == digest(document) == digest({**document, "digest": "sha256:0"})
    assert json.loads(canonical_json(document)) == document


def test_a_summary_counts_statuses_and_ready_changes() -> None:
    rename = replace(CREATE, op=Op.RENAME)
    changes = [CREATE, CREATE, rename, replace(CREATE, connection="hq"), UPDATE, replace(UPDATE, status=Status.REFUSED)]
    assert summary(changes) == {
        "ready": 4,
        "refused": 1,
        "held": 1,
        "by": {"amm": {"department": {"create": 2, "rename": 1}}, "hq": {"department": {"create": 1}}},
    }
    assert summary([]) == {"ready": 0, "refused": 0, "held": 0, "by": {}}


def card(pace: Pace) -> Card:
    none: frozenset[str] = frozenset()
    costs = {Op.CREATE: Cost(reads=0), Op.RENAME: Cost(reads=2)}
    return Card("made-up", {Entity.DEPARTMENT: EntityCard(none, none, none, costs)}, pace)


@pytest.mark.parametrize(
    ("pace", "seconds"),
    [
        pytest.param(Pace(), 0.0, id="no limit is known"),
        pytest.param(Pace(reads=Rate(60, 60.0), shared=True), 5.0, id="one budget for both"),
        pytest.param(Pace(reads=Rate(10, 0.1), writes=Rate(60, 60.0)), 2.03, id="a budget each"),
    ],
)
def test_a_price_tells_calls_and_seconds_at_the_vendors_pace(pace: Pace, seconds: float) -> None:
    changes = [CREATE, replace(CREATE, op=Op.RENAME), replace(CREATE, status=Status.REFUSED), UPDATE]
    assert price(changes, {"amm": card(pace)}) == {"amm": {"reads": 3, "writes": 2, "seconds": seconds}}
