"""What becomes of records that every authority dropped, decided without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mappings.card import Cost, EntityCard
from mappings.missing import Dropped, leaving, missing
from mappings.model import Golden, Op, Shadow
from mappings.order import number, settle
from mappings.plan import Change, Status
from mappings.target import Target
from tests.mappings.samples import AMM, COSTS, UDESK, book, flat_card, golden, policy, shadow, target, tree_card

DELETES = {**COSTS, Op.DELETE: Cost(1)}
FLAT = replace(flat_card(), costs=DELETES)
TREE = replace(tree_card(), costs={**DELETES, Op.RENAME: Cost(1)})
OLD = replace(golden("g", "Old"), active=False)


def dropped(
    records: Sequence[Golden], op: Op = Op.DELETE, below: Mapping[str, Sequence[tuple[str, str]]] | None = None
) -> Dropped:
    """Records that Udesk had, and whose fields the target all agreed on."""
    keys = [one.canonical_id for one in records]
    agreed = dict.fromkeys(keys, frozenset({"name", "parent_id", "description"}))
    return Dropped(op, book(*records), dict.fromkeys(keys, (UDESK,)), agreed, below or {})


def at(card: EntityCard, there: Sequence[Shadow], links: Mapping[str, str], **more: Any) -> Target:
    """A target, with Udesk's links too."""
    found = target(card, there, links)
    return replace(found, links={**found.links, UDESK: {key: f"u{key}" for key in links}}, **more)


def told(changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    return [(one.canonical_id, one.status.value, one.rule) for one in changes]


def test_a_removal_holds_all_that_is_known_of_the_record() -> None:
    [change] = missing(dropped([OLD]), at(FLAT, [shadow("7", "Old", description="d")], {"g": "7"}), policy())
    assert (change.op, change.source_id, change.before, change.after) == (
        Op.DELETE,
        "7",
        {"name": "Old", "description": "d"},
        {},
    )
    assert change.reason == "udesk_cn had it (id ug) and dropped it; on_missing says delete"


def test_switching_off_says_what_was_and_what_will_be() -> None:
    card = replace(FLAT, costs={**COSTS, Op.DEACTIVATE: Cost(2)})
    [change] = missing(dropped([OLD], Op.DEACTIVATE), at(card, [shadow("7", "Old")], {"g": "7"}), policy())
    assert (change.op, change.before, change.after) == (
        Op.DEACTIVATE,
        {"name": "Old", "active": True},
        {"active": False},
    )


@pytest.mark.parametrize(
    ("more", "rules", "card", "wanted"),
    [
        ({}, {}, flat_card(), "vendor_cannot_delete"),
        ({"uncertain": frozenset({"g"})}, {}, FLAT, "outcome_unknown"),
        ({}, {"apply_disabled": frozenset({AMM})}, FLAT, "apply_disabled"),
        ({}, {"protected": frozenset({"old"})}, FLAT, "protected"),
        ({"drifted": {("7", "name"): "Older"}}, {}, FLAT, "edited_at_target"),
        ({"drifted": {("8", "name"): "Older"}}, {}, FLAT, "missing_at_authority"),
    ],
)
def test_what_keeps_a_record_is_told_by_a_code(
    more: dict[str, Any], rules: dict[str, Any], card: EntityCard, wanted: str
) -> None:
    [change] = missing(dropped([OLD]), at(card, [shadow("7", "Old")], {"g": "7"}, **more), policy(**rules))
    assert change.rule == wanted
    assert (change.status == Status.READY) == (wanted == "missing_at_authority")


def test_a_field_that_was_never_agreed_on_holds_the_record() -> None:
    found = replace(dropped([OLD]), agreed={"g": frozenset({"name"})})
    [change] = missing(found, at(FLAT, [shadow("7", "Old", description="mine")], {"g": "7"}), policy())
    assert (change.status, change.rule) == (Status.HELD, "edited_at_target")
    assert "amm never agreed on its description, 'mine'" in change.reason


CHAIN = [replace(golden(key, key.upper()), active=False) for key in ("a", "b", "c")]
PLACES = [shadow("1", "A", parent_id=None), shadow("2", "B", parent_id="1"), shadow("3", "C", parent_id="2")]
LINKS = {"a": "1", "b": "2", "c": "3"}
BELOW = {"1": [("2", "B")], "2": [("3", "C")]}


def test_the_leaves_go_first_and_what_is_above_waits_for_them() -> None:
    here = at(TREE, PLACES, LINKS)
    changes = number(settle(missing(dropped(CHAIN, below=BELOW), here, policy()), here))
    assert [(one.id, one.canonical_id, one.depends_on) for one in changes] == [
        ("c1", "c", ()),
        ("c2", "b", ("c1",)),
        ("c3", "a", ("c2",)),
    ]
    assert {one.status for one in changes} == {Status.READY}


def test_a_record_that_stays_keeps_everything_above_it_with_its_name() -> None:
    below = {**BELOW, "3": [("9", "Pets"), ("8", "Cats")]}
    here = at(TREE, [*PLACES, shadow("8", "Cats", parent_id="3"), shadow("9", "Pets", parent_id="3")], LINKS)
    changes = settle(missing(dropped(CHAIN, below=below), here, policy()), here)
    assert told(changes) == [(key, "refused", "not_empty") for key in ("c", "b", "a")]
    assert [("'Cats', 'Pets'" in one.reason, "'C'" in one.reason, "'B'" in one.reason) for one in changes] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_a_held_leaf_keeps_what_is_above_it() -> None:
    here = at(TREE, PLACES, LINKS, drifted={("3", "name"): "Sea"})
    changes = settle(missing(dropped(CHAIN, below=BELOW), here, policy()), here)
    assert told(changes) == [
        ("c", "held", "edited_at_target"),
        ("b", "refused", "not_empty"),
        ("a", "refused", "not_empty"),
    ]


def test_a_record_that_another_change_takes_away_from_below_does_not_keep_it() -> None:
    gone = Change("m", AMM, OLD.entity, Op.MOVE, Status.READY, "x", "9", {}, {"parent_id": None}, (), "r", "")
    assert leaving([gone, replace(gone, status=Status.REFUSED, source_id="8")]) == {"9"}
    found = dropped([OLD], below={"7": [("9", "Pets")]})
    here = at(TREE, [shadow("7", "Old", parent_id=None)], {"g": "7"})
    assert told(missing(found, here, policy(), {"9"})) == [("g", "ready", "missing_at_authority")]
    assert told(missing(found, here, policy())) == [("g", "refused", "not_empty")]


def test_records_that_stand_below_each_other_in_a_circle_are_refused_and_end() -> None:
    below = {"1": [("3", "C")], "2": [("1", "A")], "3": [("2", "B")]}
    changes = missing(dropped(CHAIN, below=below), at(TREE, PLACES, LINKS), policy())
    assert {one.rule for one in changes} >= {"not_empty"}
    assert len(changes) == 3


def test_a_name_that_a_removal_frees_can_be_taken_after_it() -> None:
    here = at(FLAT, [shadow("7", "Old")], {"g": "7"})
    create = Change(
        f"{AMM}:create:n", AMM, OLD.entity, Op.CREATE, Status.READY, "n", None, None, {"name": "Old"}, (), "r", ""
    )
    changes = number(settle([create, *missing(dropped([OLD]), here, policy())], here))
    assert [(one.op, one.status, one.depends_on) for one in changes] == [
        (Op.DELETE, Status.READY, ()),
        (Op.CREATE, Status.READY, ("c1",)),
    ]
