"""Temporary names: what they look like, what they are for, and who gets none."""

from dataclasses import replace

import pytest

from mappings.limits import Limits, check
from mappings.model import Op
from mappings.naming import Naming, fold
from mappings.parking import TEMPORARY, shortened
from mappings.plan import Status
from tests.mappings.samples import AMM, DEPARTMENT, book, flat_card, golden, planned, policy, tree_card
from tests.mappings.vendor import holding, renamed


def test_a_temporary_rename_is_a_change_of_its_own_and_says_what_it_is_for() -> None:
    vendor = holding(flat_card(), ["Sales", "Support"])
    first, second, last = renamed(vendor, d0="Support", d1="Sales")
    [temporary] = first.after.values()
    assert (first.op, first.rule, first.before, first.source_id) == (Op.RENAME, TEMPORARY, {"name": "Support"}, "s-d1")
    assert (last.source_id, last.before, last.after) == ("s-d1", {"name": temporary}, {"name": "Sales"})
    assert (second.depends_on, set(last.depends_on)) == ((first.id,), {first.id, second.id})
    assert "'Support' before 'Sales' is free" in first.reason
    assert "the next sync finishes the rename" in first.reason
    assert str(temporary).startswith("Support (orgweave ")


def test_an_update_of_a_name_and_another_field_is_parked_by_its_name_alone() -> None:
    vendor = holding(flat_card(), ["Sales", "Support"])
    records = book(golden("d0", "Support", description="new"), golden("d1", "Sales", description="new"))
    changes = planned(records, vendor.target(), naming=Naming.LEAF)
    assert [(one.op, set(one.after)) for one in changes] == [
        (Op.RENAME, {"name"}),
        (Op.UPDATE, {"name", "description"}),
        (Op.UPDATE, {"name", "description"}),
    ]
    for change in changes:
        vendor.apply(change)
    assert vendor.names() == {"d0": "Support", "d1": "Sales"}


def test_a_temporary_name_is_the_same_in_every_plan_and_never_one_that_is_had() -> None:
    vendor = holding(flat_card(), ["Sales", "Support"])
    first = renamed(vendor, d0="Support", d1="Sales")[0].after["name"]
    assert renamed(vendor, d0="Support", d1="Sales")[0].after["name"] == first
    taken = holding(flat_card(), ["Sales", "Support", str(first).upper()])
    other = renamed(taken, d0="Support", d1="Sales", d2=str(first).upper())[0].after["name"]
    assert fold(str(other)) != fold(str(first))
    wanted = holding(flat_card(), ["Sales", "Support", "Free"])
    assert fold(str(renamed(wanted, d0="Support", d1="Sales", d2=str(first))[0].after["name"])) != fold(str(first))


@pytest.mark.parametrize("name", ["x" * 255, "客" * 255, "e\u0301" * 127, "👩‍💻" * 85, "🇩🇪" * 127])
def test_a_temporary_name_fits_and_never_parts_a_character(name: str) -> None:
    vendor = holding(tree_card(name_max=255), [name, "Sales"])
    temporary = str(renamed(vendor, d0="Sales", d1=name)[0].after["name"])
    parked = (
        temporary if not temporary.startswith("Sales") else str(renamed(vendor, d0="Sales", d1=name)[0].after["name"])
    )
    assert len(parked) <= 255
    for most in range(255):
        rest = name[len(shortened(name, most)) :]
        assert not rest.startswith(("\u0301", "\u200d", "💻"))
        assert rest.count("🇩") == rest.count("🇪")


def test_where_no_temporary_name_fits_the_circle_is_refused_and_nothing_else() -> None:
    vendor = holding(flat_card(name_max=10), ["Sales", "Support", "Ops"])
    changes = renamed(vendor, d0="Support", d1="Sales", d2="Operations")
    assert {(one.canonical_id, one.rule if one.status == Status.REFUSED else "ready") for one in changes} == {
        ("d0", "name_taken"),
        ("d1", "name_taken"),
        ("d2", "ready"),
    }
    assert "no temporary name fits" in next(one.reason for one in changes if one.canonical_id == "d0")


@pytest.mark.parametrize("key", ["d0", "d1", "d2"])
@pytest.mark.parametrize("why", ["protected", "held"])
def test_a_circle_with_a_member_that_may_not_change_is_left_as_it_is(key: str, why: str) -> None:
    vendor = holding(flat_card(), ["Sales", "Support", "Ops"])
    records = book(golden("d0", "Support"), golden("d1", "Ops"), golden("d2", "Sales"))
    at, rules = vendor.target(), policy()
    if why == "held":
        at = replace(at, uncertain=frozenset({key}))
    else:
        rules = policy(protected=frozenset({fold(vendor.rows[f"s-{key}"]["name"])}))
    changes = planned(records, at, rules, naming=Naming.LEAF)
    assert [one for one in changes if one.status == Status.READY] == []
    assert TEMPORARY not in {one.rule for one in changes}


def test_a_parked_rename_counts_once_and_a_circle_over_the_limit_is_refused_whole() -> None:
    names = [f"Unit {number}" for number in range(6)]
    vendor = holding(flat_card(), names)
    swapped = {f"d{place}": names[place ^ 1] for place in range(6)}
    changes = list(renamed(vendor, **swapped))
    assert len(changes) == 9
    held = {(AMM, DEPARTMENT): 6}
    assert check(changes, held, Limits((), (6,), ())) == changes
    refused = check(changes, held, Limits((), (5,), ()))
    assert {(one.status, one.rule) for one in refused} == {(Status.REFUSED, "over_limit")}
    assert {one.reason for one in refused if one.reason.startswith("6 renames")}


def test_the_temporary_name_that_was_left_behind_is_taken_from_the_record_by_the_next_plan() -> None:
    vendor = holding(flat_card(), ["Sales", "Support", "Ops"])
    wanted = {"d0": "Support", "d1": "Ops", "d2": "Sales"}
    planned_first = renamed(vendor, **wanted)
    for stop in range(1, len(planned_first)):
        again = holding(flat_card(), ["Sales", "Support", "Ops"])
        for change in planned_first[:stop]:
            again.apply(change)
        rest = renamed(again, **wanted)
        assert len(rest) == len(planned_first) - stop
        assert TEMPORARY not in {one.rule for one in rest}
        for change in rest:
            again.apply(change)
        assert again.names() == wanted


def test_a_record_that_cannot_get_its_own_name_yet_is_said_to_have_a_temporary_one() -> None:
    vendor = holding(flat_card(), ["Sales (orgweave 3f2a)", "Support", "Ops"])
    changes = renamed(vendor, d0="Support", d2="Support")
    told = {one.canonical_id: one.reason for one in changes}
    assert told["d0"].endswith("; until then it has a temporary name, 'Sales (orgweave 3f2a)'")
    assert "temporary" not in told["d2"]
