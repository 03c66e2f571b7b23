"""What waits for a person, as a person reads it: the list, and a picture of both trees."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mappings.model import REFERENCE_FIELDS, Entity, Hold
from mappings.naming import SEPARATOR
from mappings.plan import jsonable
from pipelines.explain import printable
from pipelines.review_waiting import Held, Waiting
from state.published import Published
from state.questions import Conflict, Proposal
from state.safety import Pinned

SHORT = 8
FAMILY = 8  # siblings and children that are shown
MOST = 50  # held changes that are shown; --json gives them all

Called = Mapping[str, str]
"""Canonical id → what a person calls the record."""


def listed(found: Waiting) -> Iterator[RenderableType]:
    """Everything that waits, and what is pinned."""
    if not found.open:
        yield Text("Nothing waits for a person.")
    if found.proposals:
        yield Text(
            f"{_count(found.proposals, 'proposed match', 'es')}: orgweave review accept ID, or reject ID", style="bold"
        )
        yield from _grid((one.proposal_id, _proposal(one, found.called)) for one in found.proposals)
    if found.conflicts:
        yield Text(
            f"{_count(found.conflicts, 'conflict', 's')}: orgweave review resolve ID --take CONNECTION", style="bold"
        )
        yield from _grid((one.conflict_id, _conflict(one, found.called)) for one in found.conflicts)
    yield from left_to_a_person(found)
    if found.pins:
        yield Text(
            f"{_count(found.pins, 'value', 's')} that somebody gave: orgweave review unpin KIND ID FIELD", style="bold"
        )
        yield from _grid((one.pin.canonical_id, _pin(one, found.called)) for one in found.pins)


def left_to_a_person(found: Waiting) -> Iterator[RenderableType]:
    """What the newest plan holds for another reason than a question above, each with what to do; what it refuses."""
    if found.held:
        made = f"{max(one.at for one in found.held):%Y-%m-%d %H:%M} UTC"
        held = _count(found.held, "change", "s")
        yield Text(f"{held} held by the plan of {made}; anew: orgweave plan", style="bold")
        yield from _grid((one.canonical_id, _held(one)) for one in found.held[:MOST])
        if len(found.held) > MOST:
            yield f"  and {len(found.held) - MOST} more: orgweave review --json"
    if found.refused:
        yield f"{_count(range(found.refused), 'change', 's')} refused by the last plan: orgweave plan shows why"


def _held(one: Held) -> Iterator[str]:
    yield f"{one.connection}: {one.op} {one.entity} {one.name or '(no name)'}"
    yield f"{one.rule}: {one.reason}"


def _count(things: Sequence[object], word: str, plural: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else plural}"


def _grid(items: Iterable[tuple[str, Iterable[str]]]) -> Iterator[RenderableType]:
    for ident, lines in items:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=SHORT, no_wrap=True)
        grid.add_column(overflow="fold")
        for number, line in enumerate(lines):
            grid.add_row(
                ident[:SHORT] if number == 0 else "", Text(printable(line), style="" if number == 0 else "dim")
            )
        yield Padding(grid, (0, 0, 0, 2))
    yield ""


def _proposal(one: Proposal, called: Called) -> Iterator[str]:
    yield f"{one.ref.connection}:{one.ref.source_id} {one.path or one.name or '(no name)'} ({one.ref.entity})"
    for number, key in enumerate(one.candidates):
        score = _score(one) if number == 0 else ""
        yield f"{'is it' if number == 0 else 'or'} {called.get(key) or '(no name)'} ({key[:SHORT]})?{score}"
    yield reason(one)


def reason(one: Proposal) -> str:
    """Why it is asked, how much hangs on it, and since when."""
    follows = f"; {one.follows} below {'waits' if one.follows == 1 else 'wait'} for it" if one.follows else ""
    first = f"; decide {one.waits_for[:SHORT]} first" if one.waits_for else ""
    since = f"; since {one.since:%Y-%m-%d}" if one.since else ""
    return f"{one.reason}{follows}{first}{since}"


def _score(one: Proposal) -> str:
    if one.score is None:
        return ""
    following = f", the next {one.runner_up:.2f}" if one.runner_up is not None else ""
    return f" {one.score:.2f} alike{following}"


def _conflict(one: Conflict, called: Called) -> Iterator[str]:
    since = f"; since {one.since:%Y-%m-%d}" if one.since else ""
    yield f"{one.field} of {called.get(one.canonical_id) or one.name or '(no name)'} ({one.entity}){since}"
    for connection, value in one.values.items():
        yield f"{connection} says {shown(one.field, value, called)}"


def _pin(one: Pinned, called: Called) -> Iterator[str]:
    pin, decision = one.pin, one.decision
    ends = f" until {one.until:%Y-%m-%d %H:%M} UTC" if one.until else ""
    ends = " until an authority says something new" if pin.hold is Hold.RESOLVED else ends
    name = called.get(pin.canonical_id) or "(no name)"
    yield f"{pin.entity} {name}: {pin.field} is {shown(pin.field, pin.value, called)}{ends}"
    yield f"by {decision.decided_by}, {decision.decided_at:%Y-%m-%d}{f': {decision.note}' if decision.note else ''}"


def shown(field: str, value: Any, called: Called) -> str:
    """A value for a person."""
    if value is None:
        return "(empty)"
    if field in REFERENCE_FIELDS:
        return f"{called.get(str(value)) or '(no name)'} ({str(value)[:SHORT]})"
    return str(value).lower() if isinstance(value, bool) else str(jsonable(value))


@dataclass(frozen=True, slots=True)
class Place:
    """A record in its tree: the names above it, itself last, then those beside and below it."""

    title: str
    accounts: str
    path: Sequence[str]
    siblings: Sequence[str]
    children: Sequence[str]


def picture(one: Proposal, places: Sequence[Place]) -> Iterator[RenderableType]:
    """The record in its own system beside each of those that it could be."""
    path = (one.path or one.name or "(no name)").split(SEPARATOR)
    own = Place(one.ref.connection, one.ref.source_id, path, one.siblings, one.children)
    for number, place in enumerate(places, 1):
        grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(ratio=1, overflow="fold")
        title = f"{number}  {place.title}" if len(places) > 1 else place.title
        grid.add_row(Text(printable(own.title), style="bold"), Text(printable(title), style="bold"))
        grid.add_row(Text(printable(own.accounts), style="dim"), Text(printable(place.accounts), style="dim"))
        grid.add_row(_tree(own), _tree(place))
        yield Padding(grid, (0, 0, 1, 2))


def _tree(place: Place) -> Table:
    """A column of names, each as far in as it is deep; a long one is folded where it stands."""
    tree = Table.grid()
    tree.add_column(overflow="fold")
    depth = len(place.path) - 1

    def put(name: str, level: int, style: str) -> None:
        tree.add_row(Padding(Text(printable(name), style=style), (0, 0, 0, 2 * min(level, 8))))

    for level, name in enumerate(place.path[:-1]):
        put(name, level, "dim")
    put(f"▶ {place.path[-1]}", depth, "bold")
    for name in place.children:
        put(name, depth + 2, "")
    for name in place.siblings:
        put(name, depth + 1, "dim")
    return tree


def place(published: Published, entity: Entity, key: str, called: Called) -> Place:
    """A canonical record in the tree, and the accounts that have it."""
    accounts = published.rows(
        "SELECT connection || ':' || source_id AS account FROM org.crosswalk "
        "WHERE entity = ? AND canonical_id = ? AND unlinked_at IS NULL ORDER BY ALL",
        *(str(entity), key),
    )
    name = called.get(key) or "(no name)"
    there = ", ".join(row["account"] for row in accounts) or "nothing is linked to it"
    if entity is not Entity.DEPARTMENT:
        return Place(key[:SHORT], there, [name], (), ())
    beside = published.rows(
        "SELECT name FROM org.departments WHERE department_id <> $1 AND active AND parent_id IS NOT DISTINCT FROM "
        "(SELECT parent_id FROM org.departments WHERE department_id = $1) ORDER BY name LIMIT $2",
        *(key, FAMILY),
    )
    below = published.rows(
        "SELECT name FROM org.departments WHERE parent_id = $1 AND active ORDER BY name LIMIT $2", *(key, FAMILY)
    )
    return Place(key[:SHORT], there, name.split(SEPARATOR), _names(beside), _names(below))


def _names(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return [row["name"] or "(no name)" for row in rows]
