"""Laws of a plan: it can be carried out in its order, and then nothing is left to do."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.card import EntityCard, NameScope
from mappings.model import Golden
from mappings.naming import Naming
from mappings.plan import Status
from tests.mappings.samples import NAMES, flat_card, planned, tree_card, trees
from tests.mappings.vendor import Vendor

CARDS = [card(scope) for card in (flat_card, tree_card) for scope in NameScope]
Records = Mapping[str, Golden]


@st.composite
def vendors(draw: st.DrawFn, records: Records) -> Vendor:
    """A target that holds some of the records, under any name and parent, and some that nobody knows."""
    vendor = Vendor(draw(st.sampled_from(CARDS)))
    known = draw(st.lists(st.sampled_from(sorted(records)), unique=True)) if records else []
    for number, key in enumerate([*known, *[None] * draw(st.integers(0, 2))]):
        row: dict[str, Any] = {"name": draw(st.sampled_from(NAMES))}
        if "parent_id" in vendor.card.carries:
            row["parent_id"] = draw(st.none() | st.sampled_from(sorted(vendor.rows))) if vendor.rows else None
        if "description" in vendor.card.carries:
            row["description"] = draw(st.sampled_from([None, "d"]))
        vendor.rows[str(number)] = row
        if key is not None:
            vendor.links[key] = str(number)
    return vendor


worlds = trees().flatmap(lambda records: st.tuples(st.just(records), vendors(records), st.sampled_from(Naming)))


@given(worlds)
def test_a_plan_can_be_carried_out_in_its_order_and_leaves_nothing_to_do(world: tuple[Records, Vendor, Naming]) -> None:
    records, vendor, naming = world
    changes = planned(records, vendor.target(), naming=naming)
    for change in changes:
        if change.status == Status.READY:
            vendor.apply(change)
    assert [one for one in planned(records, vendor.target(), naming=naming) if one.status == Status.READY] == []


@given(worlds)
def test_ids_have_no_gaps_and_what_is_ready_waits_only_for_what_is_ready_and_stands_before_it(
    world: tuple[Records, Vendor, Naming],
) -> None:
    records, vendor, naming = world
    changes = planned(records, vendor.target(), naming=naming)
    assert [one.id for one in changes] == [f"c{place}" for place in range(1, len(changes) + 1)]
    before: set[str] = set()
    for one in changes:
        assert set(one.depends_on) <= before
        if one.status == Status.READY:
            before.add(one.id)


@given(worlds, st.data())
def test_the_plan_is_the_same_in_whatever_order_the_records_come(
    world: tuple[Records, Vendor, Naming], data: st.DataObject
) -> None:
    records, vendor, naming = world
    shuffled = dict(data.draw(st.permutations(list(records.items()))))
    at = vendor.target()
    mixed = replace(at, shadows=dict(data.draw(st.permutations(list(at.shadows.items())))))
    assert planned(shuffled, mixed, naming=naming) == planned(records, at, naming=naming)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: f"{'tree' if card.tree else 'flat'}, {card.name_scope}")
@given(records=trees())
def test_an_empty_target_gets_every_record_but_namesakes_and_what_is_below_them(
    card: EntityCard, records: Records
) -> None:
    vendor = Vendor(card)
    changes = planned(records, vendor.target(), naming=Naming.PATH)
    for change in changes:
        if change.status == Status.READY:
            vendor.apply(change)
    refused = {one.canonical_id: one.rule for one in changes if one.status != Status.READY}
    assert records.keys() - vendor.links.keys() == refused.keys()
    assert set(refused.values()) <= (set() if card.name_scope == NameScope.NONE else {"name_taken", "parent_missing"})
