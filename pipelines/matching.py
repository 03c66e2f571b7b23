"""Match: which records of the connections are the same, asked of the working database and kept in the safety record."""

from collections.abc import Collection, Sequence

from mappings.match import ASKED, match
from mappings.model import Dispute, Entity, Ref
from pipelines.people import People
from pipelines.run import Run
from state import golden
from state.crosswalk import Founding
from state.links import add_links, all_taken, any_gone, found_records, linked


def match_entity(run: Run, entity: Entity, ranked: Sequence[str], present: Collection[str]) -> list[Dispute]:
    """Link what no link knows, and return what only a person can; ``ranked``: its connections, authorities first.

    ``present``: those that have such records.
    """
    names = [name for name in ranked if name in present]  # one may be taken out of the configuration
    if entity == Entity.PERSON:  # a name is no proof of a person, an address is; the others stand for themselves
        people = People(run, ranked)
        for name in names:
            people.join(name)
            _found(run, entity, name, "people are not matched by name")
        people.join_all()
        return []
    if len(names) == 1 and _nothing_left(run, entity, names[0]):
        _found(run, entity, names[0], "no record had this name")  # nor could any: no other is there
        return []
    return _matched(run, entity, names) if names else []


def _nothing_left(run: Run, entity: Entity, name: str) -> bool:
    """Whether a connection's records can only found: it is flat, and all that is there has a living record in it."""
    if is_tree(run, name, entity) or not all_taken(run.working, entity, name):
        return False
    return entity not in ASKED or not any_gone(run.working, entity, name)


def _matched(run: Run, entity: Entity, names: Sequence[str]) -> list[Dispute]:
    unlinked = golden.unlinked(run.working, entity)
    there = {
        Ref(name, entity, source_id): canonical_id
        for name, links in linked(run.working, entity).items()
        for canonical_id, source_id in links.items()
    }
    found = match(
        golden.known(run.working, entity),
        {name: [shadow for shadow in unlinked if shadow.ref.connection == name] for name in names},
        there,
        frozenset(name for name in names if is_tree(run, name, entity)),
        aliases=run.config.aliases[entity],
        apart=run.safety.cannot_links(),
        names=golden.other_names(run.working, entity) if entity in ASKED else {},
    )
    add_links(run.working, run.safety, found.links, run.run_id, run.clock.now())
    return found.disputes


def _found(run: Run, entity: Entity, name: str, evidence: str) -> None:
    found_records(run.working, run.safety, Founding(entity, name, evidence, run.run_id, run.clock.now()))


def is_tree(run: Run, name: str, entity: Entity) -> bool:
    """Whether a connection's records of an entity know their parent."""
    card = run.config.connections[name].card.entities.get(entity)
    return card is not None and card.tree
