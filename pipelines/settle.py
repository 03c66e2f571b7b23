"""Settling writes without an answer: by looking at the vendor, never by sending again in hope (DESIGN 5.6)."""

from collections.abc import Mapping
from datetime import datetime

from mappings.model import NAME_FIELD, Link, Method, Op, Ref, Shadow
from mappings.naming import fold, same
from pipelines.awaiting import ABSENT_READS, settled_at
from pipelines.run import Run
from pipelines.unexplained import remote_records, unexplained
from state.safety import Intent, OpenIntent, Outcome


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
        there = remote_records(run, intent.connection, intent.entity)
        linked = run.safety.linked_ids(intent.connection, intent.entity)
        source_id = effect(intent, there, linked)
        if source_id is not None:
            _adopt(run, open_, source_id, there.get(source_id), linked)
        elif _late_enough(run, open_, read_at):
            enough = _absences(run, open_, read_at) >= ABSENT_READS
            if enough and not unexplained(run, intent, there, linked):  # else to be asked: it may have been renamed
                run.safety.end(open_.seq, Outcome.NOT_DONE, run.clock.now(), error="it never took effect at the vendor")


def _late_enough(run: Run, open_: OpenIntent, read_at: datetime) -> bool:
    """Whether a read came later than a write can take effect."""
    at = settled_at(run, open_)
    return at is not None and read_at > at


def effect(intent: Intent, there: Mapping[str, Shadow], linked: Mapping[str, str]) -> str | None:
    """The source id of the record in which a write shows that it took effect; None while none does.

    ``there``: source id → what a whole read, begun after the write, was told of each record ever seen. ``linked``:
    source id → canonical id at that connection.
    """
    if intent.op == Op.CREATE:
        made = _created(intent, there, linked)
        return made.ref.source_id if made else None
    shadow = there.get(str(intent.source_id))
    if intent.op == Op.DELETE:
        return intent.source_id if shadow is None or not shadow.active else None
    return intent.source_id if shadow and _changed(intent, shadow) else None


def _absences(run: Run, open_: OpenIntent, read_at: datetime) -> int:
    """How many whole reads did not show the write; one read counts once, however often a run reconciles."""
    if run.absent.get(open_.seq) == read_at:
        return open_.absent_reads
    run.absent[open_.seq] = read_at
    return run.safety.seen_absent(open_.seq)


def _created(intent: Intent, there: Mapping[str, Shadow], linked: Mapping[str, str]) -> Shadow | None:
    """The record that the create made: not there before it, and linked to that very record or called as it was sent."""
    name, before = fold(str(intent.payload.get(NAME_FIELD[intent.entity], ""))), frozenset(intent.visible)
    fresh = {key: shadow for key, shadow in there.items() if shadow.active and key not in before}
    own = [shadow for key, shadow in fresh.items() if linked.get(key) == intent.canonical_id]
    found = own or [
        shadow
        for key, shadow in fresh.items()
        if key not in linked and fold(shadow.name) == name and _same_parent(shadow, intent.payload)
    ]
    return found[0] if len(found) == 1 else None


def _same_parent(shadow: Shadow, payload: Mapping[str, object]) -> bool:
    return "parent_id" not in shadow.values or shadow.values["parent_id"] == payload.get("parent_id")


def _changed(intent: Intent, shadow: Shadow) -> bool:
    """Whether the record holds what the change would have given it."""
    return shadow.active and all(same(value, shadow.values.get(field)) for field, value in intent.payload.items())


def _adopt(run: Run, open_: OpenIntent, source_id: str, shadow: Shadow | None, linked: Mapping[str, str]) -> None:
    """End a write that took effect; a create's record is linked, where none is to what it was made for.

    What was linked before has bases of its own by now, and may have been edited since: nothing is agreed on anew.
    """
    intent = open_.intent
    other = next((key for key, one in linked.items() if one == intent.canonical_id), None)
    link = None
    fresh = intent.op != Op.CREATE or source_id not in linked
    if intent.op == Op.CREATE and fresh and other is None:
        ref = Ref(intent.connection, intent.entity, source_id)
        evidence = f"our write {open_.seq} without an answer"
        link = Link(ref, intent.canonical_id, Method.JOURNAL, evidence=evidence)
    run.safety.end(
        open_.seq,
        Outcome.ADOPTED,
        run.clock.now(),
        source_id=source_id,
        link=link,
        agreed={field: shadow.values.get(field) for field in intent.payload} if shadow and fresh else None,
    )
    name, here = shadow.name if shadow else intent.canonical_id, intent.connection
    told = f"{here}: an earlier {intent.op} of {name} had no answer; it was done"
    if intent.op == Op.CREATE and other not in (None, source_id):
        run.say(
            f"{told} (id {source_id}), but id {other} is linked to it by now. What to do: delete one of them at {here}"
        )
    else:
        run.say(f"{told}, and is adopted")
