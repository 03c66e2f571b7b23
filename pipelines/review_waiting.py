"""What waits for a person, as the last run published it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mappings.model import REFERENCE_FIELDS, Entity
from mappings.queries import query
from pipelines.looking import View
from pipelines.seeking import names
from sources.clock import SystemClock
from state.published import Published
from state.questions import Conflict, Proposal, conflict, proposal
from state.safety import Pinned


@dataclass(frozen=True, slots=True)
class Held:
    """A change that the newest plan leaves to a person, as ``mappings/report/left_over.sql`` tells it."""

    connection: str
    entity: Entity
    op: str
    canonical_id: str
    name: str | None
    rule: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits and what was pinned. ``called``: canonical id → what a person calls the record.

    ``held``: what the newest plan leaves to a person; ``refused``: how many changes it may not make at all.
    """

    proposals: tuple[Proposal, ...]
    conflicts: tuple[Conflict, ...]
    held: tuple[Held, ...]
    refused: int
    pins: tuple[Pinned, ...]
    called: Mapping[str, str]

    @property
    def open(self) -> bool:
        """Whether a person must decide something."""
        return bool(self.proposals or self.conflicts or self.held)


def waiting(view: View) -> Waiting:
    """What waits, those that wait for another one last."""
    rows = view.published.rows
    open_ = "WHERE decision IS NULL ORDER BY"
    proposals = rows(f"SELECT * FROM ops.proposals {open_} waits_for IS NOT NULL, connection, entity, path, source_id")  # noqa: S608 - our own
    conflicts = rows(f"SELECT * FROM ops.conflicts {open_} entity, name, canonical_id, field")  # noqa: S608 - our own
    matches, disputes = tuple(map(proposal, proposals)), tuple(map(conflict, conflicts))
    pins = tuple(view.safety.pinned(SystemClock().now()))
    held, refused = left_over(view.published)
    return Waiting(matches, disputes, held, refused, pins, _called(view, matches, disputes, pins))


def left_over(published: Published) -> tuple[tuple[Held, ...], int]:
    """What the newest plan leaves to a person beside the questions above, and how many changes it may not make."""
    rows = published.rows(query("report/left_over"))
    return tuple(_held(one) for one in rows if one["waits"]), rows[0]["of_refused"] if rows else 0


def _held(row: Mapping[str, Any]) -> Held:
    told = ("connection", "op", "canonical_id", "name", "rule", "reason", "at")
    return Held(entity=Entity(row["entity"]), **{name: row[name] for name in told})


def _called(
    view: View, proposals: tuple[Proposal, ...], conflicts: tuple[Conflict, ...], pins: tuple[Pinned, ...]
) -> dict[str, str]:
    """What the records are called that are spoken of."""
    ids: dict[Entity, set[str]] = {entity: set() for entity in Entity}
    for one in proposals:
        ids[one.ref.entity].update(one.candidates)
    for each in conflicts:
        ids[each.entity].add(each.canonical_id)
        ids[REFERENCE_FIELDS.get(each.field, each.entity)].update(filter(None, each.values.values()))
    for pin in (pinned.pin for pinned in pins):
        ids[pin.entity].add(pin.canonical_id)
        ids[REFERENCE_FIELDS.get(pin.field, pin.entity)].add(str(pin.value))
    called: dict[str, str] = {}
    for entity, some in ids.items():
        called |= names(view.published, entity, some)
    return called
