"""Names that must be unique: freed before they are taken, and one temporary name for each circle, on every vendor."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.card import Card, EntityCard, NameScope
from mappings.model import Entity, Op, Ref, Shadow
from mappings.naming import Naming
from mappings.order import number, settle
from mappings.parking import TEMPORARY
from mappings.plan import Change, Status
from sources.nexudus.settings import card as nexudus
from sources.scalepad.settings import card as scalepad
from sources.udesk.settings import card as udesk
from tests.mappings.samples import AMM, DEPARTMENT, book, drafted, flat_card, golden, planned, told, tree_card
from tests.mappings.vendor import Vendor, holding, renamed


def departments(card: Card) -> EntityCard:
    return card.entities[Entity.DEPARTMENT]


VENDORS = {
    "Udesk, company": departments(udesk({})),
    "Udesk, parent": departments(udesk({"name_scope": "parent"})),
    "ScalePad": departments(scalepad({})),
    "Nexudus": departments(nexudus({})),
}
NAMES = ("Sales", "Support", "客服", "A / B", "Ops (orgweave 3f2a)", "Élan")
PERMUTATIONS = [order for count in range(1, 7) for order in permutations(range(count))]


def circles(order: Sequence[int]) -> int:
    """How many circles of two or more a permutation has."""
    seen: set[int] = set()
    found = 0
    for start in range(len(order)):
        here, length = start, 0
        while here not in seen:
            seen.add(here)
            here, length = order[here], length + 1
        found += length > 1
    return found


@pytest.mark.parametrize("parent", [None, "Europe"])
@pytest.mark.parametrize("card", VENDORS.values(), ids=VENDORS.keys())
def test_every_permutation_of_up_to_six_names_is_reached_with_the_fewest_writes(
    card: EntityCard, parent: str | None
) -> None:
    for order in PERMUTATIONS:
        vendor = holding(card, NAMES[: len(order)], parent)
        wanted = {f"d{place}": NAMES[name] for place, name in enumerate(order)}
        changes = renamed(vendor, **wanted)
        for change in changes:
            assert change.status == Status.READY
            vendor.apply(change)
        assert vendor.names().items() >= wanted.items()
        moved = sum(name != place for place, name in enumerate(order))
        unique = card.name_scope != NameScope.NONE
        assert len(changes) == moved + (circles(order) if unique else 0)
        assert sum(change.rule == TEMPORARY for change in changes) == (circles(order) if unique else 0)
        assert renamed(vendor) == ()


@st.composite
def upheavals(draw: st.DrawFn) -> tuple[EntityCard, Sequence[str], Mapping[str, str | None], set[str]]:
    """A card, the names held, what each record shall be called (None: taken away), and what shall be made."""
    held = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=6))
    names = draw(st.permutations([*NAMES, "new 1", "new 2"]))
    wanted = {f"d{place}": draw(st.none() | st.just(names[place])) for place in range(len(held))}
    fresh = set(names[len(held) : len(held) + draw(st.integers(0, 2))])
    return draw(st.sampled_from(list(VENDORS.values()))), held, wanted, fresh


@given(upheavals())
def test_creates_renames_and_deletes_in_one_plan_free_names_for_each_other(
    world: tuple[EntityCard, Sequence[str], Mapping[str, str | None], set[str]],
) -> None:
    card, held, wanted, fresh = world
    vendor = holding(replace(card, required={"name": None}), held)
    at = vendor.target()
    kept = {key: name for key, name in wanted.items() if name is not None}
    made = {f"n{place}": name for place, name in enumerate(sorted(fresh))}
    drafts = drafted(book(*(golden(key, name) for key, name in {**kept, **made}.items())), at, naming=Naming.LEAF)
    plain = [replace(one, depends_on=()) for one in drafts if one.rule != TEMPORARY]
    before = {one.id: at.shadows[str(one.source_id)].name for one in plain if one.source_id}
    plain = [replace(one, before={"name": before[one.id]}) if one.id in before else one for one in plain]
    gone = [removal(key, vendor) for key, name in wanted.items() if name is None]
    for change in settle([replace(one, status=Status.READY) for one in plain] + gone, at):
        assert change.status == Status.READY
        vendor.apply(change)
    assert vendor.names() == {**kept, **made}


def removal(key: str, vendor: Vendor) -> Change:
    return Change(
        *(f"{AMM}:delete:{key}", AMM, DEPARTMENT, Op.DELETE, Status.READY, key, vendor.links[key], {}, {}, ()),
        rule="missing_at_authority",
        reason="",
    )


def test_what_is_taken_away_goes_leaves_first_and_not_at_all_where_something_stays_below() -> None:
    vendor = holding(tree_card(), ["Night", "Day"], "Europe")
    both = settle([removal(key, vendor) for key in ("top", "d0", "d1")], vendor.target())
    assert [(one.canonical_id, one.status.value) for one in both][-1] == ("top", "ready")
    some = settle([removal(key, vendor) for key in ("top", "d0")], vendor.target())
    assert [(one.canonical_id, one.rule) for one in some if one.status == Status.REFUSED] == [("top", "not_empty")]


def test_nothing_is_made_below_what_is_taken_away() -> None:
    vendor = holding(tree_card(), [], "Europe")
    drafts = drafted(book(golden("n", "Night", "top"), golden("top", "Europe")), vendor.target())
    settled = settle([*drafts, removal("top", vendor)], vendor.target())
    assert {one.canonical_id: one.status.value for one in settled} == {"n": "refused", "top": "ready"}


def test_names_that_two_records_share_already_are_told_apart() -> None:
    vendor = holding(flat_card(), ["Sales", "sales", "Support"])
    changes = renamed(vendor, d0="Support", d1="Ops", d2="Sales")
    for change in changes:
        assert change.status == Status.READY
        vendor.apply(change)
    assert vendor.names() == {"d0": "Support", "d1": "Ops", "d2": "Sales"}


def test_2_500_swaps_take_a_temporary_name_each() -> None:
    names = [f"Unit {number:04}" for number in range(5000)]
    vendor = holding(flat_card(), names)
    changes = renamed(vendor, **{f"d{place}": names[place ^ 1] for place in range(5000)})
    assert len(changes) == 7500
    assert {one.status for one in changes} == {Status.READY}


def test_a_swap_across_parents_needs_a_temporary_name_only_where_names_are_unique_company_wide() -> None:
    for scope, count in ((NameScope.PARENT, 2), (NameScope.COMPANY, 3)):
        vendor = Vendor(tree_card(scope))
        for key, name, above in (("a", "A", None), ("b", "B", None), ("x", "X", "s-a"), ("y", "Y", "s-b")):
            vendor.links[key] = f"s-{key}"
            vendor.rows[f"s-{key}"] = {"name": name, "parent_id": above}
        assert len(renamed(vendor, x="Y", y="X")) == count


def test_a_move_frees_its_name_among_its_siblings_and_takes_it_among_the_new_ones() -> None:
    card = replace(tree_card(NameScope.PARENT), costs={**tree_card().costs, Op.MOVE: tree_card().costs[Op.RENAME]})
    vendor = Vendor(card)
    for key, name, above in (("a", "A", None), ("b", "B", None), ("x", "X", "s-a"), ("y", "X", "s-b")):
        vendor.links[key] = f"s-{key}"
        vendor.rows[f"s-{key}"] = {"name": name, "parent_id": above}
    tree = book(golden("a", "A"), golden("b", "B"), golden("x", "X", "b"), golden("y", "Y", "b"), golden("n", "X", "a"))
    changes = planned(tree, vendor.target(), naming=Naming.LEAF)
    assert told(changes) == [
        ("rename", "y", "ready", "Y"),
        ("move", "x", "ready", None),
        ("create", "n", "ready", "X"),
    ]
    assert number(changes) == changes


def test_a_record_of_another_kind_that_is_gone_holds_no_name() -> None:
    vendor = holding(flat_card(), ["Sales"])
    at = vendor.target()
    gone = Shadow(Ref(AMM, DEPARTMENT, "9"), {"name": "Support"}, active=False)
    at = replace(at, shadows={**at.shadows, "9": gone})
    assert told(planned(book(golden("d0", "Support")), at)) == [("rename", "d0", "ready", "Support")]
