"""The nearest list before a create: a record that was made since the plan must not get a twin."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappings.model import NAME_FIELD, Entity
from mappings.naming import fold
from pipelines.plausible import plausible
from pipelines.run import Run, new_id
from sources.reading import Slip, read


@dataclass(frozen=True, slots=True)
class Roster:
    """What a target lists of an entity: all source ids, sorted, and those of each (folded name, parent's source id)."""

    ids: tuple[str, ...]
    places: Mapping[tuple[str, str | None], Sequence[str]]

    def called(self, name: str, parent: object) -> Sequence[str]:
        """The ids of the records of this folded name below this parent."""
        return self.places.get((name, None if parent is None else str(parent)), ())


def read_roster(run: Run, name: str, entity: Entity) -> Roster:
    """Read a target's list. Raises the ``VendorError`` of a read that is not whole, or not plausible."""
    resource = run.config.connections[name].vendor.resource(entity)
    listed = plausible(run, read(run.client(name), resource, Slip(new_id(), run.run_id, name)), resource)
    run.safety.add_receipts([listed.receipt])
    if listed.fault is not None:
        raise listed.fault
    places: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for row in (row for page in listed.pages for row in page):
        place = _name_and_parent(json.loads(row.record), resource.fields, entity)
        places[place].append(row.source_id)
    return Roster(tuple(sorted(one for ids in places.values() for one in ids)), places)


def _name_and_parent(record: Mapping[str, object], fields: Mapping[str, str], entity: Entity) -> tuple[str, str | None]:
    parent = record.get(fields["parent_id"]) if "parent_id" in fields else None
    return fold(str(record.get(fields[NAME_FIELD[entity]]) or "")), str(parent) if parent else None
