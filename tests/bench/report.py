"""The tables, as text that is Markdown as well, and the page for people."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from math import isnan

from tests.bench.figures import Figure, figures
from tests.bench.measure import Load
from tests.bench.results import Calls, Results, Unchanged
from tests.bench.ways import TITLES, Way

PACKAGES = ("dlt", "duckdb", "httpx", "pyarrow")
PAGE = """\
# What a pull costs

`make bench-pull` measured this and wrote this page; do not edit it. Read the figures as ratios: every way ran in the
same minutes on the same machine, and another machine multiplies them all.

## What was measured

A process of its own serves the tasks of one Nexudus location over loopback, from bytes that were rendered before the
first call: some 900 bytes a task, 29 fields, Chinese and emoji among them. It is far faster than every client. "50 ms"
is added to every answer; "pages of 100" means that no call gets more than 100 records, whatever it asks for.

Each way is a process of its own that ends with all tasks in a DuckDB file. The ways take turns, round by round, each in
a fresh folder; the figures are medians. Wall and CPU are seconds from start to end, imports included; MB (2^20 bytes)
is the peak of resident memory; calls are what the server counted.

- **orgweave pull**: the whole command. It also keeps receipts, makes canonical rows (shadows), matches and links each
  record durably, works out the model with a value's origin for every field, keeps its history, runs the audits and
  publishes `org.duckdb`. **Of it, to the shadows** leaves out what comes after them: no peer does anything like it.
- **floor by hand**: 8 concurrent httpx fetches, Arrow's JSON reader with the schema given, inserts of 20,000 rows in
  one transaction. It checks nothing and keeps nothing but the rows.
- **dlt, Arrow tables**: the same fetches and tables handed to dlt, appended, or merged on `Id`.
- **dlt rest_api**: dlt's own declarative source, without any code, with its default and with its parquet loader.

Measured on {cores} cores, Python {python}, {packages}.

## Results

{tables}

## Figures to reach

{figures}
{failures}
## Run it

```
make bench-pull                                          # everything; took {minutes} min here
.venv/bin/python -m tests.bench.pull --quick             # 2,000 tasks, one round, half a minute; writes nothing
.venv/bin/python -m tests.bench.pull --only ours,floor --pages 1000 --latency 0
```

`--help` tells the other options. A part of the benchmark writes this page only with `--write`.
"""


def console(results: Results) -> str:
    """Everything that was found, for a terminal."""
    parts = (tables(results), figure_table(figures(results)), *results.failures)
    return "\n\n".join(part for part in parts if part) + "\n"


def page(results: Results, minutes: float) -> str:
    """The page for people, Markdown. ``minutes``: how long the benchmark took."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    failures = "".join(f"\nThis did not run: {line.splitlines()[0]}\n" for line in results.failures)
    return PAGE.format(
        cores=cores(),
        python=platform.python_version(),
        packages=packages,
        tables=tables(results, "### "),
        figures=figure_table(figures(results)),
        failures=failures,
        minutes=max(round(minutes), 1),
    )


def tables(results: Results, mark: str = "") -> str:
    """A table a setting, each under its title. ``mark``: what stands before a title."""
    parts = []
    for load in results.loads():
        medians = results.medians(load)
        ours = medians.get(Way.OURS)
        rows = [
            (
                TITLES[way],
                f"{one.wall:.1f}",
                "" if isnan(one.cpu) else f"{one.cpu:.1f}",
                f"{one.peak:,.0f}",
                f"{sum(one.calls.values()):,}",
                str(one.rounds),
                f"{one.wall / ours.wall:.2f}" if ours else "-",
            )
            for way, one in medians.items()
        ]
        head = ("way", "wall s", "CPU s", "MB", "calls", "rounds", "wall / ours")
        parts.append(f"{mark}{_title(load)}\n\n{aligned(head, rows)}")
    if results.unchanged:
        parts.append(_unchanged(results.unchanged, mark))
    return "\n\n".join(parts)


def figure_table(found: Sequence[Figure]) -> str:
    """The figures beside their targets."""
    rows = [
        (
            one.text,
            f"{one.load.tasks:,} / {one.load.page:,} / {one.load.latency} ms",
            _amount(one.value, one),
            f"{'>=' if one.at_least else '<='} {_amount(one.bound, one)}",
            "reached" if one.reached else "missed",
        )
        for one in found
    ]
    return aligned(("orgweave", "tasks / page / latency", "here", "target", ""), rows) if rows else ""


def _title(load: Load) -> str:
    return f"{load.tasks:,} tasks, pages of {load.page:,}, {load.latency} ms"


def _amount(value: float, figure: Figure) -> str:
    form = {"x": f"{value:.2f}", "MB": f"{value:,.0f} MB", "calls": f"{value:,.0f}", "s": f"{value:.1f} s"}
    return form[figure.unit]


def _unchanged(seen: Unchanged, mark: str) -> str:
    load, first, later = seen.load, seen.first, seen.later
    title = (
        f"sync: {load.tasks:,} tasks, {load.teams:,} teams, {load.departments:,} departments, pages of {load.page:,}"
    )
    rows = [
        _row("first", first.spent.wall, first.spent.cpu, first.spent.peak, first.calls),
        _row("nothing changed", later.wall, later.cpu, later.peak, later.calls),
    ]
    kinds = "\n".join(f"- {name}: {_kinds(calls)}" for name, calls in (("first", first.calls), ("then", later.calls)))
    return f"{mark}{title}\n\n{aligned(('sync', 'wall s', 'CPU s', 'MB', 'calls'), rows)}\n\n{kinds}"


def _row(name: str, wall: float, cpu: float, peak: float, calls: Calls) -> tuple[str, ...]:
    return (name, f"{wall:.1f}", f"{cpu:.1f}", f"{peak:,.0f}", f"{sum(calls.values()):,}")


def _kinds(calls: Calls) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in sorted(calls.items()))


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, padded so that it is one for the eye too; the first column to the left, others to the right."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    rule = ["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:])]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        return f"| {' | '.join((first.strip().ljust(widths[0]), *rest))} |"

    return "\n".join((line(head), line(rule), *(line(row) for row in rows)))


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
