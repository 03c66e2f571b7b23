"""Laws of matching, over small random companies with few names."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mappings.aliases import Aliases
from mappings.match import Known, Matches, match
from mappings.model import Dispute, Golden, Link, Method, Question, Ref, Shadow
from mappings.naming import paths
from tests.mappings.samples import AMM, DEPARTMENT, UDESK, nodes, shadow

NAMES = ("A", "a ", "B", "A / B", "B / A", "", "客服")
CONNECTIONS = (UDESK, "udesk_b", AMM, "hq")
TREES = frozenset({UDESK, "udesk_b"})
Rows = Mapping[str, Sequence[Shadow]]


@st.composite
def rows(draw: st.DrawFn, connection: str) -> list[Shadow]:
    found: list[Shadow] = []
    for one in range(draw(st.integers(0, 7))):
        more: dict[str, Any] = {}
        if connection in TREES:
            more["parent_id"] = draw(st.none() | st.sampled_from([str(other) for other in range(8)]))
        found.append(shadow(str(one), draw(st.sampled_from(NAMES)), connection, **more))
    return found


@st.composite
def companies(draw: st.DrawFn, connections: Sequence[str] = CONNECTIONS) -> dict[str, list[Shadow]]:
    """Every connection's records; the connections stand in any order, authorities first."""
    return {connection: draw(rows(connection)) for connection in draw(st.permutations(connections))}


def told(found: Matches) -> tuple[set[Link], set[Dispute]]:
    return set(found.links), set(found.disputes)


@given(companies())
def test_every_record_is_linked_once_or_disputed_once(company: Rows) -> None:
    found = match([], company, {}, TREES)
    decided = [*(one.ref for one in found.links), *(one.ref for one in found.disputes)]
    assert sorted(decided) == sorted(one.ref for shadows in company.values() for one in shadows)


@given(companies())
def test_no_canonical_record_has_two_records_of_one_connection(company: Rows) -> None:
    taken = Counter((one.ref.connection, one.canonical_id) for one in match([], company, {}, TREES).links)
    assert set(taken.values()) <= {1}


@given(companies(), st.data())
def test_the_order_of_a_connections_records_makes_no_difference(company: Rows, data: st.DataObject) -> None:
    shuffled = {name: data.draw(st.permutations(found)) for name, found in company.items()}
    assert told(match([], shuffled, {}, TREES)) == told(match([], company, {}, TREES))


@given(companies((UDESK, AMM)))  # a third may rightly settle what the first could not
def test_a_second_look_decides_nothing_more_and_nothing_else(company: Rows) -> None:
    first = match([], company, {}, TREES)
    linked = {one.ref: one.canonical_id for one in first.links}
    left = {name: [one for one in found if one.ref not in linked] for name, found in company.items()}
    names = {one.ref: one.name for one in company[AMM] if one.ref in linked}
    again = match(known(company, linked), left, linked, TREES, names=names)
    assert (again.links, asked(again)) == ([], asked(first))


def known(company: Rows, linked: Mapping[Ref, str]) -> list[Known]:
    """What the golden records would tell: the first connection's name, the first tree's parent."""
    found: dict[str, Golden] = {}
    linked_in: dict[str, set[str]] = {}
    present = [one for shadows in company.values() for one in shadows if one.ref in linked]
    for one in present:
        name, key = one.ref.connection, linked[one.ref]
        linked_in.setdefault(key, set()).add(name)
        old = found.get(key, Golden(DEPARTMENT, key, {"name": one.name}, {"name": name}))
        if name in TREES and "parent_id" not in old.values:
            parent = one.values["parent_id"]
            above = linked[Ref(name, DEPARTMENT, str(parent))] if parent else None
            old = Golden(DEPARTMENT, key, {**old.values, "parent_id": above}, {**old.origin, "parent_id": name})
        found[key] = old
    trail = paths(nodes(found))
    return [
        Known(key, trail[key], one.values.get("parent_id"), "parent_id" in one.values, frozenset(linked_in[key]))  # type: ignore[arg-type]  # text or None
        for key, one in found.items()
    ]


WORDS = ("Support", "Suport", "Support Team", "Legal", "Night / Support", "客服", "Customer Care", "Unit 1", "Unit 2")
PLAIN = tuple(word for word in WORDS if "/" not in word)


@st.composite
def like_companies(draw: st.DrawFn, words: Sequence[str] = WORDS) -> dict[str, list[Shadow]]:
    """A tree, another tree and a flat system, with names that are like each other."""
    found: dict[str, list[Shadow]] = {}
    for connection in (UDESK, "udesk_b", AMM):
        rows = []
        for one in range(draw(st.integers(0, 6))):
            more: dict[str, Any] = {}
            if connection in TREES:
                more["parent_id"] = (
                    draw(st.none() | st.sampled_from([str(other) for other in range(one)])) if one else None
                )
            rows.append(shadow(str(one), draw(st.sampled_from(words)), connection, **more))
        found[connection] = rows
    return found


@given(like_companies(), st.data())
def test_what_is_proposed_does_not_depend_on_the_order_and_stays_one_to_one(company: Rows, data: st.DataObject) -> None:
    shuffled = {name: data.draw(st.permutations(found)) for name, found in company.items()}
    found = match([], company, {}, TREES)
    assert told(match([], shuffled, {}, TREES)) == told(found)
    taken = Counter((one.ref.connection, one.canonical_id) for one in found.links)
    assert set(taken.values()) <= {1}
    decided = [*(one.ref for one in found.links), *(one.ref for one in found.disputes)]
    assert sorted(decided) == sorted(one.ref for shadows in company.values() for one in shadows)
    for one in found.disputes:
        assert all((one.ref.connection, candidate) not in taken for candidate in one.candidates)


def looked_again(company: Rows, first: Matches, apart: frozenset[tuple[Ref, str]] = frozenset()) -> Matches:
    """The next run: what was linked is known."""
    linked = {one.ref: one.canonical_id for one in first.links}
    left = {name: [one for one in found if one.ref not in linked] for name, found in company.items()}
    names = {one.ref: one.name for shadows in company.values() for one in shadows if one.ref in linked}
    return match(known(company, linked), left, linked, TREES, names=names, apart=apart)


def asked(found: Matches) -> dict[Ref, tuple[Question, frozenset[str]]]:
    """What is asked about whom; a score may differ where another name has come to stand for a record."""
    return {one.ref: (one.question, frozenset(one.candidates)) for one in found.disputes}


@given(like_companies())
def test_a_second_look_at_two_systems_asks_the_same(company: Rows) -> None:
    for two in ((UDESK, "udesk_b"), (UDESK, AMM), (AMM, UDESK)):
        part = {name: company[name] for name in two}
        first = match([], part, {}, TREES)
        again = looked_again(part, first)
        assert again.links == []
        assert asked(again) == asked(first)


@given(like_companies(), st.data())
def test_a_rejected_proposal_founds_one_record_and_is_never_asked_again(company: Rows, data: st.DataObject) -> None:
    part = {name: company[name] for name in (UDESK, "udesk_b")}
    first = match([], part, {}, TREES)
    proposals = [one for one in first.disputes if one.question == Question.NEAR and one.candidates]
    if not proposals:
        return
    one = data.draw(st.sampled_from(proposals))
    parents = {shadow.ref: shadow.values["parent_id"] for shadow in part["udesk_b"]}
    if any(other.ref.source_id == parents[one.ref] for other in first.disputes):
        return  # its parent waits, so that it waits too
    apart = frozenset((one.ref, candidate) for candidate in one.candidates)
    again = looked_again(part, first, apart)
    assert [link.method for link in again.links if link.ref == one.ref] == [Method.FOUNDED]
    assert one.ref not in asked(again)


@given(like_companies(PLAIN), st.permutations(["Support", "客服", "Customer Care"]))
def test_aliases_make_names_equal_whichever_of_them_is_first(company: Rows, group: Sequence[str]) -> None:
    aliases = Aliases([("Support", "客服", "Customer Care")])
    one, other = (match([], company, {}, TREES, aliases=each) for each in (aliases, Aliases([group])))
    assert {(link.ref, link.canonical_id) for link in one.links} == {
        (link.ref, link.canonical_id) for link in other.links
    }
    renamed = {
        name: [
            shadow(row.ref.source_id, "Support" if row.name in group else row.name, name, **_place(row)) for row in rows
        ]
        for name, rows in company.items()
    }
    plain = match([], renamed, {}, TREES, aliases=aliases)
    assert {(link.ref, link.canonical_id) for link in one.links} == {
        (link.ref, link.canonical_id) for link in plain.links
    }


def _place(row: Shadow) -> dict[str, Any]:
    return {key: value for key, value in row.values.items() if key == "parent_id"}
