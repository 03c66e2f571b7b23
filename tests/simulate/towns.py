"""The kinds of worlds: which vendors there are, who is an authority, and who may be written to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from mappings.card import Card
from mappings.model import Entity
from pipelines import config as configuration
from pipelines.config import Config
from tests.simulate.vendors import section

NOWHERE = Path("/nonexistent/orgweave.toml")


@dataclass(frozen=True)
class Town:
    """Connections by name with their vendors, and the rules. ``pages``: how many records a page holds."""

    vendors: tuple[tuple[str, str], ...]
    authority: tuple[str, ...]
    write_to: tuple[str, ...]
    kind: str = "departments"
    on_conflict: str = "authority"
    naming: str = "qualify"
    scope: str = "parent"
    pages: int = 500
    tight: bool = False
    writers: int = 1
    weight: int = 1

    @property
    def entity(self) -> Entity:
        """What these towns keep in step."""
        return configuration.KINDS[self.kind]

    @property
    def both_ways(self) -> bool:
        """Whether several systems may say what is right."""
        return len(self.authority) > 1


def _pair(first: str, second: str, **more: Any) -> Town:
    return Town((("one", first), ("two", second)), ("one",), ("two",), **more)


TOWNS: tuple[Town, ...] = (
    _pair("udesk", "scalepad", weight=4),
    _pair("udesk", "nexudus", weight=4),
    _pair("udesk", "udesk", weight=4),
    _pair("udesk", "udesk", scope="company", weight=2),
    _pair("nexudus", "udesk", scope="company"),
    _pair("scalepad", "nexudus", pages=3, weight=2),
    _pair("nexudus", "scalepad", pages=2, weight=2),
    _pair("udesk", "scalepad", naming="path", pages=2),
    _pair("udesk", "nexudus", pages=2, tight=True),
    _pair("nexudus", "nexudus", kind="teams", pages=3, weight=2),
    Town((("one", "scalepad"), ("two", "nexudus")), ("one", "two"), ("one", "two"), weight=3),
    Town((("one", "udesk"), ("two", "udesk")), ("one", "two"), ("one", "two"), weight=3),
    Town((("one", "udesk"), ("two", "scalepad")), ("one", "two"), ("one", "two"), on_conflict="newest", weight=2),
    Town((("one", "nexudus"), ("two", "scalepad")), ("one", "two"), ("one", "two"), on_conflict="hold"),
    Town((("one", "udesk"), ("two", "scalepad"), ("three", "nexudus")), ("one",), ("two", "three"), weight=1),
)


@cache
def configured(town: Town) -> Config:
    """The town's configuration, as ``load`` would read it; only its own kind is read, in small pages."""
    rules = {
        "authority": list(town.authority),
        "write_to": list(town.write_to),
        "on_conflict": town.on_conflict,
        "naming": town.naming,
    }
    limits: Mapping[str, Any] = {"creates": 1000, "renames": 5 if town.tight else 1000, "deletes": 1000}
    document = {
        "connections": {name: section(vendor, town.scope) for name, vendor in town.vendors},
        town.kind: rules,
        "limits": limits,
        "protect": {town.kind: ["Legal"]},
    }
    made = configuration._config(NOWHERE, document)
    connections = {}
    for name, one in made.connections.items():
        resource = replace(one.vendor.resource(town.entity), page_size=town.pages)
        pace = replace(one.card.pace, writers=town.writers)
        card = Card(one.card.vendor, {town.entity: one.card.entities[town.entity]}, pace)
        connections[name] = replace(one, vendor=replace(one.vendor, resources=(resource,)), card=card)
    kinds = {town.entity: made.kinds[town.entity]}
    return replace(made, connections=connections, kinds=kinds)
