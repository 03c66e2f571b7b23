"""Laws of matching, over small random companies with few names."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mappings.match import Known, Matches, match
from mappings.model import Dispute, Golden, Link, Ref, Shadow
from mappings.naming import paths
from tests.mappings.samples import AMM, DEPARTMENT, UDESK, shadow

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
    again = match(known(company, linked), left, linked, TREES)
    assert told(again) == (set(), set(first.disputes))


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
    trail = paths(found)
    return [
        Known(key, trail[key], one.values.get("parent_id"), "parent_id" in one.values, frozenset(linked_in[key]))  # type: ignore[arg-type]  # text or None
        for key, one in found.items()
    ]
