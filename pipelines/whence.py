"""Where a value comes from, as a person reads it: a paragraph a field, then links, disputes and writes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mappings.plan import jsonable
from pipelines.budget import utc
from pipelines.explain import printable, rows
from pipelines.origins import Origin, Says
from pipelines.subject import DERIVED

Names = Mapping[str, str]
"""Canonical id → what a person calls the record."""


def record(
    document: Mapping[str, Any], origins: Sequence[Origin], called: Names, *, whole: bool
) -> Iterator[RenderableType]:
    """A record: what it is, each field, and what is known of its links."""
    yield Text(printable(f"{document['kind']} {document['name'] or '(no name)'}"), style="bold")
    yield _state(document)
    if newer := document["published"]["newer_run"]:
        yield Text(f"Run {newer[:8]} has not published: this is how it was before it.", style="yellow")
    for one in origins:
        if not whole or one.field not in DERIVED:
            yield ""
            yield Text(one.field, style="bold")
            yield _grid(_paragraph(one, called))
    if whole and (derived := [one for one in origins if one.field in DERIVED]):
        yield ""
        yield Text("also", style="bold")
        yield _grid((one.field, f"{_shown(one.value, called)}: {one.because}") for one in derived)
    yield from _rest(document, called)


def _state(document: Mapping[str, Any]) -> Text:
    state = (
        ""
        if document["active"]
        else "; gone at its source"
        if document["linked"]
        else "; nothing is linked to it any more"
    )
    return Text(f"id {document['canonical_id']}{state}", style="dim")


def _grid(lines: Iterator[tuple[str, str]]) -> Padding:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in lines:
        grid.add_row(printable(label), printable(text))
    return Padding(grid, (0, 0, 0, 2))


def _paragraph(one: Origin, called: Names) -> Iterator[tuple[str, str]]:
    yield "value", _shown(one.value, called)
    if one.connection:
        yield "of", f"{one.connection}, id {one.source_id}"
    yield "because", one.because
    if one.run:
        began = f", {utc(one.run['started_at'])}" if one.run["started_at"] else ""
        yield (
            "since",
            f"run {one.run['run_id'][:8]} ({one.run['command'] or 'unknown'}{began}): the first to see it survive",
        )
    if one.read:
        still = f"; last confirmed by {_read(one.confirmed)}" if one.confirmed else ""
        yield "read", f"{_read(one.read)}, whole, {one.read['rows']} records{still}"
    if one.connection:
        told = (
            f"changed there {utc(one.vendor_updated_at)}" if one.vendor_updated_at else "does not tell when it changed"
        )
        yield "vendor", told
    yield "changed", _changed(one, called)
    for said in one.says:
        yield f"{said.connection}", _says(said, called)


def _read(read: Mapping[str, Any]) -> str:
    return f"{read['mode']} read of {read['resource']}, {utc(read['started_at'])} (run {read['run_id'][:8]})"


def _changed(one: Origin, called: Names) -> str:
    if one.changed_at:
        return f"{utc(one.changed_at)}, from {_shown(one.changed_from, called)}"
    if one.known_since:
        return f"never since {utc(one.known_since)}, when our history of it begins"
    return "no history is kept of it"


def _says(said: Says, called: Names) -> str:
    if not said.carries:
        return f"id {said.source_id}: knows nothing of this field"
    gone = "" if said.present else ", gone there"
    if not said.differs:
        return f"id {said.source_id}: the same{gone}"
    changed = f", changed there {utc(said.vendor_updated_at)}" if said.vendor_updated_at else ""
    return f"id {said.source_id}: DIFFERS: {_shown(said.value, called)}{gone}{changed}"


def _rest(document: Mapping[str, Any], called: Names) -> Iterator[RenderableType]:
    yield ""
    yield Text("links", style="bold")
    links = [
        (
            one["connection"],
            one["source_id"],
            one["method"],
            one["evidence"],
            _life(one["linked_at"], one["unlinked_at"]),
        )
        for one in document["links"]
    ]
    yield Padding(rows(("account", "id", "how", "evidence", "since (UTC)"), links), (0, 0, 0, 2))
    if waits := [*map(_waits, document["disputes"]), *(_disagree(one, called) for one in document["conflicts"])]:
        yield ""
        yield Text("waits for a person: orgweave review", style="bold")
        yield _grid(iter(waits))
    if decisions := document["decisions"]:
        yield ""
        yield Text("people decided", style="bold")
        yield _grid((_time(one["decided_at"]), _decided(one, called)) for one in decisions)
    yield ""
    yield Text("our last writes", style="bold")
    if not document["writes"]:
        yield Text("  none")
        return
    writes = [
        (_time(one["at"]), one["run_id"][:8], one["connection"], one["op"], one["status"], _after(one))
        for one in document["writes"]
    ]
    yield Padding(rows(("at (UTC)", "run", "account", "op", "status", "wrote"), writes), (0, 0, 0, 2))


def _waits(one: Mapping[str, Any]) -> tuple[str, str]:
    return f"{one['connection']} id {one['source_id']}", one["reason"]


def _disagree(one: Mapping[str, Any], called: Names) -> tuple[str, str]:
    said = "; ".join(f"{connection} says {_shown(value, called)}" for connection, value in one["values"].items())
    return one["field"], f"authorities disagree: {said}"


def _decided(one: Mapping[str, Any], called: Names) -> str:
    about = one["field"] or f"{one['connection']} id {one['source_id']}"
    value = f" to {_shown(one['value'], called)}" if one["field"] and one["decision"] != "unpin" else ""
    whose = f" of {one['taken']}" if one["taken"] else ""
    note = f": {one['note']}" if one["note"] else ""
    return f"{one['decision']} {about}{value}{whose}, by {one['decided_by']}{note}"


def _life(at: datetime, ended: datetime | None) -> str:
    return f"{_time(at)}, until {_time(ended)}" if ended else _time(at)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _after(write: Mapping[str, Any]) -> str:
    wrote = "; ".join(f"{name}: {_shown(value, {})}" for name, value in (write["after"] or {}).items())
    return f"{wrote}; {write['error']}" if write["error"] else wrote


def _shown(value: Any, called: Names) -> str:
    """A value for a person; one that refers to a record by what that is called too."""
    if value is None:
        return "(empty)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return utc(value)
    name = called.get(value) if isinstance(value, str) else None
    return f"{name} ({value})" if name else str(jsonable(value))
