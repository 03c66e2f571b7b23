"""People of several accounts: the same where their e-mail addresses are, and only where these may be kept."""

from collections.abc import Sequence

from mappings.model import Entity, Link, Method, Ref
from pipelines.run import Run
from state.links import add_links, refresh_links
from state.people import Listing, compared, note_compared, read_addresses, same_people


class People:
    """The lists of people of these connections, first first, as far as addresses are kept."""

    def __init__(self, run: Run, ranked: Sequence[str]) -> None:
        self._run = run
        self._listings = listings(run, ranked)
        self._idle = len({one.connection for one in self._listings}) < 2 or compared(run.working, self._listings)
        if not self._idle:
            read_addresses(run.working, self._listings)

    def join(self, connection: str) -> None:
        """Link a connection's people to those of other accounts who have their addresses."""
        if self._idle:
            return
        run, apart = self._run, self._run.safety.cannot_links()
        links: list[Link] = []
        moved: list[Ref] = []
        for one in same_people(run.working, connection):
            ref = Ref(connection, Entity.PERSON, one.source_id)
            if (ref, one.canonical_id) in apart:
                continue
            if one.own is not None:
                moved.append(ref)
            evidence = f"the same e-mail address in {one.told_by}"
            links.append(Link(ref, one.canonical_id, Method.EMAIL, evidence=evidence))
        for ref in moved:  # they founded persons of their own before addresses were known
            run.safety.unlink(ref, run.run_id, run.clock.now())
        if moved:
            refresh_links(run.working, run.safety)
        add_links(run.working, run.safety, links, run.run_id, run.clock.now())

    def join_all(self) -> None:
        """Do so everywhere, now that all others have a person of their own; nothing is compared twice."""
        if self._idle:
            return
        for connection in dict.fromkeys(one.connection for one in self._listings):
            self.join(connection)
        note_compared(self._run.working, self._listings)


def listings(run: Run, ranked: Sequence[str]) -> list[Listing]:
    """Every list of people that tells addresses."""
    if not run.config.email:
        return []
    return [
        Listing(name, one.name, one.fields["email"], one.prefix.rstrip(":"))
        for name in ranked
        for one in run.config.connections[name].vendor.resources
        if one.entity == Entity.PERSON and "email" in one.fields
    ]
