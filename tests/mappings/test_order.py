"""The order of a plan's changes, and what cannot be carried out in any order."""

from collections.abc import Mapping, Sequence

import pytest

from mappings.card import NameScope
from mappings.model import Golden, Value
from mappings.naming import Naming
from mappings.plan import Change, Status
from mappings.target import Target
from tests.mappings.samples import book, flat_card, golden, planned, shadow, target, told, tree_card

FLAT = flat_card()
PARENT = tree_card(NameScope.PARENT)
LEAF = Naming.LEAF


def renaming(**names: str) -> tuple[dict[str, Golden], Target]:
    """Departments of a flat target, each "old>new"."""
    pairs = {key: pair.split(">") for key, pair in names.items()}
    there = [shadow(f"s-{key}", old) for key, (old, _) in pairs.items()]
    links = {key: f"s-{key}" for key in pairs}
    return book(*(golden(key, new) for key, (_, new) in pairs.items())), target(FLAT, there, links)


def rules(changes: Sequence[Change]) -> dict[str, str]:
    return {key: rule for _, key, rule, _ in told(changes)}


def needs(changes: Sequence[Change]) -> Mapping[str, list[str]]:
    """Canonical id → the canonical ids of the changes that come first."""
    by_id = {change.id: change.canonical_id for change in changes}
    return {change.canonical_id: [by_id[one] for one in change.depends_on] for change in changes}


def test_parents_are_made_before_their_children_and_each_create_waits_for_its_parents() -> None:
    tree = book(golden("c", "Night", "b"), golden("b", "Support", "a"), golden("a", "Europe"), golden("z", "Asia"))
    changes = planned(tree, target(PARENT))
    assert [one.canonical_id for one in changes] == ["z", "a", "b", "c"]
    assert [one.id for one in changes] == ["c1", "c2", "c3", "c4"]
    assert [one.depends_on for one in changes] == [(), (), ("c2",), ("c3",)]


def test_a_create_below_a_parent_that_is_there_waits_for_nothing() -> None:
    tree = book(golden("a", "Europe"), golden("b", "Support", "a"))
    [change] = planned(tree, target(PARENT, [shadow("1", "Europe", parent_id=None)], {"a": "1"}))
    assert (change.canonical_id, change.depends_on, change.after["parent_id"]) == ("b", (), "a")


def test_a_chain_of_names_is_freed_from_its_end() -> None:
    changes = planned(*renaming(a="A>B", b="B>C", c="C>D"), naming=LEAF)
    assert [one.canonical_id for one in changes] == ["c", "b", "a"]
    assert needs(changes) == {"a": ["b"], "b": ["c"], "c": []}


def test_a_new_record_takes_a_name_once_it_is_freed() -> None:
    records, at = renaming(a="Support>Help")
    changes = planned({**book(golden("n", "support")), **records}, at, naming=LEAF)
    assert [(one.canonical_id, one.op.value) for one in changes] == [("a", "rename"), ("n", "create")]
    assert needs(changes)["n"] == ["a"]


def test_another_case_of_its_own_name_is_free_to_a_record() -> None:
    assert rules(planned(*renaming(a="support>Support"), naming=LEAF)) == {"a": "ready"}


@pytest.mark.parametrize(
    ("names", "refused"),
    [
        pytest.param({"a": "A>B", "b": "B>B"}, {"a"}, id="a name that stays"),
        pytest.param({"a": "A>B", "b": "B>C", "c": "C>C", "d": "D>A"}, {"a", "b", "d"}, id="a chain that is stuck"),
        pytest.param({"a": "A>b", "b": "B>b"}, {"a"}, id="a name that stays in another case"),
        pytest.param({"a": "A>X", "b": "B>X"}, {"b"}, id="two for one name"),
        pytest.param({"a": "A>X", "b": "B>X", "c": "C>B"}, {"b", "c"}, id="who waits for the second of two"),
    ],
)
def test_a_name_that_does_not_become_free_is_refused_and_nothing_is_half_done(
    names: Mapping[str, str], refused: set[str]
) -> None:
    changes = planned(*renaming(**names), naming=LEAF)
    assert {one.canonical_id for one in changes if one.status == Status.REFUSED} == refused
    assert {one.rule for one in changes if one.status == Status.REFUSED} == {"name_taken"}
    assert all(one.depends_on == () for one in changes if one.status == Status.REFUSED)


def test_namesakes_under_leaf_are_refused_but_for_the_first() -> None:
    tree = book(golden("a", "A"), golden("b", "B"), golden("as", "Support", "a"), golden("bs", "support", "b"))
    changes = planned(tree, target(FLAT), naming=LEAF)
    assert rules(changes) == {"a": "ready", "b": "ready", "as": "ready", "bs": "name_taken"}
    assert "qualify" in next(one.reason for one in changes if one.canonical_id == "bs")


def test_a_name_that_an_unlinked_record_holds_is_taken() -> None:
    [change] = planned(book(golden("n", "Support")), target(FLAT, [shadow("7", "SUPPORT")]))
    assert (change.rule, change.reason) == ("name_taken", "amm has a record of this name already (id 7)")


def test_a_name_whose_holder_is_gone_is_free() -> None:
    assert rules(planned(book(golden("n", "A")), target(FLAT, [shadow("7", "A", active=False)]))) == {"n": "ready"}


@pytest.mark.parametrize(
    ("scope", "rule"), [(NameScope.NONE, "ready"), (NameScope.PARENT, "ready"), (NameScope.COMPANY, "name_taken")]
)
def test_a_namesake_below_another_parent_stands_in_the_way_only_where_names_are_unique_company_wide(
    scope: NameScope, rule: str
) -> None:
    tree = book(golden("a", "A"), golden("b", "B"), golden("as", "S", "a"), golden("bs", "S", "b"))
    there = [shadow("1", "A", parent_id=None), shadow("2", "B", parent_id=None), shadow("3", "S", parent_id="1")]
    changes = planned(tree, target(tree_card(scope), there, {"a": "1", "b": "2", "as": "3"}))
    assert rules(changes) == {"bs": rule}


@pytest.mark.parametrize(
    ("scope", "rule"), [(NameScope.NONE, "ready"), (NameScope.PARENT, "name_taken"), (NameScope.COMPANY, "name_taken")]
)
def test_a_namesake_among_its_siblings_stands_in_the_way_unless_names_are_free(scope: NameScope, rule: str) -> None:
    tree = book(golden("a", "A"), golden("s", "S", "a"))
    there = [shadow("1", "A", parent_id=None), shadow("3", "s", parent_id="1")]
    assert rules(planned(tree, target(tree_card(scope), there, {"a": "1"}))) == {"s": rule}


@pytest.mark.parametrize(
    "root",
    [
        pytest.param(golden("a", "\t"), id="refused"),
        pytest.param(golden("a", "A", origin="hq"), id="of no authority"),
        pytest.param(golden("other", "A"), id="not there"),
    ],
)
def test_what_stands_below_a_record_that_is_not_made_is_refused(root: Golden) -> None:
    tree = book(root, golden("b", "B", "a"), golden("c", "C", "b"), golden("d", "D"))
    changes = rules(planned(tree, target(PARENT)))
    assert (changes["b"], changes["c"], changes["d"]) == ("parent_missing", "parent_missing", "ready")


def test_what_stands_below_a_held_or_a_gone_record_is_refused() -> None:
    tree = book(golden("a", "A"), golden("b", "B", "a"))
    held = planned(tree, target(PARENT, disputed={"a": "which?"}))
    gone = planned(tree, target(PARENT, [shadow("1", "A", active=False, parent_id=None)], {"a": "1"}))
    assert rules(held) == {"a": "ambiguous_match", "b": "parent_missing"}
    assert rules(gone) == {"a": "gone_at_target", "b": "parent_missing"}


def test_departments_in_a_circle_are_refused_with_all_that_stands_below_them() -> None:
    tree = book(golden("a", "A", "b"), golden("b", "B", "a"), golden("c", "C", "b"), golden("d", "D"))
    changes = planned(tree, target(PARENT))
    assert rules(changes) == {"a": "parent_missing", "b": "parent_missing", "c": "parent_missing", "d": "ready"}
    assert "circle" in next(one.reason for one in changes if one.canonical_id == "a")


def names_in(count: int) -> dict[str, str]:
    return {f"k{one:05}": f"N{one}>N{one + 1}" for one in range(count)}


@pytest.mark.parametrize(("last", "expected"), [("N5000>free", "ready"), ("N5000>N5000", "name_taken")])
def test_5_000_renames_in_a_row_are_all_made_or_all_refused(last: Value, expected: str) -> None:
    changes = planned(*renaming(**names_in(5000), last=str(last)), naming=LEAF)
    assert {one.rule if one.status == Status.REFUSED else "ready" for one in changes} == {expected}
    assert len(changes) == 5000 + (expected == "ready")
