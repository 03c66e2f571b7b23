"""What was read, linked and agreed on, in plain Python: the part of the working database that the simulation needs."""

import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mappings.model import REFERENCE_FIELDS, Dispute, Entity, Golden, Ref, Value
from mappings.naming import Naming
from mappings.parking import marked
from state.codec import unpack
from state.safety import SafetyRecord
from tests.simulate.merge import Taken, Voice

Key = tuple[Entity, str]
"""An entity and a canonical id."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A shadow: the values that its vendor carries, in the vendor's own references."""

    values: Mapping[str, Value]
    present: bool = True
    updated: int = 0
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """How a flat system's name is read: its leaf, and of what that was told."""

    name: str
    leaf: str
    inputs: object


@dataclass(slots=True)
class Raw:
    """Which resources of a connection were ever read whole."""

    whole: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def read_whole(self, connection: str) -> set[str]:
        """The resources of a connection that were."""
        return self.whole[connection]


@dataclass
class Knowledge:
    """Shadows, links and bases, as the working database has them, and what of all that changed."""

    voices: dict[Entity, dict[str, Voice]]
    naming: Naming
    shadows: dict[tuple[str, Entity], dict[str, Seen]] = field(default_factory=lambda: defaultdict(dict))
    links: dict[tuple[str, Entity], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    bases: dict[Ref, dict[str, Value]] = field(default_factory=dict)
    since: dict[tuple[Ref, str], tuple[int, int]] = field(default_factory=dict)  # 0 agreed, -1, -2 written; version
    fields: dict[Key, dict[str, Taken]] = field(default_factory=dict)
    read: dict[tuple[str, Entity], int] = field(default_factory=dict)  # the version of the bases when it was last read
    written: set[tuple[Ref, str]] = field(default_factory=set)  # bases that our own writes moved
    golden: dict[Key, Golden] = field(default_factory=dict)
    leaves: dict[tuple[str, str], Reading] = field(default_factory=dict)  # of flat systems' records
    parked: dict[Ref, tuple[str, str]] = field(default_factory=dict)  # a temporary name, and the one before it
    flat: dict[str, str] = field(default_factory=dict)
    raw: Raw = field(default_factory=Raw)
    disputes: list[Dispute] = field(default_factory=list)
    dirty: set[Key] = field(default_factory=set)
    unagreed: set[Key] = field(default_factory=set)
    renamed: bool = False  # departments changed since their names were last told
    _links: str = ""
    _bases: int = -1

    def present_ids(self, connection: str, entity: Entity) -> set[str]:
        """The source ids of the records that were there when the connection was last read."""
        return {key for key, one in self.shadows[connection, entity].items() if one.present}

    def set_shadows(self, connection: str, entity: Entity, seen: Mapping[str, Seen], bases: int) -> None:
        """Take a whole read over; what it does not show is gone. ``bases``: their version when it began."""
        self.read[connection, entity] = bases
        old, links = self.shadows[connection, entity], self.links[connection, entity]
        new = {**{key: replace(one, present=False) for key, one in old.items()}, **seen}
        for key, one in new.items():
            if key in links and old.get(key) != one:
                self.dirty.add((entity, links[key]))
        self.shadows[connection, entity] = new

    def refresh_links(self, safety: SafetyRecord) -> None:
        """Take the live links over; whose links differ, or refer to one that does, is out of date."""
        version = safety.links_version()
        if version == self._links:
            return
        self._links = version
        fresh: dict[tuple[str, Entity], dict[str, str]] = defaultdict(dict)
        for link in safety.links():
            fresh[link.ref.connection, link.ref.entity][link.ref.source_id] = link.canonical_id
        for place in fresh.keys() | self.links.keys():
            entity = place[1]
            changed = set(fresh[place].items()) ^ set(self.links[place].items())
            self.dirty |= {(entity, one) for _, one in changed}
            ids = {key for key, _ in changed} if entity == Entity.DEPARTMENT else set()
            for key, seen in self.shadows[place].items() if ids else ():
                if seen.values.get("parent_id") in ids and key in fresh[place]:
                    self.dirty.add((entity, fresh[place][key]))
        self.links = fresh

    def refresh_parked(self, safety: SafetyRecord, run_id: str, at: datetime) -> None:
        """Find the records that have a temporary name of ours: ``refresh_parked`` of state/parked.py."""
        found: dict[Ref, tuple[str, str]] = {}
        agreed: dict[Ref, dict[str, Value]] = {}
        for (connection, entity), there in self.shadows.items():
            likely = {
                key: str(one.values["name"])
                for key, one in there.items()
                if one.present and key in self.links[connection, entity] and marked(str(one.values["name"]))
            }
            former = safety.temporary_names(connection, list(likely)) if likely else {}
            for key, name in likely.items():
                if (key, name) in former:
                    ref = Ref(connection, entity, key)
                    found[ref] = (name, former[key, name])
                    if self.bases.get(ref, {}).get("name") != name:
                        agreed[ref] = {"name": name}
        if agreed:
            safety.agree(agreed, run_id, at, written=True)
        for ref in {ref for ref in {*found, *self.parked} if found.get(ref) != self.parked.get(ref)}:
            if (one := self.links[ref.connection, ref.entity].get(ref.source_id)) is not None:
                self.dirty.add((ref.entity, one))
        self.parked = found

    def refresh_bases(self, safety: SafetyRecord) -> None:
        """Take over the bases that moved; the records that they are of are out of date."""
        for connection, kind, source_id, name, value, version, written in safety.bases_since(self._bases):
            entity = Entity(kind)
            ref = Ref(connection, entity, source_id)
            self.bases.setdefault(ref, {})[name] = unpack(value)
            self.since[ref, name] = (-int(written), int(version))
            (self.written.add if written != "0" else self.written.discard)((ref, name))
            if (one := self.links[connection, entity].get(source_id)) is not None:
                self.dirty.add((entity, one))
        self._bases = safety.bases_version

    def take_written(self) -> None:
        """Let shadows that are older than our own last write say what was written (state/unread.py)."""
        for ref, name in self.written:
            place = (ref.connection, ref.entity)
            seen, base = self.shadows[place].get(ref.source_id), self.bases[ref][name]
            unread = self.since[ref, name][1] > self.read.get(place, sys.maxsize)
            if unread and seen is not None and seen.values.get(name) != base:
                values = {**seen.values, name: base}
                self.shadows[place][ref.source_id] = replace(seen, values=values, restored=True)

    def _beside(self) -> dict[Key, list[Ref]]:
        """The linked remote records of each canonical one."""
        found: dict[Key, list[Ref]] = defaultdict(list)
        for (connection, entity), links in self.links.items():
            for source_id, one in links.items():
                found[entity, one].append(Ref(connection, entity, source_id))
        return found

    def _seen(self, ref: Ref) -> Seen:
        return self.shadows[ref.connection, ref.entity][ref.source_id]

    def _value(self, ref: Ref, name: str) -> Value:
        """A record's field in canonical terms; a flat name as it is read."""
        value = self._seen(ref).values.get(name)
        if name in REFERENCE_FIELDS:
            return self.links[ref.connection, ref.entity].get(str(value)) if value is not None else None
        return self._called(ref, text_of(value)) if name == "name" else value

    def _called(self, ref: Ref, name: str | None) -> str | None:
        """A name as it is read: what it was before a temporary one, and its leaf where a flat system qualified it."""
        former = self._former(ref, name)
        read = self.leaves.get((ref.connection, ref.source_id)) if ref.entity == Entity.DEPARTMENT else None
        return read.leaf if read is not None and read.name == former else former

    def _former(self, ref: Ref, name: str | None) -> str | None:
        parked = self.parked.get(ref)
        return parked[1] if parked is not None and parked[0] == name else name

    def _base(self, ref: Ref) -> str | None:
        base = text_of(self.bases.get(ref, {}).get("name"))
        return self.parked[ref][1] if base is not None and ref in self.parked else base


def text_of(value: Value) -> str | None:
    return None if value is None else str(value)
