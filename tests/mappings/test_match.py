"""Which remote records are the same: decided only where nothing else is possible."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mappings.match import NAMESPACE, Known, Matches, canonical_id, match
from mappings.model import Dispute, Entity, Method, Question, Ref, Shadow
from tests.mappings.samples import AMM, DEPARTMENT, UDESK, shadow

HQ = "hq"
TREES = frozenset({UDESK, "udesk_b"})


def branch(source_id: str, name: str, parent: str | None = None, connection: str = UDESK) -> Shadow:
    return shadow(source_id, name, connection, parent_id=parent)


def matched(
    *rows: Shadow, known: Sequence[Known] = (), linked: Mapping[Ref, str] | None = None, **more: Any
) -> Matches:
    by: dict[str, list[Shadow]] = {}
    for row in rows:
        by.setdefault(row.ref.connection, []).append(row)
    return match(known, by, linked or {}, TREES, **more)


def links(found: Matches) -> dict[tuple[str, str], str]:
    """(connection, source id) → the founder of the canonical record, as "connection:source id"."""
    founders = {
        canonical_id(Ref(connection, DEPARTMENT, str(one))): f"{connection}:{one}"
        for connection in (UDESK, "udesk_b", AMM, HQ)
        for one in range(1, 20)
    }
    return {
        (one.ref.connection, one.ref.source_id): founders.get(one.canonical_id, one.canonical_id) for one in found.links
    }


def disputed(found: Matches) -> set[tuple[str, str]]:
    return {(one.ref.connection, one.ref.source_id) for one in found.disputes}


EUROPE = (branch("1", "Europe"), branch("2", "Support", "1"))
ASIA = (branch("3", "Asia"), branch("4", "Support", "3"))


@pytest.mark.parametrize(
    ("rows", "same_as"),
    [
        pytest.param((*EUROPE, shadow("7", " sUPPORT")), f"{UDESK}:2", id="under other case"),
        pytest.param((*EUROPE, shadow("7", "Ｅｕｒｏｐｅ / Support")), f"{UDESK}:2", id="called by its path"),
        pytest.param((*EUROPE, *ASIA, shadow("7", "Asia / Support")), f"{UDESK}:4", id="a namesake by its path"),
        pytest.param((shadow("5", "Support", HQ), shadow("7", "support")), f"{HQ}:5", id="two flat systems"),
        pytest.param((*EUROPE, shadow("7", "West / Support")), f"{AMM}:7", id="another path is another record"),
    ],
)
def test_a_flat_record_is_the_one_that_its_name_can_only_mean(rows: Sequence[Shadow], same_as: str) -> None:
    found = matched(*rows)
    assert links(found)[AMM, "7"] == same_as
    assert found.disputes == []


@pytest.mark.parametrize(
    ("rows", "waiting"),
    [
        pytest.param((*EUROPE, *ASIA, shadow("7", "Support")), {(AMM, "7")}, id="two namesakes for one name"),
        pytest.param(
            (*EUROPE, shadow("7", "Support"), shadow("8", "support")),
            {(AMM, "7"), (AMM, "8")},
            id="two records for one namesake",
        ),
        pytest.param(
            (*EUROPE, branch("5", "Europe / Support"), shadow("7", "Europe / Support")),
            {(AMM, "7")},
            id="a path and a record of that very name",
        ),
    ],
)
def test_a_tie_is_left_to_a_person_and_links_nothing(rows: Sequence[Shadow], waiting: set[tuple[str, str]]) -> None:
    found = matched(*rows)
    assert disputed(found) == waiting
    assert waiting.isdisjoint(links(found))


def test_a_dispute_names_every_candidate_so_that_the_plan_can_hold_them() -> None:
    [dispute] = matched(*EUROPE, *ASIA, shadow("7", "Support")).disputes
    assert set(dispute.candidates) == {canonical_id(EUROPE[1].ref), canonical_id(ASIA[1].ref)}
    assert dispute.reason == "several records carry this name"


def test_what_a_path_decides_leaves_the_bare_name_to_the_other_namesake() -> None:
    found = matched(*EUROPE, branch("5", "Support"), shadow("7", "Support"), shadow("8", "Europe / Support"))
    assert (links(found)[AMM, "7"], links(found)[AMM, "8"]) == (f"{UDESK}:5", f"{UDESK}:2")


def test_siblings_of_one_name_are_both_found_and_not_taken_for_each_other() -> None:
    found = matched(branch("1", "Support"), branch("2", "SUPPORT"), shadow("8", "Q"), shadow("9", "q"))
    assert {one.method for one in found.links} == {Method.FOUNDED}
    assert len(set(links(found).values())) == 4


def test_records_of_two_trees_meet_below_the_same_parent_only() -> None:
    other = (branch("11", "EUROPE", None, "udesk_b"), branch("12", "support", "11", "udesk_b"))
    found = links(matched(*EUROPE, *ASIA, *other, branch("13", "Support", None, "udesk_b")))
    assert found["udesk_b", "11"] == f"{UDESK}:1"
    assert found["udesk_b", "12"] == f"{UDESK}:2"
    assert found["udesk_b", "13"] == "udesk_b:13"


@pytest.mark.parametrize("name", ["Support", "Europe / Support", "hq / europe / support"])
def test_a_record_of_a_tree_meets_one_that_a_flat_connection_founded(name: str) -> None:
    tree = (branch("1", "HQ"), branch("2", "Europe", "1"), branch("3", "Support", "2"))
    found = match([], {AMM: [shadow("7", name)], UDESK: tree}, {}, TREES)
    assert links(found)[UDESK, "3"] == f"{AMM}:7"
    assert links(found)[UDESK, "2"] == f"{UDESK}:2"


def test_a_flat_name_that_records_of_two_levels_could_carry_is_disputed_whichever_stands_higher() -> None:
    tree = (branch("1", "Support"), branch("2", "Asia"), branch("3", "Support", "2"))
    found = match([], {AMM: [shadow("7", "Support")], UDESK: tree}, {}, TREES)
    assert disputed(found) == {(UDESK, "1"), (UDESK, "3")}


def test_a_flat_record_that_a_tree_has_placed_is_met_at_its_place_by_the_next_tree() -> None:
    other = (branch("11", "Europe", None, "udesk_b"), branch("12", "Support", "11", "udesk_b"))
    found = match([], {AMM: [shadow("7", "Support")], UDESK: EUROPE, "udesk_b": other}, {}, TREES)
    assert links(found)["udesk_b", "12"] == f"{AMM}:7"


def test_linked_records_are_left_alone_and_their_canonical_record_is_not_given_away_twice() -> None:
    known = Known("k-1", ("Support",), None, placed=True, linked_in=frozenset({UDESK, AMM}))
    found = matched(shadow("8", "Support"), known=[known], linked={Ref(AMM, DEPARTMENT, "7"): "k-1"})
    assert links(found) == {(AMM, "8"): f"{AMM}:8"}


def test_a_child_is_matched_below_the_canonical_record_that_its_parent_was_linked_to_before() -> None:
    known = (
        Known("k-eu", ("Europe",), None, placed=True, linked_in=frozenset({UDESK, "udesk_b"})),
        Known("k-s", ("Europe", "Support"), "k-eu", placed=True, linked_in=frozenset({"udesk_b"})),
    )
    found = matched(branch("2", "Support", "1"), known=known, linked={Ref(UDESK, DEPARTMENT, "1"): "k-eu"})
    assert links(found) == {(UDESK, "2"): "k-s"}


def test_blank_names_never_match() -> None:
    found = matched(branch("1", " "), branch("2", "\u200b", None, "udesk_b"), shadow("7", ""), shadow("8", "\ufeff"))
    assert sorted(set(links(found).values())) == [f"{AMM}:7", f"{AMM}:8", "udesk_b:2", f"{UDESK}:1"]


def test_ids_are_made_of_the_founder_alone_and_are_the_same_in_every_run() -> None:
    ref = Ref(UDESK, DEPARTMENT, "5")
    [link] = matched(branch("5", "Support")).links
    assert link.canonical_id == canonical_id(ref) == str(uuid.uuid5(NAMESPACE, "department:udesk_cn:5"))
    assert link.canonical_id == "87980fe0-9c14-5cdd-8f74-94121c9bddb3"
    assert canonical_id(Ref(UDESK, Entity.TEAM, "5")) != link.canonical_id


def waiting(found: Matches, source_id: str, connection: str = "udesk_b") -> Dispute:
    """The dispute about this record."""
    [one] = [one for one in found.disputes if one.ref == Ref(connection, DEPARTMENT, source_id)]
    return one


def test_children_of_a_disputed_record_wait_for_it_and_are_not_moved_to_the_top() -> None:
    twins = (branch("11", "Europe", None, "udesk_b"), branch("12", "EUROPE", None, "udesk_b"))
    child = branch("13", "Support", "11", "udesk_b")
    found = matched(*EUROPE, *twins, child, branch("14", "Night", "13", "udesk_b"))
    assert disputed(found) == {("udesk_b", one) for one in ("11", "12", "13", "14")}
    follows, alone = waiting(found, "13"), waiting(found, "14")
    assert (follows.question, follows.candidates) == (Question.FOLLOWS, (canonical_id(EUROPE[1].ref),))
    assert follows.reason == "follows when its parent (id 11) is decided"
    assert (alone.question, alone.candidates) == (Question.PARENT, ())
    assert alone.reason == "its parent (id 13) is not linked"


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param((branch("1", "A", "1"),), id="its own parent"),
        pytest.param((branch("1", "A", "3"), branch("2", "B", "1"), branch("3", "C", "2")), id="three in a ring"),
        pytest.param((branch("1", "A", "1"), branch("2", "B", "1")), id="a child of a circle"),
        pytest.param((branch("1", "A", "99"),), id="a parent that nobody has"),
    ],
)
def test_records_of_a_circle_or_without_their_parent_wait_and_the_rest_goes_on(rows: Sequence[Shadow]) -> None:
    found = matched(*rows, branch("9", "Fine"))
    assert links(found) == {(UDESK, "9"): f"{UDESK}:9"}
    assert disputed(found) == {(UDESK, row.ref.source_id) for row in rows}


def test_a_chain_of_20_000_departments_is_matched() -> None:
    chain = [branch(str(one), f"D{one}", str(one - 1) if one > 1 else None) for one in range(1, 20_001)]
    found = matched(*chain, shadow("7", "D19998 / d19999"))
    assert (len(found.links), found.disputes) == (20_001, [])
    assert links(found)[AMM, "7"] == canonical_id(chain[-2].ref)
