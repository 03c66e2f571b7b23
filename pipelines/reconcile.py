"""Reconcile: which records are the same, whose value survives, what changed when."""

from mappings.model import FIELDS, Dispute, Entity
from mappings.naming import DEEPEST, Naming
from pipelines.auditing import audit_model
from pipelines.matching import match_entity
from pipelines.run import Run
from pipelines.settle import settle_unknown
from pipelines.uncollected import uncollected
from state import golden
from state.links import refresh_links, settle_links
from state.merge import agree, refresh_bases, set_pins, settle_bases
from state.names import refresh_names
from state.parked import refresh_parked
from state.people import forget_emails
from state.unmatched import waiting
from state.unread import take_written
from state.voters import Voter, set_voters

# tasks and teams refer to people; a million tasks are kept while departments are matched
ORDER = (Entity.PERSON, Entity.TASK, Entity.DEPARTMENT, Entity.TEAM)


@uncollected()
def reconcile(run: Run) -> list[Dispute]:
    """Bring crosswalk and golden records up to date; returns what a person must decide.

    Raises ``Unsound`` where the model then breaks a law of its own.
    """
    with run.timed("model"):
        return _reconciled(run)


def _reconciled(run: Run) -> list[Dispute]:
    if not run.config.email:
        forget_emails(run.working)
    set_voters(run.working, voters(run))
    settle_unknown(run)
    refresh_links(run.working, run.safety)
    refresh_parked(run.working, run.safety, run.run_id, run.clock.now())
    refresh_bases(run.working, run.safety)
    take_written(run.working)
    set_pins(run.working, run.safety.pins(run.clock.now()))
    _survive(run)
    disputes: list[Dispute] = []
    unlinked = waiting(run.working)  # what one entity links leaves the others as they are
    for entity in ORDER:
        disputes += match_entity(run, entity, ranked(run, entity), unlinked[entity])
    stood = _survive(run)
    golden.set_disputes(run.working, disputes)
    agree(run.working, run.safety, run.run_id, run.clock.now(), stood=stood)
    audit_model(run)
    settle_links(run.working, run.safety)
    settle_bases(run.working, run.safety)
    return disputes


def _survive(run: Run) -> bool:
    """Merge what is out of date, and again where a name is then read otherwise: a flat system may qualify several.

    Whether what each connection says was left (``survive``): bases ask nothing that depends on how names are read.
    """
    stood = golden.survive(run.working, run.run_id)
    kind = run.config.kinds.get(Entity.DEPARTMENT)
    for _ in range(DEEPEST):
        if not refresh_names(run.working, kind.naming if kind else Naming.QUALIFY):
            break
        golden.survive(run.working, run.run_id)
    return stood


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
        rule = kind.on_conflict if kind else "authority"
        for rank, name in enumerate(ranked(run, entity), 1):
            card = run.config.connections[name].card.entities.get(entity)
            carries = card.carries if card else of_people
            authority = kind is not None and name in kind.authority
            found += [Voter(name, entity, field, rank, authority, rule) for field in sorted(carries)]
    return found
