"""Settling writes without an answer: by looking at the vendor, never by sending again in hope (DESIGN 5.6)."""

from collections.abc import Mapping
from datetime import datetime

from mappings.model import NAME_FIELD, Link, Method, Op, Shadow
from mappings.naming import fold, same
from pipelines.run import Run
from state import golden
from state.safety import OpenIntent, Outcome

ABSENT_READS = 2  # whole reads after the settle time that must agree before a write counts as not done


def settle_unknown(run: Run) -> None:
    """Look for every write that was begun and not ended in what was read of its connection during this run."""
    for open_ in run.safety.open_intents():
        intent = open_.intent
        connection = run.config.connections.get(intent.connection)
        if connection is None or intent.entity not in connection.card.entities:
            continue
        read_at = run.read.get((intent.connection, connection.vendor.resource(intent.entity).name))
        if read_at is None or read_at < intent.begun_at:
            continue
        carries = connection.card.entities[intent.entity].carries
        there = {
            one.ref.source_id: one for one in golden.shadows(run.working, intent.entity, intent.connection, carries)
        }
        linked = run.safety.linked_ids(intent.connection, intent.entity)
        taken = {key for key, canonical_id in linked.items() if canonical_id != intent.canonical_id}
        found = _created(open_, there, taken) if intent.op == Op.CREATE else _changed(open_, there)
        if found is not None:
            _adopt(run, open_, found, linked=found.ref.source_id in linked)
        elif read_at - intent.begun_at > run.config.settle and _absences(run, open_, read_at) >= ABSENT_READS:
            run.safety.end(open_.seq, Outcome.NOT_DONE, run.clock.now(), error="it never appeared at the vendor")


def _absences(run: Run, open_: OpenIntent, read_at: datetime) -> int:
    """How many whole reads did not show the write; one read counts once, however often a run reconciles."""
    if run.absent.get(open_.seq) == read_at:
        return open_.absent_reads
    run.absent[open_.seq] = read_at
    return run.safety.seen_absent(open_.seq)


def _created(open_: OpenIntent, there: Mapping[str, Shadow], taken: set[str]) -> Shadow | None:
    """The record that the create made: the name and parent of its frozen payload, and not there before it."""
    intent = open_.intent
    name = fold(str(intent.payload.get(NAME_FIELD[intent.entity], "")))
    before = {*intent.visible, *taken}
    found = [
        shadow
        for source_id, shadow in there.items()
        if shadow.active
        and source_id not in before
        and fold(shadow.name) == name
        and _same_parent(shadow, intent.payload)
    ]
    return found[0] if len(found) == 1 else None


def _same_parent(shadow: Shadow, payload: Mapping[str, object]) -> bool:
    return "parent_id" not in shadow.values or shadow.values["parent_id"] == payload.get("parent_id")


def _changed(open_: OpenIntent, there: Mapping[str, Shadow]) -> Shadow | None:
    """The record, when it holds what the change would have given it."""
    shadow = there.get(str(open_.intent.source_id))
    if shadow is None or not shadow.active:
        return None
    for field, wanted in open_.intent.payload.items():
        if not same(wanted, shadow.values.get(field)):
            return None
    return shadow


def _adopt(run: Run, open_: OpenIntent, shadow: Shadow, *, linked: bool) -> None:
    intent = open_.intent
    link = Link(shadow.ref, intent.canonical_id, Method.JOURNAL, evidence=f"our write {open_.seq} without an answer")
    run.safety.end(
        open_.seq,
        Outcome.ADOPTED,
        run.clock.now(),
        source_id=shadow.ref.source_id,
        link=link
        if intent.op == Op.CREATE and not linked
        else None,  # it may be by its name, when a clock was set back
        agreed={field: shadow.values.get(field) for field in intent.payload},
    )
    run.say(f"{intent.connection}: an earlier {intent.op} of {shadow.name} had no answer; it was done, and is adopted")
