"""A plan as lines: each branch of the tree in which something changes, with the names above it for its place.

The terminal (explain.py) and Markdown (markdown.py) show the same lines.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from mappings.model import NAME_FIELD, REFERENCE_FIELDS, Entity, Op, Value
from mappings.naming import SEPARATOR, fold
from mappings.plan import Change, Status, jsonable
from mappings.target import UNLINKED

MOST = 100  # changes of a target and kind that are shown one by one; the sealed plan holds them all

SIGNS: Mapping[Op, str] = {
    Op.CREATE: "+",
    Op.RENAME: "~",
    Op.UPDATE: "~",
    Op.MOVE: ">",
    Op.DEACTIVATE: "-",
    Op.DELETE: "-",
}
STOPPED = "!"  # the sign of what is refused or held

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a change, or (``change`` is None) a name that only tells where the next lines stand."""

    depth: int
    sign: str
    text: str
    change: Change | None = None

    @property
    def why(self) -> str:
        """The reason in words; of what will not be done its rule too."""
        if self.change is None:
            return ""
        if self.change.status == Status.READY:
            return self.change.reason
        return f"{self.change.status}, {self.change.rule}: {self.change.reason}"


@dataclass(frozen=True, slots=True)
class Group:
    """The changes of one target and kind: ``lines`` shows the first of them, ``rest`` counts the others in words."""

    connection: str
    entity: Entity
    counts: str
    lines: tuple[Line, ...]
    rest: str


def outline(changes: Sequence[Change], paths: Mapping[str, Path]) -> Iterator[Group]:
    """The changes by target and kind; ``paths``: canonical id → names from the root down."""
    for (name, entity), some in groupby(changes, key=lambda change: (change.connection, change.entity)):
        rows = list(some)
        stopped = [change for change in rows if change.status != Status.READY]
        ready = [change for change in rows if change.status == Status.READY]
        shown = [*stopped[: max(MOST // 2, MOST - len(ready))], *ready]
        shown, kept = shown[:MOST], {change.id for change in shown[:MOST]}
        rest = [change for change in rows if change.id not in kept]
        yield Group(
            name, entity, counts(rows), tuple(_tree(shown, paths)), f"{len(rest)} more: {counts(rest)}" if rest else ""
        )


def counts(rows: Sequence[Change]) -> str:
    """How many changes there are of each operation that will be done, and how many will not: "2 to create, 1 held"."""
    ready = Counter(change.op for change in rows if change.status == Status.READY)
    other = Counter(change.status for change in rows if change.status != Status.READY)
    parts = [f"{ready[op]} to {op}" for op in Op if ready[op]]
    return ", ".join(
        [*parts, *(f"{other[status]} {status}" for status in (Status.REFUSED, Status.HELD) if other[status])]
    )


def _tree(changes: Sequence[Change], paths: Mapping[str, Path]) -> Iterator[Line]:
    """The lines, branch by branch; a name above is told once, where nothing else does."""
    placed = [(_path(change, paths), change) for change in changes]
    told: set[Path] = set()
    for path, change in sorted(placed, key=lambda one: [fold(name) for name in one[0]]):  # stable: the plan's own order
        for depth in range(1, len(path)):
            if path[:depth] not in told:
                told.add(path[:depth])
                yield Line(depth - 1, "", path[depth - 1])
        told.add(path)
        sign = SIGNS[change.op] if change.status == Status.READY else STOPPED
        yield Line(len(path) - 1, sign, what(change, paths), change)


def _path(change: Change, paths: Mapping[str, Path]) -> Path:
    path = paths.get(change.canonical_id)
    return path or (str((change.before or change.after).get(NAME_FIELD[change.entity]) or change.canonical_id),)


def what(change: Change, paths: Mapping[str, Path]) -> str:
    """What is done to the record, by names alone: the name, or each field with both values."""
    name_field = NAME_FIELD[change.entity]
    before, last = change.before or {}, _path(change, paths)[-1]
    if change.op == Op.CREATE:
        return str(change.after.get(name_field) or last)
    if change.op == Op.DELETE:
        return str(before.get(name_field) or last)
    parts = [
        f"{told(name, before.get(name), paths)} → {told(name, value, paths)}"
        if name == name_field
        else f"{_FIELDS.get(name, name)}: {told(name, before.get(name), paths)} → {told(name, value, paths)}"
        for name, value in change.after.items()
    ]
    return "; ".join(parts) if name_field in change.after else f"{last}: {'; '.join(parts)}"


_FIELDS = {"parent_id": "parent", "assignee_id": "assignee", "subject_id": "subject"}


def told(field: str, value: Value, paths: Mapping[str, Path]) -> str:
    """A value as a person reads it: a reference by its name or path."""
    if value is None:
        return "(top level)" if field == "parent_id" else "(empty)"
    if field not in REFERENCE_FIELDS:
        return str(jsonable(value))
    key = str(value)
    if key.startswith(UNLINKED):
        return f"(id {key.removeprefix(UNLINKED)}, not linked)"
    return SEPARATOR.join(paths[key]) if key in paths else key
