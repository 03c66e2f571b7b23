"""Between a file's rows and records: checked row by row, so that what is wrong is told by its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pendulum

from mappings.model import NAME_FIELD, Value
from sources.errors import Incomplete, Rejected
from sources.files.csv_sheet import CsvSheet
from sources.files.settings import Options, columns
from sources.files.sheet import Placed, Sheet, others, positions, text_of
from sources.vendor import Resource

WORDS: Mapping[str, bool] = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
"""What a cell may say for done and not done, in any case."""

UNREAD = "(in the file)"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """A file as records by id, in the order of its rows. ``columns``: field → the number of its column."""

    data: bytes
    sheet: Sheet
    columns: Mapping[str, int]
    records: Mapping[str, Record]

    def number(self, source_id: str) -> int:
        """The row of a record, counted from 0."""
        return list(self.records).index(source_id)


def book(data: bytes, resource: Resource, options: Options, path: Path) -> Book:
    """Take a file apart. Raises ``Incomplete`` that names the line, where it is not whole or makes no sense."""
    wanted = columns(resource, options)
    sheet = _sheet(data, wanted, options, path)
    held = positions(sheet.headers, wanted, resource.name)
    rest = others(sheet.headers, held.values(), ("id", *resource.fields))
    root, found, places = str(options.get("departments_root", "")), dict[str, Record](), dict[str, str]()
    for row in sheet.rows():
        record = _record(row, resource, held, root) | {name: _told(row.cells[at]) for at, name in rest.items()}
        key = record["id"]
        if key in found:
            raise Incomplete(f"{row.place}: the id {key!r} stands on {places[key]} already")
        found[key], places[key] = record, row.place
    if "parent_id" in held:
        _check_tree(found, places)
    return Book(data, sheet, held, found)


def values(resource: Resource, record: Mapping[str, Any]) -> dict[str, Value]:
    """The canonical values that a record tells."""
    told: dict[str, Value] = {field: record[field] for field in resource.fields}
    if isinstance(text := told.get("due_at"), str):
        told["due_at"] = _moment(text)
    return told


def cells(resource: Resource, book: Book, options: Options, given: Mapping[str, Value]) -> dict[int, Any]:
    """Canonical values as cells: column → what stands there. Raises ``Rejected`` for what a file cannot hold."""
    name = NAME_FIELD[resource.entity]
    if name in given and not str(given[name] or "").strip():
        raise Rejected(f"a {resource.entity} needs a {name}", rule="missing_required_field", field=name)
    if strange := given.keys() - resource.fields.keys():
        text = f"the file has no column for the {min(strange)}"
        raise Rejected(text, rule="field_not_carried", field=min(strange))
    parent = given.get("parent_id")
    if parent is not None and parent not in book.records:
        raise Rejected(f"there is no department {parent} to stand below", rule="parent_gone", field="parent_id")
    filled = {book.columns[key]: value for key, value in given.items()}
    if parent is None and "parent_id" in given:
        filled[book.columns["parent_id"]] = str(options.get("departments_root", ""))
    return filled


def _sheet(data: bytes, wanted: Mapping[str, str], options: Options, path: Path) -> Sheet:
    if path.suffix.casefold() != ".parquet":
        return CsvSheet(data, wanted.values(), options, path)
    from sources.files.parquet_sheet import ParquetSheet  # pyarrow takes a moment

    return ParquetSheet(data)


def _record(row: Placed, resource: Resource, held: Mapping[str, int], root: str) -> Record:
    record = {field: _read(field, row, row.cells[at]) for field, at in held.items()}
    if record["id"] is None:
        raise Incomplete(f"{row.place}: there is no id")
    if record[NAME_FIELD[resource.entity]] is None:
        raise Incomplete(f"{row.place}: there is no {NAME_FIELD[resource.entity]}")
    if record.get("parent_id") == root:
        record["parent_id"] = None
    return record


def _read(field: str, row: Placed, cell: Any) -> Any:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if field in ("id", "parent_id"):
        return _id(field, row, cell)
    if field == "completed":
        done = cell if isinstance(cell, bool) else WORDS.get(str(cell).strip().casefold())
        if done is None:
            raise Incomplete(f"{row.place}: {str(cell)[:40]!r} is neither done nor not ({', '.join(WORDS)})")
        return done
    if field == "due_at":
        moment = _moment(cell)
        if moment is None:
            raise Incomplete(f"{row.place}: {str(cell)[:40]!r} is no date: 2026-07-01, or 2026-07-01T09:30:00Z")
        return text_of(moment)
    if not isinstance(cell, str):
        raise Incomplete(f"{row.place}: the {field} is a {type(cell).__name__}, and no text")
    return cell


def _id(field: str, row: Placed, cell: Any) -> str:
    """An id is text or a whole number; 7.0 is what a spreadsheet makes of 7 where a cell of the column is empty."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        raise Incomplete(f"{row.place}: the {field} is a {type(cell).__name__}, and neither text nor a whole number")
    return str(cell).strip()


def _moment(cell: Any) -> datetime | None:
    """A time in UTC; one without a zone is in UTC already, a day begins at midnight."""
    if isinstance(cell, str):
        cell = _parsed(cell.strip())
    if isinstance(cell, datetime):
        moment = cell.replace(tzinfo=UTC) if cell.tzinfo is None else cell.astimezone(UTC)
        return datetime.combine(moment.date(), moment.time(), UTC)
    return datetime(cell.year, cell.month, cell.day, tzinfo=UTC) if isinstance(cell, date) else None


def _parsed(text: str) -> Any:
    try:
        return datetime.fromisoformat(text)  # a million are read in a second
    except ValueError:
        pass
    try:
        return pendulum.parse(text)
    except (ValueError, OverflowError):
        return None


def _told(cell: Any) -> str | None:
    """What a record tells of a cell whose column means nothing to orgweave: that it holds something.

    HR exports hold salaries and birthdays; what nobody named stays where it is.
    """
    return None if cell in (None, "") else UNREAD


def _check_tree(records: Mapping[str, Record], places: Mapping[str, str]) -> None:
    """Every parent is in the file, and nothing stands below itself."""
    whole: set[str] = set()
    for key in records:
        whole.update(list(_above(key, records, places, whole)))


def _above(key: str, records: Mapping[str, Record], places: Mapping[str, str], whole: set[str]) -> Iterator[str]:
    """A record and those above it, as far as they were not looked at before."""
    seen: set[str] = set()
    while key not in whole:
        if key in seen:
            raise Incomplete(f"{places[key]}: {key!r} stands below itself")
        seen.add(key)
        yield key
        parent = records[key]["parent_id"]
        if parent is None:
            return
        if parent not in records:
            raise Incomplete(
                f"{places[key]}: its parent {parent!r} is not in the file. What to do: export all departments; if "
                f'this is what stands for none, departments_root = "{parent}"'
            )
        key = parent
