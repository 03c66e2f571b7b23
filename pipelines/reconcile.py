"""Reconcile: which records are the same, whose value survives, what changed when."""

from mappings.match import canonical_id, match
from mappings.model import Dispute, Entity, Link, Method, Ref
from pipelines.run import Run
from pipelines.settle import settle_unknown
from state import golden
from state.golden import Voter

ORDER = (Entity.PERSON, Entity.DEPARTMENT, Entity.TEAM, Entity.TASK)  # tasks and teams refer to people


def reconcile(run: Run) -> list[Dispute]:
    """Bring crosswalk and golden records up to date; returns what a person must decide."""
    golden.set_voters(run.working, voters(run))
    settle_unknown(run)
    links = run.safety.links()
    golden.set_links(run.working, links)
    golden.survive(run.working, run.run_id)
    disputes: list[Dispute] = []
    fresh: list[Link] = []
    for entity in ORDER:
        found, open_ = _match(run, entity, links)
        fresh += found
        disputes += open_
    if fresh:
        run.safety.add_links(fresh, run.run_id, run.clock.now())
        golden.set_links(run.working, [*links, *fresh])
        golden.survive(run.working, run.run_id)
    golden.set_disputes(run.working, disputes)
    return disputes


def ranked(run: Run, entity: Entity) -> list[str]:
    """The connections that hold an entity, authorities first, then the others as they stand in the configuration."""
    kind = run.config.kinds.get(entity)
    authority = kind.authority if kind else ()
    others = [
        name
        for name, connection in run.config.connections.items()
        if (entity in connection.card.entities or entity == Entity.PERSON) and name not in authority
    ]
    return [*authority, *others]


def voters(run: Run) -> list[Voter]:
    """Every connection's vote on every field that it carries, ranked."""
    found: list[Voter] = []
    for entity in ORDER:
        kind = run.config.kinds.get(entity)
        for rank, name in enumerate(ranked(run, entity), 1):
            card = run.config.connections[name].card.entities.get(entity)
            carries = card.carries if card else frozenset({"full_name", "email", "kind"})
            authority = kind is not None and name in kind.authority
            found += [Voter(name, entity, field, rank, authority) for field in sorted(carries)]
    return found


def _match(run: Run, entity: Entity, links: list[Link]) -> tuple[list[Link], list[Dispute]]:
    waiting = golden.unlinked(run.working, entity)
    if not waiting:
        return [], []
    by_connection = {
        name: rows
        for name in ranked(run, entity)
        if (rows := [shadow for shadow in waiting if shadow.ref.connection == name])
    }
    if entity == Entity.PERSON:  # a name is no proof of a person: each account's people stand for themselves
        alone = "people are not matched by name"
        return [Link(shadow.ref, canonical_id(shadow.ref), Method.FOUNDED, evidence=alone) for shadow in waiting], []
    trees = frozenset(name for name in by_connection if is_tree(run, name, entity))
    linked: dict[Ref, str] = {link.ref: link.canonical_id for link in links if link.ref.entity == entity}
    found = match(golden.known(run.working, entity), by_connection, linked, trees)
    return found.links, found.disputes


def is_tree(run: Run, name: str, entity: Entity) -> bool:
    """Whether a connection's records of an entity know their parent."""
    card = run.config.connections[name].card.entities.get(entity)
    return card is not None and card.tree
