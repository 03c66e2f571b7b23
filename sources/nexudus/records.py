"""Between Nexudus's records and canonical values (shared notes: vendors/nexudus.md, sections 1.2, 3 and 4)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pendulum

from mappings.model import Value
from sources.errors import Rejected
from sources.nexudus.settings import NO_DESCRIPTION, UNLISTED
from sources.vendor import Observed, Resource

PEOPLE: Mapping[str, str] = {"ResponsibleId": "user", "CoworkerId": "coworker"}
"""Fields that hold a person's id, and of which table: administrators and coworkers are numbered apart."""

_LIST_CONTROL = re.compile(r"(Added|Removed)[A-Z]\w*")
_UPLOAD_CONTROL = re.compile(r"New[A-Z]\w*Url")
_CLEAR_CONTROL = re.compile(r"Clear[A-Z]\w*File")


def canonical(resource: Resource, record: Mapping[str, Any]) -> dict[str, Value]:
    """The canonical values that a record tells; a field that it does not hold is left out: unknown is not empty."""
    return {field: _read(name, record[name]) for field, name in resource.fields.items() if name in record}


def vendor_fields(resource: Resource, values: Mapping[str, Value]) -> dict[str, Any]:
    """Canonical values in the vendor's words. Raises ``Rejected`` for one that Nexudus cannot hold."""
    unknown = values.keys() - resource.fields.keys()
    if unknown:
        field = min(unknown)
        raise Rejected(f"Nexudus {resource.name} have no {field}", rule="field_not_carried", field=field)
    return {resource.fields[field]: _write(field, resource.fields[field], value) for field, value in values.items()}


def whole_body(resource: Resource, seen: Observed, values: Mapping[str, Value]) -> dict[str, Any]:
    """The body of a PUT: the whole record as it was read by its id, with the changed fields replaced.

    A PUT replaces the record, and what it leaves out is cleared with a 200. So a record whose arrays are unknown (null,
    as in lists) is refused with ``Rejected``: sent back, it would wipe members or managers.

    ``DueDateLocal`` goes along as it is unless ``DueDate`` changes. Which of the two wins is not documented: the old
    local time could undo the change, and a new one cannot be worked out without the location's zone. It is then left
    out, and the read-back after every write tells if a tenant holds that against us.
    """
    partial = [name for name in UNLISTED[resource.entity] if not isinstance(seen.record.get(name), list)]
    if partial:
        text = f"the record was read without {', '.join(partial)}: sent back, it would clear them"
        raise Rejected(text, rule="partial_record", field=partial[0])
    known = canonical(resource, seen.record)
    changed = {field: value for field, value in values.items() if field not in known or known[field] != value}
    fields = vendor_fields(resource, changed)
    left_out = {"DueDateLocal"} if "DueDate" in fields else set()
    return {name: _echo(name, held) for name, held in seen.record.items() if name not in left_out} | fields


def parse_time(text: object) -> datetime | None:
    """A time as an aware one in UTC; without a zone it is in UTC already. None for nothing, and for what is no time."""
    if not isinstance(text, str):
        return None
    try:
        found = pendulum.parse(text)
        if not isinstance(found, pendulum.DateTime):
            return None
        moment = found.in_timezone("UTC")
        return datetime.combine(moment.date(), moment.time(), UTC)
    except (ValueError, OverflowError):
        return None


def _echo(name: str, held: Any) -> Any:
    """What a PUT sends for a field that does not change: the same, but never a repeated command."""
    if _LIST_CONTROL.fullmatch(name) or _UPLOAD_CONTROL.fullmatch(name):
        return None
    return False if _CLEAR_CONTROL.fullmatch(name) else held


def _read(name: str, raw: Any) -> Value:
    if name in PEOPLE:
        return None if raw is None else f"{PEOPLE[name]}:{raw}"
    if name == "DueDate":
        return parse_time(raw)
    if name in ("Completed", "Active"):
        return raw if isinstance(raw, bool) else None
    return None if raw is None or raw == NO_DESCRIPTION else str(raw)


def _write(field: str, name: str, value: Value) -> Any:
    if name in PEOPLE and value is not None:
        return _person_number(field, name, str(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value


def _person_number(field: str, name: str, source_id: str) -> int:
    table, _, number = source_id.partition(":")
    if table != PEOPLE[name] or not number.isdecimal():
        text = f"{field} must be a {PEOPLE[name]} of Nexudus, not {source_id!r}"
        raise Rejected(text, rule="wrong_reference", field=field)
    return int(number)
