"""The losses of a planned migration: each record of the source beside what will stand at the target."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappings.diff import canonical_value
from mappings.loss import RECORD, SPELT, Held, Kind, Loss, losses
from mappings.migration import Load, Move
from mappings.model import FIELDS, REFERENCE_FIELDS, Entity, Op, Value
from mappings.plan import Change, Status
from pipelines.called import called
from pipelines.migrating import Leg, Migration
from pipelines.run import Run
from sources.errors import VendorError
from sources.vendor import Detailed

GRAVITY = (Kind.NOT_MADE, Kind.CHANGED, Kind.LOST, Kind.KEPT, Kind.FILLED)

Raw = dict[str, dict[str, Any]]
"""Source id → the vendor's own record."""


def losses_of(run: Run, migration: Migration) -> list[Loss]:
    """Every difference that a migration leaves behind, the gravest first. What lists hold back is asked for now."""
    found = [one for leg in migration.legs for one in _losses(run, leg)]
    return sorted(found, key=lambda one: GRAVITY.index(one.kind))


def _losses(run: Run, leg: Leg) -> Iterator[Loss]:
    card = run.config.connections[leg.move.target].card.entities[leg.move.into]
    return losses(_named(run, list(_held(run, leg))), leg.move.into, leg.move.target, card)


def _named(run: Run, held: Sequence[Held]) -> Iterator[Held]:
    """The records with the names of those that they refer to here and there, where these differ."""
    ids: dict[Entity, set[str]] = {}
    for one in held:
        will = one.will or {}
        for name in REFERENCE_FIELDS.keys() & one.values.keys() & will.keys():
            both = {str(value) for value in (one.values[name], will[name]) if value is not None}
            ids.setdefault(REFERENCE_FIELDS[name], set()).update(both if len(both) > 1 else ())
    names = called(run.working, ids)
    return (replace(one, names=names) for one in held)


def _held(run: Run, leg: Leg) -> Iterator[Held]:
    """Every record that is to be moved, and what will stand at the target."""
    move = leg.move
    resource = run.config.connections[move.source].vendor.resource(move.entity)
    known = frozenset({resource.id_field, *resource.fields.values(), *resource.made})
    changes: dict[str, list[Change]] = {}
    for change in leg.changes:
        changes.setdefault(change.canonical_id, []).append(change)
    raw = _told_whole(run, move, _raw(run, move), leg.part)
    for key, path in sorted(leg.part.names.paths.items(), key=lambda one: (one[1], one[0])):
        if key in leg.part.sources:
            source_id = leg.part.sources[key].ref.source_id
            record = leg.part.records.get(key)
            will, why = _will(leg, key, changes.get(key, ()))
            values = record.values if record else {}
            yield Held(source_id, path, values, raw.get(source_id, {}), known, will, why)


def fields_of(run: Run, move: Move) -> set[str]:
    """Every field that a loss of a kind may be about."""
    raw = {name for one in _raw(run, move).values() for name in one}
    return {RECORD, *raw, *(SPELT.get(name, name) for name in (*FIELDS[move.entity], *FIELDS[move.into]))}


def _raw(run: Run, move: Move) -> Raw:
    resource = run.config.connections[move.source].vendor.resource(move.entity)
    every = (json.loads(one) for one in run.working.raw.every(move.source, resource.name))
    return {f"{resource.prefix}{one[resource.id_field]}": one for one in every}


def _told_whole(run: Run, move: Move, raw: Raw, part: Load) -> Raw:
    """The records with what lists hold back of them; where that cannot be read it is told as unknown, not as none."""
    resource = run.config.connections[move.source].vendor.resource(move.entity)
    wanted = [
        source_id
        for source_id in (one.ref.source_id for one in part.sources.values())
        if any(raw.get(source_id, {}).get(name) is None for name in resource.held_back)
    ]
    client = run.client(move.source) if wanted else None
    if not isinstance(client, Detailed):
        return raw
    told: Mapping[str, Mapping[str, Any]] = {}
    try:
        told = client.whole(move.entity, wanted)
    except VendorError as fault:
        run.say(f"{move.source}: {', '.join(resource.held_back)} not read: {fault}")
    unknown = dict.fromkeys(resource.held_back, "(unknown: it could not be read)")
    return raw | {one: {**raw.get(one, {}), **told.get(one, unknown)} for one in wanted}


def _will(leg: Leg, key: str, changes: Sequence[Change]) -> tuple[dict[str, Value] | None, dict[str, str]]:
    """What will stand at the target of a record, None where it will not; and why not, by field."""
    creation = next((one for one in changes if one.op == Op.CREATE), None)
    if creation is not None and creation.status == Status.READY:
        return dict(creation.after), {}
    if creation is not None:
        return None, {RECORD: f"{creation.rule}: {creation.reason}"}
    shadow = leg.target.shadows.get(leg.target.here.get(key, ""))
    if shadow is None:
        off = key in leg.part.off
        return None, {RECORD: f"it is switched off at {leg.move.source}" if off else "nothing is planned for it"}
    will = {name: canonical_value(leg.target, name, value) for name, value in shadow.values.items()}
    why: dict[str, str] = {}
    for change in changes:
        if change.status == Status.READY:
            will |= change.after
        else:
            why |= dict.fromkeys(change.after, f"{change.rule}: {change.reason}")
    return will, why
