"""A CSV file, taken apart without loss: a row that does not change is written back letter by letter."""

import csv
import io
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sources.errors import Incomplete
from sources.files.disk import encoded
from sources.files.settings import DELIMITERS, ENCODINGS, Options
from sources.files.sheet import Placed, same_header, text_of

BOM = b"\xef\xbb\xbf"
SHOWN = 80  # characters of a header that an error repeats


class _Row(NamedTuple):
    """A row: its number among the pieces, its first line, its cells."""

    piece: int
    line: int
    cells: list[str]


class CsvSheet:
    """A CSV file: RFC 4180, or with another delimiter. ``wanted``: the headers that it must have.

    Raises ``Incomplete`` for anything that may be half a file: none, no last line's end, a row with other than the
    header's cells, a quote that is not closed, bytes that are no text of the encoding. Where no delimiter is
    configured, it is the one that finds all wanted headers in the first line; that none or several do is an error.
    """

    declared: int | None = None

    def __init__(self, data: bytes, wanted: Iterable[str], options: Options, path: Path) -> None:
        self._path = path
        self._encoding = ENCODINGS[str(options.get("encoding", "utf-8"))]
        self._bom = BOM if self._encoding == "utf-8" and data.startswith(BOM) else b""
        text = _decoded(data.removeprefix(self._bom), self._encoding)
        if not text.strip():
            raise Incomplete("it is empty: not even a line of headers. What to do: export it again")
        if not text.endswith(("\n", "\r")) and options.get("final_newline") != "optional":
            raise Incomplete(
                "its last line does not end: it may be cut. What to do: export it again; if its exporter never ends "
                'the last line: final_newline = "optional"'
            )
        self._delimiter = str(options.get("delimiter") or _delimiter(text, list(wanted)))
        self._pieces: list[str] = []  # the file, row by row and blank line by blank line, as it is written
        self._rows: list[_Row] = []
        self._split(text)
        head = self._rows.pop(0)
        self.headers = tuple(head.cells)
        first = self._pieces[head.piece]
        self._newline = first[len(first.rstrip("\r\n")) :] or "\n"
        self._quoted = first.rstrip("\r\n") == self._line(head.cells, always=True)  # and so is every cell below
        for row in self._rows:
            if len(row.cells) != len(self.headers):
                raise Incomplete(
                    f"line {row.line} has {len(row.cells)} cells, the headers are {len(self.headers)}: it is cut, or a "
                    "cell with the delimiter in it is not quoted. What to do: export it again"
                )

    def rows(self) -> Iterator[Placed]:
        """Every row below the headers."""
        for row in self._rows:
            yield Placed(f"line {row.line}", row.cells)

    def with_changed(self, number: int, cells: Mapping[int, Any]) -> bytes:
        """The file with other cells in a row."""
        row = self._rows[number]
        fresh = [text_of(cells[at]) if at in cells else cell for at, cell in enumerate(row.cells)]
        return self._whole({row.piece: self._row(fresh)})

    def with_added(self, cells: Mapping[int, Any]) -> bytes:
        """The file with a row more."""
        fresh = [text_of(cells.get(at)) for at in range(len(self.headers))]
        ended = self._pieces[-1].endswith(("\n", "\r"))
        return self._whole({len(self._pieces): ("" if ended else self._newline) + self._row(fresh)})

    def without(self, number: int) -> bytes:
        """The file without a row."""
        return self._whole({self._rows[number].piece: ""})

    def fresh_id(self, column: int) -> str:  # noqa: ARG002 - any text is an id here
        """A random UUID: never a number that the exporting system counts up to."""
        return str(uuid.uuid4())

    def _split(self, text: str) -> None:
        pending: list[str] = []

        def lines() -> Iterator[str]:
            for line in io.StringIO(text, newline=""):
                pending.append(line)
                yield line

        reader = csv.reader(lines(), delimiter=self._delimiter, strict=True)
        last = 0
        try:
            for cells in reader:
                if cells:
                    self._rows.append(_Row(len(self._pieces), last + 1, cells))
                self._pieces.append("".join(pending))
                pending.clear()
                last = reader.line_num
        except csv.Error as fault:
            raise Incomplete(
                f"the row that begins on line {last + 1} is no CSV: {fault}. What to do: export it again"
            ) from fault

    def _row(self, cells: Sequence[str]) -> str:
        return self._line(cells, always=self._quoted) + self._newline

    def _line(self, cells: Sequence[str], *, always: bool) -> str:
        marks = {self._delimiter, '"', "\r", "\n"}  # Python's own writer leaves a line break of another kind unquoted
        return self._delimiter.join(
            '"' + cell.replace('"', '""') + '"' if always or not marks.isdisjoint(cell) else cell for cell in cells
        )

    def _whole(self, fresh: Mapping[int, str]) -> bytes:
        pieces = [fresh.get(number, piece) for number, piece in enumerate([*self._pieces, ""])]
        return self._bom + encoded("".join(pieces), self._encoding, self._path)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise Incomplete(
            f"line {line} is no {encoding}: it is cut, or in another encoding. What to do: export it as UTF-8, or say "
            f"encoding = {' | '.join(ENCODINGS)}"
        ) from fault
    if (at := text.find("\0")) >= 0:
        raise Incomplete(f"line {text.count(chr(10), 0, at) + 1} has a NUL in it: it is damaged, or no CSV")
    return text


def _delimiter(text: str, wanted: Sequence[str]) -> str:
    """The delimiter with which the first line has every wanted header."""
    first = next(line for line in io.StringIO(text, newline="") if line.strip())
    fitting = [one for one in DELIMITERS if _has(first, one, wanted)]
    if len(fitting) == 1:
        return fitting[0]
    told = ", ".join(wanted)
    raise Incomplete(
        f"its headers are {first.strip()[:SHOWN]!r}: no delimiter finds {told} there. What to do: name the columns as "
        'they are called (departments_id = "…"), or say delimiter = ";"'
    )


def _has(line: str, delimiter: str, wanted: Sequence[str]) -> bool:
    headers = next(csv.reader([line], delimiter=delimiter), [])
    return all(any(same_header(header, one) for header in headers) for one in wanted)
