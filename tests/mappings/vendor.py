"""A vendor for the laws of plans: it does what it is told, and refuses what no vendor would let pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mappings.card import EntityCard, NameScope
from mappings.model import Op
from mappings.naming import Naming, fold
from mappings.plan import Change
from mappings.target import Target
from tests.mappings.samples import book, golden, planned, shadow, target


@dataclass
class Vendor:
    """A target that does what it is told, and checks that it could: names unique in its scope, parents there."""

    card: EntityCard
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def target(self) -> Target:
        """It as a target of a plan."""
        return target(self.card, [shadow(key, **row) for key, row in self.rows.items()], self.links)

    def apply(self, change: Change) -> None:
        """Make one change; a duplicate, a missing parent or another value than the plan knew fails the test."""
        if change.op == Op.DELETE:
            key = str(change.source_id)
            assert all(row.get("parent_id") != key for row in self.rows.values()), "it is not empty"
            del self.rows[key], self.links[change.canonical_id]
            return
        values = dict(change.after)
        if values.get("parent_id") is not None:
            values["parent_id"] = self.links[str(values["parent_id"])]  # KeyError: its parent is not there
        if change.op == Op.CREATE:
            self.links[change.canonical_id] = f"new-{change.id}-{len(self.rows)}"
            unknown = dict.fromkeys(self.card.carries)
            self.rows[self.links[change.canonical_id]] = {**unknown, **values}
        else:
            row = self.rows[str(change.source_id)]
            assert {name: row[name] for name in change.before or {} if name != "parent_id"} == change.before
            row.update(values)
        if "name" in values:
            self._check(self.links[change.canonical_id])

    def names(self) -> dict[str, str]:
        """Canonical id → name."""
        return {canonical_id: self.rows[key]["name"] for canonical_id, key in self.links.items()}

    def _check(self, key: str) -> None:
        place = self._place(key)
        others = [] if place is None else [self._place(one) for one in self.rows if one != key]
        assert place not in others, f"two records are called {place}"

    def _place(self, key: str) -> object:
        row = self.rows[key]
        above = row.get("parent_id") if self.card.name_scope == NameScope.PARENT else None
        return None if self.card.name_scope == NameScope.NONE else (above, fold(row["name"]))


def holding(card: EntityCard, names: Sequence[str], parent: str | None = None) -> Vendor:
    """A vendor that holds these departments, below a parent where one is named."""
    vendor = Vendor(card)
    rows = [(f"d{place}", name, "top" if parent else None) for place, name in enumerate(names)]
    for key, name, above in [*([("top", parent, None)] if parent else []), *rows]:
        row = dict.fromkeys(card.carries) | {"name": name}
        if "parent_id" in card.carries:
            row["parent_id"] = vendor.links[above] if above else None
        vendor.links[key] = f"s-{key}"
        vendor.rows[f"s-{key}"] = row
    return vendor


def renamed(vendor: Vendor, **names: str) -> Sequence[Change]:
    """The plan that gives these records these names."""
    above = {key: vendor.rows[source].get("parent_id") for key, source in vendor.links.items()}
    back = {source: key for key, source in vendor.links.items()}
    wanted = vendor.names() | names
    return planned(
        book(*(golden(key, name, back.get(above[key] or "")) for key, name in wanted.items())),
        vendor.target(),
        naming=Naming.LEAF,
    )
