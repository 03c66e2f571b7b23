"""What would have to change at one target, record by record: golden, in the target's own terms, against shadow."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mappings.model import BY_PERSON, NAME_FIELD, REFERENCE_FIELDS, Entity, Golden, Op, Shadow, Value
from mappings.naming import SEPARATOR, Names, same
from mappings.parking import marked
from mappings.plan import Change, Status
from mappings.refusal import checked
from mappings.target import UNLINKED, Conflict, Policy, Target


def diff(golden: Mapping[str, Golden], names: Names, target: Target, policy: Policy) -> Iterator[Change]:
    """The changes that would bring a target in step, one at most a record and kind; ids are provisional keys.

    ``golden``: all records, or those that may differ there; ``names``: of every living one, all told apart together.
    ``depends_on`` and conflicts of names are settled later (order.py), for they need all of the changes.
    """
    where = names.paths
    living = {canonical_id: one for canonical_id, one in golden.items() if one.active}
    for canonical_id in sorted(living, key=lambda key: (len(where[key]), where[key], key)):
        record = living[canonical_id]
        if not _propagates(record, target, policy):
            continue
        name = where[canonical_id][-1] if target.card.tree else names.flat[canonical_id]
        wanted = _wanted(record, name, target, policy)
        source_id = target.here.get(canonical_id)
        if source_id is None:
            yield _create(record, wanted, target, policy)
        elif source_id in target.shadows and not target.shadows[source_id].active:
            yield _gone(record, wanted, target, source_id)
        elif source_id in target.shadows:
            yield from _changes(record, wanted, target, policy)


def _propagates(record: Golden, target: Target, policy: Policy) -> bool:
    """Whether an authority knows the record: by its name, or by a link where a person gave the name."""
    origin = record.origin.get(NAME_FIELD[record.entity])
    if origin != BY_PERSON:
        return origin in policy.authority
    return any(record.canonical_id in target.links.get(name, {}) for name in policy.authority)


def _says(record: Golden, field: str, policy: Policy) -> bool:
    """Whether a field's value is an authority's, or a person's."""
    return record.origin.get(field) in (*policy.authority, BY_PERSON)


def _wanted(record: Golden, name: str, target: Target, policy: Policy) -> dict[str, Value]:
    """The record as this target should hold it: only fields that it carries and that an authority stands for."""
    name_field = NAME_FIELD[record.entity]
    wanted: dict[str, Value] = {name_field: name}
    for field in sorted(target.card.creates | target.card.updates):
        value = record.values.get(field)
        stranger = REFERENCE_FIELDS.get(field) == Entity.PERSON and value not in target.people
        if field != name_field and _says(record, field, policy) and not stranger:
            wanted[field] = value
    return wanted


def _draft(record: Golden, target: Target, op: Op, after: Mapping[str, Value], reason: str) -> Change:
    source_id = target.here.get(record.canonical_id)
    return Change(
        id=f"{target.connection}:{op}:{record.canonical_id}",
        connection=target.connection,
        entity=record.entity,
        op=op,
        status=Status.READY,
        canonical_id=record.canonical_id,
        source_id=source_id,
        before=None,
        after=dict(after),
        depends_on=(),
        rule="missing_in_target",
        reason=reason,
    )


def _create(record: Golden, wanted: Mapping[str, Value], target: Target, policy: Policy) -> Change:
    card = target.card
    name_field = NAME_FIELD[record.entity]
    origin = next(name for name in (record.origin[name_field], *policy.authority) if name != BY_PERSON)
    known_as = target.links.get(origin, {}).get(record.canonical_id, "?")
    reason = f"{origin} has it (id {known_as}), {target.connection} does not"
    open_ = {field for field in wanted if (record.canonical_id, field) in target.conflicts}
    after = {
        field: value
        for field, value in wanted.items()
        if field in card.creates and value is not None and field not in open_ - {name_field}
    }
    for field, template in card.required.items():
        if not after.get(field) and template:
            after[field] = template.replace("{name}", str(after.get(name_field, "")))
    change = _draft(record, target, Op.CREATE, after, reason)
    if record.canonical_id in target.disputed:
        return replace(change, status=Status.HELD, rule="ambiguous_match", reason=target.disputed[record.canonical_id])
    if name_field in open_:
        return _held(change, name_field, target.conflicts[record.canonical_id, name_field], target)
    return checked(change, record, target, policy)


def _gone(record: Golden, wanted: Mapping[str, Value], target: Target, source_id: str) -> Change:
    """Somebody took the record away at the target: whether it should come back is not ours to guess."""
    here = f"{target.connection}:{source_id}"
    reason = (
        f"it was at {target.connection} (id {source_id}) and is gone there; it is not made again unasked. "
        f"What to do: orgweave review unlink {here}, and the next plan makes it"
    )
    after = {field: value for field, value in wanted.items() if field in target.card.creates and value is not None}
    change = _draft(record, target, Op.CREATE, after, reason)
    return replace(change, status=Status.HELD, rule="gone_at_target")


def _changes(record: Golden, wanted: Mapping[str, Value], target: Target, policy: Policy) -> Iterator[Change]:
    shadow = target.shadows[target.here[record.canonical_id]]
    yield from _conflicts(record, target, shadow)
    differing: dict[str, Value] = {}
    for field, value in wanted.items():
        open_ = (record.canonical_id, field) in target.conflicts
        # its own word too where a flat system qualified it: the parent may be called otherwise by now
        qualified = field == NAME_FIELD[record.entity] and SEPARATOR in shadow.name and not target.card.tree
        own = record.origin.get(field) == target.connection and not (qualified or _left_behind(field, record, shadow))
        if open_ or own or field not in shadow.values:
            continue
        if not same(value, canonical_value(target, field, shadow.values[field])):
            differing[field] = value
    moved = {field: differing.pop(field) for field in ("parent_id",) if field in differing}
    differing = {field: value for field, value in differing.items() if field in target.card.updates}
    if differing:
        name_field = NAME_FIELD[record.entity]
        change = _touch(record, target, Op.RENAME if set(differing) == {name_field} else Op.UPDATE, differing)
        yield checked(change, record, target, policy)
    if moved:
        yield checked(_touch(record, target, Op.MOVE, moved), record, target, policy)


def _left_behind(field: str, record: Golden, shadow: Shadow) -> bool:
    """Whether the record has a temporary name and is called as before it: nobody else will give that back."""
    return field == NAME_FIELD[record.entity] and marked(shadow.name) and not same(shadow.name, record.name)


_RULES = {Op.RENAME: "name_differs", Op.UPDATE: "value_differs", Op.MOVE: "parent_differs"}


def _touch(record: Golden, target: Target, op: Op, after: Mapping[str, Value]) -> Change:
    """A change of a record that is there, with what it holds now, and why: somebody's word, or a drift."""
    shadow = target.shadows[target.here[record.canonical_id]]
    before = {field: canonical_value(target, field, shadow.values[field]) for field in after}
    drifted = [field for field in after if (shadow.ref.source_id, field) in target.drifted]
    if len(drifted) == len(after):
        then = {field: canonical_value(target, field, target.drifted[shadow.ref.source_id, field]) for field in drifted}
        agreed = ", ".join(f"{field} {target.told(field, value)}" for field, value in then.items())
        why = f"{target.connection} changed it, and is no authority: agreed was {agreed}"
        return replace(_draft(record, target, op, after, why), before=before, rule="drift")
    whose = sorted({"a person" if record.origin[field] == BY_PERSON else record.origin[field] for field in after})
    one = len(whose) == 1
    told = "says so, and is an authority" if one else "say so, and are authorities"
    says = "has it under another parent" if op == Op.MOVE else told
    why = "a person says so" if whose == ["a person"] else f"{' and '.join(whose)} {says}"
    return replace(_draft(record, target, op, after, why), before=before, rule=_RULES[op])


def _conflicts(record: Golden, target: Target, shadow: Shadow) -> Iterator[Change]:
    """What waits here for a person: no field that authorities disagree on is written anywhere."""
    for field in shadow.values:
        conflict = target.conflicts.get((record.canonical_id, field))
        if conflict is None:
            continue
        now = canonical_value(target, field, shadow.values[field])
        other = next((value for value in conflict.says.values() if not same(value, now)), now)
        op = Op.MOVE if field == "parent_id" else Op.RENAME if field == NAME_FIELD[record.entity] else Op.UPDATE
        change = _draft(record, target, op, {field: other}, "")
        yield _held(replace(change, id=f"{change.id}:{field}", before={field: now}), field, conflict, target)


def _held(change: Change, field: str, conflict: Conflict, target: Target) -> Change:
    says = ", ".join(f"{name} {target.told(field, value)}" for name, value in conflict.says.items())
    text = f"authorities disagree: {says}. What to do: orgweave review resolve {conflict.conflict_id[:8]}"
    return replace(change, status=Status.HELD, rule="conflict", reason=text)


def canonical_value(target: Target, field: str, value: Value) -> Value:
    """A shadow's value with its reference turned into a canonical id; an unlinked one stays recognisable."""
    referred = REFERENCE_FIELDS.get(field) if value is not None else None
    if referred == Entity.PERSON:
        return target.persons.get(str(value), f"{UNLINKED}{value}")
    return target.canonical(value) if referred else value
