"""``orgweave review``: what waits for a person, as a list, as JSON, or one question after another."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import review_run, review_shown
from pipelines.errors import Exit
from pipelines.looking import look
from pipelines.review_asking import Asking
from pipelines.review_run import Outcome, Who
from pipelines.review_waiting import Waiting, waiting
from state.questions import Conflict, Proposal
from state.safety import Pinned

if TYPE_CHECKING:
    from pipelines.session import Session


def review_command(session: "Session", config: Path | None, who: Callable[[], Who]) -> Outcome:
    """``orgweave review``: on a terminal it asks, anywhere else it lists. Exit 3 while something waits."""
    with look(config) as view:
        found = waiting(view)
        if session.screen.converses and (found.conflicts or any(one.candidates for one in found.proposals)):
            decider = who()  # before anything is asked
            session.screen.show(*review_shown.left_to_a_person(found))
            answers = Asking(session.screen, view.published, found).ask()
        else:
            session.screen.show(*review_shown.listed(found))
            return Exit.PERSON if found.open else Exit.DONE, _document(found)
    if not answers:
        session.screen.show("Nothing was decided.")
        return Exit.PERSON, {}
    return review_run.carry_out(session, config, decider, answers)


def _document(found: Waiting) -> dict[str, Any]:
    return {
        "proposals": [_proposal(one, found.called) for one in found.proposals],
        "conflicts": [_conflict(one, found.called) for one in found.conflicts],
        "held": [{"kind": one.entity, **{name: getattr(one, name) for name in _HELD}} for one in found.held],
        "refused": found.refused,
        "pins": [_pin(one, found.called) for one in found.pins],
    }


_HELD = ("connection", "op", "canonical_id", "name", "rule", "reason", "at")


def _proposal(one: Proposal, called: Mapping[str, str]) -> dict[str, Any]:
    told = ("name", "path", "question", "score", "runner_up", "evidence", "reason", "follows", "waits_for", "since")
    return {
        "id": one.proposal_id,
        "kind": one.ref.entity,
        "connection": one.ref.connection,
        "source_id": one.ref.source_id,
        "candidates": [{"canonical_id": key, "name": called.get(key)} for key in one.candidates],
        **{name: getattr(one, name) for name in told},
        "siblings": list(one.siblings),
        "children": list(one.children),
    }


def _conflict(one: Conflict, called: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": one.conflict_id,
        "kind": one.entity,
        "canonical_id": one.canonical_id,
        "name": called.get(one.canonical_id, one.name),
        "field": one.field,
        "values": one.values,
        "since": one.since,
    }


def _pin(one: Pinned, called: Mapping[str, str]) -> dict[str, Any]:
    pin = one.pin
    return {
        "kind": pin.entity,
        "canonical_id": pin.canonical_id,
        "name": called.get(pin.canonical_id),
        "field": pin.field,
        "value": pin.value,
        "hold": pin.hold,
        "until": one.until,
        "decided_by": one.decision.decided_by,
        "decided_at": one.decision.decided_at,
        "note": one.decision.note,
    }
