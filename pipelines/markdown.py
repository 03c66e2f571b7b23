"""A plan as Markdown, for a merge request or an issue: every name in it is data and stays data."""

import re
from collections.abc import Iterator, Sequence

from mappings.plan import Status
from pipelines.config import Config
from pipelines.explain import footing, over_budget, printable, readiness, span
from pipelines.outline import Group, Line, outline
from pipelines.planning import Planned

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#!|~&$:@%])")
_LINK = re.compile(r"(?i)\bwww\.")
_MENTION = re.compile(r"(\\[@#!~%$])(?=\w)")


def escaped(text: str) -> str:
    """A text as Markdown shows it letter by letter: no markup, no link, no table cell, no line of its own.

    A word joiner parts ``@`` and ``#`` from what follows: a backslash alone still mentions people and issues.
    """
    safe = _LINK.sub(r"www\\.", _MARKS.sub(r"\\\1", printable(text)))
    return _MENTION.sub("\\1\u2060", safe)


def markdown(planned: Planned, config: Config) -> str:
    """The whole plan: its price, a part for each target and kind, then what is refused or held, and why."""
    return "\n".join(_lines(planned, config)) + "\n"


def _lines(planned: Planned, config: Config) -> Iterator[str]:
    yield f"# Plan {planned.plan.plan_id[:8]}: {readiness(planned)}"
    yield ""
    yield f"Made {planned.plan.created_at:%Y-%m-%d %H:%M} UTC, sealed as `{planned.document['digest']}`."
    yield ""
    yield from _price(planned)
    for name, why, _ in planned.skipped:
        yield from (f"**{escaped(name)}**: {escaped(why)}", "")
    for line in (*footing(planned), *filter(None, (planned.lacks,))):
        yield from (escaped(line), "")
    for group in outline(planned.plan.changes, planned.paths):
        title = config.connections[group.connection].vendor.title
        yield from (f"## {group.connection} ({escaped(title)}), {group.entity}s: {group.counts}", "")
        yield from _group(group)


def _price(planned: Planned) -> Iterator[str]:
    if not planned.plan.price:
        return
    yield from _table(
        ("account", "reads", "writes", "takes"),
        [
            (escaped(name), f"{one['reads']:.0f}", f"{one['writes']:.0f}", span(one["seconds"]))
            for name, one in planned.plan.price.items()
        ],
    )
    for name, one in planned.plan.price.items():
        if "days" in one:
            yield from (escaped(over_budget(name, one, planned.budgets[name])), "")


def _group(group: Group) -> Iterator[str]:
    done = [line for line in group.lines if line.change is None or line.change.status == Status.READY]
    stopped = [line for line in group.lines if line.change is not None and line.change.status != Status.READY]
    if len(stopped) < sum(line.change is not None for line in group.lines):
        yield from _table(("id", "", "record", "why"), [_row(line, escaped(line.why)) for line in done])
    if stopped:
        yield from ("Not done:", "")
        yield from _table(("id", "", "record", "rule", "why, and what to do"), [_stopped(line) for line in stopped])
    if group.rest:
        yield from (f"… and {group.rest}; the sealed plan holds them all.", "")


def _row(line: Line, *more: str) -> tuple[str, ...]:
    """A row: the id, the sign with its word, and the name as far in as it is deep."""
    sign = f"`{line.sign}` {line.change.op if line.change else ''}" if line.sign else ""
    name = f"{'&emsp;' * line.depth}{escaped(line.text)}"
    return (line.change.id if line.change else "", sign, name, *more)


def _stopped(line: Line) -> tuple[str, ...]:
    assert line.change is not None
    return _row(line, f"{line.change.status}, `{line.change.rule}`", escaped(line.change.reason))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
