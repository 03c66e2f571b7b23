"""What would have to change at one target, record by record: golden, in the target's own terms, against shadow."""

import dataclasses
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mappings.card import EntityCard
from mappings.model import NAME_FIELD, REFERENCE_FIELDS, Entity, Golden, Op, Shadow, Value
from mappings.naming import SEPARATOR, Naming, flat_names, fold, paths, same
from mappings.plan import Change, Status


@dataclass(frozen=True, slots=True)
class Target:
    """One connection as a target for one entity.

    ``shadows``: source id → our copy, the gone ones included. ``links``: connection → canonical id → source id;
    ``back``: source id → canonical id, and ``people``: a person's canonical id → source id, both at this target.
    ``disputed``: canonical ids that an unlinked record here could be, and why. ``uncertain``: canonical ids whose
    earlier write here has no known outcome.
    """

    connection: str
    entity: Entity
    card: EntityCard
    shadows: Mapping[str, Shadow]
    links: Mapping[str, Mapping[str, str]]
    back: Mapping[str, str]
    people: Mapping[str, str]
    disputed: Mapping[str, str]
    uncertain: frozenset[str]
    persons: Mapping[str, str] = dataclasses.field(
        init=False, repr=False, compare=False
    )  # ``people`` the other way round

    def __post_init__(self) -> None:
        object.__setattr__(self, "persons", {source_id: key for key, source_id in self.people.items()})

    @property
    def here(self) -> Mapping[str, str]:
        """Canonical id → source id at this target."""
        return self.links.get(self.connection, {})

    def canonical(self, source_id: Value) -> str:
        """The canonical id of a record here; of an unlinked one something that stays recognisable."""
        return self.back.get(str(source_id), f"unlinked:{source_id}")


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's rules for one entity: who is an authority, how trees are named, what nobody may change."""

    authority: tuple[str, ...]
    naming: Naming
    protected: frozenset[str] = frozenset()  # folded names
    apply_disabled: frozenset[str] = frozenset()  # connections


def diff(golden: Mapping[str, Golden], target: Target, policy: Policy) -> Iterator[Change]:
    """The changes that would bring a target in step, one at most a record and kind; ids are provisional keys.

    ``depends_on`` and conflicts of names are settled later (order.py), for they need all of the changes.
    """
    living = {canonical_id: one for canonical_id, one in golden.items() if one.active}
    trail = paths(living)
    names = {key: path[-1] for key, path in trail.items()} if target.card.tree else flat_names(living, policy.naming)
    for canonical_id in sorted(living, key=lambda key: (len(trail[key]), trail[key], key)):
        record = living[canonical_id]
        if record.origin.get(NAME_FIELD[record.entity]) not in policy.authority:
            continue
        wanted = _wanted(record, names[canonical_id], target, policy)
        source_id = target.here.get(canonical_id)
        if source_id is None:
            yield _create(record, wanted, target, policy)
        elif source_id in target.shadows and not target.shadows[source_id].active:
            yield _gone(record, wanted, target, source_id)
        elif source_id in target.shadows:
            yield from _changes(record, wanted, target, policy)


def _wanted(record: Golden, name: str, target: Target, policy: Policy) -> dict[str, Value]:
    """The record as this target should hold it: only fields that it carries and that an authority stands for."""
    name_field = NAME_FIELD[record.entity]
    wanted: dict[str, Value] = {name_field: name}
    for field in sorted(target.card.creates | target.card.updates):
        value = record.values.get(field)
        stranger = REFERENCE_FIELDS.get(field) == Entity.PERSON and value not in target.people
        if field != name_field and record.origin.get(field) in policy.authority and not stranger:
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
    origin = record.origin[NAME_FIELD[record.entity]]
    known_as = target.links.get(origin, {}).get(record.canonical_id, "?")
    reason = f"{origin} has it (id {known_as}), {target.connection} does not"
    after = {field: value for field, value in wanted.items() if field in card.creates and value is not None}
    for field, template in card.required.items():
        if not after.get(field) and template:
            after[field] = template.replace("{name}", str(after.get(NAME_FIELD[record.entity], "")))
    change = _draft(record, target, Op.CREATE, after, reason)
    if record.canonical_id in target.disputed:
        return replace(change, status=Status.HELD, rule="ambiguous_match", reason=target.disputed[record.canonical_id])
    return _checked(change, record, target, policy)


def _gone(record: Golden, wanted: Mapping[str, Value], target: Target, source_id: str) -> Change:
    """Somebody took the record away at the target: whether it should come back is not ours to guess."""
    reason = f"it was at {target.connection} (id {source_id}) and is gone there; it is not made again unasked"
    after = {field: value for field, value in wanted.items() if field in target.card.creates and value is not None}
    change = _draft(record, target, Op.CREATE, after, reason)
    return replace(change, status=Status.HELD, rule="gone_at_target")


def _changes(record: Golden, wanted: Mapping[str, Value], target: Target, policy: Policy) -> Iterator[Change]:
    shadow = target.shadows[target.here[record.canonical_id]]
    name_field = NAME_FIELD[record.entity]
    differing: dict[str, Value] = {}
    for field, value in wanted.items():
        if record.origin.get(field) == target.connection or field not in shadow.values:
            continue
        theirs = _canonical(target, field, shadow.values[field])
        if not same(value, theirs):
            differing[field] = value
    moved = {field: differing.pop(field) for field in ("parent_id",) if field in differing}
    differing = {field: value for field, value in differing.items() if field in target.card.updates}
    if differing:
        op = Op.RENAME if set(differing) == {name_field} else Op.UPDATE
        rule = "name_differs" if op == Op.RENAME else "value_differs"
        whose = sorted({record.origin[field] for field in differing})
        reason = f"{' and '.join(whose)} says so, and is an authority"
        yield _checked(_touch(record, target, op, differing, shadow, rule, reason), record, target, policy)
    if moved:
        reason = f"{record.origin['parent_id']} has it under another parent"
        yield _checked(_touch(record, target, Op.MOVE, moved, shadow, "parent_differs", reason), record, target, policy)


def _touch(
    record: Golden, target: Target, op: Op, after: Mapping[str, Value], shadow: Shadow, rule: str, reason: str
) -> Change:
    before = {field: _canonical(target, field, shadow.values[field]) for field in after}
    return replace(_draft(record, target, op, after, reason), before=before, rule=rule)


def _canonical(target: Target, field: str, value: Value) -> Value:
    """A shadow's value with its reference turned into a canonical id; an unlinked one stays recognisable."""
    referred = REFERENCE_FIELDS.get(field) if value is not None else None
    if referred == Entity.PERSON:
        return target.persons.get(str(value), f"unlinked:{value}")
    return target.canonical(value) if referred else value


def _checked(change: Change, record: Golden, target: Target, policy: Policy) -> Change:
    """The change, or its refusal by the target's card or the operator's rules."""
    card, name = target.card, str(change.after.get(NAME_FIELD[change.entity], ""))
    if change.canonical_id in target.uncertain:
        text = f"an earlier write to it at {target.connection} had no answer; the next whole reads settle it"
        return replace(change, status=Status.HELD, rule="outcome_unknown", reason=text)
    if change.op not in card.costs:
        by_hand = (f"vendor_cannot_{change.op}", f"do it by hand at {target.connection}")
        return refuse(change, *card.refusals.get(change.op, by_hand))
    if change.connection in policy.apply_disabled:
        return refuse(change, "apply_disabled", f"connections.{change.connection} says apply_disabled = true")
    if change.op != Op.CREATE and _names(change, record, target) & policy.protected:
        return refuse(change, "protected", "its name stands under [protect]")
    if card.name_max and len(name) > card.name_max:
        return refuse(
            change, "name_too_long", f"{target.connection} takes {card.name_max} characters, this has {len(name)}"
        )
    if change.op == Op.CREATE:
        missing = sorted(field for field in card.required if not change.after.get(field))
        if missing:
            return refuse(change, "missing_required_field", f"{target.connection} requires {', '.join(missing)}")
    if NAME_FIELD[change.entity] in change.after and unwritable(name):
        return refuse(change, "name_not_writable", "it is blank, or holds control characters")
    return change


def _names(change: Change, record: Golden, target: Target) -> set[str]:
    """Every folded name that the record goes by: ours, theirs, the new one; the leaf of a qualified one too."""
    name = change.after.get(NAME_FIELD[change.entity])
    names = {record.name, target.shadows[str(change.source_id)].name, *((str(name),) if name else ())}
    return {fold(one) for name in names for one in (name, name.rpartition(SEPARATOR)[2])}


def unwritable(name: str) -> bool:
    """Whether a name is blank or holds characters that no name should be written with (controls, lone surrogates)."""
    return not fold(name) or any(unicodedata.category(char) in ("Cc", "Cs") for char in name)


def refuse(change: Change, rule: str, why: str) -> Change:
    """The change as refused, with a stable rule code and the reason in words."""
    return replace(change, status=Status.REFUSED, rule=rule, reason=why)


def label(change: Change, golden: Mapping[str, Golden]) -> str:
    """What a person calls the record of a change: its path."""
    trail = paths(golden).get(change.canonical_id)
    return SEPARATOR.join(trail) if trail else str(change.after.get(NAME_FIELD[change.entity], change.canonical_id))
