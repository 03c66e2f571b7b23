"""What records are called, for a person: a plan, its reasons and its refusals tell no bare id where there is a name."""

from collections.abc import Iterable, Mapping

from mappings.model import NAME_FIELD, REFERENCE_FIELDS, Entity, Golden
from mappings.naming import SEPARATOR
from mappings.plan import Change
from mappings.target import Conflict
from state import differing
from state.working import Working


def called(working: Working, ids: Mapping[Entity, Iterable[str]]) -> dict[str, str]:
    """Canonical id → the name, for a department its path; those that nobody knows a name of are left out."""
    return {one: SEPARATOR.join(path) for one, path in _paths(working, ids).items()}


def _paths(working: Working, ids: Mapping[Entity, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entity, some in ids.items():
        known = differing.names(working, entity, sorted(set(some)))
        found |= {one: path for one, path in known.paths.items() if any(path)}
    return found


def paths_of(working: Working, changes: Iterable[Change]) -> dict[str, tuple[str, ...]]:
    """Canonical id → the names from the root down, of every record that changes are about or refer to."""
    ids: dict[Entity, set[str]] = {entity: set() for entity in Entity}
    for change in changes:
        ids[change.entity].add(change.canonical_id)
        for values in (change.before or {}, change.after):
            for field in values.keys() & REFERENCE_FIELDS.keys():
                if values[field] is not None:
                    ids[REFERENCE_FIELDS[field]].add(str(values[field]))
    return _paths(working, {entity: some for entity, some in ids.items() if some})


def label(change: Change, paths: Mapping[str, tuple[str, ...]]) -> str:
    """What a line calls the record of a change: by the name that it gives or had, else by its path."""
    key = NAME_FIELD[change.entity]
    name = change.after.get(key) or (change.before or {}).get(key)
    return str(name or SEPARATOR.join(paths.get(change.canonical_id, ())) or change.canonical_id)


def referred(conflicts: Mapping[tuple[str, str], Conflict]) -> dict[Entity, set[str]]:
    """The records that authorities say different things about, by their entity."""
    ids: dict[Entity, set[str]] = {}
    for (_, field), conflict in conflicts.items():
        if field in REFERENCE_FIELDS:
            ids.setdefault(REFERENCE_FIELDS[field], set()).update(str(one) for one in conflict.says.values() if one)
    return ids


def people_of(records: Iterable[Golden]) -> set[str]:
    """The persons that records refer to."""
    fields = [field for field, entity in REFERENCE_FIELDS.items() if entity == Entity.PERSON]
    return {str(one.values[field]) for one in records for field in fields if one.values.get(field)}
