"""Reconcile: which records are the same, whose value survives, what changed when."""

from mappings.match import Matches, match
from mappings.model import FIELDS, Dispute, Entity, Ref
from pipelines.auditing import audit_model
from pipelines.run import Run
from pipelines.settle import settle_unknown
from state import golden
from state.crosswalk import Founding
from state.golden import Voter
from state.links import add_links, all_taken, found_records, linked, refresh_links, waiting

ORDER = (Entity.PERSON, Entity.DEPARTMENT, Entity.TEAM, Entity.TASK)  # tasks and teams refer to people


def reconcile(run: Run) -> list[Dispute]:
    """Bring crosswalk and golden records up to date; returns what a person must decide.

    Raises ``Unsound`` where the model then breaks a law of its own.
    """
    with run.timed("model"):
        return _reconciled(run)


def _reconciled(run: Run) -> list[Dispute]:
    if not run.config.email:
        golden.forget_emails(run.working)
    golden.set_voters(run.working, voters(run))
    settle_unknown(run)
    refresh_links(run.working, run.safety)
    golden.survive(run.working, run.run_id)
    disputes: list[Dispute] = []
    for entity in ORDER:
        disputes += _match(run, entity)
    golden.survive(run.working, run.run_id)
    golden.set_disputes(run.working, disputes)
    audit_model(run)
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
    of_people = frozenset(FIELDS[Entity.PERSON]) - (frozenset() if run.config.email else {"email"})
    for entity in ORDER:
        kind = run.config.kinds.get(entity)
        for rank, name in enumerate(ranked(run, entity), 1):
            card = run.config.connections[name].card.entities.get(entity)
            carries = card.carries if card else of_people
            authority = kind is not None and name in kind.authority
            found += [Voter(name, entity, field, rank, authority) for field in sorted(carries)]
    return found


def _match(run: Run, entity: Entity) -> list[Dispute]:
    """Link what no link knows, and return what only a person can."""
    names = [name for name in waiting(run.working, entity) if name in run.config.connections]  # one may be taken out
    if entity == Entity.PERSON:  # a name is no proof of a person: each account's people stand for themselves
        for name in names:
            _found(run, entity, name, "people are not matched by name")
        return []
    if len(names) == 1 and not is_tree(run, names[0], entity) and all_taken(run.working, entity, names[0]):
        _found(run, entity, names[0], "no record had this name")  # nor could any: no other is there
        return []
    unlinked = golden.unlinked(run.working, entity) if names else []
    by_connection = {
        name: [shadow for shadow in unlinked if shadow.ref.connection == name]
        for name in ranked(run, entity)
        if name in names
    }
    trees = frozenset(name for name in by_connection if is_tree(run, name, entity))
    there = {
        Ref(name, entity, source_id): canonical_id
        for name, links in (linked(run.working, entity) if names else {}).items()
        for canonical_id, source_id in links.items()
    }
    found = match(golden.known(run.working, entity), by_connection, there, trees) if by_connection else Matches()
    add_links(run.working, run.safety, found.links, run.run_id, run.clock.now())
    return found.disputes


def _found(run: Run, entity: Entity, name: str, evidence: str) -> None:
    found_records(run.working, run.safety, Founding(entity, name, evidence, run.run_id, run.clock.now()))


def is_tree(run: Run, name: str, entity: Entity) -> bool:
    """Whether a connection's records of an entity know their parent."""
    card = run.config.connections[name].card.entities.get(entity)
    return card is not None and card.tree
