"""Records that appeared since a create that had no answer, and that nothing explains: each may be what it made.

Somebody may have renamed or moved the record before we looked: to make it again would be a twin (faults.md, R2 and C8).
"""

from collections.abc import Iterator, Mapping

from mappings.model import NAME_FIELD, Entity, Method, Op, Ref, Shadow
from mappings.naming import fold
from pipelines.awaiting import awaited
from pipelines.run import Run
from state import golden
from state.safety import Intent, OpenIntent


def remote_records(run: Run, connection: str, entity: Entity) -> dict[str, Shadow]:
    """Source id → our copy, of every record of a connection that was ever seen."""
    carries = run.config.connections[connection].card.entities[entity].carries
    return {one.ref.source_id: one for one in golden.shadows(run.working, entity, connection, carries)}


def unexplained(run: Run, intent: Intent, there: Mapping[str, Shadow], linked: Mapping[str, str]) -> dict[str, Shadow]:
    """The records that a create may have made, whatever they are called now; source id → our copy.

    ``linked``: source id → canonical id at that connection. What another system holds too, what we made otherwise, and
    what a person linked, or said that it is not, is explained.
    """
    if intent.op != Op.CREATE:
        return {}
    before, apart = frozenset(intent.visible), run.safety.cannot_links()
    found: dict[str, Shadow] = {}
    for source_id, shadow in there.items():
        if not shadow.active or source_id in before or (shadow.ref, intent.canonical_id) in apart:
            continue
        canonical_id = linked.get(source_id)
        if canonical_id is None or not _explained(run, shadow.ref, canonical_id):
            found[source_id] = shadow
    return found


def _explained(run: Run, ref: Ref, canonical_id: str) -> bool:
    """Whether another system told of it, or a person, or we made it; what we made elsewhere since tells nothing."""
    live = [one.link for one in run.safety.links_of(ref.entity, canonical_id) if one.ended_at is None]
    ours = any(one.ref == ref and one.method in (Method.JOURNAL, Method.PERSON) for one in live)
    return ours or any(one.ref.connection != ref.connection and one.method != Method.JOURNAL for one in live)


def _open_creates(run: Run, connection: str, entity: Entity) -> list[OpenIntent]:
    where = (connection, entity, Op.CREATE)
    open_ = run.safety.open_intents()
    return [one for one in open_ if (one.intent.connection, one.intent.entity, one.intent.op) == where]


def unanswered(
    run: Run, connection: str, entity: Entity, asked: Mapping[str, str]
) -> dict[tuple[str, str | None], str]:
    """What creates there that had no answer said: (folded name, source id of the parent) → what they wait for.

    Another create of the same could not be told from it. ``asked``: of ``to_ask``.
    """
    found: dict[tuple[str, str | None], str] = {}
    for open_ in _open_creates(run, connection, entity):
        parent = open_.intent.payload.get("parent_id")
        place = fold(str(open_.intent.payload[NAME_FIELD[entity]])), None if parent is None else str(parent)
        found[place] = asked.get(open_.intent.canonical_id) or f"it has the name of another: {awaited(run, open_)}"
    return found


def to_ask(run: Run, connection: str, entity: Entity) -> dict[str, str]:
    """What a person must say of creates there that had no answer: canonical id → the question in words."""
    return {
        intent.canonical_id: f"its create at {connection} had no answer, and {_told(shadow)} appeared since: it may be "
        f"that one, renamed. {_remedy(intent, shadow)}"
        for intent, shadow in _pairs(run, connection, entity)
    }


def suspects(run: Run, entity: Entity) -> dict[str, str]:
    """The records that may be what such a create made, by their own canonical ids → the question in words.

    Until somebody says so, nothing is made of them elsewhere.
    """
    found: dict[str, str] = {}
    for name in sorted({one.intent.connection for one in run.safety.open_intents()} & run.config.connections.keys()):
        linked = run.safety.linked_ids(name, entity)
        for intent, shadow in _pairs(run, name, entity):
            if (canonical_id := linked.get(shadow.ref.source_id)) is not None:
                found[canonical_id] = (
                    f"{_told(shadow)} may be what a create there without an answer made, renamed since. "
                    f"{_remedy(intent, shadow)}"
                )
    return found


def _pairs(run: Run, connection: str, entity: Entity) -> Iterator[tuple[Intent, Shadow]]:
    """Each create there without an answer, with each record that it may have made."""
    if waiting := _open_creates(run, connection, entity):
        there, linked = remote_records(run, connection, entity), run.safety.linked_ids(connection, entity)
        for intent in (one.intent for one in waiting):
            for shadow in unexplained(run, intent, there, linked).values():
                yield intent, shadow


def _told(shadow: Shadow) -> str:
    return f"{shadow.ref.connection}:{shadow.ref.source_id} ({shadow.name})"


def _remedy(intent: Intent, shadow: Shadow) -> str:
    here = f"{shadow.ref.connection}:{shadow.ref.source_id}"
    return f"What to do: orgweave review link {here} {intent.canonical_id[:8]}, or orgweave review reject {here}"
