"""What a CSV and a Parquet file have in common: columns, rows, and the file with one row changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from sources.errors import Incomplete


class Placed(NamedTuple):
    """A row: where it stands, as a person would look for it (``line 7``), and its cells in the order of the columns."""

    place: str
    cells: Sequence[Any]


class Sheet(Protocol):
    """A file that was taken apart. ``headers``: its columns in their order. ``declared``: the rows it says it has."""

    headers: tuple[str, ...]
    declared: int | None

    def rows(self) -> Iterator[Placed]:
        """Every row, in its order. Raises ``Incomplete`` at one that is no row of this file."""

    def with_changed(self, number: int, cells: Mapping[int, Any]) -> bytes:
        """The file with other cells (column → value) in a row, counted from 0; all else as it was."""

    def with_added(self, cells: Mapping[int, Any]) -> bytes:
        """The file with a row more, at its end; its other cells are empty."""

    def without(self, number: int) -> bytes:
        """The file without a row."""

    def fresh_id(self, column: int) -> str:
        """An id that no record has, nor is likely to be given by the system that makes the file."""


def text_of(value: Any) -> str:
    """A value as the text of a cell: ``true``, ``2026-07-01T09:30:00Z``; nothing is an empty one."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def same_header(left: str, right: str) -> bool:
    """Whether two headers name one column: case and outer blanks do not tell them apart."""
    return left.strip().casefold() == right.strip().casefold()


def positions(headers: Sequence[str], wanted: Mapping[str, str], kind: str) -> dict[str, int]:
    """Field → the number of its column. Raises ``Incomplete`` for a column that is missing or there twice."""
    found: dict[str, int] = {}
    for field, header in wanted.items():
        numbers = [number for number, one in enumerate(headers) if same_header(one, header)]
        if len(numbers) > 1:
            raise Incomplete(f"two columns are called {header!r}. What to do: rename one of them")
        if not numbers:
            there = ", ".join(headers[:30])
            raise Incomplete(
                f"there is no column {header!r}; its columns are {there}. What to do: {kind}_{field} names the one "
                f"that holds the {field}"
            )
        found[field] = numbers[0]
    return found


def others(headers: Sequence[str], taken: Iterable[int], reserved: Iterable[str]) -> dict[int, str]:
    """Column → what its cells are called in a record, for the columns that hold no field: by their own header."""
    used, names = {*reserved}, {}
    for number, header in enumerate(headers):
        if number in set(taken):
            continue
        name = header.strip() or f"column {number + 1}"
        name = name if name not in used else f"{name} (column {number + 1})"
        used.add(name)
        names[number] = name
    return names
