"""A folder that holds what a folder holds, for a rehearsal."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sources.files.settings import columns, resources
from sources.twin import Holdings
from sources.vendor import Connection, Resource


def stand_in(connection: Connection, holdings: Holdings) -> Connection:
    """The connection over a folder of its own below ``root``, with a file for each list of what is held.

    The files are CSV with a column for each field, whatever the real ones are. Assumed: what they can hold, a CSV file
    in UTF-8 can.
    """
    kinds = resources(connection.options)
    options = {key: value for key, value in connection.options.items() if key not in ("delimiter", "encoding")}
    connection.root.mkdir(mode=0o700, parents=True)
    for one in kinds:
        _write(connection.root / f"{one.name}.csv", one, holdings.get(one.name, ()), connection)
    names = {one.name: f"{one.name}.csv" for one in kinds}
    return replace(connection, options={**options, **names, "folder": "."})


def _write(path: Path, resource: Resource, records: Iterable[dict[str, Any]], connection: Connection) -> None:
    headers = columns(resource, connection.options)
    root = str(connection.options.get("departments_root", ""))
    lines = [",".join(_quoted(one) for one in headers.values())]
    for record in records:
        told = {field: record.get(field) for field in headers}
        lines.append(",".join(_quoted(_text(field, value, root)) for field, value in told.items()))
    path.write_text("\n".join([*lines, ""]), encoding="utf-8", newline="")


def _text(field: str, value: Any, root: str) -> str:
    if value is None:
        return root if field == "parent_id" else ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
