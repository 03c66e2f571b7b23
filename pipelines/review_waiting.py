"""What waits for a person, as the last run published it."""

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.model import REFERENCE_FIELDS, Entity
from pipelines.looking import View
from pipelines.seeking import names
from sources.clock import SystemClock
from state.questions import Conflict, Proposal, conflict, proposal
from state.safety import Pinned


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits and what was pinned. ``called``: canonical id → what a person calls the record."""

    proposals: tuple[Proposal, ...]
    conflicts: tuple[Conflict, ...]
    pins: tuple[Pinned, ...]
    called: Mapping[str, str]


def waiting(view: View) -> Waiting:
    """What waits, those that wait for another one last."""
    rows = view.published.rows
    open_ = "WHERE decision IS NULL ORDER BY"
    proposals = rows(f"SELECT * FROM ops.proposals {open_} waits_for IS NOT NULL, connection, entity, path, source_id")  # noqa: S608 - our own
    conflicts = rows(f"SELECT * FROM ops.conflicts {open_} entity, name, canonical_id, field")  # noqa: S608 - our own
    waiting = (
        tuple(proposal(one) for one in proposals),
        tuple(conflict(one) for one in conflicts),
        tuple(view.safety.pinned(SystemClock().now())),
    )
    return Waiting(*waiting, _called(view, *waiting))


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
