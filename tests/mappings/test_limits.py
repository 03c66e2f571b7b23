"""How many changes a run may make, decided on the whole plan."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from mappings.limits import Limits, allowed, check
from mappings.model import Entity, Op
from mappings.naming import Naming
from mappings.plan import Change, Status
from tests.mappings.samples import AMM, DEPARTMENT, book, drafted, flat_card, golden, shadow, target, tree_card

FREE = Limits((), (), ())
FLAT = flat_card()


@pytest.mark.parametrize(
    ("limits", "held", "most"),
    [
        pytest.param([], 100, None, id="none is set"),
        pytest.param([20], 1000, 20, id="a number"),
        pytest.param(["10%"], 1000, 100, id="a share"),
        pytest.param([200, "30%"], 100, 30, id="of two the smaller"),
        pytest.param([20, "30%"], 100, 20, id="of two the smaller, the other way"),
        pytest.param([2], 100, 5, id="a small number counts as 5"),
        pytest.param(["10%"], 12, 5, id="a small share counts as 5"),
        pytest.param([0], 100, 0, id="0 is none"),
        pytest.param(["0%"], 100, 0, id="0 % is none"),
        pytest.param([0, "50%"], 100, 0, id="0 beside a share is none"),
        pytest.param(["29%"], 100, 29, id="a share is exact"),
        pytest.param(["12.5%"], 1000, 125, id="a broken percentage"),
    ],
)
@pytest.mark.parametrize("creates", [True, False])
def test_a_limit_allows_so_many(limits: Sequence[int | str], held: int, most: int | None, *, creates: bool) -> None:
    assert allowed(limits, held, creates=creates) == most


@pytest.mark.parametrize(
    ("limits", "creates", "most"),
    [
        pytest.param([1000, "50%"], True, 1000, id="a share of creates does not apply"),
        pytest.param(["50%"], True, None, id="nor does it stand alone"),
        pytest.param(["0%"], True, None, id="not even none of nothing"),
        pytest.param([20, "10%"], False, 5, id="other shares do"),
    ],
)
def test_an_empty_target_is_a_migration(limits: Sequence[int | str], creates: bool, most: int | None) -> None:  # noqa: FBT001 - a case's column
    assert allowed(limits, 0, creates=creates) == most


def drafts(creates: int = 0, renames: int = 0) -> tuple[list[Change], Mapping[tuple[str, Entity], int]]:
    """So many creates and renames at a flat target that holds 100 records."""
    old = [golden(f"r{one:03}", f"New {one}") for one in range(renames)]
    there = [shadow(f"{one}", f"Old {one}") for one in range(100)]
    at = target(FLAT, there, {f"r{one:03}": f"{one}" for one in range(renames)})
    new = [golden(f"c{one:03}", f"Fresh {one}") for one in range(creates)]
    return drafted(book(*old, *new), at), {(AMM, DEPARTMENT): 100}


def over(changes: Sequence[Change]) -> set[str]:
    return {one.op.value for one in changes if one.rule == "over_limit" and one.status == Status.REFUSED}


@pytest.mark.parametrize(
    ("limits", "refused"),
    [
        pytest.param(Limits((10,), (10,), (0,)), set(), id="just within"),
        pytest.param(Limits((9,), (10,), (0,)), {"create"}, id="a create too many"),
        pytest.param(Limits((10,), ("9%",), (0,)), {"rename"}, id="a rename too many"),
        pytest.param(Limits((0,), (0,), (0,)), {"create", "rename"}, id="nothing is allowed"),
    ],
)
def test_each_kind_of_change_has_its_own_limit(limits: Limits, refused: set[str]) -> None:
    changes, held = drafts(creates=10, renames=10)
    checked = check(changes, held, limits)
    assert over(checked) == refused
    assert {one.op.value for one in checked if one.status == Status.READY} == {"create", "rename"} - refused


def test_too_many_are_all_refused_and_told_how_many_they_are() -> None:
    changes, held = drafts(creates=11)
    checked = check(changes, held, Limits((10,), (), ()))
    told = (
        "11 creates of amm's 100 departments; [limits] creates allows 10. What to do: look at them, and where they are "
        "right, --accept-changes amm.departments.creates=11 lets them through this once"
    )
    assert {one.reason for one in checked} == {told}
    assert len(checked) == 11


@pytest.mark.parametrize(
    ("accepted", "refused"),
    [
        pytest.param({"amm.departments.creates": 11}, set(), id="as many as there are"),
        pytest.param({"amm.departments.creates": 12}, set(), id="more than there are"),
        pytest.param({"amm.departments.creates": 10}, {"create"}, id="fewer than there are"),
        pytest.param({"amm.departments.renames": 11}, {"create"}, id="others"),
        pytest.param({"hq.departments.creates": 11, "amm.teams.creates": 11}, {"create"}, id="elsewhere"),
    ],
)
@pytest.mark.parametrize("limit", [10, 0, "10%"])
def test_a_person_lets_as_many_through_as_they_say_and_no_more(
    accepted: Mapping[str, int], refused: set[str], limit: int | str
) -> None:
    changes, held = drafts(creates=11, renames=3)
    assert over(check(changes, held, Limits((limit,), (), ()), accepted)) == refused


def test_a_move_counts_as_a_rename_and_switching_off_as_a_delete() -> None:
    changes, held = drafts(renames=6)
    kinds = [Op.MOVE, Op.UPDATE, Op.RENAME, Op.DEACTIVATE, Op.DELETE]
    mixed = [replace(one, op=kinds[place % 5]) for place, one in enumerate(changes * 3)]
    mixed = [replace(one, id=str(place)) for place, one in enumerate(mixed)]
    assert over(check(mixed, held, Limits((), (0,), ()))) == {"move", "update", "rename"}
    assert over(check(mixed, held, Limits((), (), (0,)))) == {"deactivate", "delete"}


def test_a_limit_counts_one_connection_and_one_kind_of_record_at_a_time() -> None:
    changes, held = drafts(creates=6)
    assert over(check(changes, {**held, ("hq", Entity.TEAM): 100}, Limits((6,), (), ()))) == set()


def test_what_is_refused_anyway_does_not_count() -> None:
    blank = book(*(golden(f"b{one}", "\t") for one in range(50)), *(golden(f"c{one}", f"N{one}") for one in range(5)))
    at = target(FLAT)
    checked = check(drafted(blank, at), {}, Limits((5,), (), ()))
    assert over(checked) == set()
    assert sum(one.status == Status.READY for one in checked) == 5


def test_a_change_that_needs_one_over_the_limit_is_refused_with_it() -> None:
    there = [shadow(f"{one}", f"Old {one}") for one in range(6)]
    at = target(FLAT, there, {f"r{one}": f"{one}" for one in range(6)})
    tree = book(*(golden(f"r{one}", f"New {one}") for one in range(6)), golden("n", "Old 3"), golden("m", "Free"))
    changes = drafted(tree, at, naming=Naming.LEAF)
    checked = {one.canonical_id: one for one in check(changes, {(AMM, DEPARTMENT): 6}, Limits((), (5,), ()))}
    assert (checked["n"].rule, checked["n"].reason) == ("over_limit", "it needs a change that is over its limit")
    assert checked["m"].status == Status.READY


def test_without_limits_a_plan_stays_as_it_is() -> None:
    at = target(tree_card())
    changes = drafted(book(golden("a", "A"), golden("b", "B", "a")), at)
    assert check(changes, {}, FREE) == changes
