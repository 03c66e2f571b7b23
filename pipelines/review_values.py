"""Values that a person decides: a conflict resolved, a field pinned or pinned no more."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from mappings.model import FIELDS, NAME_FIELD, REFERENCE_FIELDS, Entity, Hold, Pin, Value
from mappings.refusal import unwritable
from pipelines.errors import UsageError
from pipelines.review_matches import LISTS, SHORT, undecidable
from pipelines.review_run import Bench, Made
from pipelines.seeking import kind, names, seek
from state.decisions import conflict_id
from state.merge import Standpoint, standpoints
from state.published import Published
from state.questions import Conflict
from state.safety import Effects, Verdict

KINDS = ("coworker", "user")
"""What ``kind`` of a person may be."""


def resolve(bench: Bench, ident: str, take: str | None, value: str | None) -> Made:
    """Settle a conflict: the value of one account, or another one, until an authority says something new."""
    if (take is None) == (value is None):
        raise UsageError("say whose value holds, or which. What to do: either --take CONNECTION or --value VALUE")
    one = _pick(bench, ident)
    said = standpoints(bench.run.working, one.entity, one.canonical_id, one.field)
    told: dict[str, Any] = {"name": one.name, "values": dict(one.values), "since": one.since}
    if take is not None:
        return _taken(bench, one, said, take, told)
    given = typed(bench, one.entity, one.canonical_id, one.field, str(value))
    pin = Pin(one.entity, one.canonical_id, one.field, given, Hold.RESOLVED)
    effects = Effects(agreed=_agreed(said, one.field), pins=((pin, None),))
    return _made(bench, Verdict.RESOLVE, pin, told | {"value": given}, effects)


def _taken(bench: Bench, one: Conflict, said: Sequence[Standpoint], take: str, told: Mapping[str, Any]) -> Made:
    """All others that say another thing agree on it: then this account alone has moved, and its value is taken."""
    theirs = next((each for each in said if each.ref.connection == take), None)
    if theirs is None or take not in one.values:
        raise UsageError(f"--take {take}: is no side of this conflict. What to do: one of {', '.join(one.values)}")
    others = [each for each in said if each.ref.connection != take and each.value != theirs.value]
    pin = Pin(one.entity, one.canonical_id, one.field, _value(one.field, theirs.value), Hold.RESOLVED)
    told = {**told, "taken": take, "value": pin.value}
    return _made(bench, Verdict.RESOLVE, pin, told, Effects(agreed=_agreed(others, one.field)))


def _agreed(said: Sequence[Standpoint], field: str) -> dict[Any, dict[str, Value]]:
    return {each.ref: {field: _value(field, each.raw)} for each in said}


def pin(bench: Bench, which: tuple[str, str, str], value: str, until: str | None) -> Made:
    """Let a field have this value, whatever the accounts say. ``which``: kind, record, field."""
    entity, key, field = _field(bench, *which)
    given = typed(bench, entity, key, field, value)
    ends = _until(bench, until)
    made = Pin(entity, key, field, given)
    told = {"name": _name(bench.published, entity, key), "values": _said(bench, made), "value": given, "until": ends}
    return _made(bench, Verdict.PIN, made, told, Effects(pins=((made, ends),)))


def unpin(bench: Bench, which: tuple[str, str, str]) -> Made:
    """Let the accounts decide a field again. ``which``: kind, record, field."""
    entity, key, field = _field(bench, *which)
    found = [
        one
        for one in bench.run.safety.pins(bench.run.clock.now())
        if (one.entity, one.canonical_id, one.field) == (entity, key, field)
    ]
    if not found:
        raise UsageError(f"{field} of {_name(bench.published, entity, key)} is not pinned. {LISTS} and what is pinned")
    told = {"name": _name(bench.published, entity, key), "values": _said(bench, found[0]), "value": found[0].value}
    return _made(bench, Verdict.UNPIN, found[0], told, Effects(unpinned=((entity, key, field),)))


def typed(bench: Bench, entity: Entity, key: str, field: str, text: str) -> Value:
    """A value as it was typed, as the field holds it; an empty text is no value. Raises ``UsageError``."""
    text = text.strip()
    if not text:
        if field == NAME_FIELD[entity] or field in ("completed", "kind"):
            raise UsageError(f"{field} cannot be empty. What to do: give it a value")
        return None
    if field == NAME_FIELD[entity] and unwritable(text):
        raise UsageError(f"{field}: holds characters that no name is written with (controls). What to do: without them")
    if field in REFERENCE_FIELDS:
        other = seek(bench.published, REFERENCE_FIELDS[field], text)
        if field == "parent_id":
            _no_circle(bench.published, key, other)
        return other
    if field == "completed":
        return _truth(text)
    if field == "due_at":
        return _moment(field, text)
    if field == "kind" and text not in KINDS:
        raise UsageError(f"kind {text}: no such kind. What to do: one of {', '.join(KINDS)}")
    return text


def _truth(text: str) -> bool:
    known = {"true": True, "yes": True, "false": False, "no": False}
    if text.lower() not in known:
        raise UsageError(f"completed {text}: neither. What to do: true or false")
    return known[text.lower()]


def _moment(what: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise UsageError(
            f"{what} {text}: no time. What to do: such as 2026-12-31 or 2026-12-31T18:00:00+08:00"
        ) from fault


def _until(bench: Bench, text: str | None) -> datetime | None:
    """Until when a pin stands: a moment, or a day with the whole of it, in UTC."""
    if text is None:
        return None
    at = _moment("--until", text)
    try:
        at = datetime.combine(date.fromisoformat(text.strip()), time(), UTC) + timedelta(days=1)
    except ValueError:
        pass  # it has an hour
    except OverflowError as fault:
        raise UsageError(f"--until {text}: is too far away. What to do: an earlier day, or none") from fault
    if at <= bench.run.clock.now():
        raise UsageError(f"--until {text}: is past. What to do: a later day, or none: it stands until it is taken back")
    return at


def _no_circle(published: Published, key: str, parent: str) -> None:
    rows = published.rows("SELECT department_id, parent_id FROM org.departments WHERE parent_id IS NOT NULL")
    above = {row["department_id"]: row["parent_id"] for row in rows}
    here: str | None = parent
    seen: set[str] = set()
    while here is not None and here not in seen:
        if here == key:
            raise UsageError("a department cannot be below itself. What to do: give a parent that is not below it")
        seen.add(here)
        here = above.get(here)


def _field(bench: Bench, which: str, ident: str, field: str) -> tuple[Entity, str, str]:
    entity = kind(which)
    if field not in FIELDS[entity]:
        raise UsageError(f"{field}: no field of a {entity}. What to do: one of {', '.join(FIELDS[entity])}")
    if field == "email" and not bench.run.config.email:
        raise UsageError("email: personal data is opt-in. What to do: [people] email = true")
    return entity, seek(bench.published, entity, ident), field


def _pick(bench: Bench, ident: str) -> Conflict:
    found = [one for one in bench.conflicts if ident and one.conflict_id.startswith(ident.lower())]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{ident}: {len(found)} conflicts begin so. What to do: give more of the id")
    if any(ident and one.proposal_id.startswith(ident.lower()) for one in bench.proposals):
        raise UsageError(f"{ident}: is a proposed match. What to do: orgweave review accept {ident}, or reject")
    raise UsageError(f"{ident}: {undecidable(bench, ident)}no conflict waits under this id. {LISTS}")


def _said(bench: Bench, pin: Pin) -> dict[str, str | None]:
    """What each account says of a field: connection → value as text."""
    said = standpoints(bench.run.working, pin.entity, pin.canonical_id, pin.field)
    if said:
        return {one.ref.connection: None if one.value is None else str(one.value) for one in said}
    rows = bench.published.rows(
        "SELECT connection, value FROM org.provenance WHERE entity = ? AND canonical_id = ? AND field = ?",
        *(str(pin.entity), pin.canonical_id, pin.field),
    )
    return {row["connection"]: row["value"] for row in rows}


def _value(field: str, text: Value) -> Value:
    """A value that the working database told as text, as a base and a pin hold it."""
    if not isinstance(text, str):
        return text
    if field == "completed":
        return text == "true"
    return datetime.fromisoformat(text) if field == "due_at" else text


def _made(bench: Bench, verdict: Verdict, pin: Pin, told: Mapping[str, Any], effects: Effects) -> Made:
    about = {"canonical_id": pin.canonical_id, "field": pin.field}
    subject = conflict_id(pin.entity, pin.canonical_id, pin.field)
    decision = bench.decision(verdict, subject, pin.entity, told, **about)
    whose = f"{pin.field} of {_name(bench.published, pin.entity, pin.canonical_id)}"
    past = {Verdict.RESOLVE: "resolved", Verdict.PIN: "pinned", Verdict.UNPIN: "no longer pinned"}[verdict]
    until = f" until {ends:%Y-%m-%d %H:%M} UTC" if (ends := told.get("until")) else ""
    return Made(decision, effects, f"{past}: {whose}{until}")


def _name(published: Published, entity: Entity, key: str) -> str:
    return f"{names(published, entity, [key]).get(key) or '(no name)'} ({key[:SHORT]})"
