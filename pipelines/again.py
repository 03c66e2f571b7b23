"""What the next sync does to an undo: an authority that says otherwise still is followed again."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mappings.model import BY_PERSON, NAME_FIELD, Entity, Golden, Op, Value
from mappings.naming import SEPARATOR, Names, same
from mappings.parking import TEMPORARY
from mappings.plan import Change
from pipelines.called import called
from pipelines.explain import printable
from pipelines.planning import Planned
from pipelines.run import Run
from state import differing, golden

SHOWN = 3  # that are told on a terminal


@dataclass(frozen=True, slots=True)
class Again:
    """What the next sync does to a change that is undone, and how to keep it from that."""

    change_id: str
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Model:
    """What the model says of the records of one entity that an undo is about."""

    records: Mapping[str, Golden]
    names: Names


def again(run: Run, planned: Planned) -> Iterator[Again]:
    """What the next sync does to what is undone: an authority that says otherwise still is followed again."""
    ready = [change for change in planned.plan.ready() if change.rule != TEMPORARY]
    ready.sort(key=lambda change: change.op == Op.DELETE)  # what does not last is told first
    models: dict[Entity, _Model] = {}
    for entity in {change.entity for change in ready}:
        keys = sorted({change.canonical_id for change in ready if change.entity == entity})
        models[entity] = _Model(golden.goldens(run.working, entity, keys), differing.names(run.working, entity, keys))
    for change in ready:
        if change.connection not in run.config.kinds[change.entity].write_to:  # no sync writes there
            continue
        where = f"{planned.names.get(change.canonical_id, change.canonical_id)} at {change.connection}"
        if change.op == Op.DELETE:
            yield Again(
                change.id,
                f"{where} stays away: the next sync tells it as held (gone_at_target) and does not make it again",
                f"to have it made again: orgweave review unlink {change.connection}:{change.source_id}",
            )
            continue
        record = models[change.entity].records.get(change.canonical_id)
        if record is not None and record.active and change.op != Op.CREATE:
            yield from _written_again(run, change, models[change.entity], where)
        elif run.config.kinds[change.entity].on_missing != "keep" and not (record and record.active):
            yield Again(
                change.id,
                f"{where}: no authority has it, and the next sync may take it away again (on_missing)",
                f'make it again at {_authorities(run, change)}, or set on_missing = "keep"',
            )


def _written_again(run: Run, change: Change, model: _Model, where: str) -> Iterator[Again]:
    key, record = change.canonical_id, model.records[change.canonical_id]
    kind, card = run.config.kinds[change.entity], run.config.connections[change.connection].card
    tree = card.entities[change.entity].tree
    path = model.names.paths[key]
    for field, value in change.after.items():
        whose, wanted = record.origin.get(field), record.values.get(field)
        if field == NAME_FIELD[change.entity]:
            wanted = path[-1] if tree else model.names.flat.get(key, path[-1])
        if whose not in (*kind.authority, BY_PERSON) or same(wanted, value):
            continue
        says = "a person pinned" if whose == BY_PERSON else f"{whose} says"
        text = f"{field} of {where}: {says} {_shown(run, field, wanted)}, and the next sync writes that again"
        remedy = f"change it at {_authorities(run, change)}"
        pin = "" if field == "parent_id" else f", or: {_pin(change, path, field, value)}"
        yield Again(change.id, text, f"{remedy}{pin}")


def _authorities(run: Run, change: Change) -> str:
    return ", ".join(run.config.kinds[change.entity].authority)


def _shown(run: Run, field: str, value: Value) -> str:
    if field == "parent_id" and value:
        return repr(called(run.working, {Entity.DEPARTMENT: [str(value)]}).get(str(value), str(value)))
    return "nothing" if value is None else repr(value)


def _pin(change: Change, path: Sequence[str], field: str, value: Value) -> str:
    """The command by which a person gives a field its value."""
    text = "" if value is None else str(value)
    leaf = text.rpartition(SEPARATOR)[2] if field == "name" else text
    return f"orgweave review pin {change.entity} {shlex.quote(SEPARATOR.join(path))} {field} {shlex.quote(leaf)}"


def told(afterwards: Sequence[Again]) -> Iterator[str]:
    """What a person must know before the undo: it does not last where the authorities say otherwise."""
    for one in afterwards[:SHOWN]:
        yield printable(f"Mind: {one.text}. What to do: {one.remedy}")
    if len(afterwards) > SHOWN:
        yield f"Mind: the same goes for {len(afterwards) - SHOWN} more; --json tells them all"
