"""Explain: what a plan is in a person's words; the other reader of the plan (apply is the first)."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipelines.budget import utc
from pipelines.config import Config
from pipelines.outline import STOPPED, Group, outline
from pipelines.planning import Planned
from state.safety import Spent

COLOURS: Mapping[str, str] = {"+": "green", "~": "yellow", ">": "yellow", "-": "red", STOPPED: "red"}
LONG = 80  # letters of a reason that is told once, and then by the first change that has it
DEEPEST = 10  # levels that are indented: what lies deeper stands below those
_BIDI = {"\u200e", "\u200f", "\u061c", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def printable(text: str) -> str:
    """A vendor's text made safe for a terminal: controls, escapes and direction marks are shown, not obeyed."""
    return "".join(
        f"U+{ord(char):04X}" if char in _BIDI or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char
        for char in text
    )


def plan(planned: Planned, config: Config) -> Iterator[RenderableType]:
    """The plan as a person would want to see it: by target and kind, what will be done, then what will not and why."""
    for group in outline(planned.plan.changes, planned.paths):
        title = (
            f"{group.connection} ({config.connections[group.connection].vendor.title}), {group.entity}s: {group.counts}"
        )
        yield Text(title, style="bold")
        yield Padding(_table(group), (0, 0, 1, 2))
    for name, why, _ in planned.skipped:
        yield Text(f"{name}: {printable(why)}", style="red")
    yield from (Text(line, style="yellow") for line in footing(planned))
    yield Text(_total(planned))
    for name, price in planned.plan.price.items():
        if "days" in price:
            yield Text(over_budget(name, price, planned.budgets[name]), style="yellow")


def _table(group: Group) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(width=1)
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=4, overflow="fold", style="dim")
    said: dict[str, str] = {}  # a long reason → the first change that has it
    for line in group.lines:
        colour = COLOURS.get(line.sign, "dim")
        name = Padding(Text(printable(line.text), style=colour), (0, 0, 0, 2 * min(line.depth, DEEPEST)))
        ident = line.change.id if line.change else ""
        first = said.setdefault(line.why, ident) if len(line.why) > LONG else ident
        why = line.why if first == ident else f"as {first}"
        table.add_row(ident, Text(line.sign, style=colour), name, Text(printable(why)))
    if group.rest:
        table.add_row("…", "", Text(group.rest, style="bold"), Text("all of them: --json, and in the sealed plan"))
    return table


def _total(planned: Planned) -> str:
    if not planned.plan.changes:
        return "Nothing to do in what could be compared." if planned.skipped else _in_step(planned)
    prices = [
        f"{name} {price['reads']:.0f} reads, {price['writes']:.0f} writes, {span(price['seconds'])}"
        for name, price in planned.plan.price.items()
    ]
    return readiness(planned) + (f" Price: {'; '.join(prices)}." if prices else "")


def _in_step(planned: Planned) -> str:
    if planned.lacks:
        return f"Nothing was compared: {planned.lacks}."
    return "Nothing to do, as far as was read." if planned.old else "Nothing to do: every target is in step."


def footing(planned: Planned) -> Iterator[str]:
    """That a plan stands on older reads than it should, where the last ones failed."""
    if planned.old:
        told = ", ".join(f"{name} at {utc(at)}" for name, at in planned.old.items())
        yield f"Planned on what was read of {told}: the last read failed."


def readiness(planned: Planned) -> str:
    """How much of the plan will be done, and what a person let through the limits for it."""
    accepted = ", ".join(f"{name} up to {count}" for name, count in planned.plan.accepted.items())
    told = f" Accepted over the limits, this once: {accepted}." if accepted else ""
    return f"{len(planned.plan.ready())} of {len(planned.plan.changes)} changes are ready.{told}"


def over_budget(name: str, price: Mapping[str, float], spent: Spent) -> str:
    """That a plan has more writes than its connection may send today, and how long it takes."""
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
