"""Udesk's nested list of departments, made flat. Source: Udesk's page "departments" and its sample."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sources.errors import Incomplete

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One occurrence of a department in the nested list; ``fields`` is the node without what is nested in it."""

    fields: Record
    depth: int
    above: "_Place | None"

    @property
    def id(self) -> int:
        return int(self.fields["id"])


def flatten(departments: Any) -> dict[str, Record]:
    """The nested list as records by id: the vendor's fields plus ``parent_id`` (0 at the top), the one derived field.

    ``sub_department`` may hold children or all descendants (the documented sample shows an id twice): the deepest
    occurrence gives the parent. Raises ``Incomplete`` where that is no answer: two branches, two names, a circle.
    """
    places: defaultdict[int, list[_Place]] = defaultdict(list)
    for place in _places(departments):
        places[place.id].append(place)
    deepest = [_deepest(key, found) for key, found in sorted(places.items())]
    return {str(place.id): {**place.fields, "parent_id": place.above.id if place.above else 0} for place in deepest}


def _deepest(key: int, places: list[_Place]) -> _Place:
    """The occurrence with the longest path, when all of them can be true of one department in one tree."""
    deepest = max(places, key=lambda place: place.depth)
    for place in places if len(places) > 1 else ():
        if place.fields["name"] != deepest.fields["name"]:
            raise Incomplete(f"department {key} has two names in one list")
        if key in _ids_above(place):
            raise Incomplete(f"department {key} stands within itself")
        if not _in_order(_ids_above(place), _ids_above(deepest)):
            raise Incomplete(f"department {key} stands in two branches")
    return deepest


def _places(departments: Any) -> Iterator[_Place]:
    """Every occurrence, parents first; no recursion, since a tree may be deeper than Python's stack."""
    rest: list[tuple[Any, _Place | None]] = [(departments, None)]
    while rest:
        nodes, above = rest.pop()
        if not isinstance(nodes, list):
            raise Incomplete(f"sub_department is missing or no list at department {above.id if above else 0}")
        for node in nodes:
            place = _Place(_fields(node), above.depth + 1 if above else 0, above)
            yield place
            rest.append((node.get("sub_department"), place))


def _fields(node: Any) -> Record:
    if not isinstance(node, dict) or not is_id(node.get("id")):
        raise Incomplete("a department without a positive integer id")
    if not isinstance(node.get("name"), str):
        raise Incomplete(f"department {node['id']} has no name")
    return {key: value for key, value in node.items() if key != "sub_department"}


def is_id(value: object) -> bool:
    """Whether a JSON value can be a department's id: a positive integer of 63 bits, and neither True nor 1.0."""
    return type(value) is int and 0 < value < 2**63


def _ids_above(place: _Place) -> Iterator[int]:
    above = place.above
    while above is not None:
        yield above.id
        above = above.above


def _in_order(some: Iterator[int], every: Iterator[int]) -> bool:
    return all(one in every for one in some)  # ``in`` consumes ``every`` up to the hit, so the order counts
