"""A Parquet file: its footer proves that it is whole, and says how many rows it has."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sources.errors import Incomplete, Rejected
from sources.files.sheet import Placed, text_of


class ParquetSheet:
    """A Parquet file. A changed one keeps its columns with their types, its metadata and its compression.

    Raises ``Incomplete`` for what is no whole Parquet file.
    """

    def __init__(self, data: bytes) -> None:
        try:
            file = pq.ParquetFile(pa.BufferReader(data))
            self._table = file.read()
        except (pa.ArrowException, OSError) as fault:
            line = next(iter(str(fault).splitlines()), "")
            raise Incomplete(f"it is no whole Parquet file: {line}. What to do: export it again") from fault
        self.headers = tuple(self._table.column_names)
        self.declared: int | None = file.metadata.num_rows
        groups = file.metadata.num_row_groups and file.metadata.num_columns
        packing = file.metadata.row_group(0).column(0).compression if groups else "SNAPPY"
        self._packing = "none" if packing == "UNCOMPRESSED" else packing.lower()

    def rows(self) -> Iterator[Placed]:
        """Every row."""
        columns = [column.to_pylist() for column in self._table.columns]
        for number, cells in enumerate(zip(*columns, strict=True)):
            yield Placed(f"row {number + 1}", cells)

    def with_changed(self, number: int, cells: Mapping[int, Any]) -> bytes:
        """The file with other cells in a row."""
        row = self._table.slice(number, 1)
        for column, value in cells.items():
            row = row.set_column(column, row.schema.field(column), self._cell(column, value))
        return self._whole(self._table.slice(0, number), row, self._table.slice(number + 1))

    def with_added(self, cells: Mapping[int, Any]) -> bytes:
        """The file with a row more."""
        made = [self._cell(column, cells.get(column)) for column in range(len(self.headers))]
        return self._whole(self._table, pa.Table.from_arrays(made, schema=self._table.schema))

    def without(self, number: int) -> bytes:
        """The file without a row."""
        return self._whole(self._table.slice(0, number), self._table.slice(number + 1))

    def fresh_id(self, column: int) -> str:
        """A random UUID, or a random number of 62 bits where the column holds such."""
        kind = self._table.schema.field(column).type
        if kind in (pa.int64(), pa.uint64()):
            return str(uuid.uuid4().int >> 66)
        if pa.types.is_integer(kind):
            raise Rejected(f"the ids are numbers of {kind}: none can be made that will stay free", rule="no_free_id")
        return str(uuid.uuid4())

    def _cell(self, column: int, value: Any) -> Any:
        """One cell as the column holds it; text where a number is wanted is read as one."""
        field = self._table.schema.field(column)
        if value in (None, ""):
            value = None
            if not field.nullable:
                raise Rejected(f"the column {field.name!r} may not be empty", rule="missing_required_field")
        elif pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            value = text_of(value)
        elif pa.types.is_integer(field.type) and isinstance(value, str):
            value = int(value) if value.removeprefix("-").isdecimal() else value
        try:
            return pa.array([value], field.type)
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as fault:
            raise Rejected(f"the column {field.name!r} holds {field.type}, not {value!r}", rule="wrong_type") from fault

    def _whole(self, *parts: Any) -> bytes:
        sink = pa.BufferOutputStream()
        pq.write_table(pa.concat_tables(parts), sink, compression=self._packing)
        return bytes(sink.getvalue())
