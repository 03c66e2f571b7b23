"""What the page tells, as one JSON document: asked of the published file, each part by one query of mappings/report."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mappings.model import REFERENCE_FIELDS
from mappings.queries import query
from pipelines.explain import printable
from pipelines.seeking import names
from state.published import Published

Row = Mapping[str, Any]
LONGEST = 2_000  # characters of a text that are shown: notes may be of any length
LISTS = ("changes", "left_over", "differences", "proposals", "conflicts")
"""Parts that may be long: the page holds the first of them, and says how many there are."""


def document(published: Published, file: str) -> dict[str, Any]:
    """Everything that the page shows.

    Texts are made visible letter by letter (``printable``); times are whole seconds since 1970 in UTC. The departments
    and what belongs to them stand column by column, and refer to one another by place: ten thousand fit in a page.
    """
    departments = _ask(published, "departments")
    places = {row["id"]: place for place, row in enumerate(departments)}
    holdings = _ask(published, "holdings")
    writes = _ask(published, "writes")
    listed = {name: _listed(_ask(published, name)) for name in LISTS}
    systems = _systems(published, holdings, writes)
    found = {
        "file": file,
        "systems": systems,
        "runs": [_run(row) for row in _ask(published, "runs")],
        "reads": _ask(published, "reads"),
        "coverage": _ask(published, "coverage"),
        "decisions": _ask(published, "decisions"),
        "departments": _departments(departments, places),
        "holdings": _columns(holdings, places, systems, ("source_id", "own_name", "there")),
        "happenings": _columns(_ask(published, "happenings"), places, systems, ("at", "what", "was")),
        "writes": _columns(writes, places, systems, ("op", "status", "at")),
        **listed,
    }
    for part in ("changes", "left_over", "conflicts"):
        _name(published, listed[part]["rows"])
    for part in ("left_over", "conflicts", "differences", "proposals"):
        _refer(listed[part]["rows"], places)
    told: dict[str, Any] = _visible(found)
    return told


def _ask(published: Published, name: str) -> list[dict[str, Any]]:
    return published.rows(query(f"report/{name}"))


def _listed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows, and how many there are in all; texts that hold JSON are unfolded."""
    counts = [name for name in rows[0] if name.startswith("of_")] if rows else []
    told = {name: rows[0][name] for name in counts}
    for row in rows:
        for name in counts:
            del row[name]
        for name in ("before", "after", "values", "evidence"):
            if row.get(name) is not None:
                row[name] = json.loads(row[name])
    return {"of_all": 0, "of_waiting": 0, **told, "rows": rows}


def _name(published: Published, rows: Sequence[dict[str, Any]]) -> None:
    """Put what a person calls a record in the place of its id, wherever a row's values refer to one."""
    told = [
        (values, key, REFERENCE_FIELDS[field])
        for row in rows
        for values in filter(None, map(row.get, ("before", "after", "values")))
        for key in values
        if (field := row.get("field", key)) in REFERENCE_FIELDS
    ]
    for entity in {entity for _, _, entity in told}:
        mine = [(values, key) for values, key, other in told if other == entity]
        called = names(published, entity, {str(values[key]) for values, key in mine})
        for values, key in mine:
            values[key] = called.get(values[key], values[key])


def _systems(published: Published, *parts: Iterable[Row]) -> list[str]:
    """Every account that is told of, by name."""
    known = {row["connection"] for part in parts for row in part}
    return sorted(known | {row["connection"] for row in published.rows("SELECT DISTINCT connection FROM ops.reads")})


def _run(row: dict[str, Any]) -> dict[str, Any]:
    """A run in numbers; of its summary what each account was read and written."""
    summary = json.loads(row.pop("summary") or "{}")
    pulled = {
        name: {key: one.get(key) for key in ("complete", "reason", "reads", "notes")}
        for name, one in summary.get("pull", {}).items()
    }
    return {**row, "pull": pulled, "calls_by": summary.get("calls", {}), "ready": summary.get("plan", {}).get("ready")}


def _departments(rows: Sequence[Row], places: Mapping[str, int]) -> dict[str, list[Any]]:
    """Columns; a record of a cycle has no place in the tree (``depth`` is None) and is told as a root."""
    told: dict[str, list[Any]] = {
        name: [row[name] for row in rows] for name in ("id", "name", "depth", "active", "member_count", "description")
    }
    told["parent"] = [
        places.get(row["parent_id"], -1) if row["parent_id"] and row["depth"] is not None else -1 for row in rows
    ]
    return told


def _columns(
    rows: Sequence[Row], places: Mapping[str, int], systems: Sequence[str], names: Sequence[str]
) -> dict[str, list[Any]]:
    """Columns of what belongs to departments: ``of`` is the department's place, ``system`` the account's."""
    kept = [row for row in rows if row["id"] in places]
    told: dict[str, list[Any]] = {"of": [places[row["id"]] for row in kept]}
    if kept and "connection" in kept[0]:
        number = {name: place for place, name in enumerate(systems)}
        told["system"] = [number[row["connection"]] for row in kept]
    return told | {name: [row[name] for row in kept] for name in names}


def _refer(rows: Iterable[dict[str, Any]], places: Mapping[str, int]) -> None:
    """Note the place of the department that a row is about, for its mark in the tree."""
    for row in rows:
        if row["entity"] != "department":
            continue
        about = [row["canonical_id"]] if "canonical_id" in row else [one["id"] for one in row["candidates"] or ()]
        row["of"] = [places[one] for one in about if one in places]


def _visible(value: Any) -> Any:
    """Texts without anything that a screen would obey, and no longer than can be read; times as seconds."""
    if isinstance(value, str):
        text = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
        return text if text.isprintable() else printable(text)
    if isinstance(value, datetime):
        return int(value.astimezone(UTC).timestamp())
    if isinstance(value, Mapping):
        return {_visible(key): _visible(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_visible(one) for one in value]
    return value
