"""What a migration was told or found waits with its plan, and is kept for good when somebody consents to that."""

from mappings.model import Entity, Link, Method
from pipelines.run import Run
from state.links import refresh_links


def agree(run: Run, plan_id: str) -> None:
    """Somebody consents to a plan: what was found, and said of people, with it is kept."""
    run.safety.agree_became(plan_id, run.run_id, run.clock.now())
    if found := run.safety.agree_successors(plan_id):
        known = run.safety.linked_ids(found[0].becomes.connection, Entity.PERSON)  # a plan of a file has one target
        held = set(known.values())
        links: dict[str, Link] = {}
        for one in found:
            if one.canonical_id and one.becomes.source_id not in known and one.canonical_id not in held:
                link = Link(one.becomes, one.canonical_id, Method.PERSON, evidence=one.evidence)
                links.setdefault(one.becomes.source_id, link)
        run.safety.add_links(list(links.values()), run.run_id, run.clock.now())
    refresh_links(run.working, run.safety)  # without what a run that was killed only tried
