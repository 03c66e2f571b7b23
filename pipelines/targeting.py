"""A connection as the planner sees it: what is there, what is open, and what the operator allows."""

from collections.abc import Collection, Mapping, Sequence

from mappings.card import EntityCard, NameScope
from mappings.model import Dispute, Entity, Golden
from mappings.naming import fold
from mappings.target import Conflict, Policy, Target
from pipelines.awaiting import awaited
from pipelines.called import called, people_of, referred
from pipelines.run import Run
from pipelines.unexplained import suspects, to_ask, unanswered
from state import differing, golden
from state.links import linked


def policy_of(run: Run, entity: Entity) -> Policy:
    """The operator's rules for one entity."""
    return Policy(
        authority=run.config.kinds[entity].authority,
        protected=frozenset(fold(name) for name in run.config.protect[entity]),
        apply_disabled=frozenset(name for name, one in run.config.connections.items() if one.apply_disabled),
    )


def target_of(
    run: Run,
    disputes: Sequence[Dispute],
    where: tuple[str, Entity],
    policy: Policy,
    records: Mapping[str, Golden],
) -> Target:
    """A connection as a target for an entity (``where``), as these records and their parents see it."""
    name, entity = where
    working, card = run.working, run.config.connections[name].card.entities[entity]
    parents = {str(one.values["parent_id"]) for one in records.values() if one.values.get("parent_id")}
    ids = sorted(records.keys() | parents)
    there = golden.shadows_of(working, entity, name, card.carries, ids)
    seen = [] if name in policy.authority else [one.ref.source_id for one in there]
    drifted = differing.drifted(working, entity, name, seen) if seen else {}
    conflicts = differing.conflicts(working, entity)
    above = {str(one.values["parent_id"]) for one in there if one.values.get("parent_id")}
    above |= {str(value) for (_, field), value in drifted.items() if field == "parent_id" and value}
    links = linked(working, entity, ids)
    back = {source_id: canonical_id for canonical_id, source_id in links.get(name, {}).items()}
    back = {**differing.canonical(working, entity, name, above), **back}
    told = _told(entity, conflicts, records, {back[one] for one in above if one in back})
    asked, open_elsewhere, open_here = to_ask(run, name, entity), suspects(run, entity), _open_here(run, name)
    return Target(
        connection=name,
        entity=entity,
        card=card,
        shadows={one.ref.source_id: one for one in there},
        taken=differing.taken(working, entity, name) if _crowded(card) else (),
        links=links,
        back=back,
        people=linked(working, Entity.PERSON).get(name, {}) if entity == Entity.TASK else {},
        disputed=_disputed(disputes, where),
        uncertain=frozenset(open_here.keys() | open_elsewhere.keys()),
        conflicts=conflicts,
        asked={**open_here, **open_elsewhere, **asked},
        unanswered=unanswered(run, name, entity, asked),
        drifted=drifted,
        names=called(working, told),
    )


def _crowded(card: EntityCard) -> bool:
    """Whether what is there can stand in the way: as a name that is taken, or below what is taken away."""
    return card.name_scope != NameScope.NONE or "parent_id" in card.carries


def _told(
    entity: Entity,
    conflicts: Mapping[tuple[str, str], Conflict],
    records: Mapping[str, Golden],
    parents: Collection[str],
) -> dict[Entity, set[str]]:
    """The records that the plan may name, by their entity."""
    told = referred(conflicts)
    told.setdefault(Entity.PERSON, set()).update(people_of(records.values()))
    told.setdefault(entity, set()).update(parents)
    return told


def _open_here(run: Run, name: str) -> dict[str, str]:
    """The records whose write at a connection has no answer, and what each waits for."""
    open_ = (one for one in run.safety.open_intents() if one.intent.connection == name)
    return {one.intent.canonical_id: awaited(run, one) for one in open_}


def _disputed(disputes: Sequence[Dispute], where: tuple[str, Entity]) -> dict[str, str]:
    here = (one for one in disputes if (one.ref.connection, one.ref.entity) == where)
    return {canonical_id: _why(one) for one in here for canonical_id in one.candidates}


def _why(dispute: Dispute) -> str:
    where = f"{dispute.ref.connection} has a record (id {dispute.ref.source_id}) that may be this one"
    return f"{where}: {dispute.reason}. What to do: orgweave review"
