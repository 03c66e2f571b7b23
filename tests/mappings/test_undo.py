"""Undo as a value: what takes one run's writes to a target back, and what is spared."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from mappings.card import Cost, EntityCard, NameScope
from mappings.model import Op, Shadow, Value
from mappings.plan import Change, Status
from mappings.target import Target
from mappings.undo import Past, Write, undo
from tests.mappings.samples import flat_card, policy, shadow, target, tree_card


def able(card: EntityCard) -> EntityCard:
    """A card of a vendor that deletes and moves too."""
    more = {Op.DELETE: Cost(1), Op.MOVE: Cost(1), Op.UPDATE: Cost(1)}
    return replace(card, costs={**card.costs, **more}, updates=card.updates | {"parent_id"})


FLAT, TREE = able(flat_card()), able(tree_card(NameScope.PARENT))


def rename(source_id: str, old: str, new: str) -> Write:
    return Write(Op.RENAME, f"d{source_id}", source_id, {"name": old}, {"name": new})


def create(source_id: str, **values: Value) -> Write:
    return Write(Op.CREATE, f"d{source_id}", source_id, {}, values)


def delete(source_id: str, **values: Value) -> Write:
    return Write(Op.DELETE, f"d{source_id}", source_id, values, {})


def there(card: EntityCard, *shadows: Shadow) -> Target:
    return target(card, shadows, {f"d{one.ref.source_id}": one.ref.source_id for one in shadows})


def taken_back(at: Target, *writes: Write, **more: Mapping[str, object]) -> list[Change]:
    return undo(Past(["0123456789"], writes, **more), at, {}, policy())  # type: ignore[arg-type] # as a test tells them


def told(changes: list[Change]) -> list[tuple[str, str, str, dict[str, Value]]]:
    return [(one.op, one.canonical_id, one.rule, dict(one.after)) for one in changes]


def test_a_name_goes_back_to_what_it_was_before_the_first_of_the_runs_writes() -> None:
    at = there(FLAT, shadow("1", "C"))
    [change] = taken_back(at, rename("1", "A", "A (orgweave 1a2b)"), rename("1", "A (orgweave 1a2b)", "C"))
    assert (change.op, change.before, change.after) == (Op.RENAME, {"name": "C"}, {"name": "A"})
    assert "run 01234567 changed the name" in change.reason


def test_of_several_runs_each_change_names_the_one_that_did_it() -> None:
    writes = (replace(create("1", name="A"), run_id="aaaaaaaaaa"), replace(rename("2", "B", "C"), run_id="bbbbbbbbbb"))
    made, renamed = undo(
        Past(["aaaaaaaaaa", "bbbbbbbbbb"], writes), there(FLAT, shadow("1", "A"), shadow("2", "C")), {}, policy()
    )
    assert made.reason.startswith("run aaaaaaaa made it")
    assert renamed.reason.startswith("run bbbbbbbb changed the name")


def test_of_a_create_that_nobody_answered_it_says_that_the_record_may_be_somebody_elses() -> None:
    at = there(FLAT, shadow("1", "A"), shadow("2", "B"))
    ours, found = taken_back(at, create("1", name="A"), replace(create("2", name="B"), found=True))
    assert ["no answer came" in one.reason for one in (ours, found)] == [False, True]
    assert [one.op for one in (ours, found)] == [Op.DELETE, Op.DELETE]


def test_what_is_as_it_was_already_needs_nothing() -> None:
    assert taken_back(there(FLAT, shadow("1", "A")), rename("1", "A", "B")) == []


def test_a_move_and_a_new_name_go_back_as_two_changes() -> None:
    at = there(
        TREE, shadow("1", "B", parent_id="3"), shadow("2", "Old", parent_id=None), shadow("3", "New", parent_id=None)
    )
    moved = Write(Op.MOVE, "d1", "1", {"parent_id": "d2"}, {"parent_id": "d3"})
    assert told(taken_back(at, rename("1", "A", "B"), moved)) == [
        ("rename", "d1", "undo", {"name": "A"}),
        ("move", "d1", "undo", {"parent_id": "d2"}),
    ]


def test_one_edited_field_spares_the_record_and_says_both_values() -> None:
    at = there(FLAT, shadow("1", "Theirs", description="new"))
    write = Write(Op.UPDATE, "d1", "1", {"name": "A", "description": "old"}, {"name": "B", "description": "new"})
    [change] = taken_back(at, write)
    assert (change.status, change.rule) == (Status.REFUSED, "edited_since")
    assert "name: the run wrote 'B', now it is 'Theirs'" in change.reason


def test_a_record_that_is_gone_is_spared_where_it_was_changed_and_done_where_it_was_made() -> None:
    at = there(FLAT, shadow("1", "B", active=False))
    assert [one.rule for one in taken_back(at, rename("1", "A", "B"))] == ["edited_since"]
    assert taken_back(at, create("1", name="B")) == []


def test_what_nobody_wrote_may_be_empty_in_any_way() -> None:
    at = there(FLAT, shadow("1", "B", description=None))
    assert [one.op for one in taken_back(at, create("1", name="B", description=""))] == [Op.DELETE]


def test_a_record_with_members_is_not_taken_away() -> None:
    [change] = taken_back(there(FLAT, shadow("1", "B")), create("1", name="B"), members={"1": 3})
    assert (change.status, change.rule) == (Status.REFUSED, "edited_since")


@pytest.mark.parametrize("whose", ["linked", "unlinked"])
def test_a_record_stays_and_all_above_it_where_somebody_elses_stands_below(whose: str) -> None:
    below = shadow("9", "Theirs", parent_id="2")
    at = there(TREE, shadow("1", "Top", parent_id=None), shadow("2", "Mid", parent_id="1"), below)
    if whose == "unlinked":
        at = replace(at, back={key: one for key, one in at.back.items() if key != "9"})
    changes = taken_back(at, create("1", name="Top"), create("2", name="Mid", parent_id="d1"))
    assert [(one.canonical_id, one.status, one.rule) for one in changes] == [
        ("d1", Status.REFUSED, "edited_since"),
        ("d2", Status.REFUSED, "edited_since"),
    ]


def test_what_was_taken_away_is_made_again_with_all_that_it_held() -> None:
    at = target(TREE, [shadow("1", "Top", parent_id=None, active=False)], {"d1": "1", "d2": "2"})
    [top, mid] = taken_back(at, delete("2", name="Mid", parent_id="d1"), delete("1", name="Top", parent_id=None))[::-1]
    assert (top.op, top.source_id, top.after) == (Op.CREATE, None, {"name": "Top"})
    assert mid.after == {"name": "Mid", "parent_id": "d1"}


def test_what_is_there_again_is_not_made_twice() -> None:
    at = target(FLAT, [shadow("7", "Top")], {"d1": "7"})
    [change] = taken_back(at, delete("1", name="Top"))
    assert (change.rule, "again since (id 7)" in change.reason) == ("edited_since", True)


def test_what_the_run_made_and_took_away_again_is_nothing() -> None:
    assert taken_back(there(FLAT, shadow("1", "B", active=False)), create("1", name="B"), delete("1", name="B")) == []


def test_what_was_switched_off_is_switched_on() -> None:
    at = there(replace(FLAT, updates=FLAT.updates | {"active"}), shadow("1", "B"))
    off = Write(Op.DEACTIVATE, "d1", "1", {}, {"active": False})
    [change] = undo(Past(["01234567"], [off], off=frozenset({"1"})), at, {}, policy())
    assert (change.op, change.before, change.after) == (Op.UPDATE, {"active": False}, {"active": True})
    assert undo(Past(["01234567"], [off]), at, {}, policy()) == []


def test_a_write_without_an_answer_waits() -> None:
    at = there(FLAT, shadow("1", "B"))
    [change] = taken_back(at, replace(rename("1", "A", "B"), open=True))
    assert (change.status, change.rule) == (Status.HELD, "outcome_unknown")


def test_a_vendor_that_deletes_nothing_is_told_with_what_to_do_by_hand() -> None:
    [change] = taken_back(there(flat_card(), shadow("1", "B")), create("1", name="B"))
    assert (change.status, change.rule) == (Status.REFUSED, "vendor_cannot_delete")
    assert "by hand at amm" in change.reason


def test_a_protected_name_is_not_touched_by_an_undo_either() -> None:
    at = there(FLAT, shadow("1", "Legal"))
    [change] = undo(Past(["01234567"], [rename("1", "Law", "Legal")]), at, {}, policy(protected=frozenset({"legal"})))
    assert change.rule == "protected"
