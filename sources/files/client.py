"""An open folder: each file is read whole for every question, and written back whole with one row changed."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mappings.model import Entity, Value
from sources.errors import Denied, Gone, Incomplete, Rejected
from sources.files.disk import Content, held, read_whole, replace_whole
from sources.files.records import Book, book, cells, values
from sources.files.settings import resources
from sources.http import Wire
from sources.vendor import Connection, Delta, Observed, Page, Probe, Resource, Row, probed

Edit = Callable[[Book], bytes]


class FilesClient:
    """An open folder. Safe to use from several threads: a write holds the folder from its read to its end.

    A file's bytes are read anew every time; they are taken apart again only where they are others than the last.
    """

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self.wire = wire
        self._options = connection.options
        self._folder = connection.root / str(connection.options["folder"])
        self._resources = {one.entity: one for one in resources(connection.options)}
        self._books: dict[Entity, Book] = {}

    def walk(
        self,
        resource: Resource,
        delta: Delta | None = None,  # noqa: ARG002 - a file tells no changes, and no resource says so
    ) -> Iterator[Page]:
        """The file, one page."""
        found = self.wire.carry_out(lambda: self._book(resource.entity), write=False)
        rows = [Row.of(key, record) for key, record in found.records.items()]
        yield Page(rows, found.sheet.declared, "end of file")

    def probe(self, resource: Resource) -> Probe:
        """How many rows there are; no row is read by its id."""

        def glance() -> tuple[int, None]:
            return len(self.wire.carry_out(lambda: self._book(resource.entity), write=False).records), None

        return probed(glance)

    def observe(self, entity: Entity, source_id: str) -> Observed:
        """A row as it stands now. Raises ``Gone``."""

        def look() -> Observed:
            return self._seen(entity, source_id, self._book(entity))

        return self.wire.carry_out(look, write=False)

    def create(self, entity: Entity, values: Mapping[str, Value]) -> str:
        """Add a row with an id of our making, and return it."""
        made: list[str] = []

        def edit(found: Book) -> bytes:
            filled = cells(self._resources[entity], found, self._options, values)
            if "parent_id" in found.columns and "parent_id" not in values:
                filled |= cells(self._resources[entity], found, self._options, {"parent_id": None})
            made.append(found.sheet.fresh_id(found.columns["id"]))
            return found.sheet.with_added({**filled, found.columns["id"]: made[-1]})

        self._write(entity, edit)
        return made[-1]

    def change(self, entity: Entity, seen: Observed, values: Mapping[str, Value]) -> None:
        """Set these cells of a row, and nothing else in the file. Raises ``Gone`` and ``Rejected``."""

        def edit(found: Book) -> bytes:
            now = self._unmoved(entity, seen, found)
            differing = {field: value for field, value in values.items() if now.values.get(field) != value}
            if not differing:
                return found.data
            if (parent := differing.get("parent_id")) and seen.source_id in _line_of(str(parent), found):
                raise Rejected("a department cannot stand below itself", rule="own_parent", field="parent_id")
            fresh = cells(self._resources[entity], found, self._options, differing)
            return found.sheet.with_changed(found.number(seen.source_id), fresh)

        self._write(entity, edit)

    def delete(self, entity: Entity, seen: Observed) -> None:
        """Take a row away."""

        def edit(found: Book) -> bytes:
            self._unmoved(entity, seen, found)
            below = [key for key, one in found.records.items() if one.get("parent_id") == seen.source_id]
            if below:
                raise Rejected(f"{', '.join(below[:3])} stand below it", rule="not_empty")
            return found.sheet.without(found.number(seen.source_id))

        self._write(entity, edit)

    def forget(self) -> None:
        """Drop the files that were taken apart."""
        self._books.clear()

    def _path(self, entity: Entity) -> Path:
        return self._folder / self._resources[entity].path

    def _book(self, entity: Entity, content: Content | None = None) -> Book:
        path = self._path(entity)
        data = (content or read_whole(path)).data
        known = self._books.get(entity)
        if known is None or known.data != data:
            try:
                known = self._books[entity] = book(data, self._resources[entity], self._options, path)
            except Incomplete as fault:
                raise Incomplete(f"{path}: {fault}") from fault
        return known

    def _seen(self, entity: Entity, source_id: str, found: Book) -> Observed:
        record = found.records.get(source_id)
        if record is None:
            raise Gone(f"{self._path(entity)}: there is no {entity} {source_id}")
        return Observed(source_id, values(self._resources[entity], record), record)

    def _unmoved(self, entity: Entity, seen: Observed, found: Book) -> Observed:
        """The row now. Raises ``Rejected`` where it is another than the one that was seen."""
        now = self._seen(entity, seen.source_id, found)
        if seen.record and {**seen.record} != {**now.record}:
            raise Rejected(f"{entity} {seen.source_id} was changed meanwhile", rule="changed_meanwhile")
        return now

    def _write(self, entity: Entity, edit: Edit) -> None:
        """Read the file, edit it and put it back, all of it while no other run of orgweave can."""
        path = self._path(entity)

        def write() -> None:
            with held(path):
                try:
                    content = read_whole(path)
                    found = self._book(entity, content)
                except Incomplete as fault:  # nothing was written, and nothing will be until the file is whole
                    raise Denied(str(fault)) from fault
                fresh = edit(found)
                if fresh != content.data:
                    self._check(entity, fresh)
                    replace_whole(path, fresh, content.stamp)

        self.wire.carry_out(write, write=True)

    def _check(self, entity: Entity, fresh: bytes) -> None:
        """Raise ``Rejected`` for a file that could not be read again."""
        try:
            self._books[entity] = book(fresh, self._resources[entity], self._options, self._path(entity))
        except Incomplete as fault:
            raise Rejected(f"the file could not be read with this in it: {fault}", rule="unwritable") from fault


def _line_of(key: str, found: Book) -> list[str]:
    """A record and those above it."""
    line: list[str] = []
    at: Any = key
    while at is not None and at in found.records:
        line.append(at)
        at = found.records[at].get("parent_id")
    return line
