"""Explain: what a plan is in a person's words; the other reader of the plan (apply is the first)."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mappings.model import NAME_FIELD, Op, Value
from mappings.plan import Change, Status, jsonable
from pipelines.budget import utc
from pipelines.config import Config
from pipelines.planning import Planned
from state.safety import Spent

SIGNS: Mapping[Op, tuple[str, str]] = {
    Op.CREATE: ("+", "green"),
    Op.RENAME: ("~", "yellow"),
    Op.UPDATE: ("~", "yellow"),
    Op.MOVE: (">", "yellow"),
    Op.DEACTIVATE: ("-", "red"),
    Op.DELETE: ("-", "red"),
}
_BIDI = {"\u200e", "\u200f", "\u061c", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def printable(text: str) -> str:
    """A vendor's text made safe for a terminal: controls, escapes and direction marks are shown, not obeyed."""
    return "".join(
        f"U+{ord(char):04X}" if char in _BIDI or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char
        for char in text
    )


def plan(planned: Planned, config: Config) -> Iterator[RenderableType]:
    """The plan as a person would want to see it: by target and kind, what will be done, then what will not and why."""
    changes = planned.plan.changes
    for (name, entity), group in groupby(changes, key=lambda change: (change.connection, change.entity)):
        rows = list(group)
        title = f"{name} ({config.connections[name].vendor.title}), {entity}s: {_counts(rows)}"
        yield Text(title, style="bold")
        yield Padding(_table(rows, planned.names), (0, 0, 1, 2))
    for name, why, _ in planned.skipped:
        yield Text(f"{name}: {printable(why)}", style="red")
    yield Text(_total(planned))
    for name, price in planned.plan.price.items():
        if "days" in price:
            yield Text(_over_budget(name, price, planned.budgets[name]), style="yellow")


def _table(rows: Sequence[Change], names: Mapping[str, str]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(width=1)
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=4, overflow="fold", style="dim")
    for change in sorted(rows, key=lambda one: one.status != Status.READY):
        sign, colour = SIGNS[change.op] if change.status == Status.READY else ("!", "red")
        why = change.reason if change.status == Status.READY else f"{change.status}, {change.rule}: {change.reason}"
        table.add_row(Text(sign, style=colour), Text(printable(_what(change, names)), style=colour), printable(why))
    return table


def _what(change: Change, names: Mapping[str, str]) -> str:
    name_field = NAME_FIELD[change.entity]
    where = names.get(change.canonical_id, change.canonical_id)
    if change.op == Op.CREATE:
        name = str(change.after.get(name_field, where))
        return name if name == where or "parent_id" not in change.after else f"{name} (in {where.rpartition(' / ')[0]})"
    before = change.before or {}
    shown = [
        f"{before.get(name)} → {value}"
        if name == name_field
        else f"{name}: {_value(before.get(name))} → {_value(value)}"
        for name, value in change.after.items()
    ]
    return "; ".join(shown) if name_field in change.after else f"{where}: {'; '.join(shown)}"


def _value(value: Value) -> str:
    return "(empty)" if value is None else str(jsonable(value))


def _counts(rows: Sequence[Change]) -> str:
    ready = [change for change in rows if change.status == Status.READY]
    parts = [f"{sum(one.op == op for one in ready)} to {op}" for op in Op if any(one.op == op for one in ready)]
    parts += [
        f"{number} {status}"
        for status in (Status.REFUSED, Status.HELD)
        if (number := sum(one.status == status for one in rows))
    ]
    return ", ".join(parts)


def _total(planned: Planned) -> str:
    ready = len(planned.plan.ready())
    if not planned.plan.changes:
        return "Nothing was compared that differs." if planned.skipped else "Nothing to do: every target is in step."
    prices = [
        f"{name} {price['reads']:.0f} reads, {price['writes']:.0f} writes, {span(price['seconds'])}"
        for name, price in planned.plan.price.items()
    ]
    cost = f" Price: {'; '.join(prices)}." if prices else ""
    return f"{ready} of {len(planned.plan.changes)} changes are ready.{cost}"


def _over_budget(name: str, price: Mapping[str, float], spent: Spent) -> str:
    days = "a day" if price["days"] == 1 else f"{price['days']:.0f} days"
    again = f", and the next may go from {utc(spent.again)} on" if spent.again else ""
    return (
        f"{name}: the plan has {price['writes']:.0f} writes, {spent.left} of its {spent.budget} a day are left{again}. "
        f"Later runs do the rest; the last may go {days} from now."
    )


def span(seconds: float) -> str:
    """A span in the unit that fits: 0.4 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def rows(columns: Sequence[str], values: Iterable[Sequence[object]]) -> Table:
    """A plain table of query results."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in values:
        table.add_row(*(printable("" if cell is None else str(cell)) for cell in row))
    return table
