"""What the real planner and the real settling ask of the working database, answered from a mind."""

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import state.differing
import state.golden
import state.links
from mappings.known import Known
from mappings.model import NAME_FIELD, REFERENCE_FIELDS, Entity, Golden, Ref, Shadow, Value
from mappings.naming import Names, Node, fold, paths
from mappings.target import Conflict
from state.decisions import conflict_id
from tests.simulate.mind import Mind, Seen


def _shadow(ref: Ref, seen: Seen, carries: Collection[str]) -> Shadow:
    return Shadow(ref, {name: value for name, value in seen.values.items() if name in carries}, seen.present)


def shadows(mind: Mind, entity: Entity, connection: str, carries: frozenset[str]) -> list[Shadow]:
    there = mind.shadows[connection, entity]
    return [_shadow(Ref(connection, entity, key), seen, carries) for key, seen in there.items()]


def shadows_of(
    mind: Mind, entity: Entity, connection: str, carries: frozenset[str], ids: Sequence[str]
) -> list[Shadow]:
    links, there = mind.links[connection, entity], mind.shadows[connection, entity]
    wanted = set(ids)
    return [
        _shadow(Ref(connection, entity, key), there[key], carries)
        for key, one in links.items()
        if one in wanted and key in there
    ]


def unlinked(mind: Mind, entity: Entity) -> dict[str, list[Shadow]]:
    """Connection → its present records that no link knows, with every field of the entity."""
    found: dict[str, list[Shadow]] = defaultdict(list)
    for (connection, kind), there in sorted(mind.shadows.items()):
        if kind == entity:
            links = mind.links[connection, entity]
            blank: dict[str, Value] = {"description": None, "parent_id": None} if entity == Entity.DEPARTMENT else {}
            found[connection] = [
                Shadow(Ref(connection, entity, key), {**blank, **seen.values})
                for key, seen in there.items()
                if seen.present and key not in links
            ]
    return {name: some for name, some in found.items() if some}


def goldens(mind: Mind, entity: Entity, ids: Sequence[str]) -> dict[str, Golden]:
    return {key: mind.golden[entity, key] for key in ids if (entity, key) in mind.golden}


def known(mind: Mind, entity: Entity) -> list[Known]:
    there = {key: one for (kind, key), one in mind.golden.items() if kind == entity}
    where = _paths(there)
    linked: dict[str, set[str]] = defaultdict(set)
    gone: dict[str, set[str]] = defaultdict(set)
    for (connection, kind), links in mind.links.items():
        for source_id, key in links.items() if kind == entity else ():
            linked[key].add(connection)
            seen = mind.shadows[connection, entity].get(source_id)
            if seen is not None and not seen.present:
                gone[key].add(connection)
    return [
        Known(
            *(key, where[key], _text(one.values.get("parent_id")), "parent_id" in one.origin),
            *(frozenset(linked[key]), frozenset(gone[key])),
        )
        for key, one in there.items()
    ]


def _paths(there: Mapping[str, Golden]) -> dict[str, tuple[str, ...]]:
    return paths({key: Node(one.name, _text(one.values.get("parent_id"))) for key, one in there.items()})


def other_names(mind: Mind, entity: Entity) -> dict[Ref, str]:
    found: dict[Ref, str] = {}
    for (connection, kind), links in mind.links.items():
        for source_id, key in links.items() if kind == entity else ():
            seen, golden = mind.shadows[connection, entity].get(source_id), mind.golden.get((entity, key))
            name = seen.values.get(NAME_FIELD[entity]) if seen and seen.present else None
            if golden is not None and name is not None and name != golden.name:
                found[Ref(connection, entity, source_id)] = str(name)
    return found


def differing(
    mind: Mind, entity: Entity, _connection: str, _carries: Collection[str], authority: Sequence[str]
) -> list[str]:
    """All that could differ: what does not is found in step by mappings/diff.py."""
    name = NAME_FIELD[entity]
    return sorted(
        key
        for (kind, key), one in mind.golden.items()
        if kind == entity and one.active and one.origin.get(name) in authority
    )


def held(mind: Mind, entity: Entity, connection: str) -> int:
    return len(mind.present_ids(connection, entity))


def taken(mind: Mind, entity: Entity, connection: str) -> list[tuple[str, str, str | None]]:
    links = mind.links[connection, entity]
    found: list[tuple[str, str, str | None]] = []
    for key, seen in mind.shadows[connection, entity].items():
        parent = seen.values.get("parent_id")
        above = None if parent is None else links.get(str(parent), f"unlinked:{parent}")
        if seen.present:
            found.append((key, fold(str(seen.values.get(NAME_FIELD[entity]) or "")), above))
    return found


def canonical(mind: Mind, entity: Entity, connection: str, source_ids: Collection[str]) -> dict[str, str]:
    links = mind.links[connection, entity]
    return {key: links[key] for key in source_ids if key in links}


def names(mind: Mind, entity: Entity, ids: Sequence[str]) -> Names:
    there = {key: one for (kind, key), one in mind.golden.items() if kind == entity}
    where = _paths(there)
    flat = mind.flat if entity == Entity.DEPARTMENT else {key: one.name for key, one in there.items()}
    return Names({key: where[key] for key in ids if key in where}, {key: flat[key] for key in ids if key in flat})


def drifted(mind: Mind, entity: Entity, connection: str, source_ids: Collection[str]) -> dict[tuple[str, str], Value]:
    there = mind.shadows[connection, entity]
    return {
        (source_id, name): base
        for source_id in source_ids
        if (seen := there.get(source_id)) is not None and seen.present
        for name, base in mind.bases.get(Ref(connection, entity, source_id), {}).items()
        if seen.values.get(name) != base
    }


def conflicts(mind: Mind, entity: Entity) -> dict[tuple[str, str], Conflict]:
    found: dict[tuple[str, str], Conflict] = {}
    for (kind, key), fields in mind.fields.items():
        for name, one in fields.items() if kind == entity else ():
            if one.conflict is not None:
                said = sorted(one.conflict.items(), key=lambda item: mind.voices[entity][item[0]].rank)
                found[key, name] = Conflict(conflict_id(entity, key, name), dict(said))
    return found


def linked(mind: Mind, entity: Entity, ids: Sequence[str] | None = None) -> dict[str, dict[str, str]]:
    wanted = None if ids is None else set(ids)
    found: dict[str, dict[str, str]] = {}
    for (connection, kind), links in mind.links.items():
        here = {one: key for key, one in links.items() if kind == entity and (wanted is None or one in wanted)}
        if here:
            found[connection] = here
    return found


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


_STANDS: tuple[tuple[Any, Any], ...] = (
    *((state.differing, one) for one in (differing, held, taken, canonical, names, drifted, conflicts)),
    *((state.golden, one) for one in (goldens, shadows, shadows_of)),
    (state.links, linked),
)
assert REFERENCE_FIELDS.keys() <= {"parent_id", "assignee_id", "subject_id"}  # another one needs its answer above


@contextmanager
def minded() -> Iterator[None]:
    """Let the planner and the settling ask a mind in place of a working database."""
    places = [(module, one.__name__, getattr(module, one.__name__), one) for module, one in _STANDS]
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("pipelines.")]
    places += [
        (module, name, real, one)
        for _, name, real, one in list(places)
        for module in modules
        if getattr(module, name, None) is real
    ]
    for module, name, _, one in places:
        setattr(module, name, one)
    try:
        yield
    finally:
        for module, name, real, _ in places:
            setattr(module, name, real)
