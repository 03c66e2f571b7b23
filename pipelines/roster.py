"""The nearest list before a create: a record that was made since the plan must not get a twin."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mappings.model import NAME_FIELD, Entity, Op
from mappings.naming import fold
from mappings.plan import Change
from pipelines.plausible import plausible
from pipelines.run import Run, new_id
from sources.reading import Read, Slip, read
from sources.vendor import Client, Resource
from state import golden


@dataclass(frozen=True, slots=True)
class Roster:
    """What a target lists of an entity: all source ids, sorted, and those of each (folded name, parent's source id)."""

    ids: tuple[str, ...]
    places: Mapping[tuple[str, str | None], Sequence[str]]

    def called(self, name: str, parent: object) -> Sequence[str]:
        """The ids of the records of this folded name below this parent."""
        return self.places.get((name, None if parent is None else str(parent)), ())


def listed(client: Client, resource: Resource, run_id: str, connection: str) -> Read:
    """Read a target's list; nothing but the vendor is asked."""
    return read(client, resource, Slip(new_id(), run_id, connection))


def at_hand(run: Run, changes: Iterable[Change]) -> dict[tuple[str, Entity], Roster]:
    """The lists that this run read whole a moment ago (``Run.fresh``), for creates: they need not be read again."""
    found: dict[tuple[str, Entity], Roster] = {}
    for name, entity in {(change.connection, change.entity) for change in changes if change.op == Op.CREATE}:
        connection = run.config.connections[name]
        begun = run.read.get((name, connection.vendor.resource(entity).name))
        if begun is None or run.clock.now() - begun > run.fresh:
            continue
        places: dict[tuple[str, str | None], list[str]] = defaultdict(list)
        for one in golden.shadows(run.working, entity, name, connection.card.entities[entity].carries):
            if one.active:
                parent = one.values.get("parent_id")
                places[fold(one.name), None if parent is None else str(parent)].append(one.ref.source_id)
        found[name, entity] = Roster(tuple(sorted(one for ids in places.values() for one in ids)), places)
    return found


def roster_of(run: Run, seen: Read, resource: Resource) -> Roster:
    """What the list tells. Raises the ``VendorError`` of a read that is not whole, or not plausible."""
    one = plausible(run, seen, resource)
    run.safety.add_receipts([one.receipt])
    if one.fault is not None:
        raise one.fault
    places: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for row in (row for page in one.pages for row in page):
        place = _name_and_parent(json.loads(row.record), resource.fields, resource.entity)
        places[place].append(row.source_id)
    return Roster(tuple(sorted(one for ids in places.values() for one in ids)), places)


def _name_and_parent(record: Mapping[str, object], fields: Mapping[str, str], entity: Entity) -> tuple[str, str | None]:
    parent = record.get(fields["parent_id"]) if "parent_id" in fields else None
    return fold(str(record.get(fields[NAME_FIELD[entity]]) or "")), str(parent) if parent else None
