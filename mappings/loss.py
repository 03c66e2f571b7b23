"""The loss report of a migration: what the target cannot hold, record by record and field by field, before any write.

What counts as a difference, and nothing else does: a name, parent or value that will stand otherwise at the target than
at the source; any other field of the vendor's own record that holds something (not null, false, 0, an empty text or
list). Texts compare in their composed form without outer blanks. What a vendor makes itself (ids, times of its own,
names that it looks up) is no loss. A record that is not made is one loss, not one a field.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from typing import Any

from mappings.card import EntityCard
from mappings.model import NAME_FIELD, REFERENCE_FIELDS, Entity, Value
from mappings.naming import SEPARATOR, same
from mappings.plan import canonical_json, jsonable
from mappings.target import UNLINKED

RECORD = "record"
"""The field that a record counts under which is not made at all."""

SPELT: Mapping[str, str] = {"parent_id": "parent", "assignee_id": "assignee", "subject_id": "subject"}
"""What a field is called in the report, where it is not called by its own name."""


class Kind(StrEnum):
    """What becomes of a value."""

    NOT_MADE = "not_made"  # the whole record
    LOST = "lost"  # nothing at the target tells it
    CHANGED = "changed"  # the target holds it otherwise
    KEPT = "kept"  # the source has none, the target keeps its own
    FILLED = "filled"  # the target requires something where the source has nothing


@dataclass(frozen=True, slots=True)
class Loss:
    """One difference: ``value`` at the source, and what is done ``instead``."""

    entity: Entity
    source_id: str
    path: tuple[str, ...]
    field: str
    kind: Kind
    value: str
    instead: str


@dataclass(frozen=True, slots=True)
class Held:
    """A record of the source, and what will stand at the target.

    ``values``: canonical, references as canonical ids. ``raw``: the vendor's own record; ``known``: those of its fields
    that are told by ``values``, or that the vendor makes itself. ``will``: the same of the target after the migration,
    None where it is not made. ``why``: field, or ``RECORD``, → why it is refused or held. ``names``: canonical id →
    what a person calls the record, of those that are referred to.
    """

    source_id: str
    path: tuple[str, ...]
    values: Mapping[str, Value]
    raw: Mapping[str, Any]
    known: frozenset[str]
    will: Mapping[str, Value] | None
    why: Mapping[str, str] = dataclass_field(default_factory=dict)
    names: Mapping[str, str] = dataclass_field(default_factory=dict)


def losses(records: Iterable[Held], into: Entity, target: str, card: EntityCard) -> Iterator[Loss]:
    """Every difference that the migration of these records leaves behind."""
    for one in records:
        if one.will is None:
            name = str(one.values.get(NAME_FIELD[into]) or one.path[-1])
            yield Loss(into, one.source_id, one.path, RECORD, Kind.NOT_MADE, name, f"not made: {one.why[RECORD]}")
            continue
        for field in one.values:
            yield from _field(one, one.will, (into, field), target, card)
        for field, value in card.fills.items():
            if one.values.get(field) in (None, "") and one.will.get(field) in (None, ""):
                told = f"{target} requires one: {value!r} stands there"
                yield Loss(into, one.source_id, one.path, field, Kind.FILLED, "", told)
        for name, value in one.raw.items():
            if name not in one.known and value not in (None, "", 0, False, [], {}):
                told = f"{target} gets none"
                yield Loss(into, one.source_id, one.path, name, Kind.LOST, _text(value), told)


def _field(
    one: Held, will: Mapping[str, Value], what: tuple[Entity, str], target: str, card: EntityCard
) -> Iterator[Loss]:
    into, field = what
    value, then = one.values[field], will.get(field)
    if same(value, then):
        return
    told, shown = SPELT.get(field, field), _shown(one, field, value)
    if field not in card.carries:
        yield Loss(into, one.source_id, one.path, told, Kind.LOST, shown, _without(one, will, into, field, target))
    elif value is None or value == "":
        yield Loss(into, one.source_id, one.path, told, Kind.KEPT, "", f"{target} keeps what it has")
    elif field not in will:
        yield Loss(into, one.source_id, one.path, told, Kind.LOST, shown, one.why.get(field) or f"{target} gets none")
    elif field in one.why:
        text = f"{target} keeps its own: {one.why[field]}"
        yield Loss(into, one.source_id, one.path, told, Kind.CHANGED, shown, text)
    elif field == NAME_FIELD[into] and card.name_max and len(_text(value)) > card.name_max:
        text = f"shortened to {len(_text(then))} characters: {_text(then)!r} at {target}"
        yield Loss(into, one.source_id, one.path, told, Kind.CHANGED, shown, text)
    else:
        yield Loss(
            into, one.source_id, one.path, told, Kind.CHANGED, shown, f"{_named(one, field, then)!r} at {target}"
        )


def _without(one: Held, will: Mapping[str, Value], into: Entity, field: str, target: str) -> str:
    """What tells a value at a target that has no such field."""
    if field != "parent_id":
        return f"{target} has no {field}"
    name = str(will.get(NAME_FIELD[into]) or "")
    told = SEPARATOR in name and not same(name, one.path[-1])
    return f"{target} is flat: the name tells it, {name!r}" if told else f"{target} is flat: nothing tells it"


def _shown(one: Held, field: str, value: Value) -> str:
    return SEPARATOR.join(one.path[:-1]) if field == "parent_id" else _named(one, field, value)


def _named(one: Held, field: str, value: Value) -> str:
    text = _text(value)
    return one.names.get(text, text.removeprefix(UNLINKED)) if field in REFERENCE_FIELDS else text


def _text(value: Any) -> str:
    plain = jsonable(value)
    return plain if isinstance(plain, str) else "" if plain is None else canonical_json(plain)


def counted(found: Iterable[Loss]) -> Counter[tuple[Entity, str, Kind]]:
    """How many records differ in each field, and how."""
    return Counter((one.entity, one.field, one.kind) for one in found)
