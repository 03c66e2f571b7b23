"""Folders of files in several forms, written and read by other code than the vendor's, and a client over them."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from mappings.model import Entity
from sources.files.client import FilesClient
from sources.files.settings import VENDOR
from sources.http import Wire
from sources.reading import Read, Slip, read
from sources.secret import Scrubber
from sources.vendor import Connection
from tests.clock import FakeClock

HEADERS: Mapping[Entity, Mapping[str, str]] = {
    Entity.DEPARTMENT: {"id": "Dept No", "name": "Name", "parent_id": "Above", "description": "About"},
    Entity.TEAM: {"id": "id", "name": "name", "description": "Purpose"},
    Entity.TASK: {"id": "id", "title": "title", "notes": "Notes", "completed": "Done", "due_at": "Due"},
}
EXTRA = "Cost centre"


@dataclass(frozen=True)
class Form:
    """A form of files: what its CSV looks like, or Parquet where there is none."""

    suffix: str = ".csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    quoted: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


FORMS: Mapping[str, Form] = {
    "csv": Form(),
    "excel": Form(encoding="utf-8-sig", delimiter=";", newline="\r\n", quoted=True),
    "gb18030": Form(encoding="gb18030", delimiter="\t", options={"encoding": "gb18030", "delimiter": "\t"}),
    "parquet": Form(suffix=".parquet"),
}

Cells = Mapping[str, Any]


class Folder:
    """A folder of files of one form, and an open client. ``options`` go beside those that name its columns."""

    def __init__(self, path: Path, form: Form = FORMS["csv"], options: Mapping[str, str] = {}) -> None:
        self.path, self.form = path, form
        named = {f"{one}s": f"{one}s{self.form.suffix}" for one in HEADERS}
        columns = {f"{one}s_{key}": header for one, headers in HEADERS.items() for key, header in headers.items()}
        self.options: dict[str, str | int] = {"folder": ".", **named, **columns, **form.options, **options}
        self.clock = FakeClock()
        self.client = self.open()
        for entity in HEADERS:
            self.write(entity, ())

    def open(self) -> FilesClient:
        """Another client of the same folder."""
        wire = Wire("", VENDOR.card(self.options).pace, clock=self.clock, jitter=lambda: 1.0)
        made = VENDOR.connect(Connection("hr", "files", "", self.options, {}, root=self.path), wire, Scrubber())
        assert isinstance(made, FilesClient)
        return made

    def file(self, entity: Entity = Entity.DEPARTMENT) -> Path:
        return self.path / str(self.options[f"{entity}s"])

    def write(self, entity: Entity, rows: Iterable[Cells]) -> None:
        """Write a file; rows by header, what is missing is empty."""
        headers, path = [*HEADERS[entity].values(), EXTRA], self.file(entity)
        if path.suffix == ".parquet":
            fields = [pa.field(one, pa.int64() if one == "Dept No" else pa.string()) for one in headers]
            told = [{**row, **({"Dept No": int(row["Dept No"])} if "Dept No" in row else {})} for row in rows]
            pq.write_table(pa.Table.from_pylist(told, pa.schema(fields)), path)
            return
        text = io.StringIO()
        quoting: Literal[0, 1] = csv.QUOTE_ALL if self.form.quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(text, delimiter=self.form.delimiter, quoting=quoting, lineterminator=self.form.newline)
        writer.writerows([headers, *([row.get(one, "") for one in headers] for row in rows)])
        path.write_bytes(text.getvalue().encode(self.form.encoding))

    def rows(self, entity: Entity) -> list[dict[str, Any]]:
        """The rows of a file, by header."""
        path = self.file(entity)
        if path.suffix == ".parquet":
            found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
            return found
        text = path.read_bytes().decode(self.form.encoding)
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=self.form.delimiter))

    def held(self, entity: Entity) -> dict[str, dict[str, Any]]:
        """The rows of a file by id, under orgweave's names."""
        names = {header: key for key, header in HEADERS[entity].items()}
        told = [{names.get(header, header): cell for header, cell in row.items()} for row in self.rows(entity)]
        return {str(row["id"]): row for row in told}

    def read(self, entity: Entity = Entity.DEPARTMENT) -> Read:
        return read(self.client, VENDOR.fitted(self.options).resource(entity), Slip("r", "run", "hr"))

    def reason(self) -> str:
        """Why a read of the departments is not whole."""
        found = self.read()
        assert not found.receipt.complete
        assert found.pages == ()
        return str(found.receipt.reason)


def plain(path: Path, text: str | bytes, **options: str) -> Folder:
    """A folder whose departments are this CSV: id, name and parent_id."""
    names = {"departments_id": "id", "departments_name": "name", "departments_parent_id": "parent_id"}
    made = Folder(path, options={**names, **options})
    del made.options["departments_description"]
    made.client = made.open()
    made.file().write_bytes(text if isinstance(text, bytes) else text.encode())
    return made
