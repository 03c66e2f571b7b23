"""What a migration tells beside its plan: losses and parity, for the terminal, as Markdown, CSV and JSON."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mappings.loss import Kind, Loss, counted
from mappings.naming import SEPARATOR
from mappings.parity import Pair, State
from pipelines.errors import UsageError
from pipelines.explain import printable, rows
from pipelines.markdown import escaped
from pipelines.migrating import Migration
from pipelines.place import make_room

SHOWN = 20  # records that the terminal lists one by one; a file, and --json, hold them all
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LOSS = ("entity", "source_id", "record", "field", "kind", "value", "instead")
PARITY = ("state", "source_id", "record", "target_id", "called", "why")

Sheet = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A title, the columns and the rows."""


def loss_lines(losses: Sequence[Loss], size: int) -> Iterator[RenderableType]:
    """The loss report for a person: how many records differ in what, then the first of them."""
    if not losses:
        yield Text(f"Loss report: nothing is lost of {size} records.", style="green")
        return
    touched = len({(one.entity, one.source_id) for one in losses})
    yield Text(f"Loss report: {touched} of {size} records will not stand at the target as they do now.", style="bold")
    first: dict[tuple[Any, ...], Loss] = {}
    for one in losses:
        first.setdefault((one.entity, one.field, one.kind), one)
    told = [
        (str(count), f"{entity} {field}", kind, first[entity, field, kind].instead)
        for (entity, field, kind), count in counted(losses).most_common()
    ]
    yield Padding(_table(("records", "field", "becomes", "for instance"), told), (0, 0, 1, 2))
    listed = [(SEPARATOR.join(one.path), one.field, one.kind, one.instead) for one in losses[:SHOWN]]
    yield Padding(_table(("record", "field", "becomes", "instead"), listed), (0, 0, 0, 2))
    if len(losses) > SHOWN:
        yield Text(f"  … and {len(losses) - SHOWN} more. What to do: --markdown FILE, --csv FILE or --json tells all")


def _table(columns: Sequence[str], cells: Iterable[Sequence[str]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column == "records" else "left")
    for row in cells:
        table.add_row(*(Text(printable(_short(cell))) for cell in row))
    return table


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:87]}…"


def loss_json(losses: Sequence[Loss]) -> dict[str, Any]:
    """The loss report for a program."""
    counts = [
        {"entity": entity, "field": field, "kind": kind, "records": count}
        for (entity, field, kind), count in counted(losses).most_common()
    ]
    return {
        "counts": counts,
        "records": [
            {
                "entity": one.entity,
                "source_id": one.source_id,
                "path": list(one.path),
                "field": one.field,
                "kind": one.kind,
                "value": one.value,
                "instead": one.instead,
            }
            for one in losses
        ],
    }


def loss_sheet(losses: Sequence[Loss], size: int) -> Sheet:
    """The loss report as a table."""
    touched = len({(one.entity, one.source_id) for one in losses})
    cells = [
        (one.entity, one.source_id, SEPARATOR.join(one.path), one.field, one.kind, one.value, one.instead)
        for one in losses
    ]
    return f"Loss report: {touched} of {size} records", LOSS, cells


def found_lines(migration: Migration) -> Iterator[RenderableType]:
    """What stands at the target already, and what of it as another kind of record is taken for the source's."""
    for leg in migration.legs:
        if leg.there and leg.move.entity == leg.move.into:
            move = leg.move
            told = f"{leg.there} of {len(leg.part.sources)} {move.entity}s of {move.source}; none is made again"
            yield Text(f"Already there: {told}")
        if leg.adopted:
            move = leg.move
            told = f"{len(leg.adopted)} {move.into}s of {move.target} are taken for {move.entity}s: the same name"
            yield Text(f"Already there: {told}")


def found_json(migration: Migration) -> list[dict[str, str]]:
    """The same for a program."""
    return [
        {"entity": leg.move.into, "canonical_id": leg.move.key(one), "target_id": there}
        for leg in migration.legs
        for one, there in sorted(leg.adopted.items())
    ]


REMEDIES: dict[State, str] = {
    State.MISSING: "the same line with --yes for --check makes it; run it again where a write waits",
    State.DIFFERS: "the same line with --yes for --check writes it; what is switched off at {target}, switch on there",
    State.WAITING: "what the line says; then migrate and check again",
    State.ORPHAN: "take it away at {target} by hand, or, where it is to stay: orgweave review unlink {target}:{id}",
    State.TWIN: "take one of the two away at {target}, or, where both are meant, give this one another name there",
}
"""What a person can do about a record that is not as it was promised."""


def remedies(pairs: Sequence[Pair], target: str) -> dict[str, str]:
    """How a record stands → what to do, of all that do not stand well; named by the first of them."""
    first = {one.state: one for one in reversed(pairs) if one.state in REMEDIES}
    return {
        str(state): REMEDIES[state].format(target=target, id=first[state].target_id)
        for state in State
        if state in first
    }


def parity_lines(pairs: Sequence[Pair], target: str, *, good: bool) -> Iterator[RenderableType]:
    """Both sides for a person: the counts, then all that is not the same, and what to do about it."""
    counts = Counter(one.state for one in pairs)
    told = ", ".join(f"{counts[state]} {state.replace('_', ' ')}" for state in State if counts[state])
    verdict = "all that was promised is there" if good else "not all is as it was promised"
    yield Text(f"Parity: {verdict}: {told or 'nothing to compare'}", style="green" if good else "red")
    other = [one for one in pairs if one.state != State.SAME]
    if other:
        shown = [(_name(one), one.called, one.state, one.why) for one in other[:SHOWN]]
        yield Padding(rows(("source", "target", "", "why"), shown), (0, 0, 0, 2))
    if len(other) > SHOWN:
        yield Text(f"  … and {len(other) - SHOWN} more. What to do: --markdown FILE, --csv FILE or --json tells all")

    for state, what in remedies(pairs, target).items():
        yield Text(printable(f"{state}: What to do: {what}"))


def _name(one: Pair) -> str:
    return SEPARATOR.join(one.path)


def parity_json(pairs: Sequence[Pair], target: str, *, good: bool) -> dict[str, Any]:
    """Parity for a program: the counts, every record that is not the same, and what to do about these."""
    counts = Counter(one.state for one in pairs)
    return {
        "good": good,
        "counts": {str(state): counts[state] for state in State},
        "remedies": remedies(pairs, target),
        "records": [
            {
                "state": one.state,
                "path": list(one.path),
                "source_id": one.source_id,
                "target_id": one.target_id,
                "called": one.called,
                "why": one.why,
            }
            for one in pairs
            if one.state != State.SAME
        ],
    }


def parity_sheet(pairs: Sequence[Pair]) -> Sheet:
    """Both sides as a table, every record of them."""
    cells = [(one.state, one.source_id or "", _name(one), one.target_id or "", one.called, one.why) for one in pairs]
    return f"Parity of {len(pairs)} records", PARITY, cells


def markdown(sheet: Sheet) -> str:
    """A table as Markdown: what vendors wrote in it stays data."""
    title, columns, cells = sheet
    lines = [f"# {title}", "", f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(escaped(cell) for cell in row)} |" for row in cells]
    return "\n".join(lines) + "\n"


def as_csv(sheet: Sheet) -> str:
    """A table as CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    _, columns, cells = sheet
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_plain(cell) for cell in row] for row in cells)
    return out.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" \u00a0\u3000").startswith(FORMULA) else cell


def write(sheet: Sheet, as_markdown: Path | None, csv_file: Path | None) -> list[Path]:
    """Write a table where it was asked for; the files. ``UsageError`` where one cannot be written."""
    asked = [(as_markdown, markdown, "utf-8"), (csv_file, as_csv, "utf-8-sig")]
    written: list[Path] = []
    for place, made, encoding in asked:
        if place is None:
            continue
        make_room(place)
        try:
            with place.open("w", encoding=encoding, newline="") as file:
                file.write(made(sheet))
        except OSError as fault:
            raise UsageError(f"{place}: cannot be written: {fault.strerror}. What to do: name another file") from fault
        written.append(place)
    return written


def lost_fields(losses: Sequence[Loss], fields: Iterable[str]) -> list[str]:
    """What ``--fail-on-loss`` stops for, in words; what is only filled, or kept by the target, is no loss."""
    wanted = {one.casefold() for one in fields}
    stops = Counter(
        one.field
        for one in losses
        if one.kind in (Kind.LOST, Kind.CHANGED, Kind.NOT_MADE) and one.field.casefold() in wanted
    )
    return [f"{count} records would lose {field} (--fail-on-loss)" for field, count in stops.most_common()]
