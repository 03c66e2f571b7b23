"""Where each value of a canonical record comes from: account, rule, run, read, and what the others say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mappings.model import BY_PERSON, FIELDS
from pipelines.config import KINDS
from pipelines.exchange import confirmed, read_of, run_of
from pipelines.subject import DERIVED, Row, Subject

OF_PLACE = ("path", "depth")


@dataclass(frozen=True, slots=True)
class Says:
    """What another linked account has. ``carries`` is False where it knows nothing of the field."""

    connection: str
    source_id: str
    value: Any
    carries: bool
    present: bool
    differs: bool
    vendor_updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Origin:
    """One field: the surviving value, and whence it comes.

    ``run``: the first that saw it survive. ``read``: the exchange that brought it; ``confirmed``: the newest read since
    that shows it still. ``changed_at`` and ``changed_from`` are of our history, which goes back to ``known_since``.
    """

    field: str
    value: Any
    connection: str | None
    source_id: str | None
    rule: str | None
    because: str
    run: Row | None
    read: Row | None
    confirmed: Row | None
    vendor_updated_at: datetime | None
    known_since: datetime | None
    changed_at: datetime | None
    changed_from: Any
    says: tuple[Says, ...]


def origin(it: Subject, field: str) -> Origin:
    """Where one field comes from."""
    told = it.provenance.get(field)
    connection, source_id = (told["connection"], told["source_id"]) if told else _teller(it, field)
    if connection == BY_PERSON or (told and told["rule"] == "held"):  # then it is nobody's present word
        connection = source_id = None
    value = it.row[field] if it.row else (it.past[-1].get(field) if it.past else None)
    run = run_of(it, told["run_id"]) if told else None
    read = read_of(it, connection, source_id, run) if run and connection and source_id else None
    changed_at, changed_from = _changed(it, field)
    return Origin(
        field=field,
        value=value,
        connection=connection,
        source_id=source_id,
        rule=told["rule"] if told else None,
        because=_because(it, field, told),
        run=run,
        read=read,
        confirmed=confirmed(it, read) if read and _there(it, connection, source_id) else None,
        vendor_updated_at=_vendor_time(it, connection, source_id),
        known_since=it.past[0]["valid_from"] if it.past else None,
        changed_at=changed_at,
        changed_from=changed_from,
        says=tuple(_says(it, field, value, (connection, source_id))),
    )


def _teller(it: Subject, field: str) -> tuple[str | None, str | None]:
    """The account that a field without provenance is of: the only one, or the first by rank that tells it."""
    if field not in DERIVED or field in (*OF_PLACE, "active") or not it.row or it.row[field] is None:
        return None, None
    if it.linked:
        rows = [row for row in it.linked if row[field] is not None and row["rank"] is not None]
        return (rows[0]["connection"], rows[0]["source_id"]) if rows else (None, None)
    refs = [(one.link.ref.connection, one.link.ref.source_id) for one in it.live]
    return refs[0] if len(refs) == 1 else (None, None)


def _because(it: Subject, field: str, told: Row | None) -> str:
    """The rule in words."""
    if not it.row:
        return "nothing survives: no record is linked to it any more; this is the last that history tells"
    if field in DERIVED:
        return DERIVED[field]
    if told is None:
        off = field == "email" and not it.config.email
        return "not kept: [people] email is not true" if off else "no linked account knows of this field"
    kinds = next((name for name, one in KINDS.items() if one is it.entity), "people")
    word, _, rank = str(told["rule"]).partition(" ")
    alone = len(it.live) == 1
    if word == "authority":
        first = "is heard first" if rank == "1" else "no account of a higher rank has a value"
        rest = "no other account holds it" if alone else "none has a value" if told["value"] is None else first
        return f"{told['connection']} is authority {rank} of {kinds}: {rest}"
    if told["rule"] == "no authority knows it":
        rest = "is the one account that holds it" if alone else "is the first of the others that has a value"
        section = it.config.kinds.get(it.entity)
        none = f"no authority of {kinds} knows it" if section and section.authority else f"{kinds} have no authority"
        return f"{none}; {told['connection']} {rest}"
    return _MERGED[told["rule"]].replace("{connection}", told["connection"])


_MERGED = {
    "moved": "{connection} changed it last, and is an authority: the others follow",
    "conflict authority": "several authorities changed it; {connection} is the first of them by rank",
    "conflict newest": "several authorities changed it; the record at {connection} was changed last",
    "held": "several authorities changed it: until a person decides (orgweave review) it stays as it was",
    "pinned": "a person gave this value (orgweave review pin)",
    "resolved": "a person settled a conflict with this value (orgweave review resolve)",
}
"""The rules of mappings/sql/merged.sql in words."""


def _there(it: Subject, connection: str | None, source_id: str | None) -> bool:
    """Whether an account still shows its record."""
    row = _linked(it, connection, source_id)
    return bool(row["active"] if row else it.row.get("active", bool(it.row)))


def _vendor_time(it: Subject, connection: str | None, source_id: str | None) -> datetime | None:
    if connection is None:
        return None
    row = _linked(it, connection, source_id) or it.row
    found: datetime | None = row.get("updated_at")
    return found


def _linked(it: Subject, connection: str | None, source_id: str | None) -> Row | None:
    here = (connection, source_id)
    return next((row for row in it.linked if (row["connection"], row["source_id"]) == here), None)


def _changed(it: Subject, field: str) -> tuple[datetime | None, Any]:
    """When our history last saw the field become another, and from what."""
    pairs = list(zip(it.past, it.past[1:], strict=False))
    for old, new in reversed(pairs):
        if old[field] != new[field]:
            return new["valid_from"], old[field]
    return None, None


def _says(it: Subject, field: str, value: Any, own: tuple[str | None, str | None]) -> Iterator[Says]:
    if field in OF_PLACE:
        return
    for row in it.linked:
        ref = (row["connection"], row["source_id"])
        if ref == own:
            continue
        carries = field in (row["fields"] or ()) if field in FIELDS[it.entity] else row[field] is not None
        differs = carries and row[field] != value
        yield Says(*ref, row[field] if carries else None, carries, bool(row["active"]), differs, row["updated_at"])
